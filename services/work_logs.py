"""The work log (工作日志, G, C): written by the system from what somebody did, completed by them, exported.

Nothing is written down twice: a day's log is read from the history of cases, patrols, visits, notices passed on in
person and leaves, with the notes that its owner has added. Only its owner and the export read it; what was done about
a complaint stands in it with its number only.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from domain.calendar import SHANGHAI
from domain.errors import BadInput, NotAllowed, NotFound
from models import WorkNote
from services.access import Actor
from services.ports import Clock
from services.transaction import row, rows, transaction

LONGEST_NOTE = 500
MOST_NOTES = 20
"""A day."""
BACK = timedelta(days=7)
"""So long a past day can still be completed."""
MOST_DAYS = 31
"""Of one export."""

Kind = Literal["case", "patrol", "visit", "notice", "leave", "note"]

# One statement a source. $1 people, $2 and $3 the first moment and the one after the last.
_DAY = "(({}) AT TIME ZONE 'Asia/Shanghai')::date"
_CASES = f"""
SELECT e.person_id, 'case' AS kind, {_DAY.format("e.at")} AS day, e.at, e.action AS what, c.number,
       CASE WHEN c.kind = 'complaint' THEN '' ELSE c.title END AS text
FROM case_event e JOIN "case" c ON c.id = e.case_id
WHERE e.person_id = ANY($1::bigint[]) AND e.role <> 'resident' AND e.at >= $2 AND e.at < $3
"""
_NOTICES = f"""
SELECT d.visited_by_id AS person_id, 'notice' AS kind, {_DAY.format("d.visited_at")} AS day, max(d.visited_at) AS at,
       'told_in_person' AS what, count(*) AS number, coalesce(nullif(n.title, ''), left(n.text, 60)) AS text
FROM delivery d JOIN notice n ON n.id = d.notice_id
WHERE d.visited_by_id = ANY($1::bigint[]) AND d.visited_at >= $2 AND d.visited_at < $3
GROUP BY d.visited_by_id, n.id, {_DAY.format("d.visited_at")}
"""
_PATROLS = """
SELECT t.person_id, 'patrol' AS kind, t.day, t.started_at AS at, 'patrol' AS what, t.length_metres AS number,
       left(concat_ws(' ', nullif(t.content, ''), nullif(t.result, '')), 200) AS text
FROM patrol t WHERE t.person_id = ANY($1::bigint[]) AND t.started_at >= $2 AND t.started_at < $3
  AND t.ended_at IS NOT NULL
"""
# Of a subject the log has the kind only: whom it was is on the list of those who visit them.
_VISITS = f"""
SELECT v.person_id, 'visit' AS kind, {_DAY.format("v.at")} AS day, v.at, s.kind AS what, v.id AS number,
       left(v.result, 200) AS text
FROM visit v JOIN subject s ON s.id = v.subject_id
WHERE v.person_id = ANY($1::bigint[]) AND v.at >= $2 AND v.at < $3
"""
_LEAVES = f"""
SELECT l.person_id, 'leave' AS kind, s.day::date AS day,
       greatest(l.starts_at, s.day AT TIME ZONE 'Asia/Shanghai') AS at, 'on_leave' AS what, NULL::bigint AS number,
       '' AS text
FROM leave l CROSS JOIN LATERAL generate_series(
    {_DAY.format("greatest(l.starts_at, $2)")}::timestamp,
    {_DAY.format("least(l.ends_at, $3) - interval '1 microsecond'")}::timestamp, interval '1 day') AS s(day)
WHERE l.person_id = ANY($1::bigint[]) AND l.state = 'approved' AND l.starts_at < $3 AND l.ends_at > $2
"""
_NOTES = f"""
SELECT w.person_id, 'note' AS kind, w.day, w.at, 'note' AS what, w.id AS number, w.text
FROM work_note w
WHERE w.person_id = ANY($1::bigint[]) AND w.day >= {_DAY.format("$2::timestamptz")}
  AND w.day < {_DAY.format("$3::timestamptz")}
