"""Awards (G 七(三)): 月度优秀, ten a month, and 年度十佳, ten a year: who gets one, and in which order."""

from collections.abc import Iterable
from dataclasses import dataclass

MOST = 10
MONTHLY_AWARDS = 3
"""Of the year, without which nobody is among its ten."""
YEAR_IN_POST = 365
PUBLIC_DAYS = 3
"""A list is public so long, with objections, before it is final."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A worker in a grid with what they got in the month, or in all months of the year; *score* in hundredths.

    *in_post* is the days held in a row up to the end of the period, *monthly* their monthly awards of the year.
    """

    person_id: int
    region_id: int
    code: str
    score: int
    events: int
    deductions: int
    in_post: int = 0
    monthly: int = 0


def best_of_month(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The first ten, the best first; nobody without a score above nothing."""
    return ranked(one for one in candidates if one.score > 0)[:MOST]


def best_of_year(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The first ten of those with at least three monthly awards and a year in post."""
    fit = (one for one in candidates if one.monthly >= MONTHLY_AWARDS and one.in_post >= YEAR_IN_POST)
    return ranked(one for one in fit if one.score > 0)[:MOST]


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """By score; of equal ones who has more points for events, then who lost less, then the lower grid code."""
    return sorted(candidates, key=lambda one: (-one.score, -one.events, -one.deductions, one.code, one.person_id))
