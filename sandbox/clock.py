"""The sandbox's own time: the real time plus an offset that a person can move."""

import time
from datetime import datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


class Clock:
    """Tells the pretend time in epoch seconds; it runs at real speed from wherever it was put."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def now(self) -> float:
        return time.time() + self.offset

    def advance(self, seconds: float) -> None:
        self.offset += seconds

    def set(self, moment: datetime) -> None:
        """Put the clock to *moment*, which must carry an offset."""
        self.offset = moment.timestamp() - time.time()


def rfc3339(moment: float) -> str:
    """Write epoch seconds as RFC 3339 in China's time, to the millisecond."""
    return datetime.fromtimestamp(moment, CHINA).isoformat(timespec="milliseconds")


def month(moment: float) -> str:
    """Name the calendar month in China, as ``2026-03``."""
    return datetime.fromtimestamp(moment, CHINA).strftime("%Y-%m")


def day(moment: float) -> str:
    """Name the calendar day in China, as ``2026-03-05``."""
    return datetime.fromtimestamp(moment, CHINA).strftime("%Y-%m-%d")
