"""Where a case lies: at which region, with whom, and by when it must be done there."""

from dataclasses import dataclass, field
from datetime import datetime

from domain import case as rules
from domain.calendar import WorkCalendar
from domain.case import Action, Status
from domain.complaint import COMPLAINT
from domain.deadlines import Limits
from domain.errors import IllegalMove, NobodyThere
from models import Case, Region
from services import case_clocks as clocks
from services.by_place import ByPlace
from services.complaint_routing import concerned_of, taker
from services.routing import holder_of, is_present, next_above, next_below, officer_of


@dataclass(frozen=True, slots=True)
class Periods:
    """What a town may say itself of how long things take; ``[deadlines]`` of the settings."""

    limits: Limits = field(default_factory=Limits)
    rating_days: int = 7
    suspend_days: int = 30


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings that a case depends on."""

    calendar: WorkCalendar
    periods: ByPlace[Periods]
    """A case keeps those of the unit that has it; how long it waits to be rated, those of its grid."""
    quiet: WorkCalendar | None = None
    """The same calendar, which does not warn of years of which nobody knows the holidays yet."""

    @property
    def limits(self) -> Limits:
        """Where no town has said anything else."""
        return self.periods.standard.limits


class Places:
    """Every method changes the case in memory only; whoever calls saves it."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def accepted(self, case: Case, now: datetime) -> None:
        clocks.accepted(case, now, self._policy)

    async def hand_to(self, case: Case, unit: Region, holder_id: int | None, now: datetime) -> None:
        """Give the case to a region's queue: a holder and fresh clocks. With a department it is no longer then."""
        case.unit_id, case.level, case.holder_id = unit.id, unit.level, holder_id
        case.department_id = None
        if case.status != Status.SUSPENDED:
            case.suspended_until = None
        await clocks.start(case, now, self._policy)

    async def recount(self, case: Case, now: datetime) -> clocks.Change:
        """Both deadlines anew, after one of their inputs has changed."""
        return await clocks.recompute(case, self._policy, now)

    async def file(self, case: Case, now: datetime, grid: Region | None = None) -> None:
        """To the grid's own queue. Who holds it may sit further up, while the grid has nobody."""
        grid = grid or await Region.get(id=case.grid_id)
        await self.hand_to(case, grid, await holder_of(grid, now), now)

    async def rise(self, case: Case, now: datetime) -> None:
        """To the nearest level above that has somebody; not to whoever hands it on. Raises NobodyThere."""
        unit = await Region.get(id=case.unit_id)
        found = await _above(case, unit, now)
        if found is None:
            # Never to nobody: where no one sits above, the case stays with whoever has it.
            raise NobodyThere("there is nobody above to take it", number=case.number)
        await self.hand_to(case, *found, now)

    async def descend(self, case: Case, now: datetime) -> None:
        """One level down, or further where that has nobody. Raises IllegalMove where nobody else is below."""
        rules.after_return(case.level)
        grid = await Region.get(id=case.grid_id)
        found = await next_below(grid, case.level, now, besides=case.holder_id)
        if found is None:
            raise IllegalMove("there is nobody below to take it", action=str(Action.RETURN), level=case.level)
        await self.hand_to(case, *found, now)

    async def reopen(self, case: Case, now: datetime) -> None:
        """The first time to the same holder, from the second time one level up (DOMAIN §2)."""
        unit = await Region.get(id=case.unit_id)
        up = rules.reopened_level(case.level, case.reopened) > case.level
        case.reopened += 1
        case.rating, case.resolved_at = None, None
        found = await _above(case, unit, now) if up else None
        if found is not None:
            await self.hand_to(case, *found, now)
            return
        same = case.holder_id
        if same is None or not await is_present(same, now):
            same = await _holder_at(case, unit, now) or same
        await self.hand_to(case, unit, same, now)

    async def assign(self, case: Case, now: datetime) -> None:
        """To somebody who is there, at the same region. Raises NobodyThere, also when that is who has it already.

        Whoever takes it over from somebody gets the whole time to accept it, but the resident was told by when it will
        be done: that stays as it is while the case stays in its unit. A case that nobody had begins anew.
        """
        unit = await Region.get(id=case.unit_id)
        holder = await _holder_at(case, unit, now)
        if holder is None or holder == case.holder_id:
            raise NobodyThere("there is nobody else to take it", number=case.number)
        if case.status == Status.SUSPENDED:
            case.holder_id = holder
            return
        promised = case.resolve_due if case.holder_id is not None else None
        department = case.department_id
        await self.hand_to(case, unit, holder, now)
        case.department_id = department
        if promised is not None:
            clocks.keep_promise(case, now, promised, self._policy)

    async def keep_held(self, case: Case, now: datetime) -> None:
        """Somebody who is there has it, and its clocks go on: for what wakes after days in which people have left."""
        if case.holder_id is None or not await is_present(case.holder_id, now):
            unit = await Region.get(id=case.unit_id)
            case.holder_id = await _holder_at(case, unit, now) or case.holder_id

    async def make_urgent(self, case: Case, now: datetime) -> None:
        """The urgent clocks from now on (Y art. 35); a deadline that was nearer stays."""
        await clocks.hurry(case, now, self._policy)


async def _above(case: Case, unit: Region, now: datetime) -> tuple[Region, int] | None:
    if case.kind != COMPLAINT:
        return await next_above(unit, now, besides=case.holder_id)
    besides = await concerned_of(case.id) | {case.resident_id, case.holder_id or 0}
    found = await taker(unit, now, besides=besides, above=True)
    return (await Region.get(id=found[0]), found[1]) if found is not None else None


async def _holder_at(case: Case, unit: Region, now: datetime) -> int | None:
    if case.kind == COMPLAINT:
        found = await taker(unit, now, besides=await concerned_of(case.id) | {case.resident_id})
        return found[1] if found is not None else None
    if case.department_id is None:
        return await holder_of(unit, now)
    officer = await officer_of(case.department_id, now)
    if officer is not None:
        return officer
    holder = await holder_of(unit, now)
    if holder is not None and holder != case.holder_id:
        # Nobody of the department is there: the unit has to find somebody else for it.
        case.department_id = None
    return holder
