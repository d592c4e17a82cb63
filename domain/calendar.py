"""Working time: which hours of which days count when a clock runs on office hours.

The length of the office day is ours (no notice gives one): 08:30-12:00 and 13:30-18:00, eight hours. Which dates are
working days is handed in, since public holidays and make-up days are announced afresh each year.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE_DAY = ((time(8, 30), time(12)), (time(13, 30), time(18)))

_SATURDAY = 5
_LONGEST_BREAK = 400
"""Days in a row without a working day after which the calendar must be wrong: far longer than any holiday."""


class NoWorkday(ValueError):  # noqa: N818 - a plain fact, like every error here
    """The calendar has no working day left in which the time could be spent."""


def in_utc(moment: datetime) -> datetime:
    """Return *moment* in UTC, where differences are true; raises ValueError where it carries no timezone."""
    if moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no timezone: whose clock is meant?")
    return moment.astimezone(UTC)


def monday_to_friday(day: date) -> bool:
    """Tell whether *day* is a working day where no holidays are known."""
    return day.weekday() < _SATURDAY


@dataclass(frozen=True)
class WorkCalendar:
    """The working time of an office.

    *spans* are the parts of a working day, in order, in the office's own *timezone*; each ends on the day it began.
    *overrides* settles single days and wins over *is_workday*.

    Every moment handed in must carry a timezone (ValueError); every moment returned is in *timezone*. A moment at the
    very end of a span still counts as working time: what is due at 18:00 is due that evening, not the next morning.
    """

    timezone: ZoneInfo = SHANGHAI
    spans: tuple[tuple[time, time], ...] = OFFICE_DAY
    is_workday: Callable[[date], bool] = monday_to_friday
    overrides: Mapping[date, bool] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Refuse spans with which time could not be counted."""
        edges = [edge for span in self.spans for edge in span]
        if not edges or any(edge.tzinfo is not None for edge in edges):
            raise ValueError("a working day needs at least one span, given in plain times of day")
        if edges != sorted(edges) or any(start == end for start, end in self.spans):
            raise ValueError("the spans of a working day must follow one another, each ending after it began")
        object.__setattr__(self, "overrides", MappingProxyType(dict(self.overrides)))

    @property
    def day_length(self) -> timedelta:
        """The working time of one working day."""
        return sum((_since_midnight(end) - _since_midnight(start) for start, end in self.spans), timedelta())

    def works_on(self, day: date) -> bool:
        """Tell whether *day* is a working day."""
        settled = self.overrides.get(day)
        return self.is_workday(day) if settled is None else settled

    def add_working(self, start: datetime, hours: timedelta) -> datetime:
        """Return the first moment of working time, not before *start*, by which *hours* have been worked since *start*.

        With no hours at all that is *start* itself, or the next beginning of work where *start* lies outside of it.

        Raises ValueError for less than no time and for a moment without a timezone, NoWorkday where the calendar has
        no more working days.
        """
        if hours < timedelta():
            raise ValueError("working time is added forwards only")
        left, since = hours, in_utc(start)
        for opens, closes in self._spans_from(since):
            begin = max(opens, since)
            if left <= closes - begin:
                return (begin + left).astimezone(self.timezone)
            left -= closes - begin
        raise NoWorkday("this date lies past the end of the calendar (year 9999)")

    def add_working_days(self, start: datetime, days: float) -> datetime:
        """Return *start* plus *days* working days: the same time of day on the last of them.

        One working day is :attr:`day_length` of working time, so three days from Monday 10:00 are Thursday 10:00. What
        comes outside of working time has the whole following days: three days from Sunday, or from Monday 08:30
        sharp, end on Wednesday at 18:00, as a clerk would say it. A later start never gives an earlier end.

        Raises what :meth:`add_working` raises.
        """
        return self.add_working(start, self.day_length * days)

    def working_between(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time from *start* to *end*; less than none where *end* comes first.

        Raises ValueError for a moment without a timezone.
        """
        since, until = in_utc(start), in_utc(end)
        if until < since:
            return -self.working_between(end, start)
        total = timedelta()
        day, last = since.astimezone(self.timezone).date(), until.astimezone(self.timezone).date()
        while day <= last:
            for opens, closes in self._spans_on(day):
                total += max(min(closes, until) - max(opens, since), timedelta())
            if day == date.max:
                break
            day += timedelta(days=1)
        return total

    def _spans_on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        # In UTC: subtracting two moments of one zone would ignore a change of its clocks between them.
        if self.works_on(day):
            for start, end in self.spans:
                yield (
                    in_utc(datetime.combine(day, start, self.timezone)),
                    in_utc(datetime.combine(day, end, self.timezone)),
                )

    def _spans_from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the spans that end at *moment* or later, up to the end of the calendar."""
        day, idle = moment.astimezone(self.timezone).date(), 0
        while day < date.max:
            worked = False
            for span in self._spans_on(day):
                worked = True
                if span[1] >= moment:
                    yield span
            idle = 0 if worked else idle + 1
            if idle > _LONGEST_BREAK:
                raise NoWorkday(f"no working day in the {_LONGEST_BREAK} days before {day}: check the work calendar")
            day += timedelta(days=1)


def _since_midnight(moment: time) -> timedelta:
    return timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond)
