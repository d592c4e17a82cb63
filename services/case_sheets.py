"""One case on a page for staff: everything beside each other, in as few statements as there are kinds of things.

What somebody may see of it is decided where it always is: by :func:`services.access.case_for`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.case import RUNNING, Action, Role, Status
from domain.complaint import CASE
from domain.duty import SEES_SUBTREE
from models import Attachment, Case, EventType
from services import access, likeness
from services.access import Actor
from services.case_moves import moves_of
from services.event_types import CLASSIFIED, CLASSIFIES
from services.ports import Clock
from services.queues import Step, is_overdue
from services.staff_photos import WITH_PHOTOS
from services.transaction import row, rows
from services.uploads import Link

MOST_REGIONS = 1000

_STAFF = frozenset({Role.HOLDER, Role.OVERSEER, Role.HELPER})

_HEAD = """
SELECT g.code AS grid_code, g.name AS grid, v.name AS village, u.name AS unit, u.path AS unit_path,
       d.name AS department, h.name AS holder, t.name AS event_type, o.number AS original,
       a.number AS about, w.name AS taken_by, r.phone <> '' AS has_phone, b.ring,
       ARRAY(SELECT f.number FROM "case" f WHERE f.merged_into_id = c.id ORDER BY f.id) AS followers
FROM "case" c
JOIN person r ON r.id = c.resident_id
LEFT JOIN region g ON g.id = c.grid_id LEFT JOIN boundary b ON b.region_id = g.id
LEFT JOIN region v ON v.id = g.parent_id
LEFT JOIN region u ON u.id = c.unit_id
LEFT JOIN department d ON d.id = c.department_id LEFT JOIN person h ON h.id = c.holder_id
LEFT JOIN event_type t ON t.code = c.event_type LEFT JOIN "case" o ON o.id = c.merged_into_id
LEFT JOIN "case" a ON a.id = c.about_case_id LEFT JOIN person w ON w.id = c.taken_by_id
WHERE c.id = $1
"""
# What is among staff, whoever is only the case's resident does not see, unless they have written it.
_STEPS = """
SELECT e.at, e.role, e.action, e.from_level, e.to_level, e.hidden,
       CASE WHEN $2 OR NOT e.hidden OR e.person_id = $3 THEN e.note ELSE '' END AS note,
       CASE WHEN e.role <> 'resident' THEN coalesce(p.name, '') ELSE '' END AS by
FROM case_event e LEFT JOIN person p ON p.id = e.person_id
WHERE e.case_id = $1 AND e.action <> 'assign' AND ($2 OR e.role <> 'helper' OR e.person_id = $3)
ORDER BY e.id
"""
# Departments of where it lies or of above; villages and grids of the same town; of each, whether it lies below.
_PLACES = """
WITH line AS (SELECT unnest(string_to_array(trim(BOTH '/' FROM $1), '/')::int[]) AS id),
     town AS (SELECT r.path FROM region r JOIN line ON line.id = r.id WHERE r.level = 3)
SELECT 'department' AS kind, 3 AS level, d.name, d.region_id = $2::int AS below
FROM department d JOIN line ON line.id = d.region_id
UNION ALL
SELECT 'region', r.level, CASE WHEN r.level > 1 OR starts_with(r.name, p.name) THEN r.name ELSE p.name || r.name END,
       r.path LIKE $1 || '%'
FROM region r LEFT JOIN region p ON p.id = r.parent_id
WHERE r.level <= 2 AND r.id <> $2::int AND r.path LIKE coalesce((SELECT path FROM town), $1) || '%'
ORDER BY 1, 2 DESC, 3 LIMIT 1000
"""


# What a list of cases can be narrowed to: villages with their grids below them.
_REGIONS = f"""
SELECT r.code, r.level,
       CASE WHEN r.level > 1 OR starts_with(r.name, p.name) THEN r.name ELSE p.name || r.name END AS name
