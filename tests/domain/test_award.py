"""Who gets an award, and in which order."""

from dataclasses import replace

from domain.award import Candidate, best_of_month, best_of_year

ONE = Candidate(1, 1, "32041210120101", score=6400, events=73, deductions=0, in_post=365, monthly=3)


def test_ten_get_the_monthly_award_the_best_first() -> None:
    many = [replace(ONE, person_id=n, score=100 * n) for n in range(1, 13)]
    assert [one.person_id for one in best_of_month(many)] == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]


def test_equal_scores_are_decided_by_events_then_by_deductions_then_by_the_grids_code() -> None:
    more_events = replace(ONE, person_id=2, events=80, deductions=-4)
    less_lost = replace(ONE, person_id=3, deductions=0)
    more_lost = replace(ONE, person_id=4, deductions=-2)
    later_code = replace(ONE, person_id=5, deductions=-2, code="32041210120102")
    found = best_of_month([later_code, more_lost, less_lost, more_events])
    assert [one.person_id for one in found] == [2, 3, 4, 5]


def test_nobody_gets_an_award_for_nothing() -> None:
    assert best_of_month([replace(ONE, score=0), replace(ONE, score=-100)]) == []


def test_the_yearly_award_needs_three_monthly_ones_and_a_year_in_post() -> None:
    assert best_of_year([replace(ONE, monthly=2), replace(ONE, in_post=364)]) == []
    assert best_of_year([ONE]) == [ONE]
