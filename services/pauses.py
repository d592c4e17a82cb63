"""Suspend 挂起 and resume 恢复: the clock stands still until a day that the holder names (DOMAIN §2)."""

from datetime import date, datetime, time, timedelta

from domain.calendar import SHANGHAI, WorkCalendar, in_utc
from domain.deadlines import remind_at
from domain.errors import BadInput
from models import Case

LEAST_LEFT = timedelta(hours=1)
"""Ours: what was late when it was suspended has one hour left when it wakes, so that its holder can still act on it."""


class Pauses:
    """Every method changes the case in memory only; whoever calls saves it."""

    def __init__(self, calendar: WorkCalendar, longest_days: int) -> None:
        self._calendar = calendar
        self._longest = longest_days

    def suspend(self, case: Case, until: date | None, now: datetime) -> None:
        """Stop the clock; of a case that is suspended already only the day changes. Raises BadInput for the day."""
        today = now.astimezone(SHANGHAI).date()
        if until is None or not 1 <= (until - today).days <= self._longest:
            raise BadInput(
                f"until must be a day from 1 to {self._longest} days ahead",
                field="until",
                action="suspend",
                most=self._longest,
                given=until is not None,
            )
        midnight = datetime.combine(until, time(), SHANGHAI)
        case.suspended_until = self._calendar.add_working(midnight, timedelta())
        if case.status == "suspended":
            return
        case.paused_seconds = int(max(self._left(case, now), LEAST_LEFT).total_seconds())

    def _left(self, case: Case, now: datetime) -> timedelta:
        if case.resolve_due is None:
            return timedelta()
        if case.urgent:
            return in_utc(case.resolve_due) - in_utc(now)
        return self._calendar.working_between(now, case.resolve_due)

    def resume(self, case: Case, now: datetime) -> None:
        """Let the clock go on with what was left of it.

        ``paused_seconds`` stays, beside ``clock_from``: that is how long the clock is which runs now.
        """
        left = timedelta(seconds=case.paused_seconds or 0) or LEAST_LEFT
        due = in_utc(now) + left if case.urgent else self._calendar.add_working(now, left)
        case.clock_from = now
        case.resolve_due = case.next_due = case.sweep_at = due
        case.remind_at = remind_at(now, due, urgent=case.urgent, calendar=self._calendar)
