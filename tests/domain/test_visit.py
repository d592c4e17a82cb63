"""Who is due, what is in time, and whom nobody can list."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput
from domain.visit import STRICTER, Cycles, SubjectKind, count, first_due, opens_on

DAY = date(2027, 3, 1)


def days(number: int) -> date:
    return DAY + timedelta(days=number)


def test_the_kinds_are_these_and_none_is_for_belief_petition_views_health_or_record() -> None:
    """DOMAIN 4: whoever adds a kind has to come by here, and to read the principle in domain/visit.py."""
    assert {kind.value for kind in SubjectKind} == {"hazard", "supported", "care", "household", "rental", "shop"}
    for no in ("religion", "petitioner", "petition", "political", "health", "patient", "record", "criminal", "other"):
        with pytest.raises(ValueError, match=no):
            SubjectKind(no)


def test_hazards_are_due_daily_supported_households_weekly_care_and_households_monthly() -> None:
    assert {kind.value: most for kind, most in STRICTER.items()} == {
        "hazard": 1,
        "supported": 7,
        "care": 30,
        "household": 30,
        "rental": 30,
        "shop": 30,
    }


def test_a_subject_may_be_visited_more_often_than_its_kind_and_never_less() -> None:
    cycles = Cycles()
    assert (cycles.of(SubjectKind.CARE), cycles.of(SubjectKind.CARE, 7)) == (30, 7)
    for bad in (0, -1, 31):
        with pytest.raises(BadInput):
            cycles.of(SubjectKind.CARE, bad)


@pytest.mark.parametrize(
    ("every", "due", "day", "met", "in_time", "following"),
    [
        (1, 0, 0, 0, True, 1),  # a hazard, today
        (1, 0, 1, 0, False, 2),  # a day late
        (1, 1, 0, None, False, 1),  # a second time on one day counts for nothing
        (7, 6, 6, 6, True, 13),
        (7, 6, 3, 6, True, 10),  # in the second half of its week
        (7, 6, 2, None, False, 6),  # too soon after the last
        (7, 6, 9, 6, False, 16),
        (30, 29, 14, 29, True, 44),
        (30, 29, 13, None, False, 29),
    ],
)
def test_a_visit_counts_once_a_cycle(
    every: int, due: int, day: int, met: int | None, in_time: object, following: int
) -> None:
    counted = count(days(due), days(day), every)
    assert counted.due_on == (days(met) if met is not None else None)
    assert (counted.in_time, counted.next_due) == (in_time, days(following))


def test_the_worker_may_come_back_sooner_and_not_later() -> None:
    assert count(days(6), days(6), 7, wished=days(8)).next_due == days(8)
    assert count(days(6), days(1), 7, wished=days(3)).next_due == days(3)
    assert count(days(4), days(0), 7, wished=days(6)).next_due == days(4)
    for bad in (6, 5, 14):
        with pytest.raises(BadInput):
            count(days(6), days(6), 7, wished=days(bad))


def test_what_is_listed_today_is_due_within_its_first_cycle() -> None:
    assert [first_due(DAY, every) for every in (1, 7, 30)] == [DAY, days(6), days(29)]


@given(st.integers(1, 366), st.integers(-400, 400))
def test_whoever_visits_on_every_single_day_is_credited_no_more_than_twice_a_cycle(every: int, due: int) -> None:
    at, credited = days(due), 0
    for number in range(400, 400 + 2 * every):
        counted = count(at, days(number), every)
        credited += counted.in_time
        assert counted.next_due >= at
        assert (counted.due_on is not None) == (days(number) >= opens_on(at, every))
        at = counted.next_due
    assert credited <= 4
