"""What is known of workers in a month: gathered for some people at a time, so that memory is bounded by them.

A fact belongs to whoever did it, in the grid where it happened, if that grid is theirs; what they did elsewhere, as
somebody's cover (AB岗), counts in the first of their own grids.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from domain.assessment import BaseChange, Event, Facts, Kind, Mark, Record, Verdict, Visit, Way
from domain.assessment_rules import Change, Ground
from domain.calendar import WorkCalendar
from domain.month import Month, midnight
from services import assessment_tracks
from services.transaction import rows

LOOK_BACK = timedelta(days=100)
"""How long before the month a case that is closed or sent back in it may have been handled or reported."""

# What lies below a path begins with it, and '0' comes right behind '/': so a town's grids are found along the index,
# and their workers from there. Else a city's month would walk through all workers for each hundred of them.
_SOME = """
WITH place AS MATERIALIZED (
    SELECT r.id FROM unnest($1::text[]) AS asked (path)
    JOIN region r ON r.path ~>=~ asked.path AND r.path ~<~ (rtrim(asked.path, '/') || '0')
), somebody AS MATERIALIZED (
    SELECT DISTINCT h.person_id FROM place CROSS JOIN LATERAL (
        SELECT person_id FROM held_duty WHERE region_id = place.id AND duty = 'grid_worker' AND from_date < $3
          AND (to_date IS NULL OR to_date >= GREATEST($2, from_date)) AND person_id > $4 OFFSET 0
    ) h
    ORDER BY h.person_id LIMIT $5
)
"""
_ONE = """
WITH somebody AS MATERIALIZED (
    SELECT DISTINCT h.person_id FROM held_duty h JOIN region r ON r.id = h.region_id
    WHERE h.person_id = $4 AND h.duty = 'grid_worker' AND h.from_date < $3
      AND (h.to_date IS NULL OR h.to_date >= GREATEST($2, h.from_date))
      AND EXISTS (SELECT 1 FROM unnest($1::text[]) AS asked (path) WHERE starts_with(r.path, asked.path))
)
"""
_POSTS = """
SELECT h.person_id, h.region_id, h.from_date, h.to_date, p.name AS person, r.code, r.name AS grid,
       EXISTS (SELECT 1 FROM unnest($1::text[]) AS asked (path) WHERE starts_with(r.path, asked.path)) AS here
FROM somebody s JOIN held_duty h ON h.person_id = s.person_id JOIN region r ON r.id = h.region_id
JOIN person p ON p.id = h.person_id
WHERE h.duty = 'grid_worker' AND h.from_date < $3
  AND (h.to_date IS NULL OR h.to_date >= GREATEST($2, h.from_date))
ORDER BY h.person_id, h.region_id
"""
# Handled in the grid: the last to resolve it did so at the grid's own level, and it has been closed since.
_HANDLED = """
SELECT e.person_id, c.grid_id AS region_id, c.id, c.number, c.ended_at AS at, c.category,
       coalesce(c.resolved_at > c.resolve_due, FALSE) AS overdue
FROM case_event e JOIN "case" c ON c.id = e.case_id
WHERE e.person_id = ANY($1::bigint[]) AND e.action = 'resolve' AND e.from_level = 1 AND e.at >= $2 AND e.at < $4
  AND c.kind = 'case' AND c.status = 'closed' AND c.ended_at >= $3 AND c.ended_at < $4
  AND NOT EXISTS (SELECT 1 FROM case_event x WHERE x.case_id = e.case_id AND x.id > e.id AND x.action = 'resolve')
"""
# Reported up: it counts until it is sent back to the grid, and then it counts against whoever reported it.
_REPORTED = """
SELECT e.person_id, c.grid_id AS region_id, e.id, e.at, c.number, c.category, coalesce(t.score_class, 'C') AS class,
       back.id AS back_id, back.at AS back_at
FROM case_event e JOIN "case" c ON c.id = e.case_id LEFT JOIN event_type t ON t.code = c.event_type
LEFT JOIN LATERAL (
    SELECT x.id, x.at FROM case_event x
    WHERE x.case_id = e.case_id AND x.id > e.id AND x.action = 'return' AND x.to_level = 1 AND x.at < $4
    ORDER BY x.id LIMIT 1
) back ON TRUE
WHERE e.person_id = ANY($1::bigint[]) AND e.action = 'report_up' AND e.from_level = 1 AND e.at >= $2 AND e.at < $4
  AND c.kind = 'case' AND (e.at >= $3 OR back.at >= $3)
"""
_CHANGES = """
SELECT x.by_id AS person_id, b.region_id, x.id, x.at, x.change
FROM record_change x JOIN base_record b ON b.id = x.record_id
WHERE x.by_id = ANY($1::bigint[]) AND x.at >= $2 AND x.at < $3 AND x.change <> 'withdrawn'
"""
_MARKS = """
SELECT id, person_id, region_id, at, record_kind, record, ground,
       CASE WHEN withdrawn_at IS NULL THEN verdict ELSE 'qualified' END AS verdict
