"""How much of their grid a worker's patrols have covered in a cycle (X 三(二)): counted from what each patrol covered.

The way of a figure, and what may fail at each step:

1. a patrol is measured: what it covers of its grid is drawn in the same transaction, sealed, one row; and the figure of
   its worker and grid is stale from then on                      -> late points draw it anew; a rollback leaves neither
2. the sweep takes what is stale, and what is of yesterday, one by one: a few drawings laid upon each other, no points
                                                                  -> killed: still stale; two at once: SKIP LOCKED
3. whoever asks for their own does not wait for the sweep          -> the row is locked: they come one after the other
4. the town moves a boundary or excuses a day                      -> stale; drawings on another boundary do not count
5. an account ends, or two become one                              -> drawings go with the points; the figure is stale
"""

import asyncio
import base64
import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from domain.calendar import SHANGHAI
from domain.coverage import (
    COLUMNS,
    LARGE_GRID_DAYS,
    LONGEST_CYCLE_DAYS,
    ROWS,
    Covered,
    Ground,
    Part,
    Ring,
    Walked,
    covered_in_cycle,
    cycle_days,
    days_of_cycle,
    together,
)
from domain.duty import Duty
from models import GridCoverage, Patrol
from services.access import Actor
from services.ports import Cipher, Clock
from services.transaction import row, rows, transaction

_KEPT = timedelta(days=LONGEST_CYCLE_DAYS + LARGE_GRID_DAYS)
_ROW = (COLUMNS + 7) // 8
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class GridCovered:
    """The cycle of *days* days that ends with *day*, in one grid."""

    region: str
    region_name: str
    person: str
    day: date
    days: int
    share: float
    missing: tuple[Part, ...]


# Excused by the town for the weather, by a day of its own or in its month (X 四).
_EXCUSED = """
SELECT e.day FROM region g JOIN region u ON g.path LIKE u.path || '%' JOIN exempt_day e ON e.region_id = u.id
WHERE g.id = $1 AND e.day BETWEEN $2 AND $3
UNION
SELECT w.day::date FROM region g JOIN region t ON g.path LIKE t.path || '%'
JOIN assessment_month m ON m.town_id = t.id AND m.month BETWEEN date_trunc('month', $2::date)::date AND $3
CROSS JOIN LATERAL jsonb_object_keys(m.weather) AS w (day)
WHERE g.id = $1 AND w.day::date BETWEEN $2 AND $3
"""
_DRAWN = """
SELECT g.id, g.day, g.sealed FROM patrol_ground g JOIN patrol p ON p.id = g.patrol_id
WHERE p.person_id = $1 AND p.region_id = $2 AND p.day = ANY($3::date[]) AND g.ring = $4 AND g.id > $5
ORDER BY g.id LIMIT 20
"""
_STALE = """
INSERT INTO grid_coverage (person_id, region_id, day, days, share, missing, stale) VALUES ($1, $2, $3, 1, 0, '', TRUE)
ON CONFLICT (person_id, region_id) DO UPDATE SET stale = TRUE RETURNING 1
"""
_KEEP_DRAWING = """
INSERT INTO patrol_ground (patrol_id, day, ring, sealed) VALUES ($1, $2, $3, $4)
ON CONFLICT (patrol_id) DO UPDATE SET day = excluded.day, ring = excluded.ring, sealed = excluded.sealed RETURNING 1
"""
_POSTS = """
FROM held_duty h JOIN boundary b ON b.region_id = h.region_id
WHERE h.duty = 'grid_worker' AND h.from_date <= $1 AND (h.to_date IS NULL OR h.to_date >= $1)
"""
_BEGIN = f"""
INSERT INTO grid_coverage (person_id, region_id, day, days, share, missing, stale)
SELECT DISTINCT h.person_id, h.region_id, $1::date, 1, 0.0, '', TRUE {_POSTS}
  AND NOT EXISTS (SELECT 1 FROM grid_coverage c WHERE c.person_id = h.person_id AND c.region_id = h.region_id)
ON CONFLICT (person_id, region_id) DO NOTHING RETURNING 1
"""
_END = f"""
DELETE FROM grid_coverage c WHERE NOT EXISTS (
    SELECT 1 {_POSTS} AND h.person_id = c.person_id AND h.region_id = c.region_id)
RETURNING 1
"""
_NEXT = "SELECT id FROM grid_coverage WHERE stale OR day < $1 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
_SHOWN = """
SELECT r.code, r.name, w.name AS person, c.person_id, c.day, c.days, c.share, c.missing
FROM grid_coverage c JOIN region r ON r.id = c.region_id JOIN person w ON w.id = c.person_id
"""
_BELOW = (
    "UPDATE grid_coverage SET stale = TRUE WHERE region_id IN (SELECT id FROM region WHERE path LIKE $1) RETURNING 1"
)
# Only those of which every point is still there: of the others, what was measured stays as it is.
_MEASURE_ANEW = """
UPDATE patrol p SET stale = TRUE WHERE p.region_id = $1 AND p.day >= $2 AND p.ended_at IS NOT NULL AND p.points > 0
  AND p.points = (SELECT sum(b.count) FROM patrol_batch b WHERE b.patrol_id = p.id)
RETURNING 1
"""


