"""One life of a town: people act, time passes, people come and go, and after each step everything must still hold."""

import asyncio
import inspect
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.calendar import SHANGHAI
from domain.case import MOVES, NEEDS_NOTE, RUNNING, Action, Role, Status
from domain.errors import NotFound, Refusal
from models import Case, HeldDuty, Leave, Region
from services import access, routing
from services.access import Actor
from services.cases import Cases, Filing
from services.drafts import Said
from services.transaction import rows
from tests.life import model
from tests.life.stage import DEPARTMENT, RESIDENTS, STAFF_NAMES, Stage

GRIDS = ("32041210120101", "32041210120102", "32041210120201")
VILLAGES = ("320412101201", "320412101202")
PLACES = (DEPARTMENT, *GRIDS, *VILLAGES, "没有这个地方")
EVERYBODY = (*RESIDENTS, *STAFF_NAMES)
BY_ITSELF = frozenset({Action.CLIMB, Action.CLOSE, Action.ASSIGN, Action.SUBMIT})

_NEEDED: dict[Action, str] = {
    Action.DISPATCH: "to",
    Action.TRANSFER: "to",
    Action.CO_HANDLE: "others",
    Action.MERGE: "into",
    Action.SUSPEND: "until",
}
_TAKES = frozenset(inspect.signature(Cases.act).parameters)
SKIPPED = tuple(sorted(str(action) for action, needed in _NEEDED.items() if needed not in _TAKES))
"""Actions of the table whose arguments :meth:`services.cases.Cases.act` does not take."""
ACTIONS = tuple(
    action
    for action in dict.fromkeys(action for _, action in MOVES)
    if action not in BY_ITSELF and str(action) not in SKIPPED
)

_PRINT = """
SELECT (SELECT md5(coalesce(string_agg(c::text, '|' ORDER BY id), '')) FROM "case" c) AS cases,
       (SELECT count(*) FROM case_event) AS events, (SELECT count(*) FROM delivery) AS deliveries,
       (SELECT count(*) FROM case_message) AS messages,
       (SELECT md5(coalesce(string_agg(h::text, '|' ORDER BY id), '')) FROM co_handler h) AS helpers,
       (SELECT count(*) FROM procrastinate_jobs) AS jobs
"""


