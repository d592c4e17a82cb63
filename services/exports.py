"""导出: files that staff ask for. A job makes them, their asker alone may open them, and after a day they are deleted.

1. asked for: a row and a job, in one transaction                       -> both or neither
2. a job claims it, writes a draft on its own disk, tells how far it is -> a second job for it stops the first
3. the draft goes to the store in parts, and the row says *done*        -> bounded memory at any size
4. killed in between: the queue hands the job out again and it begins anew; after a few times the row says *failed*
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol

import structlog

from domain.duty import SEES_SUBTREE, Duty
from domain.errors import BadInput, NotFound, Refusal, TooMany
from models import AuditNote, Export, Region
from services import access
from services.access import Actor
from services.assessments import ASSESSES
from services.export_rows import ExportRows, Wanted
from services.ports import Clock, Queue, Storage
from services.transaction import row, rows, transaction

log = structlog.get_logger(__name__)

AUDITS = frozenset({Duty.COMMANDER, Duty.INSPECTOR, Duty.ADMIN})
"""Who sees who has done what below them."""
WHO = {"cases": SEES_SUBTREE, "assessment": ASSESSES, "work_log": ASSESSES, "audit": AUDITS, "training": ASSESSES}
"""What there is to export, and whose duty covers it; each its own subtree."""
FORMATS = ("xlsx", "csv")
KEPT = timedelta(hours=24)
"""So long a file can be opened."""
MOST_DAYS = {"cases": 366, "audit": 366, "work_log": 31, "assessment": 31, "training": 366}
MOST_AT_ONCE = 3
"""Under way for one person."""
SHOWN = 20
MOST_ATTEMPTS = 4
SILENT = timedelta(minutes=2)
"""Without a sign of life, after which nobody works on it any more."""
BEAT_SECONDS = 5.0
PART = 4 * 1024 * 1024
JOB = "make_export"

# On the database's own clock: moving the sandbox's clock must not make a living job look dead.
_CLAIM = """
UPDATE export SET state = 'running', attempt = attempt + 1, beat_at = now(), done_rows = 0, all_rows = NULL
WHERE id = $1 AND state IN ('waiting', 'running') AND attempt < $2 RETURNING *
"""
_GO_ON = """
UPDATE export SET beat_at = now(), done_rows = greatest(done_rows, $3), parts = greatest(parts, $4)
WHERE id = $1 AND attempt = $2 AND state = 'running' RETURNING 1
"""
_END = """
UPDATE export SET state = $3, why = $4, ended_at = $5, expires_at = $6, size = $7
WHERE id = $1 AND ($2 = 0 OR attempt = $2) AND state IN ('waiting', 'running') RETURNING 1
"""
_SILENT = """
SELECT id, attempt FROM export WHERE state IN ('waiting', 'running') AND beat_at < now() - $1::interval
ORDER BY id LIMIT 50
"""
_LEFT = """
SELECT * FROM export WHERE state = 'done' AND expires_at <= $1
UNION ALL SELECT * FROM export WHERE state IN ('failed', 'cancelled') AND parts > 0 LIMIT 50
"""


class Draft(Protocol):
    """A file that is being written, on this machine's disk; called from threads, one call at a time."""

    def add(self, some: Sequence[Any]) -> None: ...

    def close(self) -> None: ...


Make = Callable[[str, str, Path], Draft]
"""A draft of what (a key of :data:`WHO`), in a format, at a path."""


class Stopped(Exception):  # noqa: N818 - said as the fact that it is
    """Somebody has cancelled it, or another job has taken it over."""


