"""WeChat's access tokens: one for all processes, fetched once, and again only when it has to be (WECHAT.md §4)."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from adapters.wechat_errors import token_refusal
from domain.delivery import Verdict
from services.ports import Cache, Clock, WeChatError

REFRESH_BEFORE_END = timedelta(minutes=5)
"""In its last five minutes WeChat already gives out the next token, while the old one goes on working."""
FAIL_FAST = timedelta(seconds=30)
DEFAULT_LIFE = 7200
_LOCK_SECONDS = 10
_WAITS = 30
_WAIT_SECONDS = 0.1

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    until: datetime
    """When the next one is to be fetched; some minutes before WeChat stops taking this one."""


@dataclass(frozen=True, slots=True)
class _Since:
    """Something that holds for half a minute. A clock that was moved back must not make it last longer."""

    moment: datetime

    def holds(self, now: datetime) -> bool:
        return timedelta() <= now - self.moment < FAIL_FAST


class Tokens:
    """The access token of one account.

    The value lies in the cache, for all processes, and in this process, so that nothing stops when Redis is away:
    ``stable_token`` then gives every process the same one. WeChat is asked by one process (a lock in the cache) and
    there by one task, which everybody waits for and whose failure everybody shares. ``force_refresh`` is never used:
    it would kill the token that others hold, and there are twenty of them in a day.
    """

    def __init__(
        self,
        appid: str,
        ask: Callable[[], Awaitable[Mapping[str, object]]],
        *,
        cache: Cache,
        clock: Clock,
    ) -> None:
        """*ask* calls ``stable_token`` and returns its answer or raises WeChatError."""
        self._appid = appid
        self._ask = ask
        self._cache = cache
        self._clock = clock
        self._held: _Token | None = None
        self._renewal: asyncio.Task[_Token] | None = None
        self._refusal: tuple[_Since, WeChatError] | None = None
        self._same_again: tuple[_Since, str] | None = None
        self._key = f"wechat:token:{appid}"
        self._lock_key = f"wechat:token-lock:{appid}"

    async def get(self, stale: str | None = None) -> str:
        """A token that is good as far as is known; *stale* is one that WeChat has just refused.

        With *stale* a new token is fetched only if nobody has done so in the meantime. It may be the refused one again,
        if WeChat insists on it; for half a minute after that nobody asks for another.

        Raises WeChatError. After a refusal that does not pass by itself (wrong secret, IP list, quota), WeChat is not
        asked again for half a minute, and the same error is raised at once.
        """
        now = self._clock.now()
        held = self._held
        if held is not None and now < held.until and (held.value != stale or self._insists_on(held.value, now)):
            return held.value
        if self._renewal is not None and not self._renewal.done():
            renewed = await asyncio.shield(self._renewal)
            if renewed.value != stale or self._insists_on(renewed.value, self._clock.now()):
                return renewed.value
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew(stale))
            self._renewal.add_done_callback(_look_at)
        return (await asyncio.shield(self._renewal)).value

    async def check(self) -> None:
        """Ask WeChat for a token now, whatever is known; raises WeChatError."""
        self._keep(await self._fetch())

    async def close(self) -> None:
        """End a fetch that is under way."""
        if self._renewal is not None and not self._renewal.done():
            self._renewal.cancel()
            with contextlib.suppress(asyncio.CancelledError, WeChatError):
                await self._renewal

    async def _renew(self, stale: str | None) -> _Token:
        owner = secrets.token_hex(8)
        claimed = False
        for _ in range(_WAITS):
            claimed = await self._cache.claim(self._lock_key, owner, seconds=_LOCK_SECONDS)
            shared = await self._read_shared()
            if shared is not None and shared.value != stale:
                if claimed:
                    await self._cache.release(self._lock_key, owner)
                self._held = shared
                return shared
            if claimed:
                break
            await asyncio.sleep(_WAIT_SECONDS)
        # Not claimed: whoever holds the lock is stuck. Asking twice does no harm, the answer is the same.
        try:
            self._fail_fast()
            token = await self._fetch()
            self._keep(token)
            if token.value == stale:
                log.warning("wechat_token_same_again", appid=self._appid)
                self._same_again = (_Since(self._clock.now()), token.value)
            await self._share(token)
            return token
        finally:
            if claimed:
                await self._cache.release(self._lock_key, owner)

    def _insists_on(self, value: str, now: datetime) -> bool:
        return self._same_again is not None and self._same_again[1] == value and self._same_again[0].holds(now)

    def _fail_fast(self) -> None:
        if self._refusal is not None:
            since, error = self._refusal
            if since.holds(self._clock.now()):
                raise WeChatError(error.verdict, error.reason, error.errcode)

    def _keep(self, token: _Token) -> None:
        self._held = token
        self._refusal = None

    async def _fetch(self) -> _Token:
        try:
            answer = await self._ask()
        except WeChatError as raw:
            error = token_refusal(raw)
            if error.verdict is not Verdict.RETRY:
                self._refusal = (_Since(self._clock.now()), error)
            log.warning("wechat_token_refused", appid=self._appid, reason=error.reason, errcode=error.errcode)
            raise error from None
        value, life = answer.get("access_token"), answer.get("expires_in", DEFAULT_LIFE)
        if not isinstance(value, str) or not value or not isinstance(life, int):
            raise WeChatError(Verdict.RETRY, "WeChat's answer holds no access token")
        lead = min(REFRESH_BEFORE_END, timedelta(seconds=life / 2))
        log.info("wechat_token_fetched", appid=self._appid, seconds=life)
        return _Token(value, self._clock.now() + timedelta(seconds=life) - lead)

    async def _read_shared(self) -> _Token | None:
        kept = await self._cache.get(self._key)
        if kept is None:
            return None
        try:
            fields = json.loads(kept)
            token = _Token(str(fields["value"]), datetime.fromtimestamp(float(fields["until"]), UTC))
        except (ValueError, KeyError, TypeError, OverflowError):
            return None
        return token if self._clock.now() < token.until else None

    async def _share(self, token: _Token) -> None:
        seconds = int((token.until - self._clock.now()).total_seconds())
        if seconds > 0:
            kept = json.dumps({"value": token.value, "until": token.until.timestamp()})
            await self._cache.set(self._key, kept, seconds=seconds)


def _look_at(renewal: asyncio.Task[_Token]) -> None:
    """Everyone who waited may have been cancelled; a failure that nobody saw is logged already."""
    if not renewal.cancelled():
        renewal.exception()
