"""What happens to cases by itself: they climb when they are late, close when nobody rates, and never lack a holder."""

from datetime import timedelta

import structlog

from domain.calendar import SHANGHAI
from domain.case import RUNNING, Action, Role, Status
from domain.errors import NobodyThere
from models import Case
from services.case_news import News
from services.case_steps import Steps
from services.ports import Clock
from services.sweeping import each
from services.transaction import row, rows, transaction

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
_ABANDONED = """
SELECT c.id FROM "case" c WHERE c.status IN ('submitted', 'accepted') AND (c.holder_id IS NULL OR NOT EXISTS (
    SELECT 1 FROM held_duty d
    WHERE d.person_id = c.holder_id AND d.from_date <= $1 AND (d.to_date IS NULL OR d.to_date >= $1)
)) ORDER BY c.id
"""
_IN_POST = """
SELECT EXISTS (SELECT 1 FROM held_duty d WHERE d.person_id = $1 AND d.from_date <= $2
               AND (d.to_date IS NULL OR d.to_date >= $2)) AS yes
"""


class Overdue:
    def __init__(self, clock: Clock, steps: Steps, news: News, *, rating_days: int) -> None:
        self._clock = clock
        self._steps = steps
        self._news = news
        self._rating_days = timedelta(days=rating_days)

    async def climb(self, batch: int) -> int:
        """Move every case whose deadline has passed one level up; returns how many this call has dealt with.

        Many processes may run this at once: each takes what no other holds. A case that cannot be moved for a fault
        of ours is logged and left, and holds up no other.
        """
        return await each(_DUE, self._clock.now(), batch, self._climb)

    async def close_unrated(self, batch: int) -> int:
        """Close what nobody rated in time: "no rating", never counted as satisfied (DOMAIN §2)."""
        return await each(_UNRATED, self._clock.now() - self._rating_days, batch, self._close)

    async def rehome(self) -> int:
        """Give every running case that nobody holds, or whose holder has left, to whoever is there now.

        Returns how many there were; those for whom nobody is there in the whole line stay as they are.
        """
        today = self._clock.now().astimezone(SHANGHAI).date()
        found = await rows(_ABANDONED, today)
        for one in found:
            async with transaction():
                case = (
                    await Case.filter(id=one["id"], status__in=[*RUNNING])
                    .select_for_update(skip_locked=True)
                    .get_or_none()
                )
                if case is None or (case.holder_id and (await row(_IN_POST, case.holder_id, today))["yes"]):
                    continue
                try:
                    await self._steps.take(case, _BY_ITSELF, None, Action.ASSIGN)
                except NobodyThere:
                    log.warning("case_without_holder", number=case.number)
        return len(found)

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
            before = self._clock.now() - self._rating_days
            case = (
                await Case.filter(id=case_id, status=Status.RESOLVED, resolved_at__lte=before)
                .select_for_update(skip_locked=True)
                .get_or_none()
            )
            if case is None:
                return False
            await self._steps.take(case, _BY_ITSELF, None, Action.CLOSE)
        return True
