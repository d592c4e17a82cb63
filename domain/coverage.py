"""How much of a grid a track has covered: the share of its polygon within so many metres of the line.

The polygon is drawn row by row, each row one whole number whose bits are its cells; what a piece of the track reaches
in a row is an interval, computed exactly, and so is what the polygon holds. Counting bits is then all that is left.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
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


def covered_share(ring: Ring, pieces: Sequence[Sequence[Point]], within_metres: float) -> float:
    """0 … 1: the share of the polygon *ring* that lies within *within_metres* of the track's *pieces*."""
    plane = Plane(ring[0][1], ring[0][0])
    corners = [plane.flat(latitude, longitude) for longitude, latitude in ring]
    west, east = min(x for x, _ in corners), max(x for x, _ in corners)
    south, north = min(y for _, y in corners), max(y for _, y in corners)
    raster = _Raster(west, south, max(east - west, 1e-6) / COLUMNS, max(north - south, 1e-6) / ROWS)
    inside = raster.polygon(corners)
    whole = sum(row.bit_count() for row in inside)
    if not whole:
        return 0.0
    walked = [0] * ROWS
    for piece in pieces:
        line = [plane.flat(point.latitude, point.longitude) for point in piece]
        for one, two in pairwise(line if len(line) > 1 else [*line, *line]):
            raster.reach(walked, one, two, within_metres)
    return sum((mine & row).bit_count() for mine, row in zip(walked, inside, strict=True)) / whole


def cycle_days(*, large: bool) -> int:
    """In how many days a grid must have been covered once: a large one in five, a small one daily (X 三(二))."""
    return LARGE_GRID_DAYS if large else 1


def covered_in_cycle(
    ring: Ring,
    tracks: Mapping[date, Sequence[Sequence[Point]]],
    day: date,
    within_metres: float,
    *,
    large: bool,
    excused: Collection[date] = (),
) -> float:
    """0 … 1: the share of a grid that the tracks of the cycle that ends with *day* have covered together.

    *excused* days (the weather, X 四) are no days of the cycle: it reaches as much further back, a month at most.
    """
    pieces: list[Sequence[Point]] = []
    left = cycle_days(large=large)
    for back in range(LONGEST_CYCLE_DAYS):
        wanted = day - timedelta(days=back)
        if wanted in excused:
            continue
        pieces += tracks.get(wanted, ())
        left -= 1
        if not left:
            break
    return covered_share(ring, pieces, within_metres)


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
