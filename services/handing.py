"""Handing a case on: to a department or down 交办, with others' help 会办, to another grid 转派, to the town on appeal.

Every method changes the case in memory only; whoever calls saves it.
"""

from collections.abc import Sequence
from datetime import datetime

from domain.case import Action, Level
from domain.errors import BadInput, IllegalMove, NobodyThere
from models import Case, CoHandler, Department, Region
from services import departments
from services.case_places import Places
from services.routing import holder_at, holder_of, next_above, next_from, officer_of, region_at
from services.transaction import rows

# A code says it exactly; a name counts where it is the only one, with the village's name before it where need be.
_PLACE = """
SELECT r.id, r.code, r.code = $2 AS exact FROM region r LEFT JOIN region p ON p.id = r.parent_id
WHERE r.path LIKE $1 AND r.level = ANY ($3::smallint[]) AND (r.code = $2 OR r.name = $2 OR p.name || r.name = $2)
ORDER BY exact DESC, r.code LIMIT 6
"""
_DOWN = (Level.GRID, Level.VILLAGE)


class Handing:
    def __init__(self, places: Places) -> None:
        self._places = places

    async def dispatch(self, case: Case, to: str, now: datetime) -> None:
        """To a department of the unit where it lies, or to a village or grid below. Raises BadInput, IllegalMove."""
        unit = await Region.get(id=case.unit_id)
        department = await departments.department_of([unit.id], to)
        if department is not None:
            if department.id == case.department_id:
                raise _forbidden(case, Action.DISPATCH, "same_place", to)
            officer = await officer_of(department.id, now, besides=case.holder_id)
            if officer is None:
                raise _forbidden(case, Action.DISPATCH, "nobody_there", to)
            await self._places.hand_to(case, unit, officer, now)
            case.department_id = department.id
            return
        below = await self._place(case, Action.DISPATCH, unit, to, _DOWN)
        if below is None or below.id == unit.id:
            raise _unknown(case, Action.DISPATCH, to, await departments.names_below(unit.id))
        holder = await holder_at(below, now, besides=case.holder_id)
        if holder is None:
            raise _forbidden(case, Action.DISPATCH, "nobody_there", to)
        await self._places.hand_to(case, below, holder, now)

    async def transfer(self, case: Case, to: str, now: datetime) -> None:
        """To another grid of the same town. Raises BadInput, IllegalMove."""
        grid = await Region.get(id=case.grid_id)
        town = await region_at(grid, Level.TOWN)
        found = await self._place(case, Action.TRANSFER, town, to, (Level.GRID,)) if town is not None else None
        if found is None:
            if await Region.filter(code=to, level=Level.GRID).exists():
                raise _forbidden(case, Action.TRANSFER, "other_town", to)
            raise _unknown(case, Action.TRANSFER, to)
        if found.id == grid.id:
            raise _forbidden(case, Action.TRANSFER, "same_grid", to)
        holder = await holder_of(found, now)
        if holder is None:
            raise _forbidden(case, Action.TRANSFER, "nobody_there", to)
        case.grid_id = found.id
        await self._places.hand_to(case, found, holder, now)

    async def co_handle(self, case: Case, others: Sequence[str], now: datetime) -> list[int]:
        """Ask others for their help; returns whom. The lead keeps the case. Raises BadInput, IllegalMove."""
        asked: dict[int, tuple[int | None, int | None]] = {}
        for name in dict.fromkeys(others):
            department, region = await self._helper_named(case, name)
            if department is not None:
                person = await officer_of(department.id, now, besides=case.holder_id)
            elif region is not None:
                person = await holder_at(region, now, besides=case.holder_id)
            else:
                raise _unknown(case, Action.CO_HANDLE, name)
            if person is None:
                raise _forbidden(case, Action.CO_HANDLE, "nobody_there", name)
            asked.setdefault(person, (department.id if department else None, region.id if region else None))
        for person, (department_id, unit_id) in sorted(asked.items()):
            await CoHandler.update_or_create(
                case_id=case.id,
                person_id=person,
                defaults={
                    "department_id": department_id,
                    "unit_id": unit_id,
                    "asked_at": now,
                    "answered_at": None,
                },
            )
        return sorted(asked)

    async def is_helper(self, case: Case, name: str) -> bool:
        """Whether *name* is a place that can be asked for help, also one that is called as several are."""
        try:
            return any(await self._helper_named(case, name))
        except BadInput:
            return True

    async def _helper_named(self, case: Case, name: str) -> tuple[Department | None, Region | None]:
        """A department of where the case lies or of what is above it, or a village or grid of the same town.

        The village whistles, the departments report: whoever has the case may ask those above for help, too.
        """
        unit = await Region.get(id=case.unit_id)
        department = await departments.department_of(departments.line_of(unit), name)
        if department is not None:
            return department, None
        grid = await Region.get(id=case.grid_id)
        town = await region_at(grid, Level.TOWN)
        return None, await self._place(case, Action.CO_HANDLE, town or unit, name, _DOWN)

    async def back_from_department(self, case: Case, now: datetime) -> None:
        """Returned by a department: to the queue of its unit. Raises NobodyThere."""
        unit = await Region.get(id=case.unit_id)
        holder = await holder_at(unit, now, besides=case.holder_id)
        if holder is None:
            above = await next_above(unit, now, besides=case.holder_id)
            holder = above[1] if above is not None else None
        if holder is None:
            raise NobodyThere("there is nobody to take it back", number=case.number)
        await self._places.hand_to(case, unit, holder, now)

    async def appeal(self, case: Case, now: datetime) -> None:
        """A declined case goes to the town, once (Y art. 19): not to whoever declined it while anybody else is there.

        Raises IllegalMove the second time, NobodyThere.
        """
        if case.appealed:
            raise _forbidden(case, Action.REOPEN, "final", "")
        grid = await Region.get(id=case.grid_id)
        unit = await region_at(grid, max(Level.TOWN, case.level))
        found = None
        if unit is not None:
            found = await next_from(unit, now, besides=case.holder_id) or await next_from(unit, now)
        if found is None:
            raise NobodyThere("there is nobody to appeal to", number=case.number)
        case.appealed = True
        case.ended_at = None
        await self._places.hand_to(case, *found, now)

    async def answered(self, case: Case, person_id: int | None, now: datetime) -> None:
        """A helper has said their opinion."""
        await CoHandler.filter(case_id=case.id, person_id=person_id).update(answered_at=now)

    async def _place(
        self, case: Case, action: Action, under: Region, name: str, levels: Sequence[Level]
    ) -> Region | None:
        """The region *name* under *under*. Raises BadInput when several are called so."""
        found = await rows(_PLACE, f"{under.path}%", name, [int(level) for level in levels])
        if not found:
            return None
        if len(found) > 1 and not found[0]["exact"]:
            raise BadInput(
                f"several regions are called {name}: give the code",
                field="others" if action is Action.CO_HANDLE else "to",
                why="ambiguous",
                action=str(action),
                to=name,
                known=[one["code"] for one in found],
                number=case.number,
            )
        return await Region.get(id=found[0]["id"])


def _forbidden(case: Case, action: Action, why: str, to: str) -> IllegalMove:
    said = {
        "same_place": f"{to} has it already",
        "same_grid": f"it is in {to} already",
        "other_town": f"{to} is in another town: report it up",
        "nobody_there": f"nobody is there at {to}: name somebody else",
        "final": "the town has decided about the appeal: that is final",
    }[why]
    facts = {"to": to} if to else {}
    return IllegalMove(said, status=case.status, action=str(action), why=why, number=case.number, **facts)


def _unknown(case: Case, action: Action, to: str, known: Sequence[str] = ()) -> BadInput:
    return BadInput(
        f"{action}: there is no {to} here",
        field="others" if action is Action.CO_HANDLE else "to",
        why="unknown",
        action=str(action),
        to=to,
        known=list(known),
        number=case.number,
    )
