"""A session in the database that lives as long as this process: when that is gone, the database knows at once."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Mapping
from typing import Any

import asyncpg
import structlog

from services.delivery_senders import COME_BACK, ENROL, TAKE_LOCK

_AGAIN_SECONDS = 0.2
_PATIENCE = 3.0
_KEEPALIVES = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3"}
"""Of a machine that lost its power nobody hears: the database then asks, and gives the session up after 11 seconds."""
_AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)

log = structlog.get_logger(__name__)


class Presence:
    """Fulfils :class:`services.ports.Presence` by an advisory lock on a connection of its own.

    A connection that breaks under a living process is opened anew at once, under the same number: whoever looks for
    dead senders waits that long (:data:`services.delivery_senders.GRACE_SECONDS`).
    """

    def __init__(self, credentials: Mapping[str, Any]) -> None:
        """*credentials* as asyncpg's ``connect`` takes them. Nothing is connected before the first call."""
        names = ("host", "port", "user", "password", "database", "ssl")
        self._given = {name: credentials[name] for name in names if name in credentials}
        self._connection: Any = None
        self._number: int | None = None
        self._turn = asyncio.Lock()
        self._coming_back: asyncio.Task[None] | None = None
        self._closed = False

    async def number(self) -> int:
        """The number of this process, its lock held; raises what the database says when it is away."""
        if self._connection is None or self._number is None or self._connection.is_closed():
            await self._enrol()
        assert self._number is not None  # noqa: S101 - _enrol has set it, or raised
        return self._number

    async def close(self) -> None:
        """Give the number up: what this process has left behind is anybody's."""
        self._closed = True
        if self._coming_back is not None:
            self._coming_back.cancel()
            await asyncio.gather(self._coming_back, return_exceptions=True)
        if self._connection is not None:
            with contextlib.suppress(*_AWAY, TimeoutError):
                await self._connection.close(timeout=_PATIENCE)

    async def _enrol(self) -> None:
        async with self._turn:
            if self._connection is not None and not self._connection.is_closed() and self._number is not None:
                return
            connection = await asyncpg.connect(
                **self._given, timeout=_PATIENCE, command_timeout=_PATIENCE, server_settings=_KEEPALIVES
            )
            try:
                self._number = await self._take(connection)
            except BaseException:
                connection.terminate()
                raise
            self._connection = connection
            connection.add_termination_listener(self._lost)

    async def _take(self, connection: Any) -> int:
        if self._number is not None:
            # The broken session may still stand in the database for a moment; then so does its lock.
            if not await connection.fetchval(TAKE_LOCK, self._number):
                raise asyncpg.InterfaceError("the broken session still holds the lock")
            if await connection.fetchval(COME_BACK, self._number) is not None:
                return self._number
        number = int(await connection.fetchval(ENROL, socket.gethostname()[:80], os.getpid()))
        await connection.fetchval(TAKE_LOCK, number)
        return number

    def _lost(self, _connection: object) -> None:
        if not self._closed and (self._coming_back is None or self._coming_back.done()):
            self._coming_back = asyncio.ensure_future(self._come_back())

    async def _come_back(self) -> None:
        log.warning("presence_lost", sender=self._number)
        while True:
            try:
                await self._enrol()
            except (*_AWAY, TimeoutError):
                await asyncio.sleep(_AGAIN_SECONDS)
            else:
                log.info("presence_back", sender=self._number)
                return
