"""Days without patrols for the weather (X 四), boundaries of grids, and what somebody still owes this week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from domain.calendar import SHANGHAI
from domain.case import Level
from domain.coverage import check_ring
from domain.duty import Duty
from domain.errors import BadInput, NotFound
from domain.patrol import EXEMPTS, WEEK_DAYS, Judged, Minimums, Walk, judge_day, judge_week, monday_of, strictest
from models import Boundary, ExemptDay, Region
from services import coverages
from services.access import Actor
from services.by_place import ByPlace
from services.ports import Clock
from services.transaction import rows, transaction

REASON_LENGTH = 200
_LONG_PAST, _FAR = timedelta(days=31), timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Exempt:
    day: date
    region: str
    region_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Week:
    """What is owed, judged by the day and by the week."""

    day: date
    monday: date
    exempt: bool
    today: Sequence[Judged]
    week: Sequence[Judged]


_KEEP = """
INSERT INTO exempt_day (region_id, day, reason, set_by_id, at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (region_id, day) DO UPDATE SET reason = excluded.reason, set_by_id = excluded.set_by_id, at = excluded.at
RETURNING 1
"""
_OF_PLACES = """
SELECT DISTINCT e.day FROM exempt_day e JOIN region above ON above.id = e.region_id
JOIN region mine ON mine.path LIKE above.path || '%'
WHERE mine.id = ANY($1::int[]) AND e.day BETWEEN $2 AND $3
"""
_LISTED = """
SELECT e.day, r.code, r.name, e.reason FROM exempt_day e JOIN region r ON r.id = e.region_id
WHERE e.day >= $2 AND EXISTS (
    SELECT 1 FROM region mine WHERE mine.id = ANY($1::int[])
    AND (mine.path LIKE r.path || '%' OR r.path LIKE mine.path || '%')
) ORDER BY e.day DESC, r.code LIMIT 100
"""
_WALKS = """
SELECT day, started_at, seconds, length_metres FROM patrol
WHERE person_id = $1 AND day BETWEEN $2 AND $3 AND ended_at IS NOT NULL
"""


class PatrolDays:
    def __init__(self, clock: Clock, minimums: ByPlace[Minimums]) -> None:
        self._clock = clock
        self._minimums = minimums

    async def exempt(self, by: Actor, code: str, day: date, reason: str) -> Exempt:
        """Nobody below the region owes a patrol on *day*; said twice, the later reason counts.

        Raises NotFound, BadInput.
        """
        region = await self._mine(by, code)
        now = self._clock.now()
        today = now.astimezone(SHANGHAI).date()
        if not today - _LONG_PAST <= day <= today + _FAR:
            raise BadInput("day must lie within a month of today", field="day")
        async with transaction():
            await rows(_KEEP, region.id, day, reason, by.person_id, now)
            await coverages.stale_below(region.path)
        return Exempt(day, region.code, region.name, reason)

    async def take_back(self, by: Actor, code: str, day: date) -> None:
        """They owe their patrols on *day* after all; said twice, it is no other. Raises NotFound."""
        region = await self._mine(by, code)
        async with transaction():
            await ExemptDay.filter(region_id=region.id, day=day).delete()
            await coverages.stale_below(region.path)

    async def exempted(self, by: Actor) -> list[Exempt]:
        """The days of the last month and to come, of where they serve, above and below; the newest first."""
        today = self._clock.now().astimezone(SHANGHAI).date()
        places = [held.region_id for held in by.duties]
        return [
            Exempt(one["day"], one["code"], one["name"], one["reason"])
            for one in await rows(_LISTED, places, today - _LONG_PAST)
        ]

    async def exempt_days(self, region_ids: Sequence[int], first: date, last: date) -> set[date]:
        """On which days those regions owe no patrol."""
        return {one["day"] for one in await rows(_OF_PLACES, list(region_ids), first, last)}

    async def week(self, by: Actor) -> Week:
        """What they have walked today and this week, beside what their duties want."""
        today = self._clock.now().astimezone(SHANGHAI).date()
        monday = monday_of(today)
        sunday = monday + timedelta(days=WEEK_DAYS - 1)
        off = await self.exempt_days([held.region_id for held in by.duties], monday, sunday)
        walks = [
            Walk(one["day"], one["started_at"].astimezone(SHANGHAI), one["seconds"], one["length_metres"])
            for one in await rows(_WALKS, by.person_id, monday, sunday)
        ]
        owed: dict[Minimums, list[Duty]] = {}
        for held in by.duties:
            owed.setdefault(self._minimums.at(held.path), []).append(held.duty)
        days = [judge_day(duties, walks, today, rules, excused=today in off) for rules, duties in owed.items()]
        weeks = [judge_week(duties, walks, monday, rules, excused=len(off)) for rules, duties in owed.items()]
        return Week(
            today,
            monday,
            today in off,
            strictest(days),
            strictest(weeks),
        )

    async def bound(self, by: Actor, code: str, ring: Sequence[tuple[float, float]]) -> Region:
        """Say how far a grid reaches, for coverage; the patrols of its cycle are measured anew.

        Raises NotFound, BadInput.
        """
        grid = await self._mine(by, code)
        if grid.level != Level.GRID:
            raise NotFound("there is no such grid among yours", region=code)
        corners = check_ring(ring)
        async with transaction():
            found = await Boundary.get_or_none(region_id=grid.id)
            boundary = found or Boundary(region_id=grid.id)
            boundary.ring = [list(corner) for corner in corners]
            await boundary.save()
            await coverages.redraw(grid.id, self._clock.now().astimezone(SHANGHAI).date())
        return grid

    async def _mine(self, by: Actor, code: str) -> Region:
        region = await Region.get_or_none(code=code)
        if region is None or not any(region.path.startswith(path) for path in by.paths(EXEMPTS)):
            raise NotFound("there is no such region among yours", region=code)
        return region