class Coverages:
    def __init__(self, clock: Clock, cipher: Cipher, *, within_metres: float, large_hectares: float) -> None:
        """*within_metres* of a track the grid counts as seen; from *large_hectares* on a grid has five days."""
        self._clock = clock
        self._cipher = cipher
        self._within = within_metres
        self._large = large_hectares

    def ground(self, ring: Ring) -> Ground:
        return Ground(ring, self._within)

    async def keep(self, patrol: Patrol, ring: Ring, walked: Walked) -> None:
        """Keep what a patrol has covered, in the transaction that measures it."""
        sealed = await asyncio.to_thread(lambda: self._cipher.seal(_packed(walked)))
        await rows(_KEEP_DRAWING, patrol.id, patrol.day, self._sum(ring), sealed)
        await rows(_STALE, patrol.person_id, patrol.region_id, patrol.day)

    async def mine(self, by: Actor) -> list[GridCovered]:
        """Of each grid of theirs whose boundary is known, as of this moment."""
        today, grids = self._today(), sorted({held.region_id for held in by.duties if held.duty is Duty.GRID_WORKER})
        for grid in grids:
            async with transaction():
                mine = GridCoverage.filter(person_id=by.person_id, region_id=grid).select_for_update()
                found = await mine.get_or_none()
                if found is None and await _ring(grid) is not None:
                    await rows(_STALE, by.person_id, grid, today)
                    found = await mine.get()
                if found is not None and (found.stale or found.day != today):
                    await self._count(found, today)
        shown = await rows(
            f"{_SHOWN} WHERE c.person_id = $1 AND c.region_id = ANY($2::int[]) ORDER BY r.code", by.person_id, grids
        )
        return [_covered(one) for one in shown]

    async def below(self, path: str, most: int = MOST_SHOWN) -> list[GridCovered]:
        """Of the full-time workers of all grids below a region, or of the grid, who have walked the least first.

        As the sweep has counted it within the minute. For a caller that has looked who may see them.
        """
        found = await rows(f"{_SHOWN} WHERE r.path LIKE $1 ORDER BY c.share, r.code, c.id LIMIT $2", f"{path}%", most)
        return [_covered(one) for one in found]

    async def of_worker(self, person_id: int, grid: str) -> GridCovered | None:
        """Of one worker in the grid with that code; likewise."""
        found = await row(f"{_SHOWN} WHERE c.person_id = $1 AND r.code = $2", person_id, grid)
        return _covered(found) if found is not None else None

    async def sweep(self, most: int = 500) -> int:
        """Count what is stale or of yesterday; returns how many. May be stopped at any point, and run by several."""
        today, done = self._today(), 0
        await rows(_END, today)
        await rows(_BEGIN, today)
        while done < most:
            async with transaction():
                found = await row(_NEXT, today)
                if found is None:
                    break
                await self._count(await GridCoverage.get(id=found["id"]), today)
            done += 1
        return done

    async def forget_old(self) -> None:
        """Drop drawings that no cycle reaches any more."""
        await rows("DELETE FROM patrol_ground WHERE day < $1 RETURNING 1", self._today() - _KEPT)

    async def _count(self, one: GridCoverage, today: date) -> None:
        """Write the figure of a row that is locked."""
        ring = await _ring(one.region_id)
        if ring is None:
            await one.delete()
            return
        first = today - timedelta(days=LONGEST_CYCLE_DAYS)
        excused = {found["day"] for found in await rows(_EXCUSED, one.region_id, first, today)}
        ground = await asyncio.to_thread(self.ground, ring)
        large = ground.hectares >= self._large
        walked = await self._drawn(one, ring, days_of_cycle(today, large=large, excused=excused))
        found = await asyncio.to_thread(covered_in_cycle, ground, walked, today, large=large, excused=excused)
        one.day, one.days, one.stale = today, cycle_days(large=large), False
        one.share, one.missing = found.share, " ".join(found.missing)
        await one.save()

    async def _drawn(self, one: GridCoverage, ring: Ring, days: Sequence[date]) -> dict[date, Walked]:
        """What was covered on each day; twenty drawings at most are open at a time."""
        walked: dict[date, Walked] = {}
        after, total = 0, self._sum(ring)
        while found := await rows(_DRAWN, one.person_id, one.region_id, list(days), total, after):
            walked = await asyncio.to_thread(self._laid, walked, found)
            after = found[-1]["id"]
        return walked

    def _laid(self, walked: dict[date, Walked], found: Sequence[Any]) -> dict[date, Walked]:
        for one in found:
            opened = _unpacked(self._cipher.open(one["sealed"]))
            walked[one["day"]] = together(walked[one["day"]], opened) if one["day"] in walked else opened
        return walked

    def _sum(self, ring: Ring) -> str:
        """The same for the same boundary and width."""
        written = json.dumps([[[*corner] for corner in ring], self._within, ROWS, COLUMNS])
        return hashlib.blake2b(written.encode(), digest_size=16).hexdigest()

    def _today(self) -> date:
        return self._clock.now().astimezone(SHANGHAI).date()


