"""What is printed: the facts of boards, door cards and badges, and which of those that hang still say what is true.

What a board shows is summed up in a fingerprint that is kept when it is printed; where today's facts have another
one, the board is to be printed again. The code on it stays valid all the while: it names the post.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from domain.calendar import SHANGHAI
from domain.errors import NotFound
from models import Region
from qrcodes.facts import Facts, Somebody
from services.board_facts import PHOTO_PIXELS
from services.boards import Board, BoardPerson, Boards
from services.ports import Clock, Storage
from services.transaction import rows

if TYPE_CHECKING:
    from qrcodes.faces import Faces

Kind = Literal["board", "card", "badge"]

_LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/:"
AT_ONCE = 200
_SHOWN_DIGITS = 8
_PHOTOS_KEPT = 64
"""A chief's photo stands on the boards of a whole village, one after the other."""

_CODES = """
SELECT r.code, s.scene, s.url FROM region r JOIN scene s ON s.region_id = r.id
WHERE r.code = ANY ($1) AND s.retired_at IS NULL AND s.scene IS NOT NULL ORDER BY s.id DESC
"""
_PRINTED = """
SELECT r.code, p.fingerprint, p.printed_at FROM board_print p JOIN region r ON r.id = p.region_id
WHERE r.code = ANY ($1) AND p.kind = $2
"""
_NOTE = """
INSERT INTO board_print (region_id, kind, fingerprint, printed_at)
SELECT r.id, $3, n.fingerprint, $4 FROM unnest($1::text[], $2::text[]) AS n(code, fingerprint)
JOIN region r ON r.code = n.code ORDER BY r.id
ON CONFLICT (region_id, kind) DO UPDATE SET fingerprint = excluded.fingerprint, printed_at = excluded.printed_at
"""


@dataclass(frozen=True, slots=True)
class Version:
    """A board as it is true today, and what was printed last."""

    board: Board
    scene: str
    url: str
    """Empty until WeChat has been asked for the code."""
    fingerprint: str
    printed: str
    """The fingerprint of what hangs; empty: it was never printed."""
    printed_at: datetime | None

    @property
    def stale(self) -> bool:
        """It hangs, and says what is no longer so."""
        return bool(self.printed) and self.printed != self.fingerprint

    def shown(self, now: datetime) -> str:
        """What the board itself says of its version."""
        return f"{self.fingerprint[:_SHOWN_DIGITS]} · {now.astimezone(SHANGHAI):%Y-%m-%d}"


class Prints:
    def __init__(self, clock: Clock, boards: Boards, storage: Storage, *, public_url: str = "") -> None:
        """*public_url* is where ``/q/{scene}`` can be opened; empty: boards name no page for people without WeChat."""
        self._clock = clock
        self._boards = boards
        self._storage = storage
        self._address = public_url.rstrip("/").removeprefix("https://").removeprefix("http://")
        self._photos: dict[str, bytes] = {}

    async def versions(self, codes: Sequence[str], kind: Kind = "board") -> AsyncIterator[Version]:
        """Each grid of *codes* in order, a few hundred at a time; what is no grid is left out."""
        for at in range(0, len(codes), AT_ONCE):
            some = codes[at : at + AT_ONCE]
            boards = await self._boards.of_grids(some)
            codes_of = {one["code"]: one for one in await rows(_CODES, list(some))}
            printed = {one["code"]: one for one in await rows(_PRINTED, list(some), kind)}
            for board in boards:
                code, last = codes_of.get(board.code), printed.get(board.code)
                scene, url = (code["scene"], code["url"]) if code else ("", "")
                yield Version(
                    board,
                    scene,
                    url,
                    fingerprint(board, url, kind),
                    last["fingerprint"] if last else "",
                    last["printed_at"] if last else None,
                )

    async def to_reprint(self, codes: Sequence[str], kind: Kind = "board") -> list[Version]:
        """Those of *codes* that hang and no longer say what is so."""
        return [one async for one in self.versions(codes, kind) if one.stale]

    async def note(self, printed: Mapping[str, str], kind: Kind = "board") -> None:
        """Keep what has been printed: fingerprints by grid code. Call it when the files are safely written."""
        if printed:
            await rows(_NOTE, list(printed), list(printed.values()), kind, self._clock.now())

    async def facts(self, one: Version) -> Facts:
        """What is drawn of *one*, with the photos out of the store; a photo that is not there is left out."""
        board = one.board
        people = [*([board.chief] if board.chief else []), *board.workers]
        return Facts(
            code=board.code,
            grid=board.grid,
            kind=board.kind,
            village=board.village,
            town=board.town,
            area=board.area,
            people=[
                Somebody(one.name, str(one.duty), one.office_phone, await self._photo(one.photo), PHOTO_PIXELS)
                for one in people
            ],
            duties=board.duties,
            supervision_phone=board.supervision_phone,
            accept_hours=board.accept_hours,
            resolve_days=board.resolve_days,
            url=one.url,
            address=f"{self._address}/q/{one.scene}" if self._address and one.scene else "",
            version=one.shown(self._clock.now()),
        )

    async def _photo(self, key: str) -> bytes:
        if not key:
            return b""
        if key not in self._photos:
            if len(self._photos) >= _PHOTOS_KEPT:
                self._photos.pop(next(iter(self._photos)))
            try:
                self._photos[key] = await self._storage.get(key)
            except NotFound:
                return b""
        return self._photos[key]

    async def names(self, codes: Sequence[str]) -> dict[str, str]:
        """The names of regions, for telling people which."""
        found = await Region.filter(code__in=list(codes)).values_list("code", "name")
        return {str(code): str(name) for code, name in found}


def fingerprint(board: Board, url: str, kind: Kind = "board") -> str:
    """The same for the same facts: only what this kind of print shows counts."""
    shown: dict[str, object] = {"url": url, "place": [board.code, board.grid, board.village, board.town]}
    if kind == "badge":
        shown["people"] = [_person(one, photo=True) for one in board.workers]
    else:
        people = [*([board.chief] if board.chief else []), *(board.workers if kind == "board" else board.workers[:1])]
        shown["people"] = [_person(one, photo=kind == "board") for one in people]
        shown["supervision"] = board.supervision_phone
    if kind == "board":
        shown["more"] = [board.kind, board.area, [*board.duties], board.accept_hours, board.resolve_days]
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _person(one: BoardPerson, *, photo: bool) -> list[str]:
    return [one.name, str(one.duty), one.office_phone, one.photo if photo else ""]


def texts_of(one: Version) -> list[str]:
    """Everything that is written on a board, whose characters the fonts must have."""
    board = one.board
    people = [*([board.chief] if board.chief else []), *board.workers]
    return [
        *(board.code, board.grid, board.village, board.town, board.area, board.supervision_phone),
        *board.duties,
        *(text for person in people for text in (person.name, person.office_phone)),
        _LATIN,
    ]


def lacking(one: Version, faces: "Faces") -> tuple[str, str] | None:
    """The first character of a board that no font has, and the text in which it stands."""
    for text in texts_of(one):
        for char in faces.missing(text):
            return char, text
    return None
