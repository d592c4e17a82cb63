"""What happens to cases by itself: they climb when they are late, and close when nobody rates."""

from datetime import timedelta

import structlog

from domain.case import RUNNING, Action, Role, Status
from domain.errors import NobodyThere
from models import Case
from services.by_place import ByPlace
from services.case_news import News
from services.case_places import Periods
from services.case_steps import Steps
from services.ports import Clock
from services.rehoming import Rehoming
from services.sweeping import each
from services.transaction import transaction

log = structlog.get_logger(__name__)

_BY_ITSELF = frozenset({Role.SYSTEM})

# Beside the model's own queries these show what the partial indexes are for.
_DUE = (
    'SELECT id, sweep_at AS due FROM "case" WHERE sweep_at <= $1 AND (sweep_at, id) > ($2, $3) ORDER BY 2, 1 LIMIT $4'
)
_UNRATED = (
    "SELECT id, resolved_at AS due FROM \"case\" WHERE status = 'resolved' AND resolved_at <= $1 "
    "AND (resolved_at, id) > ($2, $3) ORDER BY 2, 1 LIMIT $4"
)
# The same where towns have periods of their own; of those that overlap, the nearest to the grid.
_UNRATED_BY_PLACE = """
SELECT c.id, c.resolved_at AS due FROM "case" c JOIN region g ON g.id = c.grid_id
WHERE c.status = 'resolved' AND c.resolved_at <= $1::timestamptz - (
    SELECT x.days FROM unnest($5::text[], $6::int[]) AS x (path, days)
    WHERE starts_with(g.path, x.path) ORDER BY length(x.path) DESC LIMIT 1) * interval '1 day'
AND c.resolved_at <= $1::timestamptz - $7::int * interval '1 day' AND (c.resolved_at, c.id) > ($2, $3)
ORDER BY 2, 1 LIMIT $4
"""


class Overdue:
    def __init__(self, clock: Clock, steps: Steps, news: News, rehoming: Rehoming, periods: ByPlace[Periods]) -> None:
        self._clock = clock
        self._rehoming = rehoming
        self._steps = steps
        self._news = news
        self._periods = periods

    async def climb(self, batch: int) -> int:
        """Move every case whose deadline has passed one level up; returns how many this call has dealt with.

        Many processes may run this at once: each takes what no other holds. A case that cannot be moved for a fault
        of ours is logged and left, and holds up no other.
        """
        return await each(_DUE, self._clock.now(), batch, self._climb)

    async def close_unrated(self, batch: int) -> int:
        """Close what nobody rated in time: "no rating", never counted as satisfied (DOMAIN §2)."""
        now = self._clock.now()
        if not self._periods.known:
            return await each(_UNRATED, now - self._waits(self._periods.standard), batch, self._close)
        known = [(path, one.rating_days) for path, one in self._periods.everywhere()]
        more = [path for path, _ in known], [days for _, days in known], min(days for _, days in known)
        return await each(_UNRATED_BY_PLACE, now, batch, self._close, *more)

    @staticmethod
    def _waits(periods: Periods) -> timedelta:
        return timedelta(days=periods.rating_days)

    async def _climb(self, case_id: int) -> bool:
        async with transaction():
            now = self._clock.now()
            case = (
                await Case.filter(id=case_id, sweep_at__lte=now, status__in=[*RUNNING])
                .select_for_update(skip_locked=True)
                .get_or_none()
            )
            if case is None:
                return False
            if await self._rehoming.before_climbing(case, now):
                return True
            try:
                await self._steps.take(case, _BY_ITSELF, None, Action.CLIMB)
            except NobodyThere:
                # It stays, keeps counting as overdue, and its holder is told once for each deadline.
                later = case.accepted_at is None and case.resolve_due is not None and case.resolve_due > now
                case.sweep_at = case.resolve_due if later else None
                await case.save(update_fields=["sweep_at"])
                if case.holder_id is not None:
                    await self._news.tell(case, {case.holder_id: "overdue_top"})
        return True

    async def _close(self, case_id: int) -> bool:
        async with transaction():
            found = Case.filter(id=case_id, status=Status.RESOLVED).select_for_update(skip_locked=True)
            case = await found.get_or_none()
            waits = self._waits(await self._periods.of_region(case.grid_id if case is not None else None))
            if case is None or case.resolved_at is None or case.resolved_at > self._clock.now() - waits:
                return False
            await self._steps.take(case, _BY_ITSELF, None, Action.CLOSE)
        return True
