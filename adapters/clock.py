"""The time of day."""

from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, with time zone UTC."""
        return datetime.now(UTC)


class MovableClock:
    """The machine's clock, moved by an offset: the demo and the tests jump over days with it."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset

    @property
    def offset(self) -> timedelta:
        return self._offset

    def set_offset(self, offset: timedelta) -> None:
        """From now on the clock stands *offset* away from the machine's; negative is the past."""
        self._offset = offset

    def now(self) -> datetime:
        """The moved moment, with time zone UTC; it goes on running."""
        return datetime.now(UTC) + self._offset
