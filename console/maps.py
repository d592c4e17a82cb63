"""Grids on a map, drawn here as SVG: no tiles, nothing fetched from anywhere.

Longitude and latitude are laid flat around the middle of what is shown (equirectangular: a degree of longitude is as
long as the cosine of the middle's latitude says). Over a town at China's latitudes that is off by less than a line's
width. Corners that nobody could see are left out (Douglas-Peucker), so that 300 grids stay well below 150 kB.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, radians

from services.case_sheets import Sheet as CaseSheet
from services.region_tree import Outline, ring_of

WIDTH, HEIGHT, EDGE = 800, 560, 12
"""Of the drawing, in its own units; a page scales it."""
FINEST = 1.2
"""Units that a simplified line may lie beside the true one; doubled until everything has room."""
MOST_CORNERS = 6000
"""On one map: some 60 kB."""

_NEAR = 0.02
"""Degrees, some two kilometres: a place that lies further off is not on the grid's sketch."""

MOST_LOOKED_AT = 30_000
"""Corners that one map is made from: a tenth of a second."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """A grid as it is drawn: *d* of an SVG path, and where its name goes, where there is room for it."""

    code: str
    name: str
    vacant: bool
    d: str
    label: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A map, *width* by *height*; *point* is a place on it, where there is one."""

    width: int
    height: int
    shapes: Sequence[Shape]
    point: tuple[float, float] | None = None


def drawing(
    outlines: Sequence[Outline], *, point: Point | None = None, width: int = WIDTH, height: int = HEIGHT
) -> Drawing | None:
    """*outlines* fitted into the box, with *point* (longitude, latitude) among them; ``None`` without any outline."""
    # What was measured by the metre is too much to look through for each reader of a page.
    step = max(1, sum(len(one.ring) for one in outlines) // MOST_LOOKED_AT)
    rings = [[(float(x), float(y)) for x, y in _every(one.ring, step)] for one in outlines]
    corners = [corner for ring in rings for corner in ring]
    if not corners:
        return None
    shown = [*corners, *([point] if point is not None else [])]
    west, east = min(x for x, _ in shown), max(x for x, _ in shown)
    south, north = min(y for _, y in shown), max(y for _, y in shown)
    narrow = cos(radians((south + north) / 2))
    scale = min((width - 2 * EDGE) / max((east - west) * narrow, 1e-9), (height - 2 * EDGE) / max(north - south, 1e-9))
    used = round((north - south) * scale) + 2 * EDGE
    left = (width - (east - west) * narrow * scale) / 2

    def flat(at: Point) -> Point:
        return left + (at[0] - west) * narrow * scale, EDGE + (north - at[1]) * scale

    laid = [[flat(corner) for corner in ring] for ring in rings]
    tolerance = FINEST
    thin = [simplified(ring, tolerance) for ring in laid]
    while sum(map(len, thin)) > MOST_CORNERS:
        tolerance *= 2
        thin = [simplified(ring, tolerance) for ring in laid]
    shapes = [
        Shape(one.code, one.name, one.vacant, _path(ring), _label(ring, one.name))
        for one, ring in zip(outlines, thin, strict=True)
    ]
    return Drawing(width, used, shapes, flat(point) if point is not None else None)


def simplified(ring: Sequence[Point], tolerance: float) -> list[Point]:
    """*ring* without the corners that lie within *tolerance* of the line without them; at least three stay."""
    if len(ring) <= 4:  # noqa: PLR2004 - a square has nothing to spare
        return list(ring)
    far = max(range(1, len(ring)), key=lambda at: _apart(ring[0], ring[at]))
    # Two open lines, from the first corner to the one that is furthest from it and back.
    kept = _thinned([*ring[: far + 1]], tolerance)[:-1] + _thinned([*ring[far:], ring[0]], tolerance)[:-1]
    return kept if len(kept) >= 3 else list(ring[:: max(1, len(ring) // 3)][:3])  # noqa: PLR2004


def _every(ring: Sequence[Sequence[float]], step: int) -> Sequence[Sequence[float]]:
    return ring[:: max(1, min(step, len(ring) // _ROUGHLY))] if step > 1 else ring


_ROUGHLY = 12
"""Corners that every grid keeps, however many there are on the map."""


def _thinned(line: Sequence[Point], tolerance: float) -> list[Point]:
    keep = {0, len(line) - 1}
    waiting = [(0, len(line) - 1)]
    while waiting:
        first, last = waiting.pop()
        at = max(range(first + 1, last), key=lambda one: _beside(line[one], line[first], line[last]), default=None)
        if at is not None and _beside(line[at], line[first], line[last]) > tolerance:
            keep.add(at)
            waiting += [(first, at), (at, last)]
    return [line[one] for one in sorted(keep)]


def _beside(point: Point, start: Point, end: Point) -> float:
    """How far *point* lies from the straight line between *start* and *end*."""
    length = _apart(start, end)
    if length == 0:
        return _apart(point, start)
    along = ((point[0] - start[0]) * (end[0] - start[0]) + (point[1] - start[1]) * (end[1] - start[1])) / length**2
    along = min(1.0, max(0.0, along))
    return _apart(point, (start[0] + along * (end[0] - start[0]), start[1] + along * (end[1] - start[1])))


def _apart(one: Point, other: Point) -> float:
    return hypot(one[0] - other[0], one[1] - other[1])


def _path(ring: Sequence[Point]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in ring) + "Z"


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


_LETTER = 18


def _label(ring: Sequence[Point], name: str) -> tuple[int, int] | None:
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    if max(xs) - min(xs) < len(name) * _LETTER or max(ys) - min(ys) < 2 * _LETTER:
        return None
    return round((min(xs) + max(xs)) / 2), round((min(ys) + max(ys)) / 2) + _LETTER // 3


def sketch_of(sheet: CaseSheet) -> Drawing | None:
    """A case's grid with the place that was named, where it lies in or near it; ``None`` without an outline."""
    ring, case = sheet.names["ring"], sheet.case
    if ring is None:
        return None
    corners = ring_of(ring)
    point = (case.longitude, case.latitude) if case.longitude is not None and case.latitude is not None else None
    # A slip of a degree would make the grid a dot.
    near = point is not None and all(
        abs(point[axis] - corners[0][axis]) < _NEAR + max(abs(one[axis] - corners[0][axis]) for one in corners)
        for axis in (0, 1)
    )
    return drawing([Outline("", "", vacant=False, ring=corners)], point=point if near else None, width=320, height=220)