FROM spot_check WHERE person_id = ANY($1::bigint[]) AND at >= $2 AND at < $3
"""


@dataclass(frozen=True, slots=True)
class Post:
    """A worker in a grid of theirs."""

    person_id: int
    person: str
    region_id: int
    code: str
    grid: str
    days: frozenset[date]
    """Those of the month on which they held it."""
    here: bool
    """Whether it lies in what was asked for."""


async def gather(
    month: Month,
    paths: Sequence[str],
    *,
    calendar: WorkCalendar,
    after: int = 0,
    people: int = 100,
    only: int | None = None,
) -> list[tuple[Post, Facts]]:
    """The facts of up to *people* workers with a grid under *paths*, in the order of their ids, behind *after*.

    Without the days that a town has exempted for the month itself (``wangge assess weather``).
    """
    given = (list(paths), month.first, month.following.first)
    if only is None:
        found = await rows(f"{_SOME}{_POSTS}", *given, after, people)
    else:
        found = await rows(f"{_ONE}{_POSTS}", *given, only)
    posts = [_post(one, month) for one in found]
    ids = sorted({post.person_id for post in posts})
    sorted_ = _Sorted(posts)
    since = month.starts - LOOK_BACK
    for one in await rows(_HANDLED, ids, since, month.starts, month.ends):
        event = Event(
            one["id"], one["number"], Way.SELF_HANDLED, one["at"], one["category"], overdue=bool(one["overdue"])
        )
        sorted_.events[sorted_.place(one)].append(event)
    for one in await rows(_REPORTED, ids, since, month.starts, month.ends):
        sorted_.events[sorted_.place(one)].append(_reported(one))
    for one in await assessment_tracks.visits(ids, month.starts, month.ends):
        visit = Visit(one["id"], one["at"], one["subject_id"], one["due_on"], bool(one["in_time"]))
        sorted_.visits[sorted_.place(one)].append(visit)
    for one in await rows(_CHANGES, ids, month.starts, month.ends):
        sorted_.changes[sorted_.place(one)].append(BaseChange(one["id"], one["at"], Change(one["change"])))
    for one in await rows(_MARKS, ids, month.starts, month.ends):
        ground = Ground(one["ground"]) if one["ground"] else None
        record = Record(Kind(one["record_kind"]), one["record"])
        mark = Mark(one["id"], one["at"], record, Verdict(one["verdict"]), ground)
        sorted_.marks[sorted_.place(one)].append(mark)
    tracks, leaves, exempt = await _days(ids, [post.region_id for post in posts], month)
    rest = frozenset(day for day in month.days if not calendar.works_on(day))
    return [
        (
            post,
            Facts(
                month,
                sorted_.events[post.person_id, post.region_id],
                sorted_.visits[post.person_id, post.region_id],
                sorted_.changes[post.person_id, post.region_id],
                sorted_.marks[post.person_id, post.region_id],
                in_post=post.days,
                tracks=frozenset(tracks[post.person_id]),
                leaves=frozenset(leaves[post.person_id]),
                weather=frozenset(exempt[post.region_id]),
                rest_days=rest,
            ),
        )
        for post in posts
        if post.here
    ]


async def everybody(
    month: Month, path: str, *, calendar: WorkCalendar, people: int = 100
) -> AsyncIterator[list[tuple[Post, Facts]]]:
    """All workers with a grid under *path*, some at a time."""
    after = 0
    while some := await gather(month, [path], calendar=calendar, after=after, people=people):
        yield some
        after = some[-1][0].person_id


class _Sorted:
    """Facts by worker and grid."""

    def __init__(self, posts: Iterable[Post]) -> None:
        self._own: dict[int, list[int]] = defaultdict(list)
        for post in posts:
            self._own[post.person_id].append(post.region_id)
        self.events: dict[tuple[int, int], list[Event]] = defaultdict(list)
        self.visits: dict[tuple[int, int], list[Visit]] = defaultdict(list)
        self.changes: dict[tuple[int, int], list[BaseChange]] = defaultdict(list)
        self.marks: dict[tuple[int, int], list[Mark]] = defaultdict(list)

    def place(self, one: Any) -> tuple[int, int]:
        own = self._own[one["person_id"]]
        return one["person_id"], one["region_id"] if one["region_id"] in own else own[0]


def _post(one: Any, month: Month) -> Post:
    until = one["to_date"] or date.max
    days = frozenset(day for day in month.days if one["from_date"] <= day <= until)
    return Post(one["person_id"], one["person"], one["region_id"], one["code"], one["grid"], days, one["here"])


def _reported(one: Any) -> Event:
    if one["back_id"] is not None:
        return Event(one["back_id"], one["number"], Way.REJECTED, one["back_at"], one["category"])
    return Event(one["id"], one["number"], Way.REPORTED, one["at"], one["category"], one["class"])


async def _days(
    people: Sequence[int], grids: Sequence[int], month: Month
) -> tuple[dict[int, set[date]], dict[int, set[date]], dict[int, set[date]]]:
    """The days with a track and those on leave of each of *people*, and the days exempt in each of *grids*."""
    tracks: dict[int, set[date]] = defaultdict(set)
    leaves: dict[int, set[date]] = defaultdict(set)
    exempt: dict[int, set[date]] = defaultdict(set)
    for one in await assessment_tracks.days(people, grids, month):
        if one["what"] == "track":
            tracks[one["person_id"]].add(one["day"])
        elif one["what"] == "exempt":
            exempt[one["region_id"]].add(one["day"])
        else:
            away = {day for day in month.days if _touches(day, one["starts_at"], one["ends_at"])}
            leaves[one["person_id"]] |= away
    return tracks, leaves, exempt


def _touches(day: date, starts: datetime, ends: datetime) -> bool:
    return starts < midnight(day + timedelta(days=1)) and ends > midnight(day)
