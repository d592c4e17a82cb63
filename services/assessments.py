"""The assessment as it is shown: a worker's own score as it grows, and what staff see of those below them."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from domain.assessment import Assessment, Kind, Line, Missing, Record
from domain.assessment_rules import WEIGHTS, Part, Reason, Rules
from domain.calendar import WorkCalendar
from domain.duty import Duty
from domain.errors import BadInput, Conflict, NotAllowed, NotFound
from domain.month import Month
from models import AssessmentMonth, Region
from services import awards, coverages, cursors
from services.access import Actor
from services.assessment_facts import Post, everybody, gather
from services.assessment_months import Months
from services.awards import Listed
from services.ports import Clock
from services.transaction import rows, transaction

ASSESSES = frozenset({Duty.COMMANDER, Duty.INSPECTOR, Duty.ADMIN})
"""Who sees the scores of those below them; least access, so not whoever merely works a queue above."""
SETS_RULES = frozenset({Duty.COMMANDER, Duty.ADMIN})
REASON_LENGTH = 200
_BEST, _LAST_ID = 2**31, 2**62

_OWN = """
SELECT s.*, r.code, r.name AS grid, p.name AS person, m.month AS of, m.rules, coalesce(
    (SELECT sum(o.given_back) FROM objection o WHERE o.score_id = s.id AND o.state = 'upheld'), 0)::int AS given_back
FROM assessment_score s JOIN assessment_month m ON m.id = s.month_id
JOIN region r ON r.id = s.region_id JOIN person p ON p.id = s.person_id
"""
_MINE = f"{_OWN} WHERE s.person_id = $1 AND m.month = $2 ORDER BY r.code"
_BELOW = f"""
{_OWN} WHERE r.path LIKE ANY($1::text[]) AND m.month = $2 AND (s.score, s.id) < ($3::bigint, $4::bigint)
ORDER BY s.score DESC, s.id DESC LIMIT $5
"""
_UNDER = f"{_OWN} WHERE r.path LIKE ANY($1::text[]) AND m.month = $2 AND s.id > $3 ORDER BY s.id LIMIT 200"
_ONE = f"""
{_OWN} WHERE s.person_id = $1 AND m.month = $2 AND r.code = $3 AND r.path LIKE ANY($4::text[])
"""
# The towns that somebody assesses, or in which the place lies that they do, each with its months.
_MONTHS = """
SELECT t.code, t.name, t.path, array_agg(m.month ORDER BY m.month DESC) FILTER (WHERE m.month IS NOT NULL) AS months,
       EXISTS (SELECT 1 FROM award a WHERE a.town_id = t.id AND a.kind = 'merit' AND a.period = $3::date) AS merits
FROM region t LEFT JOIN assessment_month m ON m.town_id = t.id
WHERE t.level = 3 AND (t.path LIKE ANY($1::text[]) OR EXISTS (
    SELECT 1 FROM unnest($2::text[]) AS own(path) WHERE own.path LIKE t.path || '%'))
GROUP BY t.id ORDER BY t.code LIMIT 200
"""
_COUNT = """
SELECT count(*) AS n FROM held_duty h JOIN region r ON r.id = h.region_id
WHERE h.duty = 'grid_worker' AND r.path LIKE $1 AND h.from_date < $3 AND (h.to_date IS NULL OR h.to_date >= $2)
"""


@dataclass(frozen=True, slots=True)
class Score:
    """What a worker has in one grid. *given_back* is what upheld objections gave back after the month was closed."""

    month: Month
    closed: bool
    as_of: datetime
    person_id: int
    person: str
    code: str
    grid: str
    got: Assessment
    given_back: int = 0
    weights: Mapping[str, int] = field(default_factory=lambda: WEIGHTS)
    """Of the month's rules, in hundredths."""

    @property
    def score(self) -> int:
        """In hundredths of a point."""
        return self.got.score + self.given_back


@dataclass(frozen=True, slots=True)
class TownMonths:
    """A town with the months that have been opened for it, the newest first."""

    code: str
    name: str
    path: str
    months: tuple[Month, ...]
    merits: bool
    """Whether somebody has an award of the month that runs already: one that was applied for."""