"""
SOURCES = (_CASES, _PATROLS, _VISITS, _NOTICES, _LEAVES, _NOTES)
_STAFF = """
SELECT DISTINCT ON (d.person_id) d.person_id, p.name, r.name AS region
FROM held_duty d JOIN person p ON p.id = d.person_id JOIN region r ON r.id = d.region_id
WHERE r.path LIKE $1 || '%' AND d.from_date <= $3::date AND (d.to_date IS NULL OR d.to_date >= $2::date)
ORDER BY d.person_id, r.level
"""


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One thing done. ``number`` is a case's, a patrol's metres, how many were told of a notice, or a record's own."""

    kind: Kind
    at: datetime
    what: str
    number: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Exported:
    """One person's day in an export."""

    person: str
    region: str
    day: date
    lines: tuple[WorkLine, ...]


class WorkLogs:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def today(self) -> date:
        return self._clock.now().astimezone(SHANGHAI).date()

    async def mine(self, by: Actor, day: date) -> list[WorkLine]:
        """What *by* did on *day*, in order of time. Raises BadInput for a day that has not come."""
        if day > self.today():
            raise BadInput("this day has not come yet", field="day")
        return (await _lines([by.person_id], day, day)).get((by.person_id, day), [])

    async def note(self, by: Actor, day: date, text: str) -> WorkLine:
        """Add *text* to the log of a day of the last week. Raises NotAllowed for whoever is not staff, BadInput."""
        text = " ".join(text.split())
        if not by.is_staff:
            raise NotAllowed("only staff keep a work log")
        if not 0 < len(text) <= LONGEST_NOTE:
            raise BadInput(f"a note has 1 to {LONGEST_NOTE} characters", field="text", longest=LONGEST_NOTE)
        if not self.today() - BACK <= day <= self.today():
            raise BadInput(f"a day of the last {BACK.days} can be completed", field="day")
        async with transaction():
            await row("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"work_note {by.person_id}")
            if await WorkNote.filter(person_id=by.person_id, day=day).count() >= MOST_NOTES:
                raise BadInput(f"a day has at most {MOST_NOTES} notes", field="text", longest=MOST_NOTES)
            made = await WorkNote.create(person_id=by.person_id, day=day, at=self._clock.now(), text=text)
        return WorkLine("note", made.at, "note", made.id, made.text)

    async def take_back(self, by: Actor, note_id: int) -> None:
        """Remove a note of one's own. Raises NotFound."""
        if not await WorkNote.filter(id=note_id, person_id=by.person_id).delete():
            raise NotFound("there is no such note of yours")

    async def exported(self, path: str, first: date, last: date) -> AsyncIterator[Exported]:
        """The logs of everybody who served below *path*, one person after the other, days without work left out.

        For whoever runs the service. Raises BadInput for too many days.
        """
        check_days(first, last)
        for person in await rows(_STAFF, path, first, last):
            found = await _lines([person["person_id"]], first, last)
            for (_, day), lines in sorted(found.items()):
                yield Exported(person["name"], person["region"], day, tuple(lines))


def check_days(first: date, last: date) -> None:
    if not timedelta() <= last - first < timedelta(days=MOST_DAYS):
        raise BadInput(f"1 to {MOST_DAYS} days at a time, the first one first", field="last")


async def _lines(people: Sequence[int], first: date, last: date) -> dict[tuple[int, date], list[WorkLine]]:
    start, end = (datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) for day in (first, last + timedelta(days=1)))
    found: list[Any] = []
    for source in SOURCES:
        found += await rows(source, list(people), start, end)
    told: dict[tuple[int, date], list[WorkLine]] = {}
    for one in sorted(found, key=lambda each: (each["at"], each["kind"], each["number"] or 0)):
        line = WorkLine(one["kind"], one["at"], one["what"], one["number"], one["text"])
        told.setdefault((one["person_id"], one["day"]), []).append(line)
    return told
