"""The tree of regions as staff look at it: a level at a time, with who is in post and what lies below."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.case import Level
from domain.duty import HOLDS, SEES_REGIONS
from models import Region
from services import access
from services.access import Actor
from services.ports import Clock
from services.routing import AWAY, TODAY
from services.transaction import rows

PAGE = 50
MOST_ON_MAP = 300
_COUNTS_HOUSEHOLDS = Level.TOWN
"""From here down households are counted: above, counting would take longer than anybody waits."""

_ONES = "SELECT id, code, name, level, kind, path FROM region"
_FIGURES = f"""
SELECT (string_to_array(trim(BOTH '/' FROM g.path), '/')::int[])[$2::int] AS id, count(*) AS grids,
       count(g.vacant_since) AS vacant
FROM region g WHERE g.path LIKE $1 AND g.level = {int(Level.GRID)} GROUP BY 1
"""
_HOUSEHOLDS = """
SELECT (string_to_array(trim(BOTH '/' FROM g.path), '/')::int[])[$2::int] AS id, count(*) AS households
FROM region g JOIN base_record b ON b.region_id = g.id AND b.kind = 'household'
WHERE g.path LIKE $1 GROUP BY 1
"""
_IN_POST = f"""
SELECT d.region_id, p.name, d.duty, d.to_date IS NOT NULL AND d.to_date < {TODAY} AS ended,
       {AWAY.format(who="d.person_id")} AS away, coalesce(c.name, '') AS cover
