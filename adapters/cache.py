"""Redis, or Valkey: fast, and allowed to vanish."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

PATIENCE = 0.5
"""Seconds that one call may take, whatever Redis does."""
PAUSE = 2.0
"""Seconds for which nobody asks Redis after it failed; then one caller tries, and the rest follow when it answers."""

_DELETE_IF_SAME = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"

T = TypeVar("T")

log = structlog.get_logger(__name__)


class RedisCache:
    """Fulfils :class:`services.ports.Cache`. No method ever raises for Redis' sake: without Redis, ``get`` knows
    nothing, ``claim`` grants, and the others do nothing. An outage is logged once when it begins and once when it ends.
    """

    def __init__(self, url: str, *, prefix: str = "wangge:", pool_size: int = 50) -> None:
        """*url* is ``redis://``, ``rediss://`` or ``unix://``; *prefix* stands before every key.

        Nothing is connected before the first call.
        """
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=pool_size,
            # The one limit is in _ask, around everything. Limits in here would each begin anew, and the one on writing
            # can swallow that one's end (asyncio.wait_for of Python 3.11), so that a call took a second.
            timeout=None,
            socket_timeout=None,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
            # The older protocol: a new connection needs no handshake, and Valkey knows none of the newer's extras.
            protocol=2,
        )
        self._redis: Redis = Redis.from_pool(pool)
        self._prefix = prefix
        self._away = False
        self._next_try = 0.0

    async def get(self, key: str) -> str | None:
        """The value, or None when there is none or Redis is away."""
        return cast("str | None", await self._ask(lambda: self._redis.get(self._prefix + key), None))

    async def set(self, key: str, value: str, *, seconds: int) -> None:
        """Keep *value* for *seconds* (at least 1); forgotten at once when Redis is away."""
        await self._ask(lambda: self._redis.set(self._prefix + key, value, ex=max(1, seconds)), None)

    async def delete(self, *keys: str) -> None:
        if keys:
            await self._ask(lambda: self._redis.delete(*(self._prefix + key for key in keys)), 0)

    async def claim(self, key: str, token: str, *, seconds: int) -> bool:
        """Take a lock that ends by itself after *seconds*.

        True also when Redis is away, so that nobody waits for it.
        """

        async def take() -> bool:
            return bool(await self._redis.set(self._prefix + key, token, nx=True, ex=max(1, seconds)))

        return await self._ask(take, True)

    async def release(self, key: str, token: str) -> None:
        """Give the lock back if it is still *token*'s."""
        await self._ask(
            lambda: cast("Awaitable[object]", self._redis.eval(_DELETE_IF_SAME, 1, self._prefix + key, token)), None
        )

    async def healthy(self) -> bool:
        """Whether Redis answers; False within half a second when it does not, at once while an outage is known."""
        return bool(await self._ask(self._redis.ping, False))

    async def close(self) -> None:
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()

    async def _ask(self, command: Callable[[], Awaitable[T]], otherwise: T) -> T:
        if self._away:
            if time.monotonic() < self._next_try:
                return otherwise
            self._next_try = time.monotonic() + PAUSE  # this caller tries, the others need not wait with it
        try:
            # What this cuts off half way, redis-py closes: no later call reads the answer that was meant for this one.
            async with asyncio.timeout(PATIENCE):
                answer = await command()
        except (RedisError, OSError) as error:
            self._note_failure(error)
            return otherwise
        if self._away:
            self._away = False
            log.info("redis_back")
        return answer

    def _note_failure(self, error: Exception) -> None:
        self._next_try = time.monotonic() + PAUSE
        if not self._away:
            self._away = True
            log.warning("redis_away", reason=str(error) or "no answer in time", error=type(error).__name__)
