"""Boards, door cards and badges of some grids as one PDF, for whoever looks after them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from domain.case import Level
from domain.errors import BadInput, NotFound, TooMany, Unavailable
from models import Region
from qrcodes.as_pdf import Book
from qrcodes.faces import BadFont, Faces, Stock
from qrcodes.facts import Facts
from qrcodes.look import BadTemplate, Look, look
from qrcodes.press import Done, Job, drawn_all
from services import access
from services.access import Actor
from services.prints import Kind, Prints, Version, lacking, texts_of
from services.scenes import Scenes
from services.transaction import rows

MOST = 200
"""Grids in one run: a town's. More at once keep a browser waiting longer than it likes to."""
AT_ONCE = 1
"""Runs in one process: each draws with every core it may."""
RETRY_AFTER = 20
TITLES = {"board": "公示牌", "card": "门牌卡", "badge": "工作证"}
SIZES = ("a4", "a3")

_ASKED_AT_ONCE = 8
_ALWAYS = "0123456789.-·…　 "
_BELOW = "SELECT code FROM region WHERE path LIKE $1 AND level = $2 ORDER BY code LIMIT $3"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a grid is not in the print: *code* of the grid, and ``missing_glyph`` (a character, its text) |
    ``unreadable`` | ``nobody`` (a badge without a worker) | ``failed``.
    """

    code: str
    why: str
    facts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """A print-ready PDF with *pages* pages, empty where there are none."""

    pdf: bytes
    pages: int
    faults: Sequence[Fault]


class BoardRuns:
    def __init__(self, prints: Prints, scenes: Scenes, *, template: Path | None, fonts: Sequence[Path]) -> None:
        """*template* and *fonts* as ``[board]`` of config.toml has them."""
        self._prints = prints
        self._scenes = scenes
        self._template = template
        self._fonts = tuple(fonts)
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def choices(self, region: Region, kind: Kind = "board") -> tuple[list[Version], bool]:
        """The grids of *region* with what was printed of them; whether there are more than one run takes."""
        found = [one["code"] for one in await rows(_BELOW, f"{region.path}%", int(Level.GRID), MOST + 1)]
        return [one async for one in self._prints.versions(found[:MOST], kind)], len(found) > MOST

    async def run(self, by: Actor, codes: Sequence[str], kind: Kind, *, size: str = "a4") -> Run:
        """Print *codes*. What cannot be printed is named, and does not lose the rest.

        Raises NotFound for a grid that is not theirs, BadInput (``field`` codes; ``why`` missing | many), TooMany while
        another run is under way, Unavailable where template or fonts do not do (``wangge doctor`` says why) or WeChat
        gives no code.
        """
        wanted = list(dict.fromkeys(codes))
        if not wanted:
            raise BadInput("choose what to print", field="codes", why="missing")
        if len(wanted) > MOST:
            raise BadInput("too many at once", field="codes", why="many", longest=MOST)
        theirs = await access.grids_seen(by, wanted)
        for code in wanted:
            if code not in theirs:
                raise NotFound("there is no such grid among yours", region=code)
        if self._gate.locked():
            raise TooMany("another run is under way", retry_after=RETRY_AFTER)
        async with self._gate:
            return await self._drawn(wanted, kind, size if size in SIZES else SIZES[0])

    async def _drawn(self, codes: Sequence[str], kind: Kind, size: str) -> Run:
        faults: list[Fault] = []
        versions = [one async for one in self._prints.versions(codes, kind)]
        face, stock = await asyncio.to_thread(self._stock, versions, faults)
        bad = {one.code for one in faults}
        sound = [one for one in versions if one.board.code not in bad]
        await self._ask([one.board.code for one in sound if not one.url])
        job = Job(kind, "pdf", face, stock, size)
        printed: dict[str, str] = {}
        out, pages = BytesIO(), 0
        book = Book(out, stock, title=TITLES[kind])
        async for done in drawn_all(job, self._facts([one.board.code for one in sound], kind, printed), len(sound)):
            for one in done.pages:
                book.add(one)
            pages += len(done.pages)
            if done.problem or not done.pages:
                printed.pop(done.code, None)
                faults.append(_fault(done))
        if not pages:
            return Run(b"", 0, faults)
        await asyncio.to_thread(book.close)
        await self._prints.note(printed, kind)
        return Run(out.getvalue(), pages, faults)

    def _stock(self, versions: Sequence[Version], faults: list[Fault]) -> tuple[Look, Stock]:
        """The template and the glyphs of all that can be printed; runs in a thread."""
        try:
            face = look(self._template)
            with Faces(self._fonts) as faces:
                chars = {char for text in face.texts for char in text} | set(_ALWAYS)
                for one in versions:
                    found = lacking(one, faces)
                    if found is not None:
                        faults.append(Fault(one.board.code, "missing_glyph", found))
                    else:
                        chars.update(*texts_of(one))
                return face, faces.stock(chars)
        except (BadTemplate, BadFont) as bad:
            raise Unavailable("the board's template or a font does not do: see wangge doctor") from bad

    async def _ask(self, codes: Sequence[str]) -> None:
        """WeChat is asked for the codes that were never asked for, a few at a time."""
        gate = asyncio.Semaphore(_ASKED_AT_ONCE)

        async def one(code: str) -> None:
            async with gate:
                await self._scenes.ticket_for(code)

        await asyncio.gather(*(one(code) for code in codes))

    async def _facts(self, codes: Sequence[str], kind: Kind, printed: dict[str, str]) -> AsyncIterator[Facts]:
        async for one in self._prints.versions(codes, kind):
            printed[one.board.code] = one.fingerprint
            yield await self._prints.facts(one)


def _fault(done: Done) -> Fault:
    known = {"missing_glyph", "unreadable"}
    why = done.problem if done.problem in known else "failed" if done.problem else "nobody"
    return Fault(done.code, why, done.facts if why == "missing_glyph" else ())
