"""Where a case goes: the holder of a region's queue at this moment, never nobody while anybody is there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from domain.case import Level
from domain.duty import Duty, Post, pick_holder
from models import Region
from services.transaction import row, rows

# A cover who is on leave, or who holds no duty any more, cannot stand in for anybody.
_LINE = """
WITH today AS (SELECT ($2::timestamptz AT TIME ZONE 'Asia/Shanghai')::date AS day),
line AS (SELECT u.id, u.place FROM unnest($1::int[]) WITH ORDINALITY AS u (id, place))
SELECT r.id, r.level, d.person_id, d.duty, d.cover_id,
       d.to_date IS NOT NULL AND d.to_date < today.day AS ended,
       EXISTS (SELECT 1 FROM leave l WHERE l.person_id = d.person_id AND l.starts_at <= $2 AND l.ends_at > $2) AS away,
       d.cover_id IS NOT NULL AND (
           EXISTS (SELECT 1 FROM leave l WHERE l.person_id = d.cover_id AND l.starts_at <= $2 AND l.ends_at > $2)
           OR NOT EXISTS (SELECT 1 FROM held_duty c WHERE c.person_id = d.cover_id AND c.from_date <= today.day
                          AND (c.to_date IS NULL OR c.to_date >= today.day))
       ) AS cover_unfit
FROM line CROSS JOIN today JOIN region r ON r.id = line.id
LEFT JOIN held_duty d ON d.region_id = r.id AND d.from_date <= today.day
ORDER BY line.place DESC
"""

_PRESENT = """
SELECT EXISTS (
    SELECT 1 FROM held_duty d WHERE d.person_id = $1
    AND d.from_date <= ($2::timestamptz AT TIME ZONE 'Asia/Shanghai')::date
    AND (d.to_date IS NULL OR d.to_date >= ($2::timestamptz AT TIME ZONE 'Asia/Shanghai')::date)
) AND NOT EXISTS (
    SELECT 1 FROM leave l WHERE l.person_id = $1 AND l.starts_at <= $2 AND l.ends_at > $2
) AS present
"""


@dataclass(slots=True)
class _Place:
    """One region of the line from a region up to the root, with everybody who might hold its queue."""

    region_id: int
    level: Level
    posts: list[Post]
    unfit: set[int]

    def holder(self, besides: Collection[int] = ()) -> int | None:
        return pick_holder(self.posts, self.level, unfit=frozenset({*self.unfit, *besides}))


async def holder_of(region: Region, now: datetime) -> int | None:
    """Who holds what lands at *region* now.

    The post, its cover, the next duty in line (DOMAIN §1); a grid looks to its village's chief; where a region is
    vacant, the nearest region above that has somebody. ``None`` only when the whole line is vacant.
    """
    for place in await _line(region, now):
        found = place.holder()
        if found is not None:
            return found
    return None


async def next_above(region: Region, now: datetime, *, besides: int | None = None) -> tuple[Region, int] | None:
    """The nearest region above *region* that has somebody of its own, and who that is.

    *besides* is whoever is to be rid of the case: it does not come back to them one level higher. ``None`` when nobody
    else is there in the whole line above.
    """
    return await _first((await _line(region, now))[1:], besides)


async def next_below(
    grid: Region, level: int, now: datetime, *, besides: int | None = None
) -> tuple[Region, int] | None:
    """The region below *level* on the way down to *grid*, the highest first, that has somebody of its own."""
    below = [place for place in await _line(grid, now) if place.level < level]
    return await _first(below[::-1], besides)


async def holder_at(region: Region, now: datetime, *, besides: int | None = None) -> int | None:
    """Who holds the queue of *region* itself, and nobody from above; ``None`` when that has nobody else."""
    return (await _line(region, now))[0].holder(() if besides is None else (besides,))


async def next_from(region: Region, now: datetime, *, besides: int | None = None) -> tuple[Region, int] | None:
    """*region*, or the nearest one above it, that has somebody of its own, and who that is."""
    return await _first(await _line(region, now), besides)


async def is_present(person_id: int, now: datetime) -> bool:
    """Whether the person holds any duty and is not on leave."""
    return bool((await row(_PRESENT, person_id, now))["present"])


async def region_at(grid: Region, level: int) -> Region | None:
    """The region of *level* above *grid*, or the next one above it where the tree has none of that level."""
    found = await row(
        "SELECT id FROM region WHERE id = ANY($1) AND level >= $2 ORDER BY level LIMIT 1", _ids(grid), level
    )
    return await Region.get(id=found["id"]) if found else None


async def _first(places: Sequence[_Place], besides: int | None) -> tuple[Region, int] | None:
    unfit = () if besides is None else (besides,)
    for place in places:
        found = place.holder(unfit)
        if found is not None:
            return await Region.get(id=place.region_id), found
    return None


async def _line(region: Region, now: datetime) -> list[_Place]:
    """*region* and everything above it, from the bottom up."""
    line: list[_Place] = []
    for found in await rows(_LINE, _ids(region), now):
        if not line or line[-1].region_id != found["id"]:
            line.append(_Place(found["id"], Level(found["level"]), [], set()))
        if found["person_id"] is None:
            continue
        place = line[-1]
        place.posts.append(
            Post(
                person_id=found["person_id"],
                duty=Duty(found["duty"]),
                level=place.level,
                cover_id=found["cover_id"],
                ended=found["ended"],
                away=found["away"],
            )
        )
        if found["cover_unfit"]:
            place.unfit.add(found["cover_id"])
    for lower, upper in pairwise(line):
        if lower.level == Level.GRID:
            lower.posts += [post for post in upper.posts if post.duty is Duty.GRID_CHIEF]
            lower.unfit |= upper.unfit
    return line


def _ids(region: Region) -> list[int]:
    return [int(part) for part in region.path.strip("/").split("/")]
