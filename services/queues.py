"""Lists of cases, and one case in full, for the person who asks."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domain.case import OPEN, RUNNING, Action, Level, Role, Status
from domain.complaint import CASE
from domain.duty import HANDLES
from domain.errors import BadInput
from models import Attachment, Case, CaseEvent, EventType, Person, Region
from services import access, case_search, likeness
from services.access import Actor
from services.case_search import Filters
from services.cases import Filed
from services.departments import place_name
from services.ports import Clock
from services.transaction import rows, transaction
from services.uploads import Link

__all__ = ["CaseView", "Filters", "Line", "Page", "Queues", "Step", "is_overdue"]


@dataclass(frozen=True, slots=True)
class Line:
    """One case in a list."""

    number: int
    title: str
    status: Status
    level: int
    grid: str
    unit: str
    holder: str
    urgent: bool
    created_at: datetime
    due: datetime | None
    accept_due: datetime | None
    resolve_due: datetime | None
    grid_name: str
    unit_code: str
    overdue: bool
    original: int | None = None
    kind: str = CASE


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a case's timeline. ``by`` is a name for staff and a word for everybody else."""

    at: datetime
    by: str
    role: str
    action: str
    note: str
    from_level: int
    to_level: int
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as one person may see it."""

    case: Case
    grid: Region | None
    unit: Region | None
    department: str
    holder: str
    overdue: bool
    roles: frozenset[Role]
    timeline: Sequence[Step]
    attachments: Sequence[Attachment]
    event_type: EventType | None = None
    alike: Sequence[int] = ()
    original: Case | None = None
    followers: Sequence[int] = ()
    about: int | None = None
    links: Mapping[UUID, Link] = field(default_factory=dict)
    """Where each attachment is read, for a few minutes."""


@dataclass(frozen=True, slots=True)
class Page:
    items: Sequence[Line]
    next: str | None


_LINE = """
SELECT c.id, c.number, c.title, c.status, c.level, c.urgent, c.created_at, c.next_due, c.accept_due, c.resolve_due,
       g.code AS grid, g.name AS grid_name, u.name || coalesce(d.name, '') AS unit, u.code AS unit_code,
       coalesce(h.name, '') AS holder, c.kind,
       (SELECT o.number FROM "case" o WHERE o.id = c.merged_into_id) AS original
FROM "case" c LEFT JOIN region g ON g.id = c.grid_id LEFT JOIN region u ON u.id = c.unit_id
LEFT JOIN person h ON h.id = c.holder_id LEFT JOIN department d ON d.id = c.department_id
"""

# The queue: what I hold, and what lies in a queue that I sit at. Oldest deadline first; the id makes the order total.
# Each part walks along an index of its own and stops after a page, however many cases are open.
_WAITING = """
SELECT id, next_due FROM "case" WHERE status IN ('submitted', 'accepted') AND {whose} AND (next_due, id) > ($3, $4)
ORDER BY next_due, id LIMIT $5
"""
_QUEUE = (
    _LINE
    # Complaints are nobody's by their seat.
    + f"""
JOIN (({_WAITING.format(whose="holder_id = $1")})
      UNION
      SELECT q.id, q.next_due FROM unnest($2::int[]) AS seat
      CROSS JOIN LATERAL ({_WAITING.format(whose="unit_id = seat AND department_id IS NULL AND kind = 'case'")}) q
      UNION
      SELECT q.id, q.next_due FROM unnest($6::int[]) AS department
      CROSS JOIN LATERAL ({_WAITING.format(whose="department_id = department")}) q
      UNION
      SELECT q.id, q.next_due FROM unnest($2::int[]) AS seat
      CROSS JOIN LATERAL ({_WAITING.format(whose="alert_unit_id = seat")}) q
) mine ON mine.id = c.id
ORDER BY mine.next_due, c.id LIMIT $5
"""
)

_LISTED = _LINE + "JOIN unnest($1::bigint[]) AS found ON found = c.id ORDER BY c.id DESC"

# What follows another case is open for its resident as long as that one is.
_OPEN_OF = """
WHERE c.resident_id = $1 AND (c.status = ANY($2) OR (c.status = 'merged' AND EXISTS (
    SELECT 1 FROM "case" o WHERE o.id = c.merged_into_id AND o.status = ANY($2))))
