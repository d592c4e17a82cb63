"""Suspend 挂起 and resume 恢复: the clock stands still until a day that the holder names (DOMAIN §2)."""

from datetime import date, datetime, time, timedelta

from domain.calendar import SHANGHAI
from domain.errors import BadInput
from models import Case
from services import case_clocks as clocks
from services.case_places import Policy

LEAST_LEFT = timedelta(hours=1)
"""Ours: what was late when it was suspended has one hour left when it wakes, so that its holder can still act on it."""


class Pauses:
    """Every method changes the case in memory only; whoever calls saves it."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    async def suspend(self, case: Case, until: date | None, now: datetime) -> None:
        """Stop the clock; of a case that is suspended already only the day changes. Raises BadInput for the day."""
        today = now.astimezone(SHANGHAI).date()
        longest = (await self._policy.periods.of_region(case.unit_id)).suspend_days
        if until is None or not 1 <= (until - today).days <= longest:
            raise BadInput(
                f"until must be a day from 1 to {longest} days ahead",
                field="until",
                action="suspend",
                most=longest,
                given=until is not None,
            )
        midnight = datetime.combine(until, time(), SHANGHAI)
        case.suspended_until = self._policy.calendar.add_working(midnight, timedelta())
        if case.status == "suspended":
            return
        clocks.pause(case, now, self._policy, least=LEAST_LEFT)

    async def resume(self, case: Case, now: datetime) -> None:
        """Let the clock go on with what was left of it."""
        await clocks.resume(case, now, self._policy)
