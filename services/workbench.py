"""What needs somebody now, and what has happened today, where they look after things."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from domain.calendar import SHANGHAI
from domain.duty import SEES_SUBTREE
from services import case_search
from services.access import Actor
from services.case_search import Filters
from services.complaint_routing import INSPECTS
from services.ports import Clock
from services.posts import VACANT
from services.queues import Line, Queues
from services.transaction import rows
from services.waiting import Waiting, waiting

MOST = 1000
"""Longer lists are not counted to their end."""
QUEUE, STEPS, POSTS = 10, 12, 3

LISTS: Mapping[str, Filters] = {
    "late": Filters(overdue=True, kind="case"),
    "today": Filters(due_today=True, kind="case"),
    "urgent": Filters(urgent=True, open=True, kind="case"),
    "returned": Filters(returned=True, kind="case"),
}
"""The lists that a workbench counts; a page of cases shows the same ones by the same names."""
FOR_INSPECTORS: Mapping[str, Filters] = {"complaints": Filters(kind="complaint", open=True)}
FOR_OVERSEERS: Mapping[str, Filters] = {"held": Filters(kind="held", open=True)}

# The day's steps first, along their own index, then each one's case: PostgreSQL would else read every case, or walk
# back through all history for a village in which nothing has happened yet.
_TODAY = f"""
WITH today AS MATERIALIZED (
    SELECT id, at, action, role, person_id, unit_id, case_id FROM case_event WHERE at >= $1
), mine AS (
    SELECT e.*, c.number, c.title, c.urgent FROM today e CROSS JOIN LATERAL (
        SELECT number, title, urgent, kind, grid_id, unit_id, department_id FROM "case" WHERE id = e.case_id OFFSET 0
    ) c
    WHERE c.kind = 'case' AND c.number IS NOT NULL
      AND (c.grid_id IN (SELECT id FROM region WHERE path LIKE ANY($2::text[]))
           OR c.unit_id IN (SELECT id FROM region WHERE path LIKE ANY($2::text[])) OR c.department_id = ANY($3::int[]))
), newest AS (
    SELECT *, count(*) FILTER (WHERE action = 'submit') OVER () AS filed,
           count(*) FILTER (WHERE action = 'accept') OVER () AS accepted,
           count(*) FILTER (WHERE action = 'resolve') OVER () AS resolved,
           count(*) FILTER (WHERE action IN ('report_up', 'climb')) OVER () AS risen
    FROM mine ORDER BY id DESC LIMIT {STEPS}
)
SELECT s.at, s.number, s.title, s.urgent, s.action, p.name AS by, u.name AS unit, filed, accepted, resolved, risen
FROM newest s
LEFT JOIN person p ON p.id = s.person_id AND s.role <> 'resident' LEFT JOIN region u ON u.id = s.unit_id
ORDER BY s.id DESC
"""
_COUNTED = ("filed", "accepted", "resolved", "risen")
_VACANT = f"""
SELECT CASE WHEN p.name IS NULL OR starts_with(r.name, p.name) THEN r.name ELSE p.name || r.name END AS name,
       count(*) OVER () AS n
FROM region r LEFT JOIN region p ON p.id = r.parent_id AND r.level = 1
WHERE r.path LIKE ANY($1::text[]) AND {VACANT} ORDER BY r.level DESC, r.code LIMIT {POSTS}
"""


@dataclass(frozen=True, slots=True)
class Happened:
    """A step of this day. ``by`` is empty for a resident and for the clock."""

    at: datetime
    number: int
    title: str
    urgent: bool
    action: str
    by: str
    unit: str


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything on it is of the subtree of whoever asked, or of their department."""

    counts: Mapping[str, int]
    queue: Sequence[Line]
    more: bool
    vacant: Sequence[str]
    vacancies: int
    flow: Mapping[str, int]
    steps: Sequence[Happened]
    waits: Waiting
    """What the town has to decide on, beside the cases."""


class Workbench:
    def __init__(self, clock: Clock, queues: Queues) -> None:
        self._clock = clock
        self._queues = queues

    async def of(self, by: Actor) -> Bench:
        now = self._clock.now()
        overseen = by.paths(SEES_SUBTREE)
        paths = [f"{path}%" for path in overseen]
        departments = [held.department_id for held in by.duties if held.department_id is not None]
        queue = await self._queues.mine(by, limit=QUEUE)
        vacant: Sequence[Any] = await rows(_VACANT, paths, now) if paths else ()
        midnight = datetime.combine(now.astimezone(SHANGHAI).date(), time(), SHANGHAI)
        today: Sequence[Any] = await rows(_TODAY, midnight, paths, departments)
        return Bench(
            counts=await self.counts(by),
            queue=queue.items,
            more=queue.next is not None,
            vacant=[one["name"] for one in vacant],
            vacancies=vacant[0]["n"] if vacant else 0,
            flow={name: today[0][name] if today else 0 for name in _COUNTED},
            steps=[_happened(one) for one in today],
            waits=await waiting(by, self._clock),
        )

    async def counts(self, by: Actor) -> Mapping[str, int]:
        """How much is in each list that needs *by* now; at most :data:`MOST`."""
        inspects, oversees = by.paths(INSPECTS), by.paths(SEES_SUBTREE)
        lists = {**LISTS, **(FOR_INSPECTORS if inspects else {}), **(FOR_OVERSEERS if oversees else {})}
        return await case_search.counted(by, lists, self._clock.now(), most=MOST)


def _happened(one: Any) -> Happened:
    return Happened(
        one["at"], one["number"], one["title"], one["urgent"], one["action"], one["by"] or "", one["unit"] or ""
    )
