"""How much was sent in this minute, counted by all processes together."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

PATIENCE = 0.5
LONGEST_WAIT = 5.0
PAUSE = 2.0
"""Seconds for which nobody asks Redis after it failed."""

log = structlog.get_logger(__name__)


class SharedRates:
    """Fulfils :class:`services.ports.Rates`: a sliding window in Redis; while that is away, one in this process.

    What was counted in the one is not known to the other: for a minute after Redis vanished twice as much may be sent.
    WeChat's own refusal (45011) then does what the count cannot.
    """

    def __init__(self, url: str, *, prefix: str = "wangge:sends", pool_size: int = 10) -> None:
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
        options: dict[str, Any] = {"connection_pool": self._pool}
        shared = RedisStorage("async+redis://", implementation="redispy", key_prefix=prefix, **options)
        self._shared = SlidingWindowCounterRateLimiter(shared)
        self._alone = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._next_try = 0.0
        self._away = False

    async def take(self, key: str, per_minute: int, count: int) -> float:
        """See :meth:`services.ports.Rates.take`."""
        item, count = RateLimitItemPerMinute(per_minute), min(count, per_minute)
        try:
            return await self._either(lambda window: _take(window, item, key, count))
        except Exception:
            log.exception("send_rates_failed")
            return 0.0

    async def close(self) -> None:
        await self._pool.disconnect()

    async def _either(self, ask: Callable[[SlidingWindowCounterRateLimiter], Awaitable[float]]) -> float:
        if self._away:
            if time.monotonic() < self._next_try:
                return await ask(self._alone)
            self._next_try = time.monotonic() + PAUSE  # this one tries, the others need not wait with it
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await ask(self._shared)
        except (RedisError, OSError) as error:
            self._next_try = time.monotonic() + PAUSE
            if not self._away:
                self._away = True
                log.warning("send_rates_alone", reason=str(error) or "no answer in time", error=type(error).__name__)
            return await ask(self._alone)
        if self._away:
            self._away = False
            log.info("send_rates_shared")
        return answer


async def _take(window: SlidingWindowCounterRateLimiter, item: RateLimitItemPerMinute, key: str, count: int) -> float:
    if await window.hit(item, key, cost=count):
        return 0.0
    stats = await window.get_window_stats(item, key)
    # The window slides: some room comes long before all of it does.
    return min(max(1.0, math.ceil(stats.reset_time - time.time())), LONGEST_WAIT)
