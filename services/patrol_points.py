"""A patrol's points as they are kept: packed, sealed, one row a batch; and what is measured of them all."""

import base64
import hashlib
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.coverage import Ground, Walked
from domain.patrol import longest_track
from domain.track import Doubt, Point, Sift, Track, track_of

MOST_IN_BATCH = 1000
UNKNOWN_ACCURACY = 30.0
"""Metres, where a phone does not tell."""
_EARLY = 60.0
"""Seconds by which a point may lie outside the patrol: phones round, and tap late."""

# Milliseconds since 1970, millionths of a degree, decimetres, flags: nineteen bytes a point.
_ONE = struct.Struct("<qiiHB")
_MOCK = 1
_MICRO, _DECI, _MILLI = 1e6, 10, 1000
_MOST_DECIMETRES = 65535


@dataclass(frozen=True, slots=True)
class Measured:
    """``track`` is the one that counts; coverage and what was walked are ``None`` where no boundary is known."""

    track: Track
    coverage: float | None
    walked: Walked | None
    doubts: tuple[Doubt, ...]
    last: datetime | None


def packed(points: Sequence[Point]) -> str:
    """As text, which can be sealed."""
    data = b"".join(
        _ONE.pack(
            round(one.at * _MILLI),
            round(one.latitude * _MICRO),
            round(one.longitude * _MICRO),
            min(_MOST_DECIMETRES, round(one.accuracy * _DECI)),
            _MOCK if one.mock else 0,
        )
        for one in points
    )
    return base64.b85encode(data).decode()


def unpacked(text: str) -> list[Point]:
    return [
        Point(at / _MILLI, latitude / _MICRO, longitude / _MICRO, accuracy / _DECI, bool(flags & _MOCK))
        for at, latitude, longitude, accuracy, flags in _ONE.iter_unpack(base64.b85decode(text))
    ]


def sum_of(points: Sequence[Point]) -> str:
    """The same for the same points, as the phone has sent them."""
    return hashlib.blake2b(packed(points).encode(), digest_size=16).hexdigest()


def measured(
    by_device: Mapping[str, Sequence[Point]],
    *,
    since: datetime,
    until: datetime,
    sift: Sift,
    ground: Ground | None,
) -> Measured:
    """Everything about the track of a patrol. Each phone's is measured by itself, and the longest counts."""
    first, last = since.timestamp() - _EARLY, until.timestamp() + _EARLY
    heard = [[one for one in points if first <= one.at <= last] for points in by_device.values()]
    tracks = [track_of(points, sift) for points in heard]
    longest = longest_track([track.metres for track in tracks])
    track = tracks[longest] if longest >= 0 else track_of([])
    newest = max((one.at for points in heard for one in points), default=None)
    doubts = {doubt for one in tracks for doubt in one.doubts}
    walked = ground.walked(track.pieces) if ground is not None else None
    return Measured(
        track,
        ground.share(walked) if ground is not None and walked is not None else None,
        walked,
        tuple(doubt for doubt in Doubt if doubt in doubts),
        datetime.fromtimestamp(newest, UTC) if newest is not None else None,
    )
