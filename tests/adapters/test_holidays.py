"""The working days of 2025 and 2026 as the State Council published them."""

from datetime import date, datetime, timedelta

import pytest

from adapters.holidays import chinese_workdays
from domain.calendar import SHANGHAI, WorkCalendar
from domain.deadlines import Limits, accept_due, remind_at, resolve_due


def refuse(sentence: str) -> None:
    pytest.fail(f"nothing to warn of, but: {sentence}")


CALENDAR = WorkCalendar(is_workday=chinese_workdays({}, refuse))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2025-01-26", True),  # Sunday worked before Spring Festival
        ("2025-01-28", False),
        ("2025-02-04", False),
        ("2025-02-08", True),  # Saturday worked after it
        ("2025-09-28", True),  # Sunday worked before National Day
        ("2025-10-08", False),
        ("2025-10-11", True),  # Saturday worked after it
        ("2025-10-12", False),
        ("2026-02-14", True),
        ("2026-02-16", False),
        ("2026-02-23", False),
        ("2026-02-28", True),
        ("2026-09-20", True),
        ("2026-10-07", False),
        ("2026-10-10", True),
    ],
)
def test_the_published_holidays_and_make_up_days_are_known(day: str, works: bool) -> None:  # noqa: FBT001
    assert CALENDAR.works_on(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("start", "level", "accept", "resolve"),
    [
        # National Day 2025: off from 1 to 8 October, Saturday the 11th is worked.
        ("2025-09-30 17:00", 1, "2025-10-09 11:30", "2025-10-11 17:00"),
        ("2025-10-03 09:00", 2, "2025-10-09 14:00", "2025-10-14 18:00"),
        # The Sunday before it, 28 September, is worked.
        ("2025-09-28 10:00", 1, "2025-09-28 15:30", "2025-10-09 10:00"),
        # Spring Festival 2025: off from 28 January to 4 February; Sunday 26 January and Saturday 8 February are worked.
        ("2025-01-26 09:00", 1, "2025-01-26 14:30", "2025-02-06 09:00"),
        ("2025-01-29 20:00", 3, "2025-02-05 14:00", "2025-02-17 18:00"),
        # Spring Festival 2026: off from 15 to 23 February; Saturdays 14 and 28 February are worked.
        ("2026-02-13 16:00", 1, "2026-02-14 10:30", "2026-02-25 16:00"),
        ("2026-02-24 10:00", 2, "2026-02-24 15:30", "2026-03-02 10:00"),
        # National Day 2026: off from 1 to 7 October, Saturday the 10th is worked.
        ("2026-09-30 10:00", 2, "2026-09-30 15:30", "2026-10-13 10:00"),
    ],
)
def test_deadlines_pass_over_the_holidays_as_counted_by_hand(start: str, level: int, accept: str, resolve: str) -> None:
    limits = Limits()
    assert accept_due(at(start), urgent=False, calendar=CALENDAR, limits=limits) == at(accept)
    assert resolve_due(at(start), level=level, urgent=False, calendar=CALENDAR, limits=limits) == at(resolve)


def test_the_example_in_the_documents_is_what_the_clock_says() -> None:
    filed, limits = at("2026-02-13 16:00"), Limits()
    accept = accept_due(filed, urgent=False, calendar=CALENDAR, limits=limits)
    resolve = resolve_due(filed, level=1, urgent=False, calendar=CALENDAR, limits=limits)
    assert (accept, resolve) == (at("2026-02-14 10:30"), at("2026-02-25 16:00"))
    assert remind_at(filed, accept, urgent=False, calendar=CALENDAR) == at("2026-02-14 09:30")
    assert remind_at(filed, resolve, urgent=False, calendar=CALENDAR) == at("2026-02-24 18:00")
    assert accept_due(accept, urgent=False, calendar=CALENDAR, limits=limits) == at("2026-02-14 16:00")
    assert resolve_due(accept, level=2, urgent=False, calendar=CALENDAR, limits=limits) == at("2026-02-28 10:30")
    closed = WorkCalendar(is_workday=chinese_workdays({date(2026, 2, 14): False}, refuse))
    assert accept_due(filed, urgent=False, calendar=closed, limits=limits) == at("2026-02-24 10:30")


def test_an_override_wins_over_the_published_calendar() -> None:
    is_workday = chinese_workdays({date(2025, 10, 1): True, date(2025, 10, 9): False}, refuse)
    assert is_workday(date(2025, 10, 1))
    assert not is_workday(date(2025, 10, 9))
    assert is_workday(date(2025, 10, 10))


def test_a_year_nobody_knows_is_monday_to_friday_with_one_warning() -> None:
    said: list[str] = []
    is_workday = chinese_workdays({date(2090, 10, 2): False}, said.append)
    first = date(2090, 10, 1)
    assert [is_workday(first + timedelta(days=after)) for after in range(9)] == [
        (first + timedelta(days=after)).weekday() < 5 and after != 1 for after in range(9)
    ]
    assert len(said) == 1
    assert "2090" in said[0]
    assert "chinesecalendar" in said[0]
    is_workday(date(2091, 1, 1))
    is_workday(date(2091, 1, 2))
    assert [sentence for sentence in said if "2091" in sentence] == said[1:]
    assert len(said) == 2