FROM held_duty d JOIN person p ON p.id = d.person_id LEFT JOIN person c ON c.id = d.cover_id
WHERE d.region_id = ANY($1::int[]) AND d.from_date <= {TODAY} AND d.duty = ANY($3::text[])
ORDER BY array_position($3::text[], d.duty::text), d.to_date DESC NULLS FIRST, d.id
"""
_RINGS = f"""
SELECT g.code, g.name, g.level, g.vacant_since IS NOT NULL AS vacant, b.ring
FROM boundary b JOIN region g ON g.id = b.region_id WHERE g.path LIKE $1 ORDER BY g.code LIMIT {MOST_ON_MAP + 1}
"""
_SEARCH = f"""{_ONES} WHERE path LIKE ANY($1::text[]) AND (starts_with(code, $2) OR strpos(name, $2) > 0)
ORDER BY level DESC, code LIMIT {PAGE}"""


@dataclass(slots=True)
class Line:
    """A region in a list. *state*: held | away | covered | vacant; *vacant*: grids below without anybody."""

    id: int
    code: str
    name: str
    level: int
    kind: str
    path: str
    people: list[str] = field(default_factory=list)
    state: str = "vacant"
    cover: str = ""
    grids: int = 0
    vacant: int = 0
    households: int | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """How far a grid reaches: longitude and latitude of each corner."""

    code: str
    name: str
    vacant: bool
    ring: Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Branch:
    """A region with what is above, beside and below it; *following* is the code after which the next page begins."""

    region: Region
    above: Sequence[Line]
    beside: Sequence[Line]
    below: Sequence[Line]
    following: str
    outlines: Sequence[Outline]
    too_many: bool
    """More grids have an outline than a map can show."""
    households: int | None


def _tops(by: Actor) -> list[str]:
    paths = sorted(set(by.paths(SEES_REGIONS)), key=len)
    return [one for one in paths if not any(one != other and one.startswith(other) for other in paths)]


class RegionTree:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def roots(self, by: Actor) -> list[Line]:
        """Where their subtrees begin, each once: a post within another one's subtree is no root of its own."""
        found = [_line(one) for one in await rows(f"{_ONES} WHERE path = ANY($1::text[]) ORDER BY code", _tops(by))]
        return await self._with_people(found)

    def only_root(self, by: Actor) -> str:
        """The code of the one region where their subtree begins; empty where there are several, or none."""
        tops = _tops(by)
        return next(held.region_code for held in by.duties if held.path == tops[0]) if len(tops) == 1 else ""

    async def search(self, by: Actor, words: str) -> list[Line]:
        """Regions of their subtree by the beginning of the code or a part of the name, at most a page."""
        paths = [f"{path}%" for path in by.paths(SEES_REGIONS)]
        found = [_line(one) for one in await rows(_SEARCH, paths, words)] if paths else []
        return await self._with_people(found)

    async def of(self, by: Actor, code: str, *, after: str = "") -> Branch:
        """The region *code*, what lies right below it (a page, after the code *after*), and its map. Raises NotFound.

        The cost follows the page, and for figures the grids of this subtree; never the whole country.
        """
        region = await access.region_seen(by, code)
        ids = [int(part) for part in region.path.strip("/").split("/")]
        seen = by.paths(SEES_REGIONS)
        above = [_line(one) for one in await rows(f"{_ONES} WHERE id = ANY($1::int[]) ORDER BY level DESC", ids[:-1])]
        below: list[Line] = []
        if region.level > Level.GRID:
            found = await rows(
                f"{_ONES} WHERE parent_id = $1 AND code > $2 ORDER BY code LIMIT {PAGE + 1}", region.id, after
            )
            below = [_line(one) for one in found]
        following = below[PAGE - 1].code if len(below) > PAGE else ""
        below = await self._with_figures(region, len(ids), await self._with_people(below[:PAGE]))
        parent = above[-1] if above else None
        beside: list[Line] = []
        on_map = region.path
        if region.level == Level.GRID and parent is not None and any(parent.path.startswith(path) for path in seen):
            # A grid is found by what lies around it.
            found = await rows(
                f"{_ONES} WHERE parent_id = $1 AND id <> $2 ORDER BY code LIMIT {PAGE}", parent.id, region.id
            )
            beside = [_line(one) for one in found]
            on_map = parent.path
        outlines = [
            Outline(one["code"], one["name"], one["vacant"], ring_of(one["ring"]))
            for one in await rows(_RINGS, f"{on_map}%")
        ]
        return Branch(
            region=region,
            above=[one for one in above if any(one.path.startswith(path) for path in seen)],
            beside=beside,
            below=below,
            following=following,
            outlines=outlines[:MOST_ON_MAP],
            too_many=len(outlines) > MOST_ON_MAP,
            households=await _households_of(region) if region.level == Level.GRID else None,
        )

    async def _with_people(self, lines: list[Line]) -> list[Line]:
        if not lines:
            return lines
        duties = list(dict.fromkeys(str(duty) for duties in HOLDS.values() for duty in duties))
        by_region: dict[int, list[Any]] = {}
        for one in await rows(_IN_POST, [line.id for line in lines], self._clock.now(), duties):
            by_region.setdefault(one["region_id"], []).append(one)
        for line in lines:
            _fill(line, [one for one in by_region.get(line.id, []) if one["duty"] in HOLDS[Level(line.level)]])
        return lines

    async def _with_figures(self, region: Region, depth: int, lines: list[Line]) -> list[Line]:
        if not lines:
            return lines
        grids = {one["id"]: one for one in await rows(_FIGURES, f"{region.path}%", depth + 1)}
        counted = region.level <= _COUNTS_HOUSEHOLDS
        homes = (
            {one["id"]: one["households"] for one in await rows(_HOUSEHOLDS, f"{region.path}%", depth + 1)}
            if counted
            else {}
        )
        for line in lines:
            if line.id in grids:
                line.grids, line.vacant = grids[line.id]["grids"], grids[line.id]["vacant"]
            line.households = homes.get(line.id, 0) if counted else None
        return lines


def _line(one: Any) -> Line:
    return Line(one["id"], one["code"], one["name"], one["level"], one["kind"], one["path"])


def _fill(line: Line, posts: Sequence[Any]) -> None:
    there = [one["name"] for one in posts if not one["ended"] and not one["away"]]
    gone = next((one for one in posts if not one["ended"]), None)
    left = next((one for one in posts if one["cover"]), None)
    if there:
        line.state, line.people = "held", there
    elif gone is not None:
        line.state, line.people, line.cover = "away", [gone["name"]], gone["cover"]
    elif left is not None:
        line.state, line.cover = "covered", left["cover"]


def ring_of(given: Any) -> Sequence[Sequence[float]]:
    """A boundary's corners as a raw statement gives them."""
    found: Sequence[Sequence[float]] = json.loads(given) if isinstance(given, str) else given
    return found


async def _households_of(region: Region) -> int:
    found = await rows("SELECT count(*) AS n FROM base_record WHERE region_id = $1 AND kind = 'household'", region.id)
    return int(found[0]["n"])
