"""Charts as plain shapes, for templates to draw: no library in the browser, and the same numbers as a table beside."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 480
_ROW, _LABEL, _VALUE = 34, 174, 84
"""Pixels of a bar's row, of the names on the left and of the numbers on the right: with room for a phone's letters."""
_WIDEST_NAME = 15
_CJK = 0x2E80
_TOP, _BOTTOM, _LEFT, _PLOT = 14, 30, 62, 160
_MOST_LABELS, _HALF_LABEL = 5, 33
"""Of the words below; none of them runs out on the right."""


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    """Cut to what has room; the table has the whole."""
    value: float
    shown: str
    y: int
    length: float


@dataclass(frozen=True, slots=True)
class Bars:
    """Lying bars, one a row."""

    rows: Sequence[Bar]
    height: int
    left: int = _LABEL
    width: int = WIDTH


@dataclass(frozen=True, slots=True)
class Column:
    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True, slots=True)
class Mark:
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Standing columns in groups, or a line; *across* and *up* are the marks of the axes."""

    columns: Sequence[Column]
    line: str
    across: Sequence[Mark]
    up: Sequence[Mark]
    left: int = _LEFT
    bottom: int = _TOP + _PLOT
    height: int = _TOP + _PLOT + _BOTTOM
    width: int = WIDTH


def bars(names: Sequence[str], values: Sequence[int], unit: str, *, otherwise: str = "") -> Bars:
    """A bar for each name, with its value and *unit* behind it; *otherwise* stands for a name that is empty."""
    most, room = max(values, default=0) or 1, WIDTH - _LABEL - _VALUE
    return Bars(
        [
            Bar(_cut(name or otherwise), value, f"{value} {unit}", at * _ROW, round(room * value / most, 1))
            for at, (name, value) in enumerate(zip(names, values, strict=True))
        ],
        len(names) * _ROW,
    )


def columns(names: Sequence[str], *series: Sequence[int]) -> Columns:
    """A group of columns for each name, one of each series."""
    top, (room, across) = _nice(series), _axis(names)
    wide = room * 0.76 / len(series)
    found = [
        Column(
            round(_LEFT + at * room + room * 0.12 + which * wide, 1),
            round(_TOP + _PLOT * (1 - value / top), 1),
            round(wide, 1),
            round(_PLOT * value / top, 1),
            which,
        )
        for which, values in enumerate(series)
        for at, value in enumerate(values)
    ]
    return Columns(found, "", across, _up(top))


def line(names: Sequence[str], values: Sequence[int]) -> Columns:
    """One line through a value for each name."""
    top, (room, across) = _nice([values]), _axis(names)
    points = [
        f"{_LEFT + at * room + room / 2:.1f},{_TOP + _PLOT * (1 - value / top):.1f}" for at, value in enumerate(values)
    ]
    return Columns([], " ".join(points), across, _up(top))


def _axis(names: Sequence[str]) -> tuple[float, list[Mark]]:
    room = (WIDTH - _LEFT - 8) / max(1, len(names))
    every = -(-len(names) // _MOST_LABELS) or 1
    last = WIDTH - _HALF_LABEL
    marks = [
        Mark(round(min(_LEFT + at * room + room / 2, last), 1), name)
        for at, name in enumerate(names)
        if at % every == 0
    ]
    return room, marks


def _nice(series: Sequence[Sequence[int]]) -> int:
    """A round number that is no less than any value, and can be quartered."""
    most = max((value for values in series for value in values), default=0)
    step = 1
    while True:
        for times in (4, 8, 12, 20, 32):
            if most <= times * step:
                return times * step
        step *= 10


def _up(top: int) -> list[Mark]:
    return [Mark(round(_TOP + _PLOT * (1 - part / 4), 1), f"{top * part // 4}") for part in range(5)]


def _cut(name: str) -> str:
    """As much of *name* as has room; a Chinese character is as wide as two others."""
    room = _WIDEST_NAME
    for at, sign in enumerate(name):
        room -= 2 if ord(sign) >= _CJK else 1
        if room < 0:
            return f"{name[: at - 1]}…"
    return name
