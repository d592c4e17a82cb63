"""How much of a grid tracks have covered: the share of its polygon within so many metres of their lines.

The polygon is drawn row by row, each row one whole number whose bits are its cells; what a piece of a track reaches
in a row is an interval, computed exactly, and so is what the polygon holds. Counting bits is then all that is left,
and what several tracks have covered together is their bits together: no track is read twice.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from math import floor, hypot

from domain.errors import BadInput
from domain.track import Plane, Point

ROWS, COLUMNS = 400, 2000
MOST_CORNERS = 500
LARGEST_DEGREES = 1.0
"""A hundred kilometres: no grid is so large, so the two numbers of a corner are the wrong way round."""

LARGE_GRID_DAYS = 5
LONGEST_CYCLE_DAYS = 31

Flat = tuple[float, float]
Ring = Sequence[tuple[float, float]]
"""Corners as (longitude, latitude), in the order of GeoJSON."""


def check_ring(ring: Ring) -> tuple[tuple[float, float], ...]:
    """The corners without the repeated last one. Raises BadInput for what encloses nothing or crosses itself."""
    corners = tuple(ring[:-1] if len(ring) > 1 and tuple(ring[0]) == tuple(ring[-1]) else ring)
    if not 3 <= len(corners) <= MOST_CORNERS:  # noqa: PLR2004 - a triangle
        raise BadInput(f"ring must have 3 to {MOST_CORNERS} corners", field="ring", longest=MOST_CORNERS)
    for place, most in ((0, 180), (1, 85)):
        along = [corner[place] for corner in corners]
        if max(map(abs, along)) > most or max(along) - min(along) > LARGEST_DEGREES:
            raise BadInput("ring must be longitude and latitude of each corner of one grid", field="ring")
    if len(set(corners)) != len(corners):
        raise BadInput("ring goes through one corner twice", field="ring")
    if _crosses(corners):
        raise BadInput("ring crosses itself", field="ring")
    return corners


class Part(StrEnum):
    """A ninth of a grid, by the compass."""

    NORTH_WEST = "north_west"
    NORTH = "north"
    NORTH_EAST = "north_east"
    WEST = "west"
    MIDDLE = "middle"
    EAST = "east"
    SOUTH_WEST = "south_west"
    SOUTH = "south"
    SOUTH_EAST = "south_east"


NAMES: Mapping[Part, str] = {
    Part.NORTH_WEST: "西北角",
    Part.NORTH: "北边",
    Part.NORTH_EAST: "东北角",
    Part.WEST: "西边",
    Part.MIDDLE: "中间",
    Part.EAST: "东边",
    Part.SOUTH_WEST: "西南角",
    Part.SOUTH: "南边",
    Part.SOUTH_EAST: "东南角",
}
_BANDS: Sequence[Sequence[Part]] = (
    (Part.SOUTH_WEST, Part.SOUTH, Part.SOUTH_EAST),
    (Part.WEST, Part.MIDDLE, Part.EAST),
    (Part.NORTH_WEST, Part.NORTH, Part.NORTH_EAST),
)
_SLIVER, _SEEN = 0.03, 0.5
"""A part with less of the grid than that is not spoken of; one of which so much is covered is not missing."""

Walked = tuple[int, ...]
"""What a track covers of a :class:`Ground`: a whole number for each row, a bit for each cell."""


@dataclass(frozen=True, slots=True)
class Covered:
    """*share* from 0 to 1; *missing* in the order in which one reads a map."""

    share: float
    missing: tuple[Part, ...] = ()


class Ground:
    """A grid's polygon, on which is drawn what was covered. Building one takes milliseconds."""

    def __init__(self, ring: Ring, within_metres: float) -> None:
        self._plane = Plane(ring[0][1], ring[0][0])
        self._within = within_metres
        corners = [self._plane.flat(latitude, longitude) for longitude, latitude in ring]
        west, east = min(x for x, _ in corners), max(x for x, _ in corners)
        south, north = min(y for _, y in corners), max(y for _, y in corners)
        wide, high = max(east - west, 1e-6) / COLUMNS, max(north - south, 1e-6) / ROWS
        self._raster = _Raster(west, south, wide, high)
        self._inside: Walked = tuple(self._raster.polygon(corners))
        self._whole = _cells(self._inside)
        self.hectares = self._whole * wide * high / 10_000
        """How large the grid is."""

    def walked(self, pieces: Sequence[Sequence[Point]]) -> Walked:
        """The cells of the polygon that lie near the track's *pieces*."""
        found = [0] * ROWS
        for piece in pieces:
            line = [self._plane.flat(point.latitude, point.longitude) for point in piece]
            for one, two in pairwise(line if len(line) > 1 else [*line, *line]):
                self._raster.reach(found, one, two, self._within)
        return tuple(mine & row for mine, row in zip(found, self._inside, strict=True))

    def share(self, walked: Walked) -> float:
        """0 … 1 of the polygon."""
        return _cells(walked) / self._whole if self._whole else 0.0

    def covered(self, walked: Walked) -> Covered:
        """Its share, and which parts of the grid are for the most part missing."""
        missing = set()
        for band, names in enumerate(_BANDS):
            rows = slice(band * ROWS // 3, (band + 1) * ROWS // 3)
            for place, name in enumerate(names):
                first, last = place * COLUMNS // 3, (place + 1) * COLUMNS // 3
                some = ((1 << (last - first)) - 1) << first
                holds = sum((row & some).bit_count() for row in self._inside[rows])
                done = sum((row & some).bit_count() for row in walked[rows])
                if holds > self._whole * _SLIVER and done < holds * _SEEN:
                    missing.add(name)
        return Covered(self.share(walked), tuple(one for one in Part if one in missing))


def together(*walked: Walked) -> Walked:
    """What several have covered; nothing by nobody."""
    found = [0] * ROWS
    for one in walked:
        found = [mine | row for mine, row in zip(found, one, strict=True)]
    return tuple(found)


def cycle_days(*, large: bool) -> int:
    """In how many days a grid must have been covered once: a large one in five, a small one daily (X 三(二))."""
    return LARGE_GRID_DAYS if large else 1


def days_of_cycle(day: date, *, large: bool, excused: Collection[date] = ()) -> list[date]:
    """The days of the cycle that ends with *day*, the newest first.

    *excused* days (the weather, X 四) are no days of the cycle: it reaches as much further back, a month at most.
    """
    back = (day - timedelta(days=number) for number in range(LONGEST_CYCLE_DAYS))
    return [one for one in back if one not in excused][: cycle_days(large=large)]


def covered_in_cycle(
    ground: Ground,
    walked: Mapping[date, Walked],
    day: date,
    *,
    large: bool,
    excused: Collection[date] = (),
) -> Covered:
    """What of a grid the tracks of the cycle that ends with *day* have covered together (X 三(二))."""
    days = days_of_cycle(day, large=large, excused=excused)
    return ground.covered(together(*(walked[one] for one in days if one in walked)))


def _cells(walked: Walked) -> int:
    return sum(row.bit_count() for row in walked)


class _Raster:
    """Rows from south to north; a bit is a cell, the lowest the most western one."""

    def __init__(self, west: float, south: float, wide: float, high: float) -> None:
        self._west, self._south, self._wide, self._high = west, south, wide, high

    def _bits(self, left: float, right: float) -> int:
        """The cells whose middle lies between *left* and *right*."""
        first = max(0, floor((left - self._west) / self._wide + 0.5))
        last = min(COLUMNS, floor((right - self._west) / self._wide + 0.5))
        return ((1 << (last - first)) - 1) << first if last > first else 0

    def polygon(self, corners: Sequence[Flat]) -> list[int]:
        found = []
        for number in range(ROWS):
            y = self._south + (number + 0.5) * self._high
            cuts = sorted(
                one[0] + (y - one[1]) / (two[1] - one[1]) * (two[0] - one[0])
                for one, two in pairwise([*corners, corners[0]])
                if (one[1] <= y) != (two[1] <= y)
            )
            bits = 0
            for left, right in zip(cuts[::2], cuts[1::2], strict=True):
                bits |= self._bits(left, right)
            found.append(bits)
        return found

    def reach(self, walked: list[int], one: Flat, two: Flat, radius: float) -> None:
        """Add to *walked* what lies within *radius* of the line from *one* to *two*."""
        low = min(one[1], two[1]) - radius
        high = max(one[1], two[1]) + radius
        first = max(0, floor((low - self._south) / self._high))
        last = min(ROWS, floor((high - self._south) / self._high) + 1)
        if first >= last:
            return
        box = _box(one, two, radius)
        for number in range(first, last):
            y = self._south + (number + 0.5) * self._high
            left, right = float("inf"), float("-inf")
            for x, up in (one, two):
                if abs(y - up) <= radius:
                    half = (radius * radius - (y - up) ** 2) ** 0.5
                    left, right = min(left, x - half), max(right, x + half)
            for start, end in box:
                if (start[1] <= y) != (end[1] <= y):
                    x = start[0] + (y - start[1]) / (end[1] - start[1]) * (end[0] - start[0])
                    left, right = min(left, x), max(right, x)
            if left < right:
                walked[number] |= self._bits(left, right)


def _box(one: Flat, two: Flat, radius: float) -> list[tuple[Flat, Flat]]:
    """The sides of the strip along a line, without its round ends."""
    far = hypot(two[0] - one[0], two[1] - one[1])
    if not far:
        return []
    across, up = (one[1] - two[1]) / far * radius, (two[0] - one[0]) / far * radius
    corners = [
        (one[0] + across, one[1] + up),
        (two[0] + across, two[1] + up),
        (two[0] - across, two[1] - up),
        (one[0] - across, one[1] - up),
    ]
    return list(pairwise([*corners, corners[0]]))


def _crosses(corners: Sequence[tuple[float, float]]) -> bool:
    sides = list(pairwise([*corners, corners[0]]))
    count = len(sides)
    for number, (one, two) in enumerate(sides):
        for other in range(number + 2, count):
            if number == 0 and other == count - 1:
                continue  # neighbours around the end
            three, four = sides[other]
            if (
                _turn(one, two, three) * _turn(one, two, four) < 0
                and _turn(three, four, one) * _turn(three, four, two) < 0
            ):
                return True
    return False


def _turn(one: Flat, two: Flat, three: Flat) -> float:
    return (two[0] - one[0]) * (three[1] - one[1]) - (two[1] - one[1]) * (three[0] - one[0])