ORDER BY c.id DESC LIMIT $3
"""
_STAFF = frozenset({Role.HOLDER, Role.OVERSEER, Role.HELPER})
_FIRST = datetime.fromisoformat("0001-01-01T00:00:00+00:00")
_LAST_ID = 2**62
_DIGITS = len(str(_LAST_ID))


class Queues:
    def __init__(self, clock: Clock, link: Callable[[Attachment], Link]) -> None:
        self._clock = clock
        self._link = link

    async def mine(self, who: Actor, *, cursor: str | None = None, limit: int = 20) -> Page:
        """What *who* has to work on, oldest deadline first. Raises BadInput for a cursor that is not ours."""
        now = self._clock.now()
        seats = [held.region_id for held in who.duties if held.duty in HANDLES and held.department_id is None]
        departments = [held.department_id for held in who.duties if held.department_id is not None]
        due, last = _queue_cursor(cursor)
        found = await rows(_QUEUE, who.person_id, seats, due, last, limit + 1, departments)
        more = len(found) > limit
        found = found[:limit]
        following = _pack(f"{(found[-1]['next_due']).isoformat()}|{found[-1]['id']}") if more else None
        return Page([_line(item, now) for item in found], following)

    async def listed(self, who: Actor, wanted: Filters, *, cursor: str | None = None, limit: int = 20) -> Page:
        """All cases that *who* may see, newest first. Raises BadInput."""
        now, last = self._clock.now(), _id_cursor(cursor)
        async with transaction():
            ids = await case_search.found(who, wanted, now, before=last, limit=limit + 1)
            more, ids = len(ids) > limit, ids[:limit]
            found = await rows(_LISTED, ids)
        return Page([_line(item, now) for item in found], _pack(str(ids[-1])) if more else None)

    async def open_of(self, person_id: int, limit: int = 10) -> list[Line]:
        """A resident's open cases, newest first."""
        found = await rows(
            _LINE + _OPEN_OF,
            person_id,
            sorted(OPEN),
            limit,
        )
        return [_line(item, self._clock.now()) for item in found]

    async def one(self, who: Actor, number: int) -> CaseView:
        """A case with its timeline. Raises NotFound, also when it is not theirs to see."""
        case, roles = await access.case_for(who, number)
        view = await self.view(case, roles)
        if not roles & _STAFF:
            return view
        following = [one.number or 0 for one in await Case.filter(merged_into_id=case.id).order_by("id")]
        about = await Case.get_or_none(id=case.about_case_id) if case.about_case_id is not None else None
        hint = await likeness.alike(case) if case.status in RUNNING else []
        return replace(view, alike=hint, followers=following, about=about.number if about is not None else None)

    async def suspended(self, who: Actor) -> int:
        """How many cases that *who* holds are suspended."""
        return await Case.filter(holder_id=who.person_id, status=Status.SUSPENDED).count()

    async def after(self, who: Actor, case: Case) -> CaseView:
        """The case as *who* has just left it, also when they have handed it on and would no longer find it."""
        return await self.view(case, await access.roles_in(case, who), by=who.person_id)

    async def place_of(self, case: Case) -> dict[str, str]:
        """Names of the unit (with the department where it lies with one) and the holder, for an answer."""
        holder = await Person.get_or_none(id=case.holder_id) if case.holder_id is not None else None
        unit = await place_name(case.unit_id, case.department_id)
        return {"unit": unit, "holder": holder.name if holder else ""}

    def filed(self, filed: Filed) -> CaseView:
        """The same as :meth:`view` for a case that its resident has filed in one go just now; nothing is asked anew."""
        case = filed.case
        first = Step(case.touched_at, "", Role.RESIDENT, Action.SUBMIT, "", Level.GRID, case.level)
        return CaseView(
            case=case,
            grid=filed.grid,
            unit=filed.grid,
            department="",
            holder=filed.holder,
            overdue=is_overdue(case.next_due, self._clock.now()),
            roles=frozenset(),
            timeline=[first],
            attachments=[],
        )

    async def view(self, case: Case, roles: frozenset[Role], *, by: int | None = None) -> CaseView:
        """What is among staff, a resident does not see: hidden notes, unless *by* has written them, and who advised."""
        inside = bool(roles & _STAFF)
        # That somebody was found for a case that nobody had is noted, but moves nothing that the resident could see.
        every = await CaseEvent.filter(case_id=case.id).order_by("id")
        events = [
            event
            for event in every
            if event.action != Action.ASSIGN and (inside or event.role != Role.HELPER or event.person_id == by)
        ]
        staff = {event.person_id for event in events if event.person_id is not None and event.role != Role.RESIDENT}
        names = dict(await Person.filter(id__in=[*staff]).values_list("id", "name")) if staff else {}
        holder = await Person.get_or_none(id=case.holder_id) if case.holder_id is not None else None
        attachments = [
            one
            for one in await Attachment.filter(case_id=case.id).order_by("created_at", "id")
            if inside or one.person_id == by or await access.shown_to_residents(one)
        ]
        return CaseView(
            case=case,
            grid=await Region.get_or_none(id=case.grid_id),
            unit=await Region.get_or_none(id=case.unit_id),
            department=await place_name(None, case.department_id) if case.department_id is not None else "",
            holder=holder.name if holder else "",
            overdue=is_overdue(case.next_due, self._clock.now()),
            roles=roles,
            timeline=[
                Step(
                    at=event.at,
                    by=str(names.get(event.person_id, "")) if event.person_id is not None else "",
                    role=event.role,
                    action=event.action,
                    note=event.note if inside or not event.hidden or event.person_id == by else "",
                    hidden=event.hidden,
                    from_level=event.from_level,
                    to_level=event.to_level,
                )
                for event in events
            ],
            original=await Case.get_or_none(id=case.merged_into_id) if case.merged_into_id is not None else None,
            attachments=attachments,
            links={one.id: self._link(one) for one in attachments},
            event_type=await EventType.get_or_none(code=case.event_type) if case.event_type else None,
        )


