"""Sign-ins of the console, and how often somebody has failed to: both in Redis, and neither without it.

A sign-in that nobody can check is none, and a password that nobody counts the guesses of is open: where Redis does not
answer, every call raises Unavailable.
"""

import asyncio
import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from domain.errors import TooMany, Unavailable

PATIENCE = 1.0
"""Seconds that one question may take, whatever Redis does."""
TOKEN_BYTES = 32
RETRY_AFTER = 10
HALF_SECONDS = 300
"""Between a password and its second step: long enough to find the phone."""

# A count that has run out meanwhile must not begin anew without an end.
_TAKE_BACK = "if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('DECR', KEYS[1]) end return 0"

T = TypeVar("T")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StaffSession:
    """One browser's sign-in. Redis knows the token's hash only."""

    token: str = field(repr=False)
    person_id: int
    since: datetime
    """When the password was set that it was made with."""
    csrf: str = field(repr=False)
    scanned: bool = False
    """Made by a scan of their own WeChat, which shows that they hold their phone."""


@dataclass(frozen=True, slots=True)
class HalfSession:
    """Whoever has given the right password, and owes the second step."""

    token: str = field(repr=False)
    person_id: int
    since: datetime
    wanted: str


@dataclass(frozen=True, slots=True)
class Guesses:
    """Whose guesses are counted, and how many are allowed."""

    key: str
    allowed: int
    of_account: bool
    """A right password clears an account's count; of an address it takes back one."""


class StaffSessions:
    def __init__(
        self, url: str, *, idle_seconds: int, life_seconds: int, lock_seconds: int, prefix: str = "wangge:console"
    ) -> None:
        """A sign-in ends *idle_seconds* after its last request, and *life_seconds* after it was made in any case.

        Whoever guessed too often is locked out for *lock_seconds*. Nothing is connected before the first call.
        """
        self._pool = BlockingConnectionPool.from_url(
            url,
            max_connections=20,
            timeout=PATIENCE,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
            protocol=2,
        )
        self._redis: Redis = Redis.from_pool(self._pool)
        self._prefix = prefix
        self._idle, self._life, self._lock = idle_seconds, life_seconds, lock_seconds

    async def open(self, person_id: int, since: datetime, *, scanned: bool = False) -> StaffSession:
        """A new sign-in; *scanned*: by a scan of their WeChat. Raises Unavailable."""
        token, csrf = secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(TOKEN_BYTES)
        made = StaffSession(token, person_id, since, csrf, scanned)
        kept = json.dumps({"person": person_id, "since": since.isoformat(), "csrf": csrf, "scanned": scanned})
        live, idle = self._keys(made.token)

        async def keep() -> None:
            async with self._redis.pipeline() as pipe:
                pipe.set(live, kept, ex=self._life)
                pipe.set(idle, "1", ex=self._idle)
                await pipe.execute()

        await self._ask(keep)
        return made

    async def find(self, token: str) -> StaffSession | None:
        """The sign-in, which goes on being in use; ``None`` where there is none any more. Raises Unavailable."""
        live, idle = self._keys(token)

        async def look() -> Sequence[Any]:
            async with self._redis.pipeline() as pipe:
                pipe.get(live)
                pipe.getex(idle, ex=self._idle)
                return list(await pipe.execute())

        kept, used = await self._ask(look)
        if kept is None or used is None:
            return None
        known = json.loads(kept)
        since = datetime.fromisoformat(known["since"])
        return StaffSession(token, known["person"], since, known["csrf"], known.get("scanned", False))

    async def lasts(self, token: str) -> bool:
        """Whether the sign-in is still there; asking does not keep it in use. Raises Unavailable."""
        return int(await self._ask(lambda: self._redis.exists(*self._keys(token)))) == len(self._keys(token))

    async def half_open(self, person_id: int, since: datetime, wanted: str) -> str:
        """The first step of a sign-in is done; its second must follow within five minutes. Raises Unavailable."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        kept = json.dumps({"person": person_id, "since": since.isoformat(), "wanted": wanted})
        await self._ask(lambda: self._redis.set(self._half(token), kept, ex=HALF_SECONDS))
        return token

    async def half(self, token: str) -> HalfSession | None:
        """A sign-in whose second step is owed; ``None`` where there is none any more. Raises Unavailable."""
        kept = await self._ask(lambda: self._redis.get(self._half(token))) if token else None
        if kept is None:
            return None
        known = json.loads(kept)
        return HalfSession(token, known["person"], datetime.fromisoformat(known["since"]), known["wanted"])

    async def half_close(self, token: str) -> bool:
        """It has become a whole one; whether it was still there: of two at once, one. Raises Unavailable."""
        return bool(await self._ask(lambda: self._redis.delete(self._half(token))))

    async def close(self, token: str) -> None:
        """End it. Raises Unavailable: whoever signs out must know whether they have."""
        await self._ask(lambda: self._redis.delete(*self._keys(token)))

    async def count(self, guesses: Sequence[Guesses]) -> None:
        """Count one try of each, before it is looked at: tries at the same moment are counted, too.

        Raises TooMany with the seconds to wait, Unavailable.
        """

        async def count() -> Sequence[Any]:
            async with self._redis.pipeline() as pipe:
                for one in guesses:
                    pipe.set(self._key(one), 0, ex=self._lock, nx=True)
                    pipe.incr(self._key(one))
                    pipe.ttl(self._key(one))
                return list(await pipe.execute())

        found = await self._ask(count)
        for one, tries, left in zip(guesses, found[1::3], found[2::3], strict=True):
            if tries > one.allowed:
                raise TooMany("too many wrong passwords", retry_after=max(1, int(left)))

    async def forgive(self, guesses: Sequence[Guesses]) -> None:
        """The try just counted was right. Raises Unavailable."""

        async def forgive() -> None:
            async with self._redis.pipeline() as pipe:
                for one in guesses:
                    if one.of_account:
                        pipe.delete(self._key(one))
                    else:
                        pipe.eval(_TAKE_BACK, 1, self._key(one))
                await pipe.execute()

        await self._ask(forgive)

    async def disconnect(self) -> None:
        await self._pool.disconnect()

    def _keys(self, token: str) -> tuple[str, str]:
        hashed = hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
        return f"{self._prefix}:live:{hashed}", f"{self._prefix}:idle:{hashed}"

    def _half(self, token: str) -> str:
        return f"{self._prefix}:half:{hashlib.sha256(token.encode('utf-8', 'replace')).hexdigest()}"

    def _key(self, one: Guesses) -> str:
        # A number that was typed is somebody's: it is not kept as it is.
        return f"{self._prefix}:tries:{hashlib.sha256(one.key.encode('utf-8', 'replace')).hexdigest()}"

    async def _ask(self, question: Callable[[], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(PATIENCE):
                return await question()
        except (RedisError, OSError) as error:
            log.warning("console_without_redis", error=type(error).__name__, reason=str(error)[:200])
            raise Unavailable("sign-ins cannot be looked up at the moment", retry_after=RETRY_AFTER) from None
