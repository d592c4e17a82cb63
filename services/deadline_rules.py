"""Other rules, other deadlines: when the town's hours, days or periods change, every open case is counted anew.

Which rules the deadlines were counted with is kept as a fingerprint (:class:`models.clock.DeadlineRules`, row 1).
While a recount is under way, row 2 holds how far it has come, so that another process can go on from there.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import date, timedelta

import structlog

from domain.calendar import WorkCalendar
from domain.case import RUNNING
from domain.deadlines import Limits
from models import Case, DeadlineRules
from services import case_clocks as clocks
from services.by_place import ByPlace
from services.case_news import News
from services.case_places import Periods, Policy
from services.ports import Clock
from services.transaction import row, rows, transaction

log = structlog.get_logger(__name__)

YEARS = range(2024, 2041)
"""Of which the working days are part of the fingerprint; fixed, so that time alone changes nothing."""
LETTERS = 40
_APPLIED, _UNDER_WAY = 1, 2

_TYPES = "SELECT code, accept_hours, resolve_days, urgent FROM event_type ORDER BY code"
_BEGAN = """
SELECT max(at) AS at FROM case_event
WHERE case_id = $1 AND action IN ('submit', 'report_up', 'climb', 'return', 'reopen', 'assign', 'dispatch', 'transfer')
"""


class RulesChange:
    def __init__(self, clock: Clock, policy: Policy, news: News) -> None:
        self._clock = clock
        self._policy = policy
        self._news = news

    async def apply(self, batch: int = 500) -> int:
        """Count every running case anew if the rules are others than last time; returns how many have changed.

        May be stopped at any point: the next call goes on behind the last whole batch. Each case that changes has a
        short transaction of its own; suspended cases keep what was left to them.
        """
        changed = 0
        while True:
            towns = self._policy.periods.known
            changed += await self._apply(batch)
            if self._policy.periods.known is towns:
                return changed
            # A town has changed its periods meanwhile: the job that it asked for may have found this one under way.

    async def _apply(self, batch: int) -> int:
        rules = await self._fingerprint()
        applied = await DeadlineRules.get_or_none(id=_APPLIED)
        if applied is not None and applied.fingerprint == rules:
            return 0
        last, seen, changed, stuck = await _progress(rules), 0, 0, 0
        while found := await Case.filter(id__gt=last, status__in=[*RUNNING]).order_by("id").limit(batch):
            for case in found:
                try:
                    changed += await self._recount(case)
                except Exception:
                    stuck += 1
                    log.exception("case_stuck", case=case.id)
            last, seen = found[-1].id, seen + len(found)
            await _keep(_UNDER_WAY, f"{rules} {last}", self._clock)
            log.info("deadlines_recounted", cases=seen, changed=changed, last=last)
        async with transaction():
            await DeadlineRules.filter(id=_UNDER_WAY).delete()
            if not stuck:
                await _keep(_APPLIED, rules, self._clock)
        # With cases left over the rules do not count as applied: the next call tries all again.
        log.info("deadline_rules_applied", cases=seen, changed=changed, stuck=stuck)
        return changed

    async def _recount(self, seen: Case) -> bool:
        """Look first, without a lock; take the lock only for what differs."""
        if seen.clock_from is not None and not (await self._anew(seen)).changed:
            return False
        async with transaction():
            case = await Case.filter(id=seen.id, status__in=[*RUNNING]).select_for_update().get_or_none()
            if case is None:
                return False
            if case.clock_from is None:
                case.clock_from = (await row(_BEGAN, case.id))["at"] or case.submitted_at
                case.remind_at = case.next_due  # none was set in those days, so none has been given
            change = await self._anew(case)
            await case.save(update_fields=list(clocks.FIELDS))
            if change.later:
                await self._news.tell(case, {case.resident_id: "date_moved"})
        return True

    async def _anew(self, case: Case) -> clocks.Change:
        return await clocks.recompute(case, self._policy, self._clock.now())

    async def _fingerprint(self) -> str:
        types = [tuple(one.values()) for one in await rows(_TYPES)]
        # Six thousand days take half a second: not on the loop that others wait for.
        calendar = self._policy.quiet or self._policy.calendar
        return await asyncio.to_thread(fingerprint, calendar, self._policy.periods, types)


def fingerprint(calendar: WorkCalendar, periods: ByPlace[Periods], types: object = ()) -> str:
    """The same for the same rules, in every process and on every day."""
    limits = periods.standard.limits
    days, day = [], date(YEARS.start, 1, 1)
    while day.year < YEARS.stop:
        days.append("1" if calendar.works_on(day) else "0")
        day += timedelta(days=1)
    spans = [(start.isoformat(), end.isoformat()) for start, end in calendar.spans]
    told: list[object] = [
        str(calendar.timezone),
        spans,
        "".join(days),
        *_told(limits),
        types,
    ]
    # Only where a town has its own: an installation without any keeps the fingerprint that it has applied.
    told += [(path, *_told(one.limits)) for path, one in periods.everywhere()[1:]]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:LETTERS]


def _told(limits: Limits) -> list[object]:
    return [
        limits.accept_hours,
        _in_order(limits.resolve_days),
        limits.urgent_accept_minutes,
        _in_order(limits.urgent_resolve_days),
    ]


def _in_order(days: Mapping[int, float]) -> list[tuple[int, float]]:
    return [(level, float(count)) for level, count in sorted(days.items())]


async def _progress(rules: str) -> int:
    """The last case that an earlier call with the same rules has come to."""
    kept = await DeadlineRules.get_or_none(id=_UNDER_WAY)
    of, _, last = kept.fingerprint.partition(" ") if kept is not None else ("", "", "0")
    return int(last) if of == rules else 0


async def _keep(which: int, what: str, clock: Clock) -> None:
    await DeadlineRules.update_or_create({"fingerprint": what, "applied_at": clock.now()}, id=which)
