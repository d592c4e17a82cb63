"""What each duty owes a day and a week (X 三(一)(二)), judged separately."""

from datetime import date, datetime, timedelta

import pytest

from domain.calendar import SHANGHAI
from domain.duty import Duty
from domain.patrol import (
    Minimums,
    Owed,
    Walk,
    forgotten_end,
    judge_day,
    judge_week,
    longest_track,
    monday_of,
)

MONDAY = date(2027, 3, 1)
RULES = Minimums()
WORKER = [Duty.GRID_WORKER]


def walk(hour: float, seconds: int, metres: int = 0, day: int = 0) -> Walk:
    on = MONDAY + timedelta(days=day)
    start = datetime(on.year, on.month, on.day, tzinfo=SHANGHAI) + timedelta(hours=hour)
    return Walk(on, start, seconds, metres)


def met(walks: list[Walk]) -> dict[Owed, bool]:
    return {one.owed: one.met for one in judge_day(WORKER, walks, MONDAY, RULES)}


def test_an_hour_in_the_morning_an_hour_in_the_afternoon_and_a_kilometre_make_a_day() -> None:
    assert met([walk(9, 3600, 600), walk(14, 3600, 400)]) == {
        Owed.MORNING: True,
        Owed.AFTERNOON: True,
        Owed.DAY_METRES: True,
    }


@pytest.mark.parametrize(
    ("walks", "missing"),
    [
        ([walk(9, 3599, 600), walk(14, 3600, 400)], {Owed.MORNING}),
        ([walk(9, 1800, 500), walk(10, 1800, 500), walk(14, 3600)], {Owed.MORNING}),  # one patrol, not two halves
        ([walk(9, 7200, 1000)], {Owed.AFTERNOON}),
        ([walk(11.5, 5400, 1000)], {Owed.MORNING}),  # half an hour of it lies before noon
        ([walk(11, 7200, 1000)], set()),
        ([walk(9, 3600, 499), walk(14, 3600, 500)], {Owed.DAY_METRES}),
        ([walk(9, 3600, 600, day=1), walk(14, 3600, 400, day=1)], {*Owed} - {*[o for o in Owed if "week" in o]}),
    ],
)
def test_what_a_day_lacks_is_named(walks: list[Walk], missing: set[Owed]) -> None:
    assert {owed for owed, done in met(walks).items() if not done} == missing


def test_an_excused_day_and_every_other_duty_owe_nothing_a_day() -> None:
    assert judge_day(WORKER, [], MONDAY, RULES, excused=True) == []
    for duty in set(Duty) - {Duty.GRID_WORKER}:
        assert judge_day([duty], [], MONDAY, RULES) == []


def test_a_week_is_judged_by_itself_whatever_its_days_were() -> None:
    """Twelve hours and eight kilometres on one day make the week good and leave six days short."""
    week = judge_week(WORKER, [walk(6, 12 * 3600, 8000)], MONDAY, RULES)
    assert [(one.owed, one.met) for one in week] == [(Owed.WEEK_SECONDS, True), (Owed.WEEK_METRES, True)]
    days = [walk(9, 3600, 600, day=n) for n in range(5)] + [walk(14, 3600, 500, day=n) for n in range(5)]
    assert all(one.met for n in range(5) for one in judge_day(WORKER, days, MONDAY + timedelta(days=n), RULES))
    assert {one.owed: (one.done, one.met) for one in judge_week(WORKER, days, MONDAY, RULES)} == {
        Owed.WEEK_SECONDS: (36_000, False),
        Owed.WEEK_METRES: (5500, False),
    }


def test_a_chief_owes_eight_hours_a_liaison_one_patrol_and_volunteers_nothing() -> None:
    chief = judge_week([Duty.GRID_CHIEF], [walk(8, 8 * 3600)], MONDAY, RULES)
    assert [(one.owed, one.wanted, one.met) for one in chief] == [(Owed.WEEK_SECONDS, 28_800, True)]
    assert [one.met for one in judge_week([Duty.LIAISON], [], MONDAY, RULES)] == [False]
    assert [one.met for one in judge_week([Duty.LIAISON], [walk(8, 60, day=6)], MONDAY, RULES)] == [True]
    assert [one.met for one in judge_week([Duty.LIAISON], [walk(8, 60, day=7)], MONDAY, RULES)] == [False]
    assert judge_week([Duty.VOLUNTEER, Duty.PART_TIME_WORKER], [], MONDAY, RULES) == []


def test_a_chief_who_is_also_the_worker_owes_the_more_of_each() -> None:
    both = judge_week([Duty.GRID_CHIEF, Duty.GRID_WORKER], [], MONDAY, RULES)
    assert [(one.owed, one.wanted) for one in both] == [(Owed.WEEK_SECONDS, 43_200), (Owed.WEEK_METRES, 8000)]


def test_excused_days_take_their_share_off_the_week() -> None:
    three = judge_week(WORKER, [], MONDAY, RULES, excused=3)
    assert [one.wanted for one in three] == [round(43_200 * 4 / 7), round(8000 * 4 / 7)]
    assert judge_week(WORKER, [], MONDAY, RULES, excused=7) == []
    assert judge_week([Duty.LIAISON], [], MONDAY, RULES, excused=7) == []


def test_weeks_begin_on_monday() -> None:
    assert {monday_of(MONDAY + timedelta(days=n)) for n in range(7)} == {MONDAY}


def test_a_forgotten_patrol_ends_with_the_last_that_was_heard_of_it() -> None:
    start = datetime(2027, 3, 1, 9, tzinfo=SHANGHAI)
    assert forgotten_end(start, None) == start
    assert forgotten_end(start, start + timedelta(hours=1)) == start + timedelta(hours=1)
    assert forgotten_end(start, start - timedelta(hours=1)) == start


def test_of_two_phones_in_one_bag_the_longer_track_counts() -> None:
    assert longest_track([900.0, 1100.0, 20.0]) == 1
    assert longest_track([]) == -1
