"""Where a case goes: the holder of a region's queue at this moment, never nobody while anybody is there.

Who takes a case when is told at length in ``docs/covers.md``.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from domain.case import Level
from domain.duty import MOST_STEPS, Duty, Post, pick_holder
from models import Region
from services.transaction import row, rows

TODAY = "($2::timestamptz AT TIME ZONE 'Asia/Shanghai')::date"
"""The day in China of the moment ``$2``."""
AWAY = (
    "EXISTS (SELECT 1 FROM leave l WHERE l.person_id = {who} AND l.state = 'approved' "
    "AND l.starts_at <= $2 AND l.ends_at > $2)"
)
IN_POST = (
    f"EXISTS (SELECT 1 FROM held_duty c WHERE c.person_id = {{who}} AND c.from_date <= {TODAY} "
    f"AND (c.to_date IS NULL OR c.to_date >= {TODAY}))"
)
# Whoever never had a WeChat here is not lost: their messages wait for the day on which they bind one.
LOST = (
    "NOT EXISTS (SELECT 1 FROM identity i WHERE i.person_id = {who} AND i.kind = 'official' AND i.subscribed) "
    "AND (EXISTS (SELECT 1 FROM identity i WHERE i.person_id = {who} AND i.kind = 'official') "
    "OR (EXISTS (SELECT 1 FROM invite v WHERE v.person_id = {who} AND v.used_at IS NOT NULL) "
    "AND NOT EXISTS (SELECT 1 FROM identity i WHERE i.person_id = {who})))"
)
"""WeChat no longer reaches them: they follow the account no more, or their WeChat has become somebody else's."""

_LINE = f"""
WITH line AS (SELECT u.id, u.place FROM unnest($1::int[]) WITH ORDINALITY AS u (id, place))
SELECT r.id, r.level, d.person_id, d.duty, d.cover_id, d.to_date IS NOT NULL AND d.to_date < {TODAY} AS ended,
       {AWAY.format(who="d.person_id")} AS away, d.person_id IS NOT NULL AND {LOST.format(who="d.person_id")} AS lost
FROM line JOIN region r ON r.id = line.id
LEFT JOIN held_duty d ON d.region_id = r.id AND d.from_date <= {TODAY}
ORDER BY line.place DESC
"""

# A cover who is on leave, or who holds no duty any more, cannot stand in for anybody; their own covers can.
_COVERS = f"""
WITH RECURSIVE chain (person_id, step) AS (
    SELECT u.id, 1 FROM unnest($1::bigint[]) AS u (id)
    UNION
    SELECT d.cover_id, chain.step + 1 FROM chain JOIN held_duty d ON d.person_id = chain.person_id
    WHERE d.cover_id IS NOT NULL AND d.from_date <= {TODAY} AND chain.step < {MOST_STEPS}
), known AS (SELECT DISTINCT person_id FROM chain)
SELECT k.person_id, {AWAY.format(who="k.person_id")} OR NOT {IN_POST.format(who="k.person_id")} AS unfit,
       {LOST.format(who="k.person_id")} AS lost,
       ARRAY(SELECT d.cover_id FROM held_duty d WHERE d.person_id = k.person_id AND d.cover_id IS NOT NULL
             AND d.from_date <= {TODAY} ORDER BY d.id) AS covers
FROM known k
"""

_PRESENT = f"""
SELECT {IN_POST.format(who="$1")} AND NOT {AWAY.format(who="$1")} AND NOT ({LOST.format(who="$1")}) AS present
"""

_HERE = f"""d.from_date <= {TODAY} AND (d.to_date IS NULL OR d.to_date >= {TODAY})
AND NOT {AWAY.format(who="d.person_id")}
ORDER BY {LOST.format(who="d.person_id")}"""
_OFFICER = f"""
SELECT d.person_id FROM held_duty d
WHERE d.department_id = $1 AND d.person_id <> $3 AND {_HERE}, d.from_date, d.id LIMIT 1
"""
_NOBODY = 0


@dataclass(slots=True)
class _Line:
    """What is known of the people along one line of regions."""

    unfit: set[int] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)
    covers: dict[int, list[int]] = field(default_factory=dict)
    places: list["_Place"] = field(default_factory=list)


@dataclass(slots=True)
class _Place:
    """One region of the line from a region up to the root, with everybody who might hold its queue."""

    region_id: int
    level: Level
    posts: list[Post]
    line: _Line

    def holder(self, besides: Collection[int] = (), *, reached: bool) -> int | None:
        unfit = {*self.line.unfit, *besides, *(self.line.lost if reached else ())}
        return pick_holder(self.posts, self.level, unfit=unfit, covers=self.line.covers)


