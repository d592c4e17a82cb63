"""Any number of spans a day: what the office day of two spans cannot show."""

from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import SHANGHAI, WorkCalendar
from domain.deadlines import remind_at


def _spans(edges: set[int]) -> tuple[tuple[time, time], ...]:
    minutes = [time(edge // 60, edge % 60) for edge in sorted(edges)]
    return tuple(zip(minutes[::2], minutes[1::2], strict=True))


spans = st.sampled_from([2, 4, 6, 8]).flatmap(
    lambda size: st.sets(st.integers(0, 24 * 60 - 1), min_size=size, max_size=size).map(_spans)
)
calendars = st.builds(
    lambda parts, days: WorkCalendar(spans=parts, overrides=days),
    spans,
    st.dictionaries(st.dates(date(2025, 12, 25), date(2026, 3, 10)), st.booleans(), max_size=40),
)
# Whole minutes, so that edges of spans are met often.
moments = st.integers(0, 60 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=SHANGHAI) + timedelta(minutes=minutes)
)
lengths = st.integers(0, 60 * 60).map(lambda minutes: timedelta(minutes=minutes))


def works(calendar: WorkCalendar, moment: datetime) -> bool:
    local = moment.astimezone(SHANGHAI)
    return calendar.works_on(local.date()) and any(a <= local.time() <= b for a, b in calendar.spans)


@given(start=moments, length=lengths, calendar=calendars)
def test_adding_and_measuring_agree_and_nothing_ends_outside_of_work(
    start: datetime, length: timedelta, calendar: WorkCalendar
) -> None:
    end = calendar.add_working(start, length)
    assert calendar.working_between(start, end) == length
    assert works(calendar, end)
    assert calendar.add_working(start, length + timedelta(minutes=1)) > end
    if not length:
        assert end == start or not works(calendar, start)
    reminder = remind_at(start, end, urgent=False, calendar=calendar)
    assert start <= reminder <= end
    assert works(calendar, reminder)


@given(parts=spans, days=st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 1, 31)), st.booleans(), max_size=20))
def test_what_was_worked_in_a_month_is_its_working_days(
    parts: tuple[tuple[time, time], ...], days: dict[date, bool]
) -> None:
    calendar = WorkCalendar(spans=parts, overrides=days)
    month = [date(2026, 1, day) for day in range(1, 32)]
    worked = sum(days.get(day, day.weekday() < 5) for day in month)
    first, after = (datetime(2026, number, 1, tzinfo=SHANGHAI) for number in (1, 2))
    assert calendar.working_between(first, after) == worked * calendar.day_length
