"""The phone's clock and ours: a batch says when it was sent, by which what it tells is set right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import BadInput
from domain.track import Point

_AHEAD = timedelta(minutes=5)
"""A phone's clock may be so far ahead without being wrong."""
_CLOCK_OFF, _CLOCK_WRONG = 30.0, 600.0
"""Seconds: from when on a phone's times are set right, and from when on that is worth a doubt."""


@dataclass(frozen=True, slots=True)
class Batch:
    number: int
    points: Sequence[Point]
    device: str = ""
    sent_at: datetime | None = None


def moment(told: datetime | None, sent_at: datetime | None, now: datetime, name: str, longest: timedelta) -> datetime:
    """When it was, by our clock. Raises BadInput for what is longer ago than *longest*, or lies ahead."""
    if told is None:
        return now
    found = told + off(sent_at, now)
    if not now - longest <= found <= now + _AHEAD:
        hours = round(longest / timedelta(hours=1))
        raise BadInput(f"{name} must not lie ahead, nor more than {hours} hours back", field=name, hours=hours)
    return min(found, now)


def off(sent_at: datetime | None, now: datetime) -> timedelta:
    """What has to be added to the phone's times; nothing where it is off by less than a message may take."""
    late = now - sent_at if sent_at is not None else timedelta()
    return late if abs(late.total_seconds()) > _CLOCK_OFF else timedelta()


def is_wrong(sent_at: datetime | None, now: datetime) -> bool:
    """Whether the phone's clock is so far off that a person should know."""
    return abs(off(sent_at, now).total_seconds()) > _CLOCK_WRONG


def set_right(batch: Batch, now: datetime) -> list[Point]:
    """The points by our clock."""
    late = off(batch.sent_at, now).total_seconds()
    if not late:
        return list(batch.points)
    return [Point(one.at + late, one.latitude, one.longitude, one.accuracy, one.mock) for one in batch.points]
