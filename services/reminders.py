"""The reminder before a deadline: once for each, to whoever holds the case then (DOMAIN §2, docs/deadlines.md)."""

from datetime import datetime, timedelta

from domain.case import RUNNING, Status
from models import Case
from services.case_news import News
from services.case_places import Policy
from services.ports import Clock
from services.rehoming import Rehoming
from services.sweeping import each
from services.transaction import transaction

CLOSING = timedelta(minutes=30)
"""How long after work has ended an ordinary reminder that was due before may still go out."""

_SOON = """
SELECT id, remind_at AS due FROM "case" WHERE remind_at <= $1 AND (remind_at, id) > ($2, $3) ORDER BY 2, 1 LIMIT $4
"""


class Reminders:
    def __init__(self, clock: Clock, policy: Policy, rehoming: Rehoming, news: News) -> None:
        self._clock = clock
        self._policy = policy
        self._rehoming = rehoming
        self._news = news

    async def remind(self, batch: int) -> int:
        """Tell each holder once that a deadline comes near; returns how many cases this call has dealt with.

        Many processes may run this at once: each takes what no other holds.
        """
        return await each(_SOON, self._clock.now(), batch, self._remind)

    async def _remind(self, case_id: int) -> bool:
        async with transaction():
            now = self._clock.now()
            case = await Case.filter(id=case_id, remind_at__lte=now).select_for_update(skip_locked=True).get_or_none()
            if case is None:
                return False
            case.remind_at = None
            if self._is_pointless(case, now):
                await case.save(update_fields=["remind_at"])
                return True
            morning = self._next_hour(case, now)
            if morning is not None:
                # Nobody is disturbed at night; what is due before the next morning will climb, and that is told.
                case.remind_at = morning if case.sweep_at is None or morning < case.sweep_at else None
                await case.save(update_fields=["remind_at"])
                return True
            await self._tell(case, now)
        return True

    async def _tell(self, case: Case, now: datetime) -> None:
        if await self._rehoming.look(case):
            # Whoever gets it now is told that it is theirs, and by when: that is the reminder.
            return
        await case.save(update_fields=["remind_at"])
        if case.holder_id is not None and case.next_due is not None:
            climbs = case.sweep_at.isoformat() if case.sweep_at is not None else ""
            await self._news.tell(
                case,
                {case.holder_id: "due_soon"},
                due=case.next_due.isoformat(),
                late=case.next_due <= now,
                climbs=climbs,
            )

    def _is_pointless(self, case: Case, now: datetime) -> bool:
        """Whether nothing runs any more, or it climbs at once, of which its holder is told anyway."""
        if Status(case.status) not in RUNNING or case.next_due is None:
            return True
        return (case.sweep_at or case.next_due) <= now

    def _next_hour(self, case: Case, now: datetime) -> datetime | None:
        """When people work again, for an ordinary case at a time when nobody does; ``None`` where it may go out now."""
        calendar = self._policy.calendar
        if case.urgent or calendar.working_between(now - CLOSING, now):
            return None
        opens = calendar.add_working(now, timedelta())
        return opens if opens > now else None
