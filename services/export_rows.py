"""What goes into a file that somebody asked for: rows of the database, some at a time, however many there are."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from domain.calendar import SHANGHAI
from services.assessments import Assessments
from services.training_hours import TrainingHours
from services.transaction import row, rows, transaction
from services.work_logs import WorkLogs

BATCH = 1000

# Cases count for the place in which they lie, as they do in the figures. No resident, no phone, no address, no words
# of theirs but the title: a file goes further than a page.
_CASES = """
FROM "case" c JOIN region g ON g.id = c.grid_id LEFT JOIN region v ON v.id = g.parent_id
WHERE g.path LIKE $1 || '%' AND c.submitted_at >= $2 AND c.submitted_at < $3 AND c.kind = 'case' AND c.status <> 'draft'
"""
_CASE_ROWS = f"""
SELECT c.number, c.submitted_at, v.name AS village, g.name AS grid, c.source, c.title, t.name AS event_type, c.category,
       c.level, c.status, c.urgent, u.name AS unit, d.name AS department, h.name AS holder, c.accepted_at,
       c.resolve_due, c.resolved_at, c.resolved_at <= c.resolve_due AS in_time, c.rating, c.reopened
{
    _CASES.replace(
        "WHERE",
        '''LEFT JOIN event_type t ON t.code = c.event_type LEFT JOIN region u ON u.id = c.unit_id
LEFT JOIN department d ON d.id = c.department_id LEFT JOIN person h ON h.id = c.holder_id WHERE''',
    )
}
ORDER BY c.id
"""
# Steps of staff, looks at whole numbers, files, downloads, looks into the trail itself, what the town decides on:
# without opinions, which may speak of somebody.
_STEPS = """
FROM case_event e JOIN "case" c ON c.id = e.case_id JOIN region g ON g.id = c.grid_id
LEFT JOIN person p ON p.id = e.person_id LEFT JOIN region u ON u.id = e.unit_id
WHERE e.at >= $2 AND e.at < $3 AND e.role <> 'resident' AND e.person_id IS NOT NULL AND c.kind = 'case'
  AND g.path LIKE $1 || '%'
"""
_LOOKS = """
FROM look l JOIN "case" c ON c.id = l.case_id JOIN region g ON g.id = c.grid_id LEFT JOIN person p ON p.id = l.by_id
WHERE l.at >= $2 AND l.at < $3 AND c.kind = 'case' AND g.path LIKE $1 || '%'
"""
_FILES = """
FROM export x JOIN region g ON g.id = x.region_id LEFT JOIN person p ON p.id = x.by_id
WHERE x.asked_at >= $2 AND x.asked_at < $3 AND g.path LIKE $1 || '%'
"""
_NOTES = """
FROM audit_note n JOIN region g ON g.id = n.region_id LEFT JOIN person p ON p.id = n.by_id
WHERE n.at >= $2 AND n.at < $3 AND g.path LIKE $1 || '%'
"""
# Why somebody's duty ended is for those who decide on it.
_OFFICE = """
FROM office_step o JOIN region g ON g.id = o.region_id LEFT JOIN person p ON p.id = o.by_id
WHERE o.at >= $2 AND o.at < $3 AND g.path LIKE $1 || '%'
"""
_AUDIT_ROWS = f"""
SELECT e.at, p.name AS who, e.action AS what, c.number, u.name AS place, '' AS why {_STEPS}
UNION ALL SELECT l.at, p.name, 'look', c.number, g.name, l.reason {_LOOKS}
UNION ALL SELECT x.asked_at, p.name, 'export', NULL, x.region_name, x.what {_FILES}
UNION ALL SELECT n.at, p.name, n.what, NULL, g.name, n.subject {_NOTES}
UNION ALL SELECT o.at, p.name, o.matter || '.' || o.step, o.number, g.name,
    CASE WHEN o.matter = 'exit' THEN '' ELSE o.note END {_OFFICE}
ORDER BY 1
"""
_TRAIL = (_STEPS, _LOOKS, _FILES, _NOTES, _OFFICE)
_COUNTS = {
    "cases": f"SELECT count(*) AS n {_CASES}",
    "audit": "SELECT " + " + ".join(f"(SELECT count(*) {one})" for one in _TRAIL) + " AS n",
}
_ROWS = {"cases": _CASE_ROWS, "audit": _AUDIT_ROWS}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a file is about: a region, and days of China's calendar, both inclusive."""

    what: str
    code: str
    path: str
    since: date
    until: date

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        after = self.until + timedelta(days=1)
        return datetime.combine(self.since, time(), SHANGHAI), datetime.combine(after, time(), SHANGHAI)


class ExportRows:
    def __init__(self, assessments: Assessments, work_logs: WorkLogs, hours: TrainingHours) -> None:
        self._assessments = assessments
        self._work_logs = work_logs
        self._hours = hours

    async def count(self, wanted: Wanted) -> int | None:
        """How many items there are about; ``None`` where that is not known before. Raises NotFound, BadInput."""
        if wanted.what in _COUNTS:
            return int((await row(_COUNTS[wanted.what], wanted.path, *wanted.bounds))["n"])
        if wanted.what == "assessment":
            return await self._assessments.count(wanted.code, f"{wanted.since:%Y-%m}")
        return None

    async def items(self, wanted: Wanted) -> AsyncIterator[list[Any]]:
        """All of them, some at a time. Raises NotFound, BadInput."""
        if wanted.what in _ROWS:
            async for some in streamed(_ROWS[wanted.what], wanted.path, *wanted.bounds):
                yield some
        elif wanted.what == "assessment":
            async for scores in self._assessments.of_region(wanted.code, f"{wanted.since:%Y-%m}"):
                yield list(scores)
        elif wanted.what == "training":
            async for lines in self._hours.exported(wanted.path, wanted.since, wanted.until):
                yield list(lines)
        else:
            async for day in self._work_logs.exported(wanted.path, wanted.since, wanted.until):
                yield [day]


async def streamed(sql: str, *values: Any, batch: int = BATCH) -> AsyncIterator[list[Any]]:
    """The rows of a statement through a cursor of the server: never more than a few batches in memory.

    The cursor lives in a transaction of a task of its own, so that whoever reads can write outside of it.
    """
    ready: asyncio.Queue[list[Any] | Exception | None] = asyncio.Queue(maxsize=2)
    reader = asyncio.create_task(_read(ready, sql, values, batch))
    try:
        while (some := await ready.get()) is not None:
            if isinstance(some, Exception):
                raise some
            yield some
    finally:
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)


async def _read(
    ready: asyncio.Queue[list[Any] | Exception | None], sql: str, values: tuple[Any, ...], batch: int
) -> None:
    # A connection keeps what it has prepared, by its text: two cursors of one name would be taken for the same columns.
    name = f"rows_{hashlib.sha256(sql.encode()).hexdigest()[:16]}"
    try:
        async with transaction():
            await rows(f"DECLARE {name} NO SCROLL CURSOR FOR {sql}", *values)
            while some := await rows(f"FETCH {batch} FROM {name}"):
                await ready.put(some)
    except Exception as error:  # noqa: BLE001 - handed to whoever reads
        await ready.put(error)
    else:
        await ready.put(None)
