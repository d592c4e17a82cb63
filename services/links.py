"""Ways out of the browser into the mini program, fetched once and used by everybody who follows the same board."""

import secrets

import structlog

from services.ports import Cache, WeChat, WeChatError

log = structlog.get_logger(__name__)

KEPT_SECONDS = 7 * 24 * 3600
"""WeChat lets a link live for 30 days; whoever keeps the page open for three weeks still gets on."""
REFUSED_SECONDS = 60
"""For so long nobody asks again for a link that WeChat did not give."""
_CLAIM_SECONDS = 10
_NONE = "-"


class Links:
    def __init__(self, wechat: WeChat, cache: Cache, *, mini_appid: str, page: str, env_version: str) -> None:
        """Without a *mini_appid* there is no mini program, and no way into it."""
        self._wechat = wechat
        self._cache = cache
        self._has_mini = bool(mini_appid)
        self._page = page.lstrip("/")
        self._env_version = env_version
        self._appid = mini_appid

    async def to_mini(self, scene: str) -> str | None:
        """An address that opens the mini program at the board of *scene*; ``None`` where there is none now.

        The many who follow one board at the same moment cost WeChat's daily allowance (500,000) one link.
        """
        if not self._has_mini:
            return None
        key = f"wangge:link:{self._appid}:{self._env_version}:{scene}"
        known = await self._cache.get(key)
        if known is not None:
            return None if known == _NONE else known
        mine = secrets.token_hex(8)
        if not await self._cache.claim(f"{key}:claim", mine, seconds=_CLAIM_SECONDS):
            return None
        try:
            link = await self._wechat.mini_link(self._page, f"scene={scene}", env_version=self._env_version)
        except WeChatError as error:
            log.warning("no_mini_link", errcode=error.errcode, reason=error.reason)
            await self._cache.set(key, _NONE, seconds=REFUSED_SECONDS)
            return None
        finally:
            await self._cache.release(f"{key}:claim", mine)
        await self._cache.set(key, link, seconds=KEPT_SECONDS)
        return link
