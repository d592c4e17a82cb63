"""Deadlines: the table, and what must hold for every case."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import SHANGHAI, WorkCalendar
from domain.deadlines import LEVELS, Limits, accept_due, remind_at, resolve_due

OFFICE = WorkCalendar()
NEVER = WorkCalendar(is_workday=lambda _: False)
LIMITS = Limits()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


unhurried = settings(deadline=None)  # two cores are shared with the other tests
moments = st.datetimes(
    datetime(2025, 1, 1),  # noqa: DTZ001 - the timezone is drawn below
    datetime(2025, 12, 31),  # noqa: DTZ001
    timezones=st.sampled_from([SHANGHAI, UTC]),
)
overrides = st.dictionaries(st.dates(date(2024, 12, 25), date(2026, 3, 31)), st.booleans(), max_size=60)
calendars = overrides.map(lambda days: WorkCalendar(overrides=days))
levels = st.sampled_from(LEVELS)


# 2025-03-03 is a Monday.
@pytest.mark.parametrize(
    ("start", "urgent", "due"),
    [
        ("2025-03-03 09:00", False, "2025-03-03 14:30"),
        ("2025-03-07 17:00", False, "2025-03-10 11:30"),
        ("2025-03-08 03:00", False, "2025-03-10 14:00"),
        ("2025-03-08 03:00", True, "2025-03-08 03:15"),
        ("2025-03-03 23:50", True, "2025-03-04 00:05"),
    ],
)
def test_a_case_is_accepted_in_4_working_hours_or_15_minutes(start: str, urgent: bool, due: str) -> None:  # noqa: FBT001
    assert accept_due(at(start), urgent=urgent, calendar=OFFICE, limits=LIMITS) == at(due)


@pytest.mark.parametrize(
    ("level", "ordinary", "urgent"),
    [
        (1, "2025-03-06 10:00", "2025-03-04 10:00"),
        (2, "2025-03-10 10:00", "2025-03-04 10:00"),
        (3, "2025-03-17 10:00", "2025-03-06 10:00"),
        (4, "2025-03-24 10:00", "2025-03-08 10:00"),
        (5, "2025-03-31 10:00", "2025-03-10 10:00"),
    ],
)
def test_a_case_is_resolved_in_the_days_of_its_level(level: int, ordinary: str, urgent: str) -> None:
    start = at("2025-03-03 10:00")
    assert resolve_due(start, level=level, urgent=False, calendar=OFFICE, limits=LIMITS) == at(ordinary)
    assert resolve_due(start, level=level, urgent=True, calendar=OFFICE, limits=LIMITS) == at(urgent)


def test_the_reminder_comes_after_three_quarters_of_the_working_time() -> None:
    start = at("2025-03-03 10:00")
    accept = accept_due(start, urgent=False, calendar=OFFICE, limits=LIMITS)
    resolve = resolve_due(start, level=1, urgent=False, calendar=OFFICE, limits=LIMITS)
    assert remind_at(start, accept, urgent=False, calendar=OFFICE) == at("2025-03-03 14:30")
    assert remind_at(start, resolve, urgent=False, calendar=OFFICE) == at("2025-03-05 12:00")
    assert remind_at(start, resolve, urgent=False, calendar=OFFICE, share=0.5) == at("2025-03-04 15:30")


def test_an_urgent_reminder_comes_day_or_night() -> None:
    start = at("2025-03-08 03:00")
    assert remind_at(start, at("2025-03-08 03:20"), urgent=True, calendar=NEVER) == at("2025-03-08 03:15")


def test_the_reminder_of_a_deadline_with_no_working_time_before_it_comes_with_the_deadline() -> None:
    assert remind_at(at("2025-03-08 10:00"), at("2025-03-09 10:00"), urgent=False, calendar=OFFICE) == at(
        "2025-03-09 10:00"
    )


@unhurried
@given(one=moments, other=moments, level=levels, urgent=st.booleans(), calendar=calendars)
def test_a_later_start_is_never_due_earlier(
    one: datetime,
    other: datetime,
    level: int,
    urgent: bool,  # noqa: FBT001
    calendar: WorkCalendar,
) -> None:
    early, late = sorted((one, other))
    assert accept_due(early, urgent=urgent, calendar=calendar, limits=LIMITS) <= accept_due(
        late, urgent=urgent, calendar=calendar, limits=LIMITS
    )
    assert resolve_due(early, level=level, urgent=urgent, calendar=calendar, limits=LIMITS) <= resolve_due(
        late, level=level, urgent=urgent, calendar=calendar, limits=LIMITS
    )


@unhurried
@given(start=moments, less=st.floats(0.1, 100), more=st.floats(0.1, 100), urgent=st.booleans(), calendar=calendars)
def test_a_longer_limit_is_never_due_earlier(
    start: datetime,
    less: float,
    more: float,
    urgent: bool,  # noqa: FBT001
    calendar: WorkCalendar,
) -> None:
    less, more = sorted((less, more))
    short, long = (replace(LIMITS, accept_hours=hours, urgent_accept_minutes=hours) for hours in (less, more))
    assert accept_due(start, urgent=urgent, calendar=calendar, limits=short) <= accept_due(
        start, urgent=urgent, calendar=calendar, limits=long
    )


@unhurried
@given(start=moments, level=levels)
def test_an_urgent_case_ignores_the_calendar(start: datetime, level: int) -> None:
    accept = accept_due(start, urgent=True, calendar=NEVER, limits=LIMITS)
    resolve = resolve_due(start, level=level, urgent=True, calendar=NEVER, limits=LIMITS)
    assert accept.timestamp() - start.timestamp() == pytest.approx(15 * 60)
    assert resolve.timestamp() - start.timestamp() == pytest.approx(LIMITS.urgent_resolve_days[level] * 24 * 3600)
    assert accept == accept_due(start, urgent=True, calendar=OFFICE, limits=LIMITS)
    assert resolve == resolve_due(start, level=level, urgent=True, calendar=OFFICE, limits=LIMITS)


@unhurried
@given(start=moments, level=levels, calendar=calendars)
def test_an_urgent_case_is_never_due_later_than_an_ordinary_one(
    start: datetime, level: int, calendar: WorkCalendar
) -> None:
    assert accept_due(start, urgent=True, calendar=calendar, limits=LIMITS) < accept_due(
        start, urgent=False, calendar=calendar, limits=LIMITS
    )
    assert resolve_due(start, level=level, urgent=True, calendar=calendar, limits=LIMITS) < resolve_due(
        start, level=level, urgent=False, calendar=calendar, limits=LIMITS
    )


@unhurried
@given(start=moments, level=levels, calendar=calendars, holiday=st.dates(date(2025, 1, 1), date(2026, 2, 28)))
def test_a_holiday_never_shortens_a_deadline(
    start: datetime, level: int, calendar: WorkCalendar, holiday: date
) -> None:
    quieter = WorkCalendar(overrides={**calendar.overrides, holiday: False})
    assert accept_due(start, urgent=False, calendar=quieter, limits=LIMITS) >= accept_due(
        start, urgent=False, calendar=calendar, limits=LIMITS
    )
    assert resolve_due(start, level=level, urgent=False, calendar=quieter, limits=LIMITS) >= resolve_due(
        start, level=level, urgent=False, calendar=calendar, limits=LIMITS
    )


@unhurried
@given(start=moments, days=st.timedeltas(timedelta(), timedelta(days=40)), calendar=calendars, share=st.floats(0, 1))
def test_an_ordinary_reminder_lies_between_start_and_deadline(
    start: datetime, days: timedelta, calendar: WorkCalendar, share: float
) -> None:
    due = start + days
    reminder = remind_at(start, due, urgent=False, calendar=calendar, share=share)
    assert start <= reminder <= due
    worked = calendar.working_between(start, due)
    if worked:
        assert calendar.working_between(start, reminder) == worked * share


def test_a_level_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no handling level 6"):
        resolve_due(at("2025-03-03 10:00"), level=6, urgent=False, calendar=OFFICE, limits=LIMITS)


def test_a_reminder_that_cannot_be_is_refused() -> None:
    start = at("2025-03-03 10:00")
    with pytest.raises(ValueError, match="before its clock began"):
        remind_at(start, at("2025-03-03 09:59"), urgent=True, calendar=OFFICE)
    with pytest.raises(ValueError, match="between 0 and 1"):
        remind_at(start, at("2025-03-04 10:00"), urgent=True, calendar=OFFICE, share=1.5)


def test_a_start_without_a_timezone_is_refused_on_every_clock() -> None:
    naive = datetime(2025, 3, 3, 10)  # noqa: DTZ001 - that is the point
    for urgent in (True, False):
        with pytest.raises(ValueError, match="no timezone"):
            accept_due(naive, urgent=urgent, calendar=OFFICE, limits=LIMITS)
        with pytest.raises(ValueError, match="no timezone"):
            remind_at(naive, at("2025-03-03 10:00"), urgent=urgent, calendar=OFFICE)


@pytest.mark.parametrize("hours", [0, -1, float("inf"), float("nan")])
def test_a_limit_that_is_no_time_is_refused(hours: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Limits(accept_hours=hours)
    with pytest.raises(ValueError, match="above 0"):
        Limits(urgent_resolve_days={1: 1, 2: hours, 3: 1, 4: 1, 5: 1})


@pytest.mark.parametrize("table", [{}, {1: 3, 2: 5, 3: 10, 4: 15}, {1: 3, 2: 5, 3: 10, 4: 15, 5: 20, 6: 30}])
def test_a_table_with_missing_or_unknown_levels_is_refused(table: dict[int, float]) -> None:
    with pytest.raises(ValueError, match="levels 1 to 5"):
        Limits(resolve_days=table)


def test_a_types_own_periods_replace_the_towns_on_the_clock_that_they_are_for_and_no_others() -> None:
    ordinary = LIMITS.of_type(accept_hours=1, resolve_days=2, urgent=False)
    assert (ordinary.accept_hours, set(ordinary.resolve_days.values())) == (1, {2})
    assert ordinary.urgent_accept_minutes == LIMITS.urgent_accept_minutes
    assert ordinary.urgent_resolve_days == LIMITS.urgent_resolve_days
    urgent = LIMITS.of_type(accept_hours=0.5, resolve_days=None, urgent=True)
    assert (urgent.urgent_accept_minutes, urgent.urgent_resolve_days) == (30, LIMITS.urgent_resolve_days)
    assert (urgent.accept_hours, urgent.resolve_days) == (LIMITS.accept_hours, LIMITS.resolve_days)
    assert LIMITS.of_type(accept_hours=None, resolve_days=None, urgent=False) == LIMITS
    with pytest.raises(ValueError, match="above 0"):
        LIMITS.of_type(accept_hours=None, resolve_days=0, urgent=False)
