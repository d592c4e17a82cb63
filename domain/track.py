"""Tracks (轨迹) of patrols: which points count, how far somebody walked, and what looks made up.

A phone's points are never exact. One that lies still wanders by a few metres with each fix, and a day of that would add
up to many kilometres; one between tall houses jumps. So points are sifted, smoothed where somebody is slow, and a step
counts only once it is longer than the fix is inexact.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from statistics import fmean, pstdev

EARTH_METRES = 6_371_008.8
"""The mean radius."""


class Doubt(StrEnum):
    """Why a person should look at a track. A doubt takes nothing away from anybody by itself."""

    MOCK = "mock"
    """The phone itself says that the place was set by another program."""
    JUMPS = "jumps"
    """Faster between points than anybody rides, and not only once."""
    REGULAR = "regular"
    """Every step as long as the one before: no leg and no wheel moves so."""
    CLOCK = "clock"
    """The phone's clock was wrong by more than ten minutes."""


@dataclass(frozen=True, slots=True)
class Point:
    """A fix. ``at`` is in seconds since 1970, degrees as WeChat gives them (GCJ-02), ``accuracy`` in metres."""

    at: float
    latitude: float
    longitude: float
    accuracy: float
    mock: bool = False


@dataclass(frozen=True, slots=True)
class Sift:
    """What counts. Metres, seconds, and kilometres an hour."""

    worst_accuracy: float = 50
    fastest_kmh: float = 40
    shortest_step: float = 15
    longest_gap: float = 120
    """Between two points further apart in time nobody knows where somebody was: no ground is covered by it."""


@dataclass(frozen=True, slots=True)
class Track:
    """What is left of the points: ``places`` in their order, cut into ``pieces`` where nothing is known between."""

    metres: float
    pieces: tuple[tuple[Point, ...], ...]
    counted: int
    dropped: int
    doubts: tuple[Doubt, ...]


_RESTART = 5
"""So many points in a row that agree among themselves are believed against the one before them."""
_SMOOTH_SECONDS, _SMOOTH_METRES = 15.0, 15.0
_JUMPY = 0.05
_JUMPY_LEAST = 3
_REGULAR_LEAST = 60
_REGULAR_SPREAD = 0.01
_MOVES = 1.0


def metres_between(one: Point, other: Point) -> float:
    """Along a great circle (haversine)."""
    north, south = radians(one.latitude), radians(other.latitude)
    half_up = sin((south - north) / 2)
    half_along = sin(radians(other.longitude - one.longitude) / 2)
    return 2 * EARTH_METRES * asin(min(1.0, sqrt(half_up**2 + cos(north) * cos(south) * half_along**2)))


def track_of(points: Iterable[Point], sift: Sift | None = None) -> Track:
    """Sift *points*, in whatever order they come; two of one moment count once."""
    rules = sift or Sift()
    given = sorted({point.at: point for point in points}.values(), key=lambda point: point.at)
    exact = [point for point in given if point.accuracy <= rules.worst_accuracy]
    runs, jumps = _without_jumps(exact, rules)
    counted = sum(len(run) for run in runs)
    pieces: list[tuple[Point, ...]] = []
    metres = 0.0
    for run in runs:
        steps = _steps(_smoothed(run), rules)
        metres += sum(metres_between(one, other) for one, other in pairwise(steps))
        pieces += _apart(steps, run, rules.longest_gap)
    return Track(metres, tuple(pieces), counted, len(given) - counted, _doubts(given, exact, jumps))