class Life:
    """Choices come as whole numbers and are taken modulo what there is: the same numbers are the same life."""

    def __init__(self, stage: Stage, tally: Counter[str]) -> None:
        self.stage, self.tally = stage, tally
        self.numbers: list[int] = []

    # What people do.

    async def actor(self, name: str) -> Actor:
        return await self.stage.desk.people.actor(self.stage.people[name])

    async def files(self, who: int, where: int, *, urgent: bool) -> None:
        by = await self.actor(EVERYBODY[who % len(EVERYBODY)])
        grid = await Region.filter(level=1).order_by("id").offset(where % len(GRIDS)).first()
        assert grid is not None
        filed = await self.stage.desk.cases.file(by, Filing(grid=grid.code, description="路灯坏了", urgent=urgent))
        assert filed.number not in self.numbers
        self.numbers.append(filed.number or 0)

    def chosen(self, which: int) -> int:
        return self.numbers[which % len(self.numbers)]

    async def tries(self, which: int, action: Action, who: str, extra: int) -> None:
        """Somebody takes a step, or is refused; either way exactly what the table says."""
        number = self.chosen(which)
        before = await Case.get(number=number)
        by = await self.actor(who)
        roles = await access.roles_in(before, by)
        allowed = model.legal(Status(before.status), action, roles)
        print_before = await rows(_PRINT)
        refusal = await self._refusal(self.work(by, number, action, extra))
        if refusal is not None:
            self.tally[f"refused {refusal.code}"] += 1
            assert await rows(_PRINT) == print_before, (action, refusal)
            assert roles or isinstance(refusal, NotFound), (action, refusal)
            free = action in model.MAY_BE_REFUSED or roles <= {Role.HELPER} or before.kind == "complaint"
            assert free or not allowed, (number, before.status, action, sorted(roles), refusal, refusal.facts)
            return
        assert allowed, (number, before.status, action, sorted(roles))
        self.tally[f"{before.status} {action}"] += 1
        if action is not Action.COMPLAIN:
            after = await Case.get(number=number)
            model.check_step(
                action,
                (Status(before.status), before.level),
                (Status(after.status), after.level),
                reopened=before.reopened,
                department=before.department_id is not None,
            )

    async def steps(self, which: int, pick: int, extra: int) -> None:
        """A step that the table allows, by somebody who may take it."""
        case = await Case.get(number=self.chosen(which))
        possible = [
            (action, may)
            for (status, action), (_, may) in MOVES.items()
            if status == case.status and action in ACTIONS and may - {Role.SYSTEM}
        ]
        action, may = possible[pick % len(possible)]
        order = EVERYBODY[extra % len(EVERYBODY) :] + EVERYBODY[: extra % len(EVERYBODY)]
        for name in order:
            if await access.roles_in(case, await self.actor(name)) & may:
                await self.tries(which, action, name, extra)
                return

    async def at_once(self, which: int, one: tuple[int, int, int], other: tuple[int, int, int]) -> None:
        """Two people act on one case in the same moment, each on a connection of their own."""
        number = self.chosen(which)
        works = []
        for action, who, extra in (one, other):
            by = await self.actor(EVERYBODY[who % len(EVERYBODY)])
            works.append(self.work(by, number, ACTIONS[action % len(ACTIONS)], extra))
        await self._together(*works)

    async def act_while_sweeping(self, which: int, action: int, who: int, extra: int) -> None:
        by = await self.actor(EVERYBODY[who % len(EVERYBODY)])
        await self._together(
            self.work(by, self.chosen(which), ACTIONS[action % len(ACTIONS)], extra), self.stage.sweep()
        )

    async def _together(self, *works: Awaitable[None]) -> None:
        tasks = [asyncio.ensure_future(work) for work in works]
        for answer in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(answer, BaseException) and not isinstance(answer, Refusal):
                raise answer
            self.tally["at once: refused" if answer is not None else "at once: done"] += 1

    async def _refusal(self, work: Awaitable[None]) -> Refusal | None:
        try:
            await work
        except Refusal as refusal:
            return refusal
        return None

    async def work(self, by: Actor, number: int, action: Action, extra: int) -> None:
        desk = self.stage.desk
        complain: Callable[..., Awaitable[Case]] | None = getattr(desk.cases, "complain", None)
        if action is Action.ADD:
            await desk.cases.add(by, number, Said("text", "补充一句"))
        elif action is Action.COMPLAIN and complain is not None:
            made = await complain(by, "态度不好", number=number)
            self.numbers.append(made.number or 0)
        else:
            note = "意见" if action in NEEDS_NOTE or extra % 2 else ""
            await desk.cases.act(by, number, action, note=note, **self._more(number, action, extra))

    def _more(self, number: int, action: Action, extra: int) -> dict[str, Any]:
        today = self.stage.desk.clock.now().astimezone(SHANGHAI).date()
        others = [one for one in self.numbers if one != number] or [number]
        match action:
            case Action.RATE:
                return {"rating": 1 + extra % 5}
            case Action.DISPATCH | Action.TRANSFER:
                return {"to": PLACES[extra % len(PLACES)]}
            case Action.CO_HANDLE:
                return {"others": (PLACES[extra % len(PLACES)],)}
            case Action.MERGE:
                return {"into": others[extra % len(others)]}
            case Action.SUSPEND:
                return {"until": today + timedelta(days=extra % 12)}
        return {}

    # What happens to them.

    async def jumps(self, minutes: int) -> None:
        moved = self.stage.desk.moved_clock
        assert moved is not None
        await moved.advance(minutes * 60)
        await self.comes_to_rest()

    async def goes_on_leave(self, who: int, days: int) -> None:
        now = self.stage.desk.clock.now()
        await Leave.create(
            person_id=self.stage.people[STAFF_NAMES[who % len(STAFF_NAMES)]],
            starts_at=now,
            ends_at=now + timedelta(days=days),
        )
        await self.comes_to_rest()

    async def comes_back(self) -> None:
        await Leave.filter(ends_at__gt=self.stage.desk.clock.now()).update(ends_at=self.stage.desk.clock.now())
        await self.comes_to_rest()

    async def duty_ends(self, who: int) -> None:
        yesterday = self.stage.desk.clock.now().astimezone(SHANGHAI).date() - timedelta(days=1)
        person = self.stage.people[STAFF_NAMES[who % len(STAFF_NAMES)]]
        await HeldDuty.filter(person_id=person).update(to_date=yesterday)
        await self.comes_to_rest()

    async def duties_begin_again(self) -> None:
        await HeldDuty.all().update(to_date=None)
        await self.comes_to_rest()

    async def region_changes(self, which: int, how: int) -> None:
        """A grid gets another name, another village, or another code, by import and by hand."""
        grid = await Region.filter(level=1).order_by("id").offset(which % len(GRIDS)).first()
        assert grid is not None
        if how % 3 == 2:
            await Region.filter(id=grid.id).update(code=f"{GRIDS[which % len(GRIDS)]}x{how % 2}")
        else:
            village = VILLAGES[how % 2]
            told = f"code,name,level,parent_code,kind\n{grid.code},新{how}网格,grid,{village},comprehensive\n"
            await self.stage.desk.imports.run(told.encode(), None)
        await self.comes_to_rest()

    # What must hold.

    async def comes_to_rest(self) -> None:
        """The service looks after everything once, and then again finds nothing more to do for whoever holds a case."""
        await self.stage.sweep()
        await self.check_holders()

    async def check_holders(self) -> None:
        now = self.stage.desk.clock.now()
        for case in await Case.filter(status__in=[*RUNNING], kind="case"):
            there = case.holder_id is not None and await routing.is_present(case.holder_id, now)
            if not there and (case.holder_id is None or hasattr(self.stage.desk, "leaves")):
                unit = await Region.get(id=case.unit_id)
                found = await routing.holder_of(unit, now)
                assert found in (None, case.holder_id), (case.number, case.holder_id, found)

    async def check(self) -> None:
        cases = await rows('SELECT * FROM "case" WHERE number IS NOT NULL ORDER BY id')
        assert sorted(case["number"] for case in cases) == sorted(self.numbers)
        events = await rows("SELECT * FROM case_event ORDER BY id")
        told = await rows("SELECT person_id, kind, case_id, created_at FROM delivery ORDER BY id")
        for case in cases:
            own = [one for one in events if one["case_id"] == case["id"]]
            model.check_timeline(case, own)
            model.check_clocks(case)
            model.check_told(case, own, told, self._followed(case, own, events))

    def _followed(self, case: model.Row, own: Sequence[model.Row], events: Sequence[model.Row]) -> list[model.Row]:
        """What has happened to the case that *case* follows, since it does."""
        if case["status"] != Status.MERGED or case["merged_into_id"] is None:
            return []
        since: datetime = own[-1]["at"]
        return [one for one in events if one["case_id"] == case["merged_into_id"] and one["at"] > since]
