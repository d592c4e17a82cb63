"""Tracks: what is measured agrees with what was walked, and nobody walks by lying still or by a leap of the fix."""

import random
from itertools import pairwise
from math import cos, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.track import EARTH_METRES, Doubt, Plane, Point, Sift, metres_between, track_of

LATITUDE, LONGITUDE = 31.52, 120.11
UP = 1 / 111_195
ALONG = UP / cos(radians(LATITUDE))


def at(east: float, north: float, second: float, *, accuracy: float = 5, mock: bool = False) -> Point:
    """A fix so many metres east and north of the grid's corner."""
    return Point(second, LATITUDE + north * UP, LONGITUDE + east * ALONG, accuracy, mock)


def walked(
    corners: list[tuple[float, float]],
    dice: random.Random,
    *,
    speed: float = 1.3,
    noise: float = 0.0,
    accuracy: float = 5,
    every: int = 5,
) -> list[Point]:
    """Fixes of somebody who goes from corner to corner."""
    found, second = [], 0.0
    for one, two in pairwise(corners):
        far = ((two[0] - one[0]) ** 2 + (two[1] - one[1]) ** 2) ** 0.5
        steps = max(1, round(far / speed / every))
        for step in range(steps):
            part = step / steps
            east, north = one[0] + (two[0] - one[0]) * part, one[1] + (two[1] - one[1]) * part
            found.append(at(east + dice.gauss(0, noise), north + dice.gauss(0, noise), second, accuracy=accuracy))
            second += every
    return [*found, at(*corners[-1], second, accuracy=accuracy)]


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        ((0.0, 0.0), (0.0, 180.0), 20_015_114.4),  # half around the equator: pi times the radius
        ((90.0, 0.0), (-90.0, 55.0), 20_015_114.4),  # from pole to pole
        ((36.12, -86.67), (33.94, -118.40), 2_886_448.4),  # Nashville to Los Angeles, the published example
        ((31.52, 120.11), (31.52, 120.11), 0.0),
    ],
)
def test_distances_are_the_published_ones(one: tuple[float, float], other: tuple[float, float], metres: float) -> None:
    assert pytest.approx(6_371_008.8) == EARTH_METRES
    assert metres_between(Point(0, *one, 5), Point(1, *other, 5)) == pytest.approx(metres, abs=2)


@given(st.floats(-5000, 5000), st.floats(-5000, 5000))
def test_the_plane_agrees_with_the_sphere_within_a_town(east: float, north: float) -> None:
    plane = Plane(LATITUDE, LONGITUDE)
    there = at(east, north, 0)
    x, y = plane.flat(there.latitude, there.longitude)
    assert metres_between(at(0, 0, 0), there) == pytest.approx((x * x + y * y) ** 0.5, rel=2e-3, abs=0.01)


@pytest.mark.parametrize(("speed", "noise"), [(1.3, 0.0), (1.3, 3.0), (4.0, 3.0), (7.0, 0.0)])
def test_a_round_on_foot_or_by_bicycle_is_measured_within_five_percent(speed: float, noise: float) -> None:
    corners = [(0.0, 0.0), (800.0, 0.0), (800.0, 500.0), (0.0, 500.0), (0.0, 0.0)]
    track = track_of(walked(corners, random.Random(1), speed=speed, noise=noise))
    assert track.metres == pytest.approx(2600, rel=0.05)
    assert track.doubts == () or noise == 0


@pytest.mark.parametrize(("accuracy", "noise"), [(5, 3.3), (15, 10.0), (30, 20.0)])
def test_a_phone_that_lies_still_for_eight_hours_walks_less_than_a_tenth_of_what_its_fixes_add_up_to(
    accuracy: float, noise: float
) -> None:
    dice = random.Random(2)
    points = [at(dice.gauss(0, noise), dice.gauss(0, noise), 5 * n, accuracy=accuracy) for n in range(5760)]
    raw = sum(metres_between(one, other) for one, other in pairwise(points))
    assert track_of(points).metres < raw / 10


def test_the_order_and_the_number_of_uploads_change_nothing() -> None:
    dice = random.Random(3)
    points = walked([(0, 0), (700, 0), (700, 300)], dice, noise=2.0)
    shuffled = [*points, *points[:50]]
    dice.shuffle(shuffled)
    assert track_of(shuffled) == track_of(points)


def test_a_leap_of_the_fix_adds_nothing_and_one_alone_is_no_doubt() -> None:
    points = walked([(0, 0), (1000, 0)], random.Random(4), noise=1.0)
    leapt = [*points[:60], at(9000, 9000, points[59].at + 2), *points[60:]]
    track = track_of(leapt)
    assert (track.metres, track.dropped, track.doubts) == (pytest.approx(track_of(points).metres, rel=0.01), 1, ())


def test_a_wrong_first_fix_does_not_hide_all_that_follow() -> None:
    points = walked([(0, 0), (1000, 0)], random.Random(5), noise=1.0)
    track = track_of([at(50_000, 0, -1), *points])
    assert track.metres == pytest.approx(track_of(points).metres, rel=0.02)


def test_a_ride_in_a_car_between_two_stretches_is_not_walked() -> None:
    first = walked([(0, 0), (300, 0)], random.Random(6), noise=1.0)
    second = [
        Point(point.at + first[-1].at + 30, point.latitude, point.longitude + 8000 * ALONG, point.accuracy)
        for point in walked([(0, 0), (300, 0)], random.Random(7), noise=1.0)
    ]
    track = track_of([*first, *second])
    assert track.metres == pytest.approx(600, rel=0.05)
    assert len(track.pieces) == 2


def test_inexact_fixes_are_left_out() -> None:
    points = walked([(0, 0), (1000, 0)], random.Random(8), accuracy=80)
    assert track_of(points).counted == 0
    assert track_of(points, Sift(worst_accuracy=100)).metres == pytest.approx(1000, rel=0.1)


def test_a_silence_longer_than_the_rule_cuts_the_line_and_standing_still_does_not() -> None:
    went = [at(10 * n, 0, 10 * n) for n in range(20)]
    stood = [at(190, 0, 200 + 10 * n) for n in range(60)]
    again = [at(190 + 10 * n, 0, 800 + 10 * n) for n in range(20)]
    assert len(track_of([*went, *stood, *again]).pieces) == 1
    assert len(track_of([*went, *again]).pieces) == 2


def test_many_leaps_a_mocked_fix_and_steps_all_alike_are_doubted() -> None:
    points = walked([(0, 0), (1000, 0)], random.Random(9), noise=1.0)
    leaps = [at(9000 * (1 + n % 3), 9000, points[10 * n].at + 2) for n in range(12)]
    assert track_of([*points, *leaps]).doubts == (Doubt.JUMPS,)
    mocked = [Point(p.at, p.latitude, p.longitude, p.accuracy, mock=n == 7) for n, p in enumerate(points)]
    assert track_of(mocked).doubts == (Doubt.MOCK,)
    assert track_of([at(6.5 * n, 0, 5 * n) for n in range(120)]).doubts == (Doubt.REGULAR,)


def test_nothing_and_one_point_are_no_way() -> None:
    assert track_of([]).metres == 0
    assert track_of([at(0, 0, 0)]).metres == 0