class Assessments:
    def __init__(self, clock: Clock, standard: Rules, calendar: WorkCalendar, *, public_days: int) -> None:
        """*standard* are the rules of the settings; *public_days* for how long a list of awards takes objections."""
        self._clock = clock
        self._calendar = calendar
        self._public_days = public_days
        self.months = Months(clock, standard, calendar, public_days=public_days)

    async def sweep(self) -> int:
        """Close what has ended, and make final what was public long enough; returns how many months were closed."""
        closed = await self.months.close_due()
        await awards.settle(self._clock.now(), days=self._public_days)
        return closed

    async def mine(self, by: Actor, month: str | None = None, grid: str | None = None) -> tuple[Score, list[str]]:
        """Their own score in the running month, or in *month*, and the codes of all their grids in it.

        Raises NotAllowed for whoever is and was no full-time worker then, NotFound for a *grid* that was not theirs,
        BadInput for a month that is none or still to come.
        """
        wanted = self._asked(month)
        found = await self._kept(_MINE, by.person_id, wanted.first)
        if not found:
            some = await gather(wanted, ["/"], calendar=self._calendar, people=1, only=by.person_id)
            found = await self._live(wanted, some)
        if not found:
            raise NotAllowed("only full-time grid workers are assessed", month=str(wanted))
        chosen = next((one for one in found if grid in {None, one.code}), None)
        if chosen is None:
            raise NotFound("this was no grid of yours then", region=grid)
        return chosen, [one.code for one in found]

    async def below(
        self, by: Actor, month: str, *, within: str = "/", cursor: str | None = None, limit: int = 20
    ) -> tuple[list[Score], str | None]:
        """The scores of the workers below: of a month that is over the best first, else in the order of the workers.

        *within* is the path of a region to which to keep. Raises NotAllowed, BadInput.
        """
        paths = by.paths(ASSESSES)
        if not paths:
            raise NotAllowed("the assessment is for the town's commander, inspectors and administrators")
        wanted = self._asked(month)
        paths = _narrowed(paths, within)
        if wanted.ends > self._clock.now():
            (after,) = cursors.read(cursor, (0,))
            some = await gather(wanted, paths, calendar=self._calendar, after=after, people=limit + 1)
            people = sorted({post.person_id for post, _ in some})
            shown = people[:limit]
            live = await self._live(wanted, [one for one in some if one[0].person_id in shown])
            return live, cursors.written(shown[-1]) if len(people) > limit else None
        score, last = cursors.read(cursor, (_BEST, _LAST_ID))
        patterns = [f"{path}%" for path in paths]
        given = (patterns, wanted.first, score, last, limit + 1)
        found = await rows(_BELOW, *given)
        following = cursors.written(found[limit - 1]["score"], found[limit - 1]["id"]) if len(found) > limit else None
        return [_kept(one) for one in found[:limit]], following

    async def one_below(self, by: Actor, month: str, person_id: int, grid: str) -> Score:
        """One worker's score in one grid below, with every line: kept where the month is closed, else as of now.

        Raises NotAllowed as :meth:`below`, NotFound (also for a grid that is not below), BadInput for a *month*.
        """
        paths = by.paths(ASSESSES)
        if not paths:
            raise NotAllowed("the assessment is for the town's commander, inspectors and administrators")
        wanted = self._asked(month)
        if wanted.ends <= self._clock.now():
            found = await self._kept(_ONE, person_id, wanted.first, grid, [f"{path}%" for path in paths])
        else:
            some = await gather(wanted, paths, calendar=self._calendar, people=1, only=person_id)
            found = await self._live(wanted, [one for one in some if one[0].code == grid])
        if not found:
            raise NotFound("there is no such score below you")
        return found[0]

    async def towns(self, by: Actor) -> list[TownMonths]:
        """The towns whose months they may look at, each with its months, the newest first. Raises NotAllowed."""
        paths = by.paths(ASSESSES)
        if not paths:
            raise NotAllowed("the assessment is for the town's commander, inspectors and administrators")
        current = Month.of(self._clock.now())
        return [
            TownMonths(
                one["code"],
                one["name"],
                one["path"],
                tuple(sorted({current, *(Month.on(day) for day in one["months"] or ())}, reverse=True)),
                one["merits"],
            )
            for one in await rows(_MONTHS, [f"{path}%" for path in paths], paths, current.first)
        ]

    async def of_region(self, code: str, month: str) -> AsyncIterator[list[Score]]:
        """For the command line: all scores under a region, some at a time; kept ones of a month that is over.

        Raises NotFound, BadInput.
        """
        path, wanted = await self._region(code), self._asked(month)
        if wanted.ends > self._clock.now():
            async for some in everybody(wanted, path, calendar=self._calendar):
                yield await self._live(wanted, some)
            return
        last = 0
        given = ([f"{path}%"], wanted.first)
        while found := await rows(_UNDER, *given, last):
            yield [_kept(one) for one in found]
            last = found[-1]["id"]

    async def count(self, code: str, month: str) -> int:
        """How many there are about. Raises NotFound, BadInput."""
        path, wanted = await self._region(code), self._asked(month)
        return int((await rows(_COUNT, f"{path}%", wanted.first, wanted.following.first))[0]["n"])

    async def _region(self, code: str) -> str:
        region = await Region.get_or_none(code=code)
        if region is None:
            raise NotFound("there is no such region", region=code)
        return region.path

    async def awards(self, town: str, period: str | None = None) -> tuple[str, date, list[awards.Listed]]:
        """A town's list of a month (``2027-03``) or a year (``2027``), or of the month before this one.

        Returns its kind and first day as well. Raises NotFound, BadInput.
        """
        region = await Region.get_or_none(code=town, level=3)
        if region is None:
            raise NotFound("there is no such town", region=town)
        if period is not None and period.isdigit():
            kind, first = "year", Month.read(f"{period}-01").first
        else:
            kind = "month"
            first = (Month.of(self._clock.now()).before if period is None else Month.read(period)).first
        return kind, first, await awards.listed(region.id, kind, first)

    async def merits(self, town: str, month: Month) -> list[Listed]:
        """The awards that were applied for and approved in a month of *town*: beside the scores, never in them."""
        return await awards.merits(town, month.first)

    async def awards_of(self, person_id: int, month: Month) -> list[Listed]:
        """Somebody's own awards of *month*'s year, those applied for included."""
        return await awards.of_person(person_id, date(month.year, 1, 1))

    async def set_rules(self, town: str, month: str, given: Mapping[str, Any], *, by: Actor | None = None) -> Rules:
        """The town re-weights *month* and those after it; nothing that is closed changes. ``by=None``: the console.

        Raises BadInput, NotFound, Conflict for a month that is closed.
        """
        async with transaction():
            found = await self._open(town, month, by)
            holds = await self.months.of_town(found.town_id, Month.on(found.month))
            rules = Rules.read(given, holds.rules)
            found.rules, found.version = rules.as_json(), found.version + 1
            await self._save(found, by)
        return rules

    async def rules_of(self, town: str, month: str) -> Rules:
        """The rules that hold, or held, in a town's month. Raises NotFound, BadInput."""
        region = await Region.get_or_none(code=town, level=3)
        if region is None:
            raise NotFound("there is no such town", region=town)
        wanted = Month.read(month)
        found = await AssessmentMonth.get_or_none(town_id=region.id, month=wanted.first, state="closed")
        return Rules.read(found.rules) if found is not None else (await self.months.of_town(region.id, wanted)).rules

    async def exempt(self, town: str, day: date, why: str, *, by: Actor | None = None) -> None:
        """Bad weather: nobody of the town need have patrolled on *day*; empty *why* takes it back. As above."""
        async with transaction():
            found = await self._open(town, str(Month.on(day)), by)
            if len(why) > REASON_LENGTH:
                raise BadInput("the reason is too long", field="why", longest=REASON_LENGTH)
            found.weather = {key: said for key, said in found.weather.items() if key != day.isoformat()}
            if why:
                found.weather[day.isoformat()] = why
            await self._save(found, by)
            await coverages.stale_below((await Region.get(id=found.town_id)).path)

    async def _open(self, code: str, month: str, by: Actor | None) -> AssessmentMonth:
        town = await Region.get_or_none(code=code, level=3)
        allowed = by is None or (town is not None and any(town.path.startswith(path) for path in by.paths(SETS_RULES)))
        if town is None or not allowed:
            raise NotFound("there is no such town", region=code)
        wanted = Month.read(month)
        found = await AssessmentMonth.filter(town_id=town.id, month=wanted.first).select_for_update().get_or_none()
        if found is None:
            found = await AssessmentMonth.create(town_id=town.id, month=wanted.first, rules={})
        if found.state == "closed" or wanted.ends <= self._clock.now():
            raise Conflict("this month is over: it keeps the rules that it had", month=month)
        return found

    async def _save(self, found: AssessmentMonth, by: Actor | None) -> None:
        found.changed_by_id, found.changed_at = (by.person_id if by is not None else None), self._clock.now()
        await found.save()

    def _asked(self, month: str | None) -> Month:
        current = Month.of(self._clock.now())
        wanted = current if month is None else Month.read(month)
        if wanted > current:
            raise BadInput("this month is still to come", field="month")
        return wanted

    async def _live(self, month: Month, some: Sequence[tuple[Post, Any]]) -> list[Score]:
        now = self._clock.now()
        holds = await self.months.of_grids([post.region_id for post, _ in some], month)
        return [
            Score(
                month,
                closed=False,
                as_of=now,
                person_id=post.person_id,
                person=post.person,
                code=post.code,
                grid=post.grid,
                got=self.months.assessed(facts, holds[post.region_id]),
                weights=holds[post.region_id].rules.weights,
            )
            for post, facts in some
        ]

    async def _kept(self, sql: str, *values: Any) -> list[Score]:
        return [_kept(one) for one in await rows(sql, *values)]


def _narrowed(paths: Sequence[str], within: str) -> list[str]:
    """What of *paths* lies in *within*, and *within* itself where that lies in one of them."""
    near = [path for path in paths if path.startswith(within) or within.startswith(path)]
    return [path if path.startswith(within) else within for path in near]


def _kept(one: Any) -> Score:
    month = Month.on(one["of"])
    lines = tuple(
        Line(Part(part), Reason(why), points, Record(Kind(kind), key), datetime.fromisoformat(at), note)
        for part, why, points, kind, key, at, note in _plain(one["lines"])
    )
    points = {part: one[part.value] for part in Part}
    missing = tuple(Missing(*given) for given in _plain(one["missing"]))
    got = Assessment(lines, points, one["score"], missing)
    score = Score(month, True, month.ends, one["person_id"], one["person"], one["code"], one["grid"], got)
    weights = _plain(one["rules"]).get("weights", WEIGHTS)
    return replace(score, given_back=one["given_back"], weights=weights)


def _plain(given: Any) -> Any:
    return json.loads(given) if isinstance(given, str) else given
