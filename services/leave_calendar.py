"""Who is away in a month and who covers; leaves entered for a worker with their cover (AB岗, D art. 11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from domain.calendar import SHANGHAI
from domain.duty import HANDLES, Duty
from domain.errors import BadInput, NotFound
from models import HeldDuty, Person, Region
from services import access
from services.access import Actor
from services.leaves import Leaves, LeaveView
from services.ports import Clock
from services.transaction import rows, transaction

MOST = 300

_MONTH = f"""
SELECT l.id, l.person_id, p.name AS person, l.starts_at, l.ends_at, l.state, l.reason, h.duty, r.name AS region, r.code,
       coalesce(c.name, '') AS cover, l.person_id <> $2 AND NOT r.id = ANY($5::int[]) AS below
FROM leave l JOIN person p ON p.id = l.person_id
JOIN LATERAL (
    SELECT d.* FROM held_duty d JOIN region s ON s.id = d.region_id
    WHERE d.person_id = l.person_id AND s.path LIKE ANY($1::text[])
      AND (d.to_date IS NULL OR d.to_date >= l.starts_at::date)
    ORDER BY s.level, s.code, d.id LIMIT 1
) h ON TRUE
JOIN region r ON r.id = h.region_id LEFT JOIN person c ON c.id = h.cover_id
WHERE l.state IN ('asked', 'approved') AND l.starts_at < $4 AND l.ends_at > $3
ORDER BY l.starts_at, l.id LIMIT {MOST + 1}
"""
_COLLEAGUES = """
SELECT DISTINCT ON (p.name, p.id) p.id, p.name, r.name AS region FROM held_duty d
JOIN person p ON p.id = d.person_id JOIN region r ON r.id = d.region_id
WHERE (r.parent_id = $1 OR r.id = $1) AND p.id <> $2 AND d.duty = ANY($4::text[]) AND d.from_date <= $3
  AND (d.to_date IS NULL OR d.to_date >= $3)
ORDER BY p.name, p.id, r.level LIMIT 100
"""


@dataclass(frozen=True, slots=True)
class Away:
    """A leave as the calendar shows it. ``below``: whoever asks may end it."""

    id: int
    person_id: int
    person: str
    starts_at: datetime
    ends_at: datetime
    state: str
    reason: str
    duty: str
    region: str
    code: str
    cover: str
    below: bool

    @property
    def first(self) -> date:
        return self.starts_at.astimezone(SHANGHAI).date()

    @property
    def last(self) -> date:
        """The last day of which any part is theirs."""
        return (self.ends_at.astimezone(SHANGHAI) - timedelta(microseconds=1)).date()


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may cover: of the same village."""

    id: int
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class Worker:
    """Whose leave is to be entered."""

    held_id: int
    person_id: int
    name: str
    duty: Duty
    region: str
    code: str
    cover_id: int | None
    colleagues: Sequence[Colleague]


class LeaveCalendar:
    def __init__(self, clock: Clock, leaves: Leaves) -> None:
        self._clock = clock
        self._leaves = leaves

    def today(self) -> date:
        """In China."""
        return self._clock.now().astimezone(SHANGHAI).date()

    async def month(self, by: Actor, first: date) -> tuple[list[Away], bool]:
        """The leaves of those in the subtree of *by* in the month that begins with *first*, and whether some are left
        out: there are at most :data:`MOST`.
        """
        paths = [f"{path}%" for path in by.paths(HANDLES)]
        if not paths:
            return [], False
        after = (first + timedelta(days=32)).replace(day=1)
        found = await rows(
            _MONTH, paths, by.person_id, _midnight(first), _midnight(after), [held.region_id for held in by.duties]
        )
        return [Away(**one) for one in found[:MOST]], len(found) > MOST

    async def worker(self, by: Actor, held_id: int) -> Worker:
        """Whose post it is, and who could cover them. Raises NotFound, also for a post that is not below *by*."""
        held = await HeldDuty.get_or_none(id=held_id)
        region = await Region.get_or_none(id=held.region_id) if held is not None else None
        over = held is not None and held.to_date is not None and held.to_date < self.today()
        if held is None or region is None or over or not access.works_above(by, region.path):
            raise NotFound("there is no such post below you")
        found = await rows(
            _COLLEAGUES, region.parent_id or region.id, held.person_id, self.today(), [str(duty) for duty in HANDLES]
        )
        return Worker(
            held.id,
            held.person_id,
            (await Person.get(id=held.person_id)).name,
            Duty(held.duty),
            region.name,
            region.code,
            held.cover_id,
            [Colleague(**one) for one in found],
        )

    async def enter(
        self, by: Actor, held_id: int, first: date, last: date, *, reason: str, cover_id: int | None
    ) -> LeaveView:
        """A leave from the beginning of *first* to the end of *last*, covered by *cover_id* from now on.

        ``None`` leaves the cover as it is. Raises NotFound, BadInput (``field`` cover, of somebody who is no
        colleague), LeaveRefused.
        """
        worker = await self.worker(by, held_id)
        if cover_id is not None and cover_id not in {one.id for one in worker.colleagues}:
            raise BadInput("the cover is none of the colleagues", field="cover", why="unknown")
        if last < first:
            raise BadInput("a leave ends after it has begun", field="ends_at")
        async with transaction():
            if cover_id is not None and cover_id != worker.cover_id:
                await HeldDuty.filter(id=held_id).update(cover_id=cover_id)
            ends = _midnight(last + timedelta(days=1))
            return await self._leaves.enter(by, worker.person_id, _midnight(first), ends, reason)

    async def answer(self, by: Actor, leave_id: int, *, approve: bool, why: str) -> LeaveView:
        """Approve or refuse what was asked for; raises as :meth:`services.leaves.Leaves.decide` does."""
        return await self._leaves.decide(by, leave_id, approve=approve, answer=why)

    async def end(self, by: Actor, leave_id: int) -> LeaveView:
        """They are back, or do not go. Raises NotFound, Conflict."""
        return await self._leaves.end_for(by, leave_id)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
