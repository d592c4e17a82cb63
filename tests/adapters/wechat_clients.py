"""Clients for the scripted WeChat, each with a Redis connection of its own as in a process of its own."""

from types import TracebackType
from typing import Self

import aiohttp
import pytest

from adapters.cache import RedisCache
from adapters.clock import MovableClock
from adapters.wechat import MiniProgram, OfficialAccount, WeChatClient
from adapters.wechat_wire import PATIENCE
from services.ports import WeChatError
from tests.adapters.scripted_wechat import MINI, OFFICIAL

SHORT = aiohttp.ClientTimeout(total=2, connect=0.5, sock_connect=0.5, sock_read=1)
"""For those tests that wait for it to end."""
NO_REDIS = "unix:///tmp/there-is-no-valkey-here.sock"


class Clients:
    """Opens clients, and closes them all at the end."""

    def __init__(self, redis: str = NO_REDIS) -> None:
        self.clock = MovableClock()
        self._redis = redis
        self._opened: list[WeChatClient | RedisCache] = []

    def __call__(
        self,
        base: str,
        fallback: str = "",
        *,
        official: tuple[str, str] = OFFICIAL,
        mini: tuple[str, str] = MINI,
        redis: str | None = None,
        patience: aiohttp.ClientTimeout = PATIENCE,
    ) -> WeChatClient:
        cache = RedisCache(redis or self._redis)
        client = WeChatClient(
            OfficialAccount(*official),
            MiniProgram(*mini),
            api_base=base,
            api_base_fallback=fallback,
            cache=cache,
            clock=self.clock,
            patience=patience,
        )
        self._opened += [client, cache]
        return client

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in self._opened:
            await one.close()


async def refusal_of(call) -> WeChatError:
    """The WeChatError that *call* ends with."""
    with pytest.raises(WeChatError) as refused:
        await call
    return refused.value