async def stale_below(path: str) -> None:
    """What the figures of all grids below a region rest on has changed; in the transaction that changes it."""
    await rows(_BELOW, f"{path}%")


async def redraw(region_id: int, today: date) -> None:
    """A grid has another boundary: the patrols that a cycle may reach are measured anew, by the next sweep."""
    await rows(_MEASURE_ANEW, region_id, today - timedelta(days=LONGEST_CYCLE_DAYS))
    await rows("UPDATE grid_coverage SET stale = TRUE WHERE region_id = $1 RETURNING 1", region_id)


async def _ring(region_id: int) -> Ring | None:
    found = await row("SELECT ring FROM boundary WHERE region_id = $1", region_id)
    if found is None:
        return None
    ring = json.loads(found["ring"]) if isinstance(found["ring"], str) else found["ring"]
    return [(one[0], one[1]) for one in ring]


def _covered(one: Any) -> GridCovered:
    found = Covered(one["share"], tuple(Part(part) for part in one["missing"].split()))
    return GridCovered(one["code"], one["name"], one["person"], one["day"], one["days"], found.share, found.missing)


def _packed(walked: Walked) -> str:
    data = b"".join(one.to_bytes(_ROW, "little") for one in walked)
    return base64.b85encode(zlib.compress(data)).decode()


def _unpacked(text: str) -> Walked:
    data = zlib.decompress(base64.b85decode(text))
    return tuple(int.from_bytes(data[first : first + _ROW], "little") for first in range(0, ROWS * _ROW, _ROW))