def is_overdue(next_due: datetime | None, now: datetime) -> bool:
    """Whether the clock that runs has run out; where none runs there is no deadline."""
    return next_due is not None and next_due < now


def _line(item: Any, now: datetime) -> Line:
    return Line(
        number=item["number"],
        title=item["title"],
        status=Status(item["status"]),
        level=item["level"],
        grid=item["grid"] or "",
        unit=item["unit"] or "",
        holder=item["holder"],
        urgent=item["urgent"],
        created_at=item["created_at"],
        due=item["next_due"],
        accept_due=item["accept_due"],
        resolve_due=item["resolve_due"],
        grid_name=item["grid_name"] or "",
        unit_code=item["unit_code"] or "",
        overdue=is_overdue(item["next_due"], now),
        original=item["original"],
        kind=item["kind"],
    )


def _pack(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _unpack(cursor: str) -> str:
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise BadInput("cursor is not one that this list gave out", field="cursor") from None


def _queue_cursor(cursor: str | None) -> tuple[datetime, int]:
    if cursor is None:
        return _FIRST, 0
    due, _, last = _unpack(cursor).partition("|")
    moment: datetime | None = None
    try:
        given = datetime.fromisoformat(due)
        # Near the calendar's ends a moment cannot be said in UTC, which is how it goes to the database.
        moment = given.astimezone(UTC) if given.tzinfo is not None else None
    except (ValueError, OverflowError):
        pass
    if moment is None:
        raise BadInput("cursor is not one that this list gave out", field="cursor")
    return moment, _bounded(last)


def _id_cursor(cursor: str | None) -> int:
    return _LAST_ID if cursor is None else _bounded(_unpack(cursor))


def _bounded(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text) <= _LAST_ID):
        raise BadInput("cursor is not one that this list gave out", field="cursor")
    return int(text)
