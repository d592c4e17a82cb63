"""How often a person or an address may ask."""

import asyncio
import math
import time
from typing import Any, Protocol

import structlog
from aiohttp import web
from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from domain.errors import TooMany
from web.addresses import Proxies, site

PATIENCE = 0.5
"""Seconds that one question may take, whatever Redis does."""
PAUSE = 2.0
"""Seconds for which nobody asks Redis after it failed."""

log = structlog.get_logger(__name__)


class Rate(Protocol):
    """Counts. Answers within half a second and never raises for the counter's sake: a lost count lets people in."""

    async def hit(self, key: str, per_minute: int) -> int:
        """Count one request of *key*; 0 when it is within *per_minute*, else the seconds to wait."""
        ...


class Unlimited:
    """No limits: for tests and for a service behind a gateway that has its own."""

    async def hit(self, key: str, per_minute: int) -> int:  # noqa: ARG002 - the protocol's
        return 0


class RedisRate:
    """Fulfils :class:`Rate` with a sliding window in Redis, shared by all processes."""

    def __init__(self, url: str, *, prefix: str = "wangge:rate", pool_size: int = 20) -> None:
        """*url* is ``redis://``, ``rediss://`` or ``unix://``. Nothing is connected before the first call."""
        self._pool = BlockingConnectionPool.from_url(
            url,
            max_connections=pool_size,
            timeout=PATIENCE,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )
        # The address is in the pool; this one only says which client to use.
        options: dict[str, Any] = {"connection_pool": self._pool}
        storage = RedisStorage("async+redis://", implementation="redispy", key_prefix=prefix, **options)
        self._window = SlidingWindowCounterRateLimiter(storage)
        self._next_try = 0.0
        self._away = False

    async def hit(self, key: str, per_minute: int) -> int:
        """See :meth:`Rate.hit`."""
        if self._away:
            if time.monotonic() < self._next_try:
                return 0
            self._next_try = time.monotonic() + PAUSE  # this one tries, the others need not wait with it
        item = RateLimitItemPerMinute(per_minute)
        try:
            async with asyncio.timeout(PATIENCE):
                wait = 0 if await self._window.hit(item, key) else await self._wait(item, key)
        except (RedisError, OSError) as error:
            self._next_try = time.monotonic() + PAUSE
            if not self._away:
                self._away = True
                log.warning("rate_limits_off", reason=str(error) or "no answer in time", error=type(error).__name__)
            return 0
        if self._away:
            self._away = False
            log.info("rate_limits_back")
        return wait

    async def _wait(self, item: RateLimitItemPerMinute, key: str) -> int:
        stats = await self._window.get_window_stats(item, key)
        return min(max(1, math.ceil(stats.reset_time - time.time())), item.get_expiry())

    async def close(self) -> None:
        await self._pool.disconnect()


class Limits:
    """The limits of one door, made from a counter."""

    def __init__(self, rate: Rate, proxies: Proxies, *, per_person: int, per_address: int) -> None:
        """*per_person* and *per_address* are requests a minute."""
        self._rate = rate
        self._proxies = proxies
        self._per_person = per_person
        self._per_address = per_address

    async def person(self, person_id: int) -> None:
        """Count a request of somebody who is signed in. Raises TooMany."""
        await self._count(f"person:{person_id}", self._per_person)

    async def stranger(self, request: web.Request) -> None:
        """Count a request of somebody who is not, by address. Raises TooMany.

        A private address is not counted: it belongs to a proxy that nobody has named among the trusted ones, and a
        whole town stands behind it.
        """
        address = self._proxies.client(request)
        if address is not None and address.is_global:
            await self._count(f"address:{site(address)}", self._per_address)

    async def _count(self, key: str, per_minute: int) -> None:
        wait = await self._rate.hit(key, per_minute)
        if wait:
            raise TooMany("too many requests within a minute", retry_after=wait)
