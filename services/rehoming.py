"""Whose holder is not there gets another one: at the start of a leave, at the end of a duty, at a deadline.

``docs/covers.md`` tells the rules; the table of moves calls the step ``assign``.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog

from domain.case import RUNNING, Action, Role, Status
from domain.duty import HANDLES
from domain.errors import NobodyThere
from models import Case
from services.case_steps import Steps
from services.deliveries import Deliveries, Owed
from services.ports import Clock
from services.routing import AWAY, IN_POST, LOST, TODAY
from services.transaction import row, rows, transaction

log = structlog.get_logger(__name__)

BATCH = 100
_HELD = frozenset({*RUNNING, Status.SUSPENDED})
_BY_ITSELF = frozenset({Role.SYSTEM})
_NAMED = 20
_DUTIES = ", ".join(f"'{duty}'" for duty in sorted(HANDLES))

# Who holds anything, found by one step along the index for each of them, however many cases are open; of these, who is
# not there, or has at least one post behind them.
_SUSPECTS = f"""
WITH RECURSIVE holders (id) AS (
    SELECT (SELECT c.holder_id FROM "case" c WHERE c.status IN ('submitted', 'accepted') AND c.holder_id > $1
            ORDER BY c.holder_id LIMIT 1)
    UNION ALL
    SELECT (SELECT c.holder_id FROM "case" c WHERE c.status IN ('submitted', 'accepted') AND c.holder_id > h.id
            ORDER BY c.holder_id LIMIT 1) FROM holders h WHERE h.id IS NOT NULL
), everybody AS (
    SELECT id FROM holders WHERE id IS NOT NULL
    UNION SELECT c.holder_id FROM "case" c WHERE c.status = 'suspended' AND c.holder_id > $1
)
SELECT e.id FROM everybody e
WHERE {AWAY.format(who="e.id")} OR NOT {IN_POST.format(who="e.id")} OR ({LOST.format(who="e.id")})
   OR EXISTS (SELECT 1 FROM held_duty d WHERE d.person_id = e.id AND d.to_date < {TODAY})
ORDER BY e.id
"""
# A post that somebody has left, unless they hold another one along the same line (promoted from worker to chief).
_STATE = f"""
SELECT {AWAY.format(who="$1")} OR NOT {IN_POST.format(who="$1")} AS gone, {LOST.format(who="$1")} AS lost,
       ARRAY(SELECT d.region_id FROM held_duty d JOIN region r ON r.id = d.region_id
             WHERE d.person_id = $1 AND d.to_date < {TODAY} AND d.duty IN ({_DUTIES}) AND NOT EXISTS (
                 SELECT 1 FROM held_duty o WHERE o.person_id = $1 AND o.from_date <= {TODAY}
                 AND (o.to_date IS NULL OR o.to_date >= {TODAY}) AND r.path LIKE '%/' || o.region_id || '/%')
       ) AS posts_left
"""
_NOBODYS = """
SELECT c.id FROM "case" c WHERE c.holder_id IS NULL AND c.status IN ('submitted', 'accepted') AND c.id > $1
UNION SELECT c.id FROM "case" c WHERE c.holder_id IS NULL AND c.status = 'suspended' AND c.id > $1
ORDER BY 1
"""


class Rehoming:
    def __init__(self, clock: Clock, steps: Steps, deliveries: Deliveries) -> None:
        self._clock = clock
        self._steps = steps
        self._deliveries = deliveries

    async def all(self) -> int:
        """Look at everything that nobody has, or somebody who is not there; returns how many found a new holder.

        Any number of processes may do this at once: each takes what no other holds.
        """
        moved = 0
        for one in await rows(_NOBODYS, 0):
            moved += await self._nobodys(one["id"])
        for one in await rows(_SUSPECTS, 0, self._clock.now()):
            moved += await self.of(one["id"])
        return moved

    async def of(self, person_id: int) -> int:
        """The same for what one person holds; nothing happens while they are there."""
        last = moved = 0
        while True:
            try:
                found, last_seen, done = await self._some(person_id, last, BATCH)
            except Exception:
                # One case that cannot be moved for a fault of ours must not hold up all the others.
                log.exception("cases_not_rehomed", person=person_id)
                found, last_seen, done = await self._one_by_one(person_id, last)
            moved += done
            if found < BATCH:
                return moved
            last = last_seen

    async def before_climbing(self, case: Case, now: datetime) -> bool:
        """Whether a locked case whose time to accept has run out goes to somebody who is there, not one level up.

        It was nobody's fault who is there. Once the time to resolve it is over as well it climbs like any other.
        """
        if case.holder_id is None or case.accepted_at is not None:
            return False
        if case.resolve_due is None or case.resolve_due <= now:
            return False
        return await self.look(case)

    async def look(self, case: Case) -> bool:
        """Give a locked case to somebody else where its holder is not there; whether it was given."""
        if case.holder_id is None:
            return await self._given(case)
        old, state = case.holder_id, await self._state(case.holder_id)
        if not (_must_go(case, state) and await self._given(case)):
            return False
        await self._tell_who_left(old, state, [case])
        return True

    async def _nobodys(self, case_id: int) -> bool:
        async with transaction():
            case = (
                await Case.filter(id=case_id, holder_id=None, status__in=[*_HELD])
                .select_for_update(skip_locked=True)
                .get_or_none()
            )
            if case is None:
                return False
            given = await self._given(case)
            if not given:
                log.warning("case_without_holder", number=case.number)
            return given

    async def _some(self, person_id: int, after: int, count: int) -> tuple[int, int, int]:
        """How many cases there were, the last of them, and how many were given away."""
        async with transaction():
            cases = (
                await Case.filter(holder_id=person_id, id__gt=after, status__in=[*_HELD])
                .order_by("id")
                .limit(count)
                .select_for_update(skip_locked=True)
            )
            # Asked once the cases are locked: whoever is back in this very moment keeps them.
            state = await self._state(person_id)
            given = [case for case in cases if _must_go(case, state) and await self._given(case)]
            await self._tell_who_left(person_id, state, given)
        return len(cases), cases[-1].id if cases else after, len(given)

    async def _one_by_one(self, person_id: int, after: int) -> tuple[int, int, int]:
        listed = await Case.filter(holder_id=person_id, id__gt=after, status__in=[*_HELD]).order_by("id").limit(BATCH)
        done = 0
        for case in listed:
            try:
                done += (await self._some(person_id, case.id - 1, 1))[2]
            except Exception:
                log.exception("case_stuck", case=case.id)
        return len(listed), listed[-1].id if listed else after, done

    async def _state(self, person_id: int) -> Any:
        return await row(_STATE, person_id, self._clock.now())

    async def _given(self, case: Case) -> bool:
        try:
            await self._steps.take(case, _BY_ITSELF, None, Action.ASSIGN)
        except NobodyThere:
            return False
        return True

    async def _tell_who_left(self, person_id: int, state: Any, given: Sequence[Case]) -> None:
        """One message, however many cases: not where it cannot arrive."""
        if not given or state["lost"]:
            return
        names = await rows(
            "SELECT DISTINCT name FROM person WHERE id = ANY($1) ORDER BY name", [case.holder_id for case in given]
        )
        told = {
            "numbers": [case.number for case in given[:_NAMED]],
            "count": len(given),
            "to": [one["name"] for one in names if one["name"]][:3],
        }
        await self._deliveries.owe(Owed(person_id, "handed_over", told))


def _must_go(case: Case, state: Any) -> bool:
    return bool(state["gone"] or state["lost"] or case.unit_id in state["posts_left"])
