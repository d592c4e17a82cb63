"""The clocks of one case: when they began, by when it is due, and when its holder is reminded (docs/deadlines.md).

Everything here changes the case in memory only; whoever calls saves it, with the case's row locked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from domain import deadlines
from domain.calendar import in_utc
from domain.case import RUNNING, Status
from domain.deadlines import Limits, accept_due, resolve_due
from services.transaction import row

if TYPE_CHECKING:
    from models import Case
    from services.case_places import Policy

# Also of a type that was retired since: what was promised when the case was filed goes on to hold.
_OWN = "SELECT accept_hours, resolve_days, urgent FROM event_type WHERE code = $1 AND state IN ('approved', 'retired')"

FIELDS = ("accept_due", "resolve_due", "next_due", "sweep_at", "clock_from", "remind_at", "paused_seconds")
"""The columns that these functions may change."""

GRACE = timedelta(hours=1)
"""Working time that stays before a case climbs which a change of the rules, not its holder, has made late (ours)."""


@dataclass(frozen=True, slots=True)
class Change:
    """What counting anew has done to a case."""

    changed: bool = False
    later: bool = False
    """The day by which it is to be resolved has moved by more than a working day: the resident must know."""


async def limits_for(case: Case, policy: Policy) -> Limits:
    """The limits for *case* as it is in memory, where it lies; its type's own periods win over the town's (DOMAIN §2).

    An urgent type's periods run around the clock. An ordinary type's say nothing of a case that is urgent for another
    reason: the town's periods for urgent matters stay as short as they are.
    """
    limits = (await policy.periods.of_region(case.unit_id)).limits
    own = await row(_OWN, case.event_type) if case.event_type else None
    if own is None:
        return limits
    return limits.of_type(accept_hours=own["accept_hours"], resolve_days=own["resolve_days"], urgent=own["urgent"])


async def start(case: Case, now: datetime, policy: Policy) -> None:
    """Fresh clocks from *now* on, for a case that somebody gets and must accept.

    A suspended case has no clock that could start: what was left to it stays as it is.
    """
    if case.status == Status.SUSPENDED:
        return
    case.accepted_at = case.paused_seconds = None
    case.clock_from = now
    await _count(case, policy)
    _run(case, policy)


def accepted(case: Case, now: datetime, policy: Policy) -> None:
    """The clock for accepting stops, the one for resolving goes on."""
    case.accepted_at = now
    case.next_due = case.resolve_due
    # Where it can climb no further, and that was said already, accepting it late must not say it again.
    case.sweep_at = case.resolve_due if case.sweep_at is not None else None
    case.remind_at = _reminder(case, policy)
    if case.remind_at is not None and case.remind_at <= now:
        # Whoever accepts so late has just read the date.
        case.remind_at = None


async def hurry(case: Case, now: datetime, policy: Policy) -> None:
    """The case turns out to be urgent: the urgent clocks begin *now*, and a deadline that was nearer stays."""
    accept, resolve = case.accept_due, case.resolve_due
    case.urgent, case.clock_from, case.paused_seconds = True, now, None
    await _count(case, policy)
    if case.accepted_at is None:
        case.accept_due = min(due for due in (accept, case.accept_due) if due is not None)
    case.resolve_due = min(due for due in (resolve, case.resolve_due) if due is not None)
    _run(case, policy)


def pause(case: Case, now: datetime, policy: Policy, *, least: timedelta = timedelta()) -> None:
    """Keep what is left to resolve it, in the time that its clock counts, and stop every clock.

    *least* is what stays of a clock that has run out.
    """
    left = _between(case, now, case.resolve_due, policy) if case.resolve_due is not None else timedelta()
    case.paused_seconds = round(max(least, left).total_seconds())
    case.next_due = case.sweep_at = case.remind_at = None


def keep_promise(case: Case, now: datetime, promised: datetime, policy: Policy) -> None:
    """Fresh clocks have just begun, but the resident was told *promised*: not later than that."""
    case.paused_seconds = max(0, round(_between(case, now, promised, policy).total_seconds()))
    case.resolve_due = promised
    _run(case, policy)


async def resume(case: Case, now: datetime, policy: Policy) -> None:
    """What was left runs on from *now*: the case is accepted, whatever it was before it was suspended."""
    case.clock_from = now
    case.accepted_at = case.accepted_at or now
    await _count(case, policy)
    _run(case, policy)


async def recompute(case: Case, policy: Policy, now: datetime) -> Change:
    """Count a running case's deadlines anew, from when its clocks began, after one of their inputs has changed.

    The inputs are the town's working hours, days and periods, the case's level, whether it is urgent, and its event
    type. A case of which the new deadline has passed already is late at once, but does not climb before its holder has
    been told and has had :data:`GRACE` (the time for accepting it, when it is urgent).
    """
    if case.status not in RUNNING or case.clock_from is None:
        return Change()
    before = {name: getattr(case, name) for name in FIELDS}
    due, resolve = case.next_due, case.resolve_due
    waiting = case.remind_at is not None
    await _count(case, policy)
    _run(case, policy)
    if due is not None and case.next_due == due:
        case.sweep_at = before["sweep_at"]
        case.remind_at = case.remind_at if waiting else None
    elif case.next_due is not None and case.next_due <= now:
        late = due is not None and due <= now
        if late:
            # It was late before, and is: what has been said or done about that stands.
            case.sweep_at, case.remind_at = before["sweep_at"], before["remind_at"]
        else:
            case.sweep_at = await _grace(case, policy, now)
            case.remind_at = now
    elif case.remind_at is not None and case.remind_at <= now:
        closer = due is not None and case.next_due is not None and case.next_due < due
        case.remind_at = now if waiting or closer else None
    return Change(
        changed=any(getattr(case, name) != value for name, value in before.items()),
        later=_much_later(case, resolve, policy),
    )


async def _count(case: Case, policy: Policy) -> None:
    """Both deadlines, from ``clock_from``; of a case that was suspended never more than was left to it."""
    began, limits = case.clock_from, await limits_for(case, policy)
    if began is None:
        return
    if case.accepted_at is None:
        case.accept_due = accept_due(began, urgent=case.urgent, calendar=policy.calendar, limits=limits)
    due = resolve_due(began, level=case.level, urgent=case.urgent, calendar=policy.calendar, limits=limits)
    if case.paused_seconds is not None:
        due = min(due, _after(case, began, timedelta(seconds=case.paused_seconds), policy))
    case.resolve_due = due


def _run(case: Case, policy: Policy) -> None:
    """Let the deadline run that comes next."""
    dues = [due for due in (None if case.accepted_at else case.accept_due, case.resolve_due) if due is not None]
    case.next_due = case.sweep_at = min(dues, default=None)
    case.remind_at = _reminder(case, policy)


def _reminder(case: Case, policy: Policy) -> datetime | None:
    if case.clock_from is None or case.next_due is None or case.next_due <= case.clock_from:
        return None
    return deadlines.remind_at(case.clock_from, case.next_due, urgent=case.urgent, calendar=policy.calendar)


async def _grace(case: Case, policy: Policy, now: datetime) -> datetime:
    if case.urgent:
        limits = await limits_for(case, policy)
        return now + timedelta(minutes=limits.urgent_accept_minutes)
    return policy.calendar.add_working(now, GRACE)


def _much_later(case: Case, before: datetime | None, policy: Policy) -> bool:
    if before is None or case.resolve_due is None:
        return False
    day = timedelta(days=1) if case.urgent else policy.calendar.day_length
    return _between(case, before, case.resolve_due, policy) > day


def _between(case: Case, since: datetime, until: datetime, policy: Policy) -> timedelta:
    return in_utc(until) - in_utc(since) if case.urgent else policy.calendar.working_between(since, until)


def _after(case: Case, since: datetime, length: timedelta, policy: Policy) -> datetime:
    return in_utc(since) + length if case.urgent else policy.calendar.add_working(since, length)
