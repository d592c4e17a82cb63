"""The sandbox's movable clock: one offset in the database, followed by every process."""

from datetime import datetime, timedelta
from typing import Protocol

from domain.errors import BadInput
from services.ports import Queue
from services.transaction import row, transaction

FURTHEST = timedelta(days=366 * 20)

_SET = """
INSERT INTO sandbox_clock (id, offset_seconds) VALUES (1, $1)
ON CONFLICT (id) DO UPDATE SET offset_seconds = excluded.offset_seconds RETURNING offset_seconds
"""
_ADVANCE = _SET.replace("= excluded", "= sandbox_clock.offset_seconds + excluded")


class Movable(Protocol):
    """A clock that can be set apart from the machine's."""

    @property
    def offset(self) -> timedelta: ...

    def set_offset(self, offset: timedelta) -> None: ...

    def now(self) -> datetime: ...


class MovedClock:
    def __init__(self, clock: Movable, queue: Queue) -> None:
        self._clock = clock
        self._queue = queue
        self._moves = 0

    async def load(self) -> None:
        """Take over what any process has set."""
        moves = self._moves
        found = await row("SELECT offset_seconds FROM sandbox_clock WHERE id = 1")
        if self._moves != moves:
            return  # moved here meanwhile: what was read is the time before
        self._clock.set_offset(timedelta(seconds=found["offset_seconds"] if found else 0))

    async def advance(self, seconds: float) -> datetime:
        """Move on by *seconds* (or back, when negative); what is due then is taken at once. Raises BadInput."""
        return await self._set(_ADVANCE, _bounded(seconds))

    async def set_to(self, moment: datetime) -> datetime:
        """Set to *moment*. Raises BadInput."""
        if moment.tzinfo is None:
            raise BadInput("now needs a time zone, as in 2026-11-23T09:00:00+08:00", field="now")
        real = self._clock.now() - self._clock.offset
        return await self._set(_SET, _bounded((moment - real).total_seconds()))

    async def _set(self, sql: str, seconds: float) -> datetime:
        async with transaction():
            # In one statement: two who move the clock at once both move it.
            offset = timedelta(seconds=_bounded((await row(sql, seconds))["offset_seconds"]))
            await self._queue.defer("sweep", {})
        self._moves += 1
        self._clock.set_offset(offset)
        return self._clock.now()


def _bounded(seconds: float) -> float:
    if not abs(seconds) <= FURTHEST.total_seconds():
        raise BadInput("advance_seconds must be a number of seconds, at most twenty years", field="advance_seconds")
    return seconds
