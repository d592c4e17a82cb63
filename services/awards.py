"""Awards 月度优秀 and 年度十佳 (G 七(三)): made with a closed month, public for some days, final after that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.award import Candidate, best_of_month, best_of_year
from models import AssessmentMonth, Award
from services.transaction import rows, transaction

MERIT = "merit"
"""The kind of an award that was applied for; *rank* is then its number in the month."""

_OF_MONTH = """
SELECT s.person_id, s.region_id, r.code, s.score, s.events, s.deductions
FROM assessment_score s JOIN region r ON r.id = s.region_id WHERE s.month_id = $1
"""
# A year has its list once all its months are closed and nothing is open about their awards any more.
_YEARS = """
SELECT d.id, d.town_id, extract(year FROM d.month)::int AS year FROM assessment_month d
WHERE d.state = 'closed' AND d.listed_at IS NULL AND extract(month FROM d.month) = 12
  AND NOT EXISTS (SELECT 1 FROM assessment_month m WHERE m.town_id = d.town_id AND m.state = 'open'
                  AND m.month < d.month)
  AND NOT EXISTS (SELECT 1 FROM award a WHERE a.town_id = d.town_id AND a.kind = 'month' AND a.state = 'public'
                  AND a.period <= d.month)
ORDER BY d.id FOR UPDATE OF d SKIP LOCKED
"""
_OF_YEAR = """
SELECT s.person_id, s.region_id, r.code, sum(s.score)::int AS score, sum(s.events)::int AS events,
       sum(s.deductions)::int AS deductions,
       coalesce((SELECT max(LEAST(coalesce(h.to_date, $3), $3) - h.from_date + 1) FROM held_duty h
        WHERE h.person_id = s.person_id AND h.duty = 'grid_worker' AND h.from_date <= $3
          AND (h.to_date IS NULL OR h.to_date >= $3)), 0)::int AS in_post,
       (SELECT count(*) FROM award a WHERE a.person_id = s.person_id AND a.kind = 'month' AND a.state = 'final'
          AND a.period BETWEEN $2 AND $3)::int AS monthly
FROM assessment_score s JOIN assessment_month m ON m.id = s.month_id JOIN region r ON r.id = s.region_id
WHERE m.town_id = $1 AND m.month BETWEEN $2 AND $3
GROUP BY s.person_id, s.region_id, r.code
"""
_FINAL = """
UPDATE award SET state = 'final' WHERE state = 'public' AND public_until <= $1
  AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.award_id = award.id AND o.state = 'asked')
RETURNING id
"""
_LISTED = """
SELECT a.id, a.kind, a.period, a.rank, a.score, a.state, a.public_until, p.name AS person, r.code, r.name AS grid
FROM award a JOIN person p ON p.id = a.person_id JOIN region r ON r.id = a.region_id
WHERE a.town_id = $1 AND a.kind = $2 AND a.period = $3 ORDER BY a.rank
"""
_MERITS = """
SELECT a.id, a.kind, a.period, a.rank, a.score, a.state, a.public_until, p.name AS person, r.code, r.name AS grid,
       coalesce((SELECT x.title FROM award_application x WHERE x.award_id = a.id LIMIT 1), '') AS title
FROM award a JOIN person p ON p.id = a.person_id JOIN region r ON r.id = a.region_id
WHERE {which} ORDER BY a.period DESC, a.kind, a.rank LIMIT 100
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A place on a list; *score* in hundredths."""

    id: int
    kind: str
    period: date
    rank: int
    score: int
    state: str
    public_until: datetime
    person: str
    code: str
    grid: str
    title: str = ""
    """Of one that was applied for: what it is for."""


async def announce_month(month: AssessmentMonth, *, public_from: datetime, days: int) -> None:
    """Make the list of a month that has just been closed, in its transaction."""
    found = [Candidate(**one) for one in await rows(_OF_MONTH, month.id)]
    await _announce(month.town_id, "month", month.month, best_of_month(found), public_from + timedelta(days=days))


async def announce_merit(
    *, town_id: int, person_id: int, region_id: int, period: date, points: int, until: datetime
) -> int:
    """Make an applied-for award public, in the transaction that approves it: what follows is that of every award.

    Objections until *until*, then final by :func:`settle`. *points* are whole ones. Returns its id.
    """
    await rows("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"merit {town_id} {period}")
    last = await Award.filter(town_id=town_id, kind=MERIT, period=period).order_by("-rank").first()
    made = await Award.create(
        town_id=town_id,
        kind=MERIT,
        period=period,
        person_id=person_id,
        region_id=region_id,
        rank=last.rank + 1 if last is not None else 1,
        score=100 * points,
        public_until=until,
    )
    return int(made.id)


async def settle(now: datetime, *, days: int) -> int:
    """Make final what was public long enough without an open objection, and the lists of years that are complete.

    Returns how many places became final.
    """
    async with transaction():
        final = await rows(_FINAL, now)
        for one in await rows(_YEARS):
            first, last = date(one["year"], 1, 1), date(one["year"], 12, 31)
            best = best_of_year([Candidate(**found) for found in await rows(_OF_YEAR, one["town_id"], first, last)])
            await _announce(one["town_id"], "year", first, best, now + timedelta(days=days))
            await AssessmentMonth.filter(id=one["id"]).update(listed_at=now)
    return len(final)


async def listed(town_id: int, kind: str, period: date) -> list[Listed]:
    return [Listed(**one) for one in await rows(_LISTED, town_id, kind, period)]


async def merits(town: str, period: date) -> list[Listed]:
    """The awards that were applied for and approved in a month of the town with the code *town*."""
    which = f"a.town_id = (SELECT id FROM region WHERE code = $1) AND a.kind = '{MERIT}' AND a.period = $2"
    return [Listed(**one) for one in await rows(_MERITS.format(which=which), town, period)]


async def of_person(person_id: int, since: date) -> list[Listed]:
    """Somebody's awards of all kinds from *since* on, the newest first; what was withdrawn is left out."""
    which = "a.person_id = $1 AND a.period >= $2 AND a.state <> 'withdrawn'"
    return [Listed(**one) for one in await rows(_MERITS.format(which=which), person_id, since)]


async def _announce(town_id: int, kind: str, period: date, best: Sequence[Candidate], until: datetime) -> None:
    for rank, one in enumerate(best, 1):
        await Award.create(
            town_id=town_id,
            kind=kind,
            period=period,
            person_id=one.person_id,
            region_id=one.region_id,
            rank=rank,
            score=one.score,
            public_until=until,
        )
