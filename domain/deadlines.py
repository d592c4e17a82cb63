"""When a case must be accepted and resolved, and when its holder is reminded.

Every step must name its period (C 二(六)), but no notice gives hours or days: all figures here are ours, and settings.
Ordinary clocks run in working time, urgent ones (Y art. 35: major disputes, hazards, sudden
incidents) around the clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import isfinite
from types import MappingProxyType

from domain.calendar import WorkCalendar, in_utc

LEVELS = (1, 2, 3, 4, 5)
"""Grid, village, town, county, city or above (C 二(六))."""

RESOLVE_DAYS = MappingProxyType({1: 3, 2: 5, 3: 10, 4: 15, 5: 20})
URGENT_RESOLVE_DAYS = MappingProxyType({1: 1, 2: 1, 3: 3, 4: 5, 5: 7})


@dataclass(frozen=True)
class Limits:
    """The time that a holder has; the defaults are ours.

    *accept_hours* are working hours and *resolve_days* working days by level; *urgent_accept_minutes* and
    *urgent_resolve_days* (24 hours each) run day and night. Raises ValueError for a period that is not above nothing
    and for a level that is missing or unknown.
    """

    accept_hours: float = 4
    resolve_days: Mapping[int, float] = field(default_factory=lambda: RESOLVE_DAYS, hash=False)
    urgent_accept_minutes: float = 15
    urgent_resolve_days: Mapping[int, float] = field(default_factory=lambda: URGENT_RESOLVE_DAYS, hash=False)

    def __post_init__(self) -> None:
        """Refuse limits under which a case would be late at once, or never."""
        for name in ("resolve_days", "urgent_resolve_days"):
            table = dict(getattr(self, name))
            if set(table) != set(LEVELS):
                raise ValueError(f"{name} must give a number for each of the levels 1 to 5 and for nothing else")
            object.__setattr__(self, name, MappingProxyType(table))
        periods = (
            self.accept_hours,
            self.urgent_accept_minutes,
            *self.resolve_days.values(),
            *self.urgent_resolve_days.values(),
        )
        if not all(isfinite(period) and period > 0 for period in periods):
            raise ValueError("every time limit must be a number above 0")

    def of_type(self, *, accept_hours: float | None, resolve_days: float | None, urgent: bool) -> "Limits":
        """These limits with the periods of an event type (事项清单, DOMAIN §2) in place of the town's.

        What is ``None`` stays the town's. A type's *resolve_days* are the same on every level. Where the type is
        *urgent* its periods are hours and days around the clock, else working hours and days; the other kind of clock
        stays as it is. Raises ValueError for a period that is not above nothing.
        """
        days = None if resolve_days is None else dict.fromkeys(LEVELS, resolve_days)
        if urgent:
            minutes = self.urgent_accept_minutes if accept_hours is None else accept_hours * 60
            return replace(self, urgent_accept_minutes=minutes, urgent_resolve_days=days or self.urgent_resolve_days)
        hours = self.accept_hours if accept_hours is None else accept_hours
        return replace(self, accept_hours=hours, resolve_days=days or self.resolve_days)


def accept_due(start: datetime, *, urgent: bool, calendar: WorkCalendar, limits: Limits) -> datetime:
    """Return by when a case that reached its holder at *start* must be accepted.

    Raises ValueError for a *start* without a timezone, NoWorkday for a calendar without working days.
    """
    if urgent:
        return _around_the_clock(start, timedelta(minutes=limits.urgent_accept_minutes), calendar)
    return calendar.add_working(start, timedelta(hours=limits.accept_hours))


def resolve_due(start: datetime, *, level: int, urgent: bool, calendar: WorkCalendar, limits: Limits) -> datetime:
    """Return by when a case whose clock began at *start* must be resolved on *level* (1 grid … 5 city or above).

    Raises ValueError for an unknown level and a *start* without a timezone, NoWorkday for a calendar without working
    days.
    """
    if level not in LEVELS:
        raise ValueError(f"there is no handling level {level}: they are 1 to 5")
    if urgent:
        return _around_the_clock(start, timedelta(days=limits.urgent_resolve_days[level]), calendar)
    return calendar.add_working_days(start, limits.resolve_days[level])


def remind_at(start: datetime, due: datetime, *, urgent: bool, calendar: WorkCalendar, share: float = 0.75) -> datetime:
    """Return when *share* of the time between *start* and *due* has gone by: the holder's reminder (ours: 75 %).

    For an ordinary case that is working time, so that nobody is reminded at night; never later than *due*.

    Raises ValueError where *due* lies before *start*, *share* is not from 0 to 1, or a moment has no timezone.
    """
    if not 0 <= share <= 1:
        raise ValueError("the share of the time at which to remind must lie between 0 and 1")
    length = in_utc(due) - in_utc(start)
    if length < timedelta():
        raise ValueError("a case cannot be due before its clock began")
    if urgent:
        return _around_the_clock(start, length * share, calendar)
    worked = calendar.working_between(start, due)
    if not worked:
        # As between a Saturday and its Sunday: the next working moment would come after the deadline.
        return due.astimezone(calendar.timezone)
    return calendar.add_working(start, worked * share)


def _around_the_clock(start: datetime, length: timedelta, calendar: WorkCalendar) -> datetime:
    return (in_utc(start) + length).astimezone(calendar.timezone)