async def holder_of(region: Region, now: datetime, *, besides: Collection[int] = ()) -> int | None:
    """Who holds what lands at *region* now.

    The post, its cover, the cover's cover, the next duty in line (DOMAIN §1); a grid looks to its village's chief;
    where a region is vacant, the nearest region above that has somebody. Whom WeChat no longer reaches gets it only
    when nobody else is there. *besides* are passed over. ``None`` only when the whole line is vacant.
    """
    found = _first((await _line(region, now)), besides)
    return found[1] if found is not None else None


async def officer_of(department_id: int, now: datetime, *, besides: int | None = None) -> int | None:
    """Who of a department's officers is there, the one who is longest in post first; *besides* is passed over."""
    found = await row(_OFFICER, department_id, now, besides or _NOBODY)
    return found["person_id"] if found is not None else None


async def next_above(region: Region, now: datetime, *, besides: int | None = None) -> tuple[Region, int] | None:
    """The nearest region above *region* that has somebody of its own, and who that is.

    *besides* is whoever is to be rid of the case: it does not come back to them one level higher. ``None`` when nobody
    else is there in the whole line above.
    """
    return await _with_region(_first((await _line(region, now))[1:], () if besides is None else (besides,)))


async def next_below(
    grid: Region, level: int, now: datetime, *, besides: int | None = None
) -> tuple[Region, int] | None:
    """The region below *level* on the way down to *grid*, the highest first, that has somebody of its own."""
    below = [place for place in await _line(grid, now) if place.level < level]
    return await _with_region(_first(below[::-1], () if besides is None else (besides,)))


async def holder_at(region: Region, now: datetime, *, besides: int | None = None) -> int | None:
    """Who holds the queue of *region* itself, and nobody from above; ``None`` when that has nobody else."""
    found = _first((await _line(region, now))[:1], () if besides is None else (besides,))
    return found[1] if found is not None else None


async def next_from(region: Region, now: datetime, *, besides: int | None = None) -> tuple[Region, int] | None:
    """*region*, or the nearest one above it, that has somebody of its own, and who that is."""
    return await _with_region(_first(await _line(region, now), () if besides is None else (besides,)))


async def is_present(person_id: int, now: datetime) -> bool:
    """Whether the person holds any duty, is not on leave, and WeChat has not lost them."""
    return bool((await row(_PRESENT, person_id, now))["present"])


async def region_at(grid: Region, level: int) -> Region | None:
    """The region of *level* above *grid*, or the next one above it where the tree has none of that level."""
    found = await row(
        "SELECT id FROM region WHERE id = ANY($1) AND level >= $2 ORDER BY level LIMIT 1", _ids(grid), level
    )
    return await Region.get(id=found["id"]) if found else None


def _first(places: Sequence[_Place], besides: Collection[int]) -> tuple[int, int] | None:
    """The first place that has somebody, and who that is; one whom WeChat reaches goes before all others."""
    for reached in (True, False):
        for place in places:
            found = place.holder(besides, reached=reached)
            if found is not None:
                return place.region_id, found
    return None


async def _with_region(found: tuple[int, int] | None) -> tuple[Region, int] | None:
    return (await Region.get(id=found[0]), found[1]) if found is not None else None


async def _line(region: Region, now: datetime) -> list[_Place]:
    """*region* and everything above it, from the bottom up."""
    line = _Line()
    for found in await rows(_LINE, _ids(region), now):
        if not line.places or line.places[-1].region_id != found["id"]:
            line.places.append(_Place(found["id"], Level(found["level"]), [], line))
        if found["person_id"] is None:
            continue
        place = line.places[-1]
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
        if found["lost"]:
            line.lost.add(found["person_id"])
    await _learn_covers(line, {post.cover_id for place in line.places for post in place.posts} - {None}, now)
    for lower, upper in pairwise(line.places):
        if lower.level == Level.GRID:
            lower.posts += [post for post in upper.posts if post.duty is Duty.GRID_CHIEF]
    return line.places


async def _learn_covers(line: _Line, covers: Iterable[int | None], now: datetime) -> None:
    wanted = list(covers)
    if not wanted:
        return
    for found in await rows(_COVERS, wanted, now):
        line.covers[found["person_id"]] = found["covers"]
        if found["unfit"]:
            line.unfit.add(found["person_id"])
        if found["lost"]:
            line.lost.add(found["person_id"])


def _ids(region: Region) -> list[int]:
    return [int(part) for part in region.path.strip("/").split("/")]
