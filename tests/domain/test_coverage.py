"""Coverage of a grid: against plain geometry, and against throwing darts."""

import random
from datetime import date
from itertools import pairwise
from math import cos, hypot, pi, radians

import pytest

from domain.coverage import Ground, Part, check_ring, covered_in_cycle
from domain.errors import BadInput
from domain.track import Point

LATITUDE, LONGITUDE = 31.52, 120.11
UP = 1 / 111_195.08
ALONG = UP / cos(radians(LATITUDE))
Flat = tuple[float, float]


def ring(*corners: Flat) -> list[Flat]:
    return [(LONGITUDE + east * ALONG, LATITUDE + north * UP) for east, north in corners]


def line(*places: Flat) -> list[Point]:
    return [Point(n, LATITUDE + north * UP, LONGITUDE + east * ALONG, 5) for n, (east, north) in enumerate(places)]


def covered_share(corners: list[Flat], pieces: list[list[Point]], within: float) -> float:
    ground = Ground(corners, within)
    return ground.share(ground.walked(pieces))


SQUARE = ((0.0, 0.0), (1000.0, 0.0), (1000.0, 1000.0), (0.0, 1000.0))


@pytest.mark.parametrize(
    ("pieces", "within", "share"),
    [
        ([], 30, 0.0),
        ([line((500, 500))], 100, pi * 100**2 / 1e6),  # a disc
        ([line((0, 500), (1000, 500))], 50, 0.1),  # a strip across
        ([line((200, 500), (800, 500))], 50, (600 * 100 + pi * 50**2) / 1e6),  # with round ends
        ([line((300, 300), (700, 700))], 50, (400 * 2**0.5 * 100 + pi * 50**2) / 1e6),  # slanting
        ([line((0, 500), (1000, 500)), line((500, 0), (500, 1000))], 50, 0.19),  # what is crossed counts once
        ([line((0, 0), (1000, 0))], 50, 0.05),  # along the edge: half of it lies outside
        ([line((5000, 5000), (6000, 5000))], 50, 0.0),
        ([line((-500, 500), (1500, 500))], 2000, 1.0),
    ],
)
def test_simple_shapes_have_the_share_that_geometry_gives_them(
    pieces: list[list[Point]], within: float, share: float
) -> None:
    assert covered_share(ring(*SQUARE), pieces, within) == pytest.approx(share, abs=0.002, rel=0.01)


BENT = ((0.0, 0.0), (1300.0, 150.0), (1100.0, 700.0), (600.0, 400.0), (500.0, 1200.0), (-200.0, 900.0))
"""A village is seldom a square: one corner goes inwards."""


def _inside(place: Flat, corners: tuple[Flat, ...]) -> bool:
    found = False
    for (x1, y1), (x2, y2) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if (y1 > place[1]) != (y2 > place[1]) and place[0] < (x2 - x1) * (place[1] - y1) / (y2 - y1) + x1:
            found = not found
    return found


def _distance(place: Flat, one: Flat, two: Flat) -> float:
    far2 = (two[0] - one[0]) ** 2 + (two[1] - one[1]) ** 2
    part = ((place[0] - one[0]) * (two[0] - one[0]) + (place[1] - one[1]) * (two[1] - one[1])) / far2
    part = max(0.0, min(1.0, part))
    return hypot(place[0] - one[0] - part * (two[0] - one[0]), place[1] - one[1] - part * (two[1] - one[1]))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_wild_walk_over_a_bent_grid_covers_what_darts_say_within_one_percent(seed: int) -> None:
    dice = random.Random(seed)
    places = [(dice.uniform(-100, 1200), dice.uniform(-100, 1100)) for _ in range(8)]
    within = dice.uniform(30, 90)
    # Darts on a fine even net with a random start: no cell and no interval of ours, and no luck.
    net, start = 5.0, (dice.random() * 5, dice.random() * 5)
    held = hit = 0
    for column in range(320):
        for row in range(260):
            dart = (-210 + start[0] + net * column, -10 + start[1] + net * row)
            if _inside(dart, BENT):
                held += 1
                hit += any(_distance(dart, one, two) <= within for one, two in pairwise(places))
    assert held > 30_000
    assert covered_share(ring(*BENT), [line(*places)], within) == pytest.approx(hit / held, abs=0.01)


def test_a_ring_must_enclose_something() -> None:
    whole = tuple(ring(*SQUARE))
    assert check_ring([*whole, whole[0]]) == whole
    for bad in (
        [(0, 0), (1, 0)],
        [(0, 0), (1, 1), (1, 0), (0, 1)],
        [(0, 0), (1, 0), (1, 1), (1, 0), (0, 1)],
        [(0, 0), (2, 0), (1, 1)],
        [(latitude, longitude) for longitude, latitude in whole],
    ):
        with pytest.raises(BadInput):
            check_ring(bad)


# A strip across the square, 50 m to each side, is a tenth of it: five of them, one a day, are half.
DAYS = {date(2027, 3, day): [line((0, 200.0 * day - 100), (1000, 200.0 * day - 100))] for day in range(1, 6)}


@pytest.mark.parametrize(
    ("day", "large", "excused", "share"),
    [
        (5, True, (), 0.5),  # the 1st to the 5th
        (6, True, (), 0.4),  # the 2nd to the 6th, and on the 6th nobody walked
        (10, True, (), 0.0),
        (10, True, (6, 7, 8, 9, 10), 0.5),  # five days of storm are no days of the cycle
        (7, True, (3, 6), 0.4),  # 7, 5, 4, 2, 1: of the 3rd, excused, nothing counts
        (5, False, (), 0.1),  # a small grid: that day alone
        (6, False, (), 0.0),
        (6, False, (6,), 0.1),
    ],
)
def test_a_large_grid_is_covered_within_five_days_and_a_small_one_each_day(
    day: int, excused: tuple[int, ...], share: float, *, large: bool
) -> None:
    off = [date(2027, 3, one) for one in excused]
    ground = Ground(ring(*SQUARE), 50)
    walked = {one: ground.walked(pieces) for one, pieces in DAYS.items()}
    found = covered_in_cycle(ground, walked, date(2027, 3, day), large=large, excused=off)
    assert found.share == pytest.approx(share, abs=0.005)


def test_what_is_missing_is_said_by_the_compass_and_slivers_are_not_spoken_of() -> None:
    ground = Ground(ring(*SQUARE), 170)
    assert ground.hectares == pytest.approx(100, rel=0.01)
    assert len(ground.covered(ground.walked([])).missing) == len(Part)
    along_the_south = ground.covered(ground.walked([line((0, 170), (1000, 170))]))
    assert along_the_south.missing == tuple(Part)[:6]
    assert ground.covered(ground.walked([line((0, y), (1000, y)) for y in (170.0, 500.0, 830.0)])).missing == ()
    tower = Ground(ring((0, 0), (1000, 0), (1000, 300), (20, 300), (20, 900), (0, 900)), 50)
    assert Part.NORTH_WEST not in tower.covered(tower.walked([])).missing