class Exports:
    def __init__(self, clock: Clock, queue: Queue, storage: Storage, items: ExportRows, make: Make) -> None:
        self._clock = clock
        self._queue = queue
        self._storage = storage
        self._items = items
        self._make = make

    def offers(self, by: Actor) -> list[str]:
        """What *by* may export of their subtree."""
        return [what for what, duties in WHO.items() if by.paths(duties)]

    async def ask(self, by: Actor, what: str, file_format: str, code: str, since: date, until: date) -> Export:
        """Ask for a file about the days from *since* to *until* in region *code*.

        Raises BadInput with ``field``, NotFound for a region that is not theirs for this, TooMany.
        """
        if what not in WHO:
            raise BadInput("what must be one of those offered", field="what")
        if file_format not in FORMATS:
            raise BadInput("format must be xlsx or csv", field="format")
        if not timedelta() <= until - since < timedelta(days=MOST_DAYS[what]):
            raise BadInput(
                f"1 to {MOST_DAYS[what]} days, the first one first", field="days", why="days", longest=MOST_DAYS[what]
            )
        async with transaction():
            region = await Region.get_or_none(code=code)
            if region is None or not _covers(by, what, region.path):
                raise NotFound("there is no such region among yours", place=code)
            await row("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"export {by.person_id}")
            if await Export.filter(by_id=by.person_id, state__in=["waiting", "running"]).count() >= MOST_AT_ONCE:
                raise TooMany("wait for those under way", retry_after=60, why="exports", longest=MOST_AT_ONCE)
            now = self._clock.now()
            made = await Export.create(
                by_id=by.person_id,
                what=what,
                file_format="xlsx" if what == "assessment" else file_format,
                region_id=region.id,
                region_name=region.name,
                since=since.replace(day=1) if what == "assessment" else since,
                until=until,
                state="waiting",
                asked_at=now,
                beat_at=now,
            )
            await rows("UPDATE export SET beat_at = now() WHERE id = $1 RETURNING 1", made.id)
            await self._queue.defer(JOB, {"export": made.id})
        return made

    async def mine(self, by: Actor) -> list[Export]:
        """Their last ones, the newest first."""
        return await Export.filter(by_id=by.person_id).order_by("-id").limit(SHOWN)

    async def cancel(self, by: Actor, export_id: int) -> None:
        """Stop it where it is not done yet. Raises NotFound."""
        if not await Export.filter(id=export_id, by_id=by.person_id).exists():
            raise NotFound("there is no such file of yours")
        await self._end(export_id, 0, "cancelled")

    async def open(self, by: Actor, export_id: int) -> tuple[Export, AsyncIterator[bytes]]:
        """The file, part by part, for its asker; it is noted who takes it before there is a byte of it.

        Raises NotFound, also once it has gone or is no longer theirs.
        """
        found = await Export.get_or_none(id=export_id, by_id=by.person_id, state="done")
        region = await Region.get_or_none(id=found.region_id) if found is not None else None
        over = found is None or found.expires_at is None or found.expires_at <= self._clock.now()
        if found is None or region is None or over or not _covers(by, found.what, region.path):
            raise NotFound("there is no such file of yours")
        await AuditNote.create(
            at=self._clock.now(),
            by_id=by.person_id,
            what="download",
            region_id=region.id,
            subject=found.what,
            since=found.since,
            until=found.until,
        )
        return found, self._read(found)

    async def make(self, export_id: int) -> None:
        """The job: may run twice, be killed, and be cancelled meanwhile."""
        claimed = await row(_CLAIM, export_id, MOST_ATTEMPTS)
        if claimed is None:
            await self._end(export_id, 0, "failed", "killed")
            return
        attempt = claimed["attempt"]
        await self._drop(export_id, attempt - 1, claimed["parts"])
        folder = Path(tempfile.mkdtemp(prefix="wangge-export-"))
        beating = asyncio.create_task(self._beat(export_id, attempt))
        try:
            size = await self._written(claimed, folder / "file", attempt)
            await self._end(export_id, attempt, "done", expires=self._clock.now() + KEPT, size=size)
        except Stopped:
            log.info("export_stopped", export=export_id)
        except Refusal as refused:
            await self._end(export_id, attempt, "failed", refused.code[:20])
        except Exception:
            if attempt >= MOST_ATTEMPTS:
                await self._end(export_id, attempt, "failed", "broken")
            raise
        finally:
            beating.cancel()
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def sweep(self) -> int:
        """Delete what is over, and take up what nobody works on any more; returns how many files were concerned."""
        silent = await rows(_SILENT, SILENT)
        for one in silent:
            if one["attempt"] >= MOST_ATTEMPTS:
                await self._end(one["id"], 0, "failed", "killed")
                continue
            async with transaction():
                await rows("UPDATE export SET beat_at = now() WHERE id = $1 RETURNING 1", one["id"])
                await self._queue.defer(JOB, {"export": one["id"]})
        left = await rows(_LEFT, self._clock.now())
        for one in left:
            await self._drop(one["id"], one["attempt"], one["parts"])
            await rows(
                "UPDATE export SET parts = 0, state = CASE state WHEN 'done' THEN 'expired' ELSE state END "
                "WHERE id = $1 RETURNING 1",
                one["id"],
            )
        return len(silent) + len(left)

    async def _written(self, export: Any, draft_path: Path, attempt: int) -> int:
        """Its size in bytes, once it lies in the store. Raises Stopped, and what the rows refuse."""
        region = await Region.get_or_none(id=export["region_id"])
        by = await access.actor(export["by_id"], self._clock.now())
        if region is None or not _covers(by, export["what"], region.path):
            raise NotFound("it is no longer theirs")
        wanted = Wanted(export["what"], region.code, region.path, export["since"], export["until"])
        whole = await self._items.count(wanted)
        await rows("UPDATE export SET all_rows = $2 WHERE id = $1 RETURNING 1", export["id"], whole)
        draft, done = await asyncio.to_thread(self._make, wanted.what, export["file_format"], draft_path), 0
        items = self._items.items(wanted)
        try:
            async for some in items:
                await asyncio.to_thread(draft.add, some)
                done += len(some)
                await self._go_on(export["id"], attempt, done)
        finally:
            await items.aclose()  # type: ignore[attr-defined]
            await asyncio.to_thread(draft.close)
        size, part = 0, 0
        with await asyncio.to_thread(draft_path.open, "rb") as file:
            while data := await asyncio.to_thread(file.read, PART):
                # Noted before it is kept, so that a part which a killed job has left can be found.
                await self._go_on(export["id"], attempt, done, part + 1)
                await self._storage.put(_key(export["id"], attempt, part), data, "application/octet-stream")
                size, part = size + len(data), part + 1
        return size

    async def _go_on(self, export_id: int, attempt: int, done: int, parts: int = 0) -> None:
        if await row(_GO_ON, export_id, attempt, done, parts) is None:
            raise Stopped

    async def _beat(self, export_id: int, attempt: int) -> None:
        """A large workbook takes a while to close: it lives, although no row is written."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            with suppress(Stopped, OSError):
                await self._go_on(export_id, attempt, 0)

    async def _end(
        self, export_id: int, attempt: int, state: str, why: str = "", *, expires: Any = None, size: int = 0
    ) -> None:
        await rows(_END, export_id, attempt, state, why, self._clock.now(), expires, size)

    async def _read(self, export: Export) -> AsyncIterator[bytes]:
        for part in range(export.parts):
            yield await self._storage.get(_key(export.id, export.attempt, part))

    async def _drop(self, export_id: int, attempt: int, parts: int) -> None:
        for part in range(parts):
            await self._storage.delete(_key(export_id, attempt, part))


def _covers(by: Actor, what: str, path: str) -> bool:
    return any(path.startswith(upper) for upper in by.paths(WHO[what]))


def _key(export_id: int, attempt: int, part: int) -> str:
    return f"exports/{export_id}/{attempt}-{part}"