def _without_jumps(points: Sequence[Point], rules: Sift) -> tuple[list[list[Point]], int]:
    """Runs in which nobody is faster than can be, and how many points were not believed."""
    fastest = rules.fastest_kmh / 3.6
    runs: list[list[Point]] = []
    aside: list[Point] = []
    jumps = 0
    for point in points:
        if not runs:
            runs.append([point])
        elif _reachable(runs[-1][-1], point, fastest):
            runs[-1].append(point)
            jumps += len(aside)
            aside = []
        else:
            if aside and not _reachable(aside[-1], point, fastest):
                jumps += len(aside)
                aside = []
            aside.append(point)
            if len(aside) == _RESTART:
                # Then it was the one before that was wrong, or the phone was carried off: nothing joins the two.
                runs.append(aside)
                jumps, aside = jumps + 1, []
    return runs, jumps + len(aside)


def _reachable(one: Point, other: Point, fastest: float) -> bool:
    far = metres_between(one, other) - one.accuracy - other.accuracy
    return far <= fastest * (other.at - one.at)


def _smoothed(run: Sequence[Point]) -> list[Point]:
    """Each point as the middle of its neighbours in time that lie near it: who rides past has none, who stands many.

    As many before it as after it, or a corner and both ends of a way would be cut short.
    """
    found: list[Point] = []
    for number, point in enumerate(run):
        up = (2 * point.accuracy + _SMOOTH_METRES) / 111_000
        along = up / max(0.01, cos(radians(point.latitude)))
        latitude, longitude, count = point.latitude, point.longitude, 1
        for aside in range(1, min(number, len(run) - 1 - number) + 1):
            before, after = run[number - aside], run[number + aside]
            if after.at - before.at > 2 * _SMOOTH_SECONDS:
                break
            if all(
                abs(one.latitude - point.latitude) <= up and abs(one.longitude - point.longitude) <= along
                for one in (before, after)
            ):
                latitude += before.latitude + after.latitude
                longitude += before.longitude + after.longitude
                count += 2
        found.append(Point(point.at, latitude / count, longitude / count, point.accuracy))
    return found


def _steps(points: Sequence[Point], rules: Sift) -> list[Point]:
    """The first point, and each that is surely another place than the one before."""
    steps = [points[0]]
    for point in points[1:]:
        if metres_between(steps[-1], point) >= max(rules.shortest_step, point.accuracy):
            steps.append(point)
    if points[-1] is not steps[-1] and len(steps) > 1:
        steps.append(points[-1])
    return steps


def _apart(steps: Sequence[Point], run: Sequence[Point], longest: float) -> list[tuple[Point, ...]]:
    """*steps* cut where no point of *run* was heard for *longest* seconds. Standing still is no gap."""
    silences = [two.at for one, two in pairwise(run) if two.at - one.at > longest]
    pieces: list[list[Point]] = [[]]
    for step in steps:
        while silences and step.at >= silences[0]:
            silences.pop(0)
            if pieces[-1]:
                pieces.append([])
        pieces[-1].append(step)
    return [tuple(piece) for piece in pieces]


def _doubts(given: Sequence[Point], exact: Sequence[Point], jumps: int) -> tuple[Doubt, ...]:
    found = []
    if any(point.mock for point in given):
        found.append(Doubt.MOCK)
    if jumps >= max(_JUMPY_LEAST, _JUMPY * len(exact)):
        found.append(Doubt.JUMPS)
    if _is_regular(exact):
        found.append(Doubt.REGULAR)
    return tuple(found)


def _is_regular(points: Sequence[Point]) -> bool:
    speeds = []
    for one, other in pairwise(points):
        far = metres_between(one, other)
        if far >= _MOVES:
            speeds.append(far / (other.at - one.at))
    return len(speeds) >= _REGULAR_LEAST and pstdev(speeds) < _REGULAR_SPREAD * fmean(speeds)


@dataclass(frozen=True, slots=True)
class Plane:
    """Degrees as metres around one place: good to a thousandth over a few dozen kilometres."""

    latitude: float
    longitude: float

    def flat(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Metres east and north of the place."""
        east = radians(longitude - self.longitude) * EARTH_METRES * cos(radians(self.latitude))
        return east, radians(latitude - self.latitude) * EARTH_METRES
