"""Working hours, against hand-computed cases and against counting minute by minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import SHANGHAI, NoWorkday, WorkCalendar

NEW_YORK = ZoneInfo("America/New_York")
OFFICE = WorkCalendar()
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


unhurried = settings(deadline=None)  # two cores are shared with the other tests
moments = st.datetimes(
    datetime(2025, 1, 1),  # noqa: DTZ001 - the timezone is drawn below
    datetime(2025, 12, 31),  # noqa: DTZ001
    timezones=st.sampled_from([SHANGHAI, UTC, NEW_YORK]),
    allow_imaginary=False,
)
lengths = st.timedeltas(timedelta(), timedelta(hours=200))
overrides = st.dictionaries(st.dates(date(2024, 12, 25), date(2026, 3, 31)), st.booleans(), max_size=60)
calendars = overrides.map(lambda days: WorkCalendar(overrides=days))


# 2025-03-03 is a Monday.
@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2025-03-03 09:00", 1, "2025-03-03 10:00"),
        ("2025-03-03 09:00", 4, "2025-03-03 14:30"),  # over lunch
        ("2025-03-03 08:30", 3.5, "2025-03-03 12:00"),  # the end of the morning, not the beginning of the afternoon
        ("2025-03-03 12:30", 1, "2025-03-03 14:30"),  # begins in the lunch break
        ("2025-03-03 07:00", 8, "2025-03-03 18:00"),  # before work, one whole day
        ("2025-03-03 16:00", 4, "2025-03-04 10:30"),  # over night
        ("2025-03-03 22:00", 4, "2025-03-04 14:00"),  # begins at night
        ("2025-03-07 16:00", 4, "2025-03-10 10:30"),  # over a weekend
        ("2025-03-08 11:00", 4, "2025-03-10 14:00"),  # begins on a Saturday
        ("2025-03-03 18:00", 1, "2025-03-04 09:30"),  # begins at closing time
        ("2025-03-03 12:00", 0, "2025-03-03 12:00"),
        ("2025-03-03 12:01", 0, "2025-03-03 13:30"),
        ("2025-03-08 11:00", 0, "2025-03-10 08:30"),
    ],
)
def test_hours_are_added_as_a_clerk_counts_them(start: str, length: float, end: str) -> None:
    assert OFFICE.add_working(at(start), hours(length)) == at(end)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2025-03-03 10:00", 3, "2025-03-06 10:00"),
        ("2025-03-06 10:00", 3, "2025-03-11 10:00"),  # Thursday to Tuesday
        ("2025-03-03 12:30", 3, "2025-03-06 12:00"),
        ("2025-03-03 20:00", 3, "2025-03-06 18:00"),  # Tuesday, Wednesday, Thursday
        ("2025-03-09 10:00", 3, "2025-03-12 18:00"),  # from a Sunday: Monday, Tuesday, Wednesday
        ("2025-03-03 08:30", 3, "2025-03-05 18:00"),  # Monday itself is a whole day
        ("2025-03-03 10:00", 0, "2025-03-03 10:00"),
        ("2025-03-03 10:00", 0.5, "2025-03-03 15:30"),
    ],
)
def test_days_are_added_as_a_clerk_counts_them(start: str, days: float, end: str) -> None:
    assert OFFICE.add_working_days(at(start), days) == at(end)


def test_a_holiday_is_passed_over_and_a_make_up_saturday_is_worked() -> None:
    calendar = WorkCalendar(overrides={date(2025, 3, 5): False, date(2025, 3, 8): True})
    assert calendar.add_working_days(at("2025-03-04 10:00"), 1) == at("2025-03-06 10:00")
    assert calendar.add_working_days(at("2025-03-07 10:00"), 1) == at("2025-03-08 10:00")


def test_an_override_wins_over_the_calendar_that_was_handed_in() -> None:
    calendar = WorkCalendar(is_workday=lambda _: False, overrides={date(2025, 3, 8): True})
    assert calendar.add_working(at("2025-03-03 10:00"), hours(1)) == at("2025-03-08 09:30")
    assert calendar.works_on(date(2025, 3, 8))
    assert not calendar.works_on(date(2025, 3, 10))


def test_overrides_changed_afterwards_do_not_change_the_calendar() -> None:
    days = {date(2025, 3, 5): False}
    calendar = WorkCalendar(overrides=days)
    days.clear()
    assert not calendar.works_on(date(2025, 3, 5))


@settings(unhurried, max_examples=40)
@given(start=moments, minutes=st.integers(1, 24 * 60), calendar=calendars)
def test_adding_agrees_with_counting_minute_by_minute(start: datetime, minutes: int, calendar: WorkCalendar) -> None:
    start = start.replace(second=0, microsecond=0)
    now, left = start.astimezone(SHANGHAI), minutes
    while left:
        clock = now.time()
        works = time(8, 30) <= clock < time(12) or time(13, 30) <= clock < time(18)
        left -= works and calendar.overrides.get(now.date(), now.weekday() < 5)
        now += MINUTE
    assert calendar.add_working(start, minutes * MINUTE) == now


@unhurried
@given(start=moments, length=lengths, calendar=calendars)
def test_between_gives_back_what_was_added(start: datetime, length: timedelta, calendar: WorkCalendar) -> None:
    assert calendar.working_between(start, calendar.add_working(start, length)) == length


@unhurried
@given(start=moments, length=lengths, calendar=calendars)
def test_the_end_lies_in_working_time_or_at_its_edge(
    start: datetime, length: timedelta, calendar: WorkCalendar
) -> None:
    end = calendar.add_working(start, length)
    assert end >= start
    assert end.tzinfo is SHANGHAI
    assert calendar.works_on(end.date())
    assert any(opens <= end.time() <= closes for opens, closes in calendar.spans)


@unhurried
@given(one=moments, other=moments, length=lengths, calendar=calendars)
def test_a_later_start_never_ends_earlier(
    one: datetime, other: datetime, length: timedelta, calendar: WorkCalendar
) -> None:
    early, late = sorted((one, other), key=datetime.timestamp)
    assert calendar.add_working(early, length) <= calendar.add_working(late, length)


@unhurried
@given(start=moments, first=lengths, then=lengths, calendar=calendars)
def test_more_hours_end_later_and_add_up(
    start: datetime, first: timedelta, then: timedelta, calendar: WorkCalendar
) -> None:
    middle = calendar.add_working(start, first)
    end = calendar.add_working(start, first + then)
    assert end > middle if then else end == middle
    assert calendar.add_working(middle, then) == end


@unhurried
@given(start=moments, length=lengths, calendar=calendars, holiday=st.dates(date(2025, 1, 1), date(2026, 2, 28)))
def test_a_holiday_never_shortens_the_time(
    start: datetime, length: timedelta, calendar: WorkCalendar, holiday: date
) -> None:
    quieter = WorkCalendar(overrides={**calendar.overrides, holiday: False})
    assert quieter.add_working(start, length) >= calendar.add_working(start, length)


@unhurried
@given(start=moments, days=st.integers(0, 20), calendar=calendars)
def test_a_working_day_is_as_long_as_the_office_is_open(start: datetime, days: int, calendar: WorkCalendar) -> None:
    assert calendar.day_length == hours(8)
    assert calendar.working_between(start, calendar.add_working_days(start, days)) == hours(8 * days)


@unhurried
@given(days=st.integers(1, 20), minute=st.integers(1, 7 * 60), calendar=calendars)
def test_working_days_keep_the_time_of_day(days: int, minute: int, calendar: WorkCalendar) -> None:
    start = calendar.add_working(at("2025-06-02 08:30"), minute * MINUTE)
    assert calendar.add_working_days(start, days).time() == start.time()


@unhurried
@given(one=moments, other=moments, third=moments, calendar=calendars)
def test_the_time_between_adds_up_and_has_a_sign(
    one: datetime, other: datetime, third: datetime, calendar: WorkCalendar
) -> None:
    between = calendar.working_between
    assert between(one, other) == -between(other, one)
    assert between(one, other) + between(other, third) == between(one, third)


def test_a_moment_without_a_timezone_is_refused() -> None:
    naive = datetime(2025, 3, 3, 10)  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="no timezone"):
        OFFICE.add_working(naive, hours(1))
    with pytest.raises(ValueError, match="no timezone"):
        OFFICE.add_working_days(naive, 1)
    with pytest.raises(ValueError, match="no timezone"):
        OFFICE.working_between(at("2025-03-03 10:00"), naive)


def test_less_than_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="forwards only"):
        OFFICE.add_working(at("2025-03-03 10:00"), -MINUTE)


def test_a_calendar_without_working_days_says_so_instead_of_searching_for_ever() -> None:
    never = WorkCalendar(is_workday=lambda _: False)
    with pytest.raises(NoWorkday, match="check the work calendar"):
        never.add_working(at("2025-03-03 10:00"), hours(1))
    assert never.working_between(at("2025-01-01 00:00"), at("2025-12-31 00:00")) == timedelta()


def test_a_date_past_the_end_of_the_calendar_is_refused() -> None:
    with pytest.raises(NoWorkday, match="year 9999"):
        OFFICE.add_working(at("9999-12-01 10:00"), hours(1000))
    assert OFFICE.working_between(at("9999-12-31 08:30"), at("9999-12-31 23:00")) == hours(8)


def test_a_far_date_costs_one_look_a_day() -> None:
    asked: list[date] = []

    def is_workday(day: date) -> bool:
        asked.append(day)
        return day.weekday() < 5

    start = at("2025-03-03 08:30")
    end = WorkCalendar(is_workday=is_workday).add_working_days(start, 5 * 52 * 30)
    assert len(asked) == (end.date() - start.date()).days + 1


def test_a_change_of_the_clocks_is_counted_in_real_hours() -> None:
    night = WorkCalendar(timezone=NEW_YORK, spans=((time(0), time(6)),), is_workday=lambda _: True)
    spring = datetime(2025, 3, 9, tzinfo=NEW_YORK)  # 02:00 becomes 03:00
    assert night.working_between(spring, spring.replace(hour=6)) == hours(5)
    assert night.add_working(spring, hours(4)) == spring.replace(hour=5)


@pytest.mark.parametrize(
    "spans",
    [
        (),
        ((time(9), time(9)),),
        ((time(18), time(9)),),
        ((time(13), time(18)), (time(9), time(12))),
        ((time(9), time(13)), (time(12), time(18))),
        ((time(9, tzinfo=UTC), time(12, tzinfo=UTC)),),
    ],
)
def test_spans_with_which_nothing_can_be_counted_are_refused(spans: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="working day"):
        WorkCalendar(spans=spans)