FROM region r LEFT JOIN region p ON p.id = r.parent_id
WHERE r.path LIKE ANY($1::text[]) ORDER BY CASE WHEN r.level = 1 THEN p.code ELSE r.code END, r.level DESC, r.code
LIMIT {MOST_REGIONS}
"""


_NAMES_BELOW = """
SELECT d.name, 0 AS first FROM department d JOIN region r ON r.id = d.region_id WHERE r.path LIKE ANY($1::text[])
UNION
SELECT CASE WHEN r.level > 1 OR starts_with(r.name, p.name) THEN r.name ELSE p.name || r.name END, 6 - r.level
FROM region r LEFT JOIN region p ON p.id = r.parent_id WHERE r.path LIKE ANY($1::text[]) AND r.level <= 2
ORDER BY 2, 1 LIMIT 300
"""


@dataclass(frozen=True, slots=True)
class Below:
    """A region of somebody's subtree."""

    code: str
    name: str
    level: int


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to hand a case on to, by the name under which it is found."""

    name: str
    is_grid: bool
    is_department: bool
    below: bool
    """Whether the case can be dispatched there from where it lies."""


@dataclass(frozen=True, slots=True)
class Alike:
    """A case that may be the same."""

    number: int
    title: str
    status: Status


@dataclass(frozen=True, slots=True)
class Head:
    """What a page about one side of a case needs of it; *code* and *name* are of its event type."""

    number: int
    title: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A case as one member of staff may see it, with what they may do to it."""

    case: Case
    overdue: bool
    names: Mapping[str, Any]
    timeline: Sequence[Step]
    attachments: Sequence[Attachment]
    links: Mapping[UUID, Link]
    alike: Sequence[Alike]
    moves: Sequence[str]
    places: Sequence[Place]
    works_it: bool
    adds_photos: bool
    classifies: bool


class CaseSheets:
    def __init__(self, clock: Clock, link: Callable[[Attachment], Link]) -> None:
        self._clock = clock
        self._link = link

    async def regions(self, by: Actor) -> list[Below]:
        """The places of their subtree by which *by* can narrow a list."""
        paths = [f"{path}%" for path in by.paths(SEES_SUBTREE)]
        return [Below(**one) for one in await rows(_REGIONS, paths)] if paths else []

    async def names_below(self, by: Actor) -> list[str]:
        """Departments and places to which *by* can hand on many cases at once, by the names under which each is found.

        A hint for the page: of a county with thousands of grids it holds some.
        """
        paths = [f"{path}%" for path in by.paths(SEES_SUBTREE)]
        return [one["name"] for one in await rows(_NAMES_BELOW, paths)] if paths else []

    async def head(self, by: Actor, number: int) -> Head:
        """Raises NotFound, also when it is not theirs to see."""
        case, _ = await access.case_for(by, number)
        listed = await EventType.get_or_none(code=case.event_type) if case.event_type else None
        return Head(case.number or 0, case.title, case.event_type, listed.name if listed is not None else "")

    async def of(self, by: Actor, number: int) -> Sheet:
        """The case *number*. Raises NotFound, also when it is not theirs to see."""
        case, roles = await access.case_for(by, number)
        inside = bool(roles & _STAFF)
        names = await row(_HEAD, case.id)
        moves = moves_of(case, roles)
        places = await _places(case, names["unit_path"]) if _hands_on(moves) else []
        if not any(place.below for place in places):
            moves = [move for move in moves if move != Action.DISPATCH]
        shown = [
            one
            for one in await Attachment.filter(case_id=case.id).order_by("created_at", "id")
            if inside or one.person_id == by.person_id or await access.shown_to_residents(one)
        ]
        return Sheet(
            case=case,
            overdue=is_overdue(case.next_due, self._clock.now()),
            names=names,
            timeline=[Step(**one) for one in await rows(_STEPS, case.id, inside, by.person_id)],
            attachments=shown,
            links={one.id: self._link(one) for one in shown},
            alike=await _alike(case) if inside and case.status in RUNNING else (),
            moves=moves,
            places=places,
            works_it=Role.HOLDER in roles,
            adds_photos=inside and case.status in WITH_PHOTOS,
            classifies=bool(roles & CLASSIFIES) and case.status in CLASSIFIED and case.kind == CASE,
        )


def _hands_on(moves: Sequence[str]) -> bool:
    return bool({str(Action.DISPATCH), str(Action.TRANSFER), str(Action.CO_HANDLE)}.intersection(moves))


async def _alike(case: Case) -> list[Alike]:
    numbers = await likeness.alike(case)
    if not numbers:
        return []
    found = {one.number: one for one in await Case.filter(number__in=numbers)}
    return [Alike(number, found[number].title, Status(found[number].status)) for number in numbers if number in found]


async def _places(case: Case, path: str | None) -> list[Place]:
    if path is None:
        return []
    return [
        Place(one["name"], one["kind"] == "region" and one["level"] == 1, one["kind"] == "department", one["below"])
        for one in await rows(_PLACES, path, case.unit_id)
    ]
