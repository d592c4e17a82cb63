"""Draws boards and cards in bulk: in every core's own process, a few at a time, one bad one not losing the rest."""

import asyncio
import os
import zipfile
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Literal

from qrcodes.as_pdf import Book, Page, page, pdf
from qrcodes.as_svg import svg
from qrcodes.board import board
from qrcodes.cards import badge, door_card
from qrcodes.drawing import Unreadable, drawn
from qrcodes.faces import MissingGlyph, Stock
from qrcodes.facts import Facts
from qrcodes.look import Look
from qrcodes.paint import Sheet

Kind = Literal["board", "card", "badge"]

BATCH = 8
"""Boards in one message to a process: enough to keep the way there short, few enough to share out evenly."""
AHEAD = 3
"""Batches that wait for each process: none of them idles, and no more than these are in memory."""
FEW = 12
"""Up to so many are drawn here: other processes take longer to start."""
BLEED = 3.0
"""Millimetres, as printers in China ask for."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to make of every board."""

    kind: Kind
    file_format: Literal["pdf", "svg"]
    look: Look
    stock: Stock
    size: str = "a4"
    bleed: float = 0
    crop_marks: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """One grid's boards, or why there are none: *problem* is a code, with the character and its text in *facts*."""

    code: str
    pages: Sequence[Page] = field(default=(), repr=False)
    files: Sequence[tuple[str, bytes]] = field(default=(), repr=False)
    problem: str = ""
    facts: Sequence[str] = ()


def draw(job: Job, facts: Facts) -> Done:
    """Draw what *job* wants of one grid; whatever goes wrong is in the answer."""
    try:
        sheets = _sheets(job, facts)
        names = [facts.code if len(sheets) == 1 else f"{facts.code}-{number}" for number in range(1, len(sheets) + 1)]
        if job.file_format == "svg":
            return Done(facts.code, (), [(f"{name}.svg", svg(one)) for name, one in zip(names, sheets, strict=True)])
        pages = [page(one, crop_marks=job.crop_marks) for one in sheets]
        files = [
            (f"{name}.pdf", pdf([one], job.stock, title=one.title)) for name, one in zip(names, pages, strict=True)
        ]
        return Done(facts.code, pages, files)
    except MissingGlyph as lacking:
        return Done(facts.code, problem="missing_glyph", facts=[lacking.char, lacking.text])
    except Unreadable:
        return Done(facts.code, problem="unreadable")
    except Exception as error:  # noqa: BLE001 - one bad board must not lose ten thousand good ones
        return Done(facts.code, problem="failed", facts=[type(error).__name__, str(error)])


def _sheets(job: Job, facts: Facts) -> list[Sheet]:
    look = job.look
    code = drawn(facts.url, look.emblem if look.emblem_on_code else None)
    match job.kind:
        case "card":
            return [door_card(facts, look, code, job.stock, bleed=job.bleed)]
        case "badge":
            workers = [one for one in facts.people if one.duty != "grid_chief"]
            return [badge(facts, one, look, code, job.stock, bleed=job.bleed) for one in workers]
        case _:
            return [board(facts, look, code, job.stock, size=job.size, bleed=job.bleed)]


def _cores() -> int:
    """Those that this process may use; not every system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_job: Job | None = None


def _begin(job: Job) -> None:
    global _job  # noqa: PLW0603 - what a process is told once, when it starts
    _job = job


def _draw_some(some: Sequence[Facts]) -> list[Done]:
    assert _job is not None  # noqa: S101 - every process is begun
    return [draw(_job, one) for one in some]


async def drawn_all(job: Job, facts: AsyncIterable[Facts], count: int) -> AsyncIterator[Done]:
    """Draw all of *facts* (about *count*), in their order. Memory holds a few batches, however many there are."""
    cores = _cores()
    here = count <= FEW
    pool: Executor = (
        ThreadPoolExecutor(1, initializer=_begin, initargs=(job,))
        if here
        # Started fresh: a fork of a process with threads and open connections would take those along.
        else ProcessPoolExecutor(cores, mp_context=get_context("spawn"), initializer=_begin, initargs=(job,))
    )
    waiting: deque[asyncio.Future[list[Done]]] = deque()
    loop = asyncio.get_running_loop()
    try:
        batch: list[Facts] = []
        async for one in facts:
            batch.append(one)
            if len(batch) == (1 if here else BATCH):
                waiting.append(loop.run_in_executor(pool, _draw_some, batch))
                batch = []
            while len(waiting) >= AHEAD * cores:
                for done in await waiting.popleft():
                    yield done
        if batch:
            waiting.append(loop.run_in_executor(pool, _draw_some, batch))
        while waiting:
            for done in await waiting.popleft():
                yield done
    finally:
        for left in waiting:
            left.cancel()
        await asyncio.to_thread(pool.shutdown, cancel_futures=True)


class Output:
    """One print-ready PDF with a page for each board, and a ZIP with a file for each; whole or not there at all."""

    def __init__(self, folder: Path, name: str, job: Job, *, title: str) -> None:
        """Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        self._names = [folder / f"{name}.zip"] + ([folder / f"{name}.pdf"] if job.file_format == "pdf" else [])
        self._drafts = [one.with_name(f".{one.name}.part") for one in self._names]
        self._zip = zipfile.ZipFile(self._drafts[0], "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._file = self._drafts[1].open("wb") if job.file_format == "pdf" else None
        self._book = Book(self._file, job.stock, title=title) if self._file is not None else None
        self.pages = 0

    def add(self, done: Done) -> None:
        for one in done.pages:
            if self._book is not None:
                self._book.add(one)
        for name, data in done.files:
            # A PDF is compressed already.
            how = zipfile.ZIP_STORED if name.endswith(".pdf") else zipfile.ZIP_DEFLATED
            self._zip.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, how)
            self.pages += 1

    def keep(self) -> list[Path]:
        """Put the files in their place, over those of an earlier run."""
        self._zip.close()
        if self._book is not None and self._file is not None:
            self._book.close()
            self._file.close()
        for draft, name in zip(self._drafts, self._names, strict=True):
            draft.replace(name)
        return self._names

    def drop(self) -> None:
        """Leave nothing behind."""
        self._zip.close()
        if self._file is not None:
            self._file.close()
        for draft in self._drafts:
            draft.unlink(missing_ok=True)
