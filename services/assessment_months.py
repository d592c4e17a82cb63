"""A town's months of assessment: which rules hold, which days are exempt, and that a month closes once and for all."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import structlog

from domain.assessment import Assessment, Facts, Line, assess
from domain.assessment_rules import Part, Rules
from domain.calendar import WorkCalendar
from domain.month import Month
from models import AssessmentMonth, Region
from services import awards
from services.assessment_facts import Post, everybody
from services.ports import Clock
from services.transaction import row, rows, transaction

log = structlog.get_logger(__name__)

GRACE = timedelta(seconds=30)
"""After a month's end: whatever was done before it has been committed by then, and is in it."""
AT_ONCE = 100
"""Workers whose facts are in memory at one time."""

# A town that is new begins with the month that runs: what was before, it did not know of.
_OPEN = """
INSERT INTO assessment_month (town_id, month, state, rules, version, weather)
SELECT r.id, m::date, 'open', '{}', 0, '{}' FROM region r CROSS JOIN LATERAL generate_series(
    coalesce((SELECT max(a.month) FROM assessment_month a WHERE a.town_id = r.id) + interval '1 month', $1::date),
    $1::date, interval '1 month') m
WHERE r.level = 3
ON CONFLICT (town_id, month) DO NOTHING RETURNING 1
"""
_ENDED = "SELECT id FROM assessment_month WHERE state = 'open' AND month < $1 ORDER BY month, town_id"
_SET_LAST = """
SELECT rules FROM assessment_month WHERE town_id = $1 AND month <= $2 AND version > 0 ORDER BY month DESC LIMIT 1
"""
# One statement however many towns there are: the days of the month itself, and the rules that the town set last.
_TOWNS = """
SELECT g.id AS grid, t.id AS town, m.weather,
       (SELECT a.rules FROM assessment_month a WHERE a.town_id = t.id AND a.month <= $2 AND a.version > 0
        ORDER BY a.month DESC LIMIT 1) AS rules
FROM region g
JOIN region t ON t.level = 3 AND t.id = ANY(string_to_array(trim(BOTH '/' FROM g.path), '/')::int[])
LEFT JOIN assessment_month m ON m.town_id = t.id AND m.month = $2
WHERE g.id = ANY($1::int[])
"""
_KEEP = """
INSERT INTO assessment_score
    (month_id, person_id, region_id, score, events, visits, base_data, deductions, lines, missing)
SELECT $1, x.person, x.region, x.score, x.events, x.visits, x.base, x.deductions, x.lines::jsonb, x.missing::jsonb
FROM unnest($2::bigint[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::text[], $10::text[])
    AS x(person, region, score, events, visits, base, deductions, lines, missing)
RETURNING 1
"""


@dataclass(frozen=True, slots=True)
class TownMonth:
    """The rules that hold in a town for a month."""

    rules: Rules
    weather: frozenset[date] = field(default=frozenset())


class Months:
    def __init__(self, clock: Clock, standard: Rules, calendar: WorkCalendar, *, public_days: int) -> None:
        """*standard* are the rules of a town that has set none."""
        self._clock = clock
        self.standard = standard
        self._calendar = calendar
        self._public_days = public_days

    async def close_due(self) -> int:
        """Close every month that has ended, town by town; returns how many were closed.

        May be stopped at any point, and run by several at once: a town's month is computed in one transaction, by one.
        """
        now = self._clock.now()
        await rows(_OPEN, Month.of(now).first)
        closed = 0
        for one in await rows(_ENDED, Month.of(now - GRACE).first):
            try:
                closed += await self._close(one["id"])
            except Exception:
                log.exception("assessment_stuck", month=one["id"])
        return closed

    async def _close(self, month_id: int) -> bool:
        async with transaction():
            waiting = AssessmentMonth.filter(id=month_id, state="open").select_for_update(skip_locked=True)
            found = await waiting.get_or_none()
            if found is None:
                return False
            month, town = Month.on(found.month), await Region.get(id=found.town_id)
            holds = await self.of_town(found.town_id, month)
            count = 0
            async for some in everybody(month, town.path, calendar=self._calendar, people=AT_ONCE):
                await _keep(found.id, [(post, self.assessed(facts, holds)) for post, facts in some])
                count += len(some)
            found.state, found.closed_at, found.rules = "closed", self._clock.now(), holds.rules.as_json()
            await found.save(update_fields=["state", "closed_at", "rules"])
            await awards.announce_month(found, public_from=self._clock.now(), days=self._public_days)
        log.info("assessment_closed", town=town.code, month=str(month), scores=count)
        return True

    async def of_town(self, town_id: int, month: Month) -> TownMonth:
        """What holds in a month that is not closed: its own rules, else those the town set last, else the settings'."""
        found = await AssessmentMonth.get_or_none(town_id=town_id, month=month.first)
        rules = await row(_SET_LAST, town_id, month.first)
        weather = frozenset(date.fromisoformat(day) for day in (found.weather if found is not None else {}))
        return TownMonth(Rules.read(_plain(rules["rules"])) if rules is not None else self.standard, weather)

    async def of_grids(self, grids: Sequence[int], month: Month) -> dict[int, TownMonth]:
        """The same for each of *grids*; one that lies in no town has the settings' rules."""
        found = {one["grid"]: one for one in await rows(_TOWNS, list(grids), month.first)}
        known: dict[int, TownMonth] = {}
        for one in found.values():
            if one["town"] not in known:
                rules = Rules.read(_plain(one["rules"])) if one["rules"] is not None else self.standard
                weather = _plain(one["weather"]) if one["weather"] is not None else {}
                known[one["town"]] = TownMonth(rules, frozenset(date.fromisoformat(day) for day in weather))
        return {grid: known[found[grid]["town"]] if grid in found else TownMonth(self.standard) for grid in grids}

    def assessed(self, facts: Facts, holds: TownMonth) -> Assessment:
        return assess(replace(facts, weather=facts.weather | holds.weather), holds.rules, as_of=self._clock.now())


async def _keep(month_id: int, scores: Sequence[tuple[Post, Assessment]]) -> None:
    columns = [
        [post.person_id for post, _ in scores],
        [post.region_id for post, _ in scores],
        [got.score for _, got in scores],
        *([got.points[part] for _, got in scores] for part in Part),
        [json.dumps([_line(line) for line in got.lines], separators=(",", ":")) for _, got in scores],
        [json.dumps([[one.what, one.wanted, one.done] for one in got.missing]) for _, got in scores],
    ]
    await rows(_KEEP, month_id, *columns)


def _line(line: Line) -> list[object]:
    record = line.record
    return [line.part, line.reason, line.points, record.kind, record.id, line.at.isoformat(), line.note]


def _plain(given: object) -> Mapping[str, object]:
    """A JSON column out of a raw statement."""
    found: Mapping[str, object] = json.loads(given) if isinstance(given, str) else given  # type: ignore[assignment]
    return found
