"""Sweeps that do not pile up on each other."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)

LONGEST = 300.0
"""Seconds after which a sweep is broken off: what it has not done, the next one finds."""


class Alone:
    """Runs each sweep once at a time in this process; other processes have theirs.

    A sweep that takes longer than its period would otherwise be joined by the next, until no room is left for other
    jobs. A lock in the queue would do it for all processes, but one that is stuck would then stop them all.
    """

    def __init__(self, *, longest: float = LONGEST) -> None:
        self._running: set[str] = set()
        self._longest = longest

    async def run(self, name: str, *parts: Callable[[], Awaitable[object]]) -> None:
        """Run *parts* one after the other, unless *name* is under way here. One that fails does not stop the rest.

        Raises the first failure afterwards, and TimeoutError.
        """
        if name in self._running:
            return
        self._running.add(name)
        failures = []
        try:
            for part in parts:
                try:
                    async with asyncio.timeout(self._longest):
                        await part()
                except Exception as error:  # noqa: BLE001 - whatever it is, the rest must still run; raised below
                    log.warning("sweep_failed", sweep=name, reason=f"{type(error).__name__}: {error}")
                    failures.append(error)
        finally:
            self._running.discard(name)
        if failures:
            raise failures[0]
