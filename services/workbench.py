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
from services.transaction import row, rows

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

_WHERE = """
FROM case_event e JOIN "case" c ON c.id = e.case_id
WHERE e.at >= $1 AND c.kind = 'case' AND c.number IS NOT NULL
  AND (c.grid_id IN (SELECT id FROM region WHERE path LIKE ANY($2::text[]))
       OR c.unit_id IN (SELECT id FROM region WHERE path LIKE ANY($2::text[])) OR c.department_id = ANY($3::int[]))
"""
_FLOW = f"""
SELECT count(*) FILTER (WHERE e.action = 'submit') AS filed,
       count(*) FILTER (WHERE e.action = 'accept') AS accepted,
       count(*) FILTER (WHERE e.action = 'resolve') AS resolved,
       count(*) FILTER (WHERE e.action IN ('report_up', 'climb')) AS risen
{_WHERE}
"""
_STEPS = f"""
SELECT s.*, p.name AS by, u.name AS unit FROM (
    SELECT e.at, e.action, e.role, e.person_id, e.unit_id, c.number, c.title, c.urgent {_WHERE}
    ORDER BY e.id DESC LIMIT {STEPS}
) s LEFT JOIN person p ON p.id = s.person_id AND s.role <> 'resident' LEFT JOIN region u ON u.id = s.unit_id
"""
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


class Workbench:
    def __init__(self, clock: Clock, queues: Queues) -> None:
        self._clock = clock
        self._queues = queues

    async def of(self, by: Actor) -> Bench:
        now = self._clock.now()
        overseen = by.paths(SEES_SUBTREE)
        paths = [f"{path}%" for path in overseen]
        departments = [held.department_id for held in by.duties if held.department_id is not None]
        lists = {**LISTS, **(FOR_INSPECTORS if by.paths(INSPECTS) else {}), **(FOR_OVERSEERS if overseen else {})}
        queue = await self._queues.mine(by, limit=QUEUE)
        vacant: Sequence[Any] = await rows(_VACANT, paths, now) if paths else ()
        midnight = datetime.combine(now.astimezone(SHANGHAI).date(), time(), SHANGHAI)
        return Bench(
            counts=await case_search.counted(by, lists, now, most=MOST),
            queue=queue.items,
            more=queue.next is not None,
            vacant=[one["name"] for one in vacant],
            vacancies=vacant[0]["n"] if vacant else 0,
            flow=dict(await row(_FLOW, midnight, paths, departments)),
            steps=[_happened(one) for one in await rows(_STEPS, midnight, paths, departments)],
        )


def _happened(one: Any) -> Happened:
    return Happened(
        one["at"], one["number"], one["title"], one["urgent"], one["action"], one["by"] or "", one["unit"] or ""
    )
