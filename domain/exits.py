"""Exit 退出 (Y art. 17): two years failed in a row may end a full-time duty. When a year is failed, and what is not.

The notices give no threshold. A year is the plain mean of its judged months, and failed where that lies below the
pass score; only months in which somebody could show what they do are judged. Whatever is in doubt speaks for them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.month import Month

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class ExitRules:
    """*pass_score* in whole points; *least_months* of a year must be judged, or it counts neither way."""

    pass_score: int = 0
    least_months: int = 6
    objection_days: int = 15


class Judged(StrEnum):
    COUNTS = "counts"
    NO_SCORE = "no_score"
    """The month was not closed yet with a score of theirs: not in post, or the town had not begun."""
    AWAY = "away"
    """In post and not on leave on fewer than half of its days."""


@dataclass(frozen=True, slots=True)
class MonthOfYear:
    """*score* in hundredths of a point, what was given back included; *served* the days in post and not on leave."""

    month: Month
    score: int | None
    served: int

    @property
    def judged(self) -> Judged:
        if self.score is None:
            return Judged.NO_SCORE
        return Judged.COUNTS if 2 * self.served >= len(self.month.days) else Judged.AWAY


@dataclass(frozen=True, slots=True)
class Year:
    year: int
    months: tuple[MonthOfYear, ...]
    mean: int | None
    """Of the judged months, in hundredths; ``None``: too few of them, and the year counts neither way."""
    failed: bool

    @property
    def judged(self) -> int:
        """How many months are judged."""
        return sum(one.judged is Judged.COUNTS for one in self.months)


def judge(year: int, scores: Mapping[Month, int], served: Mapping[Month, int], rules: ExitRules) -> Year:
    """What *year* comes to; *scores* in hundredths. Exactly the pass score is passed."""
    months = tuple(
        MonthOfYear(month, scores.get(month), served.get(month, 0))
        for month in (Month(year, number) for number in range(1, _MONTHS + 1))
    )
    counted = [one.score for one in months if one.judged is Judged.COUNTS and one.score is not None]
    if len(counted) < max(rules.least_months, 1):
        return Year(year, months, None, failed=False)
    total, count = sum(counted), len(counted)
    return Year(year, months, _rounded(total, count), failed=total < 100 * rules.pass_score * count)


def ends_duty(years: Iterable[Year]) -> bool:
    """Whether these two years, one after the other, are both failed (Y art. 17)."""
    before, last = years
    return before.year + 1 == last.year and before.failed and last.failed


def _rounded(total: int, count: int) -> int:
    """The mean, halves away from nothing."""
    size = (2 * abs(total) + count) // (2 * count)
    return size if total >= 0 else -size
