"""Exit (Y art. 17): when a year is failed, reckoned by hand."""

from domain.exits import ExitRules, Judged, ends_duty, judge
from domain.month import Month

FULL = {Month(2027, number): 28 for number in range(1, 13)}


def scores(*hundredths: int) -> dict[Month, int]:
    return {Month(2027, number): one for number, one in enumerate(hundredths, 1)}


def test_a_year_is_the_mean_of_its_months_and_failed_below_the_pass_score() -> None:
    """Six months of −18.6 and six of +12 make −3.3; with one more good month it is −0.75, with two +1.8."""
    bad = judge(2027, scores(*[-1860] * 6, *[1200] * 6), FULL, ExitRules())
    assert (bad.mean, bad.failed, bad.judged) == (-330, True, 12)
    assert judge(2027, scores(*[-1860] * 5, *[1200] * 7), FULL, ExitRules()).mean == -75
    assert not judge(2027, scores(*[-1860] * 4, *[1200] * 8), FULL, ExitRules()).failed


def test_exactly_the_pass_score_is_passed() -> None:
    assert not judge(2027, scores(*[0] * 12), FULL, ExitRules()).failed
    assert judge(2027, scores(*[0] * 11, -1), FULL, ExitRules()).failed


def test_months_away_and_before_the_post_are_not_judged_and_half_a_year_is_enough() -> None:
    """On leave from 15 June, with 14 days served of 30, and back on 16 November, with 15 of 30."""
    served = FULL | {Month(2027, 6): 14, Month(2027, 11): 15} | {Month(2027, number): 0 for number in range(7, 11)}
    year = judge(2027, scores(*[-100] * 5, *[-9000] * 5, *[-100] * 2), served, ExitRules())
    assert [one.judged for one in year.months] == [Judged.COUNTS] * 5 + [Judged.AWAY] * 5 + [Judged.COUNTS] * 2
    assert (year.mean, year.failed, year.judged) == (-100, True, 7)
    new = judge(2027, {Month(2027, number): -100 for number in range(8, 13)}, FULL, ExitRules())
    assert (new.mean, new.failed, new.judged, new.months[0].judged) == (None, False, 5, Judged.NO_SCORE)


def test_only_two_failed_years_in_a_row_end_a_duty() -> None:
    failed, passed = (
        [judge(year, {Month(year, n): one for n in range(1, 13)}, _all(year), ExitRules()) for year in (2026, 2027)]
        for one in (-100, 100)
    )
    assert ends_duty(failed)
    assert not ends_duty([passed[0], failed[1]])
    assert not ends_duty([failed[0], passed[1]])
    assert not ends_duty([failed[1], failed[1]])
    assert not ends_duty([judge(2026, {}, {}, ExitRules()), failed[1]])


def _all(year: int) -> dict[Month, int]:
    return {Month(year, number): 28 for number in range(1, 13)}
