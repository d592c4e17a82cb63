"""WeChat's own look at what people write and send in a mini program (``msg_sec_check``, ``media_check_async``)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from domain.errors import Unavailable
from domain.safety import Found
from services.ports import Judgement, WeChatError

LONGEST = 2500
"""Characters of one call."""
LONGEST_TRACE = 80
_OVERLAP = 50
"""So that nothing is cut apart where one part ends."""
_VERSION = 2
_FORUM = 3
"""The scene that comes nearest: 1 profile, 2 comment, 3 forum, 4 social log."""
_KINDS = {"voice": 1, "photo": 2}
"""WeChat looks at no videos."""

log = structlog.get_logger(__name__)

Post = Callable[[str, Mapping[str, object]], Awaitable[Any]]


class WeChatModerator:
    """Fulfils the ports ``Moderator`` and ``MediaModerator``.

    WeChat takes openids of whoever used the mini program within 2 h.
    """

    def __init__(self, post: Post) -> None:
        """*post* calls the mini program's API with a path and a body."""
        self._post = post

    async def text(self, openid: str, words: str) -> Judgement:
        """What is longer than one call is looked at in parts. Raises Unavailable, whatever the reason is."""
        for start in range(0, max(len(words) - _OVERLAP, 1), LONGEST - _OVERLAP):
            judged = await self._part(openid, words[start : start + LONGEST])
            if judged.found is not Found.PASSED:
                return judged
        return Judgement(Found.PASSED)

    async def medium(self, openid: str, url: str, kind: str) -> str:
        """WeChat fetches *url*, and tells the mini program's callback within 30 minutes. Raises Unavailable."""
        asked = {"version": _VERSION, "scene": _FORUM, "openid": openid, "media_url": url, "media_type": _KINDS[kind]}
        try:
            answer = await self._post("wxa/media_check_async", asked)
        except WeChatError as error:
            log.warning("moderation_away", reason=error.reason, errcode=error.errcode)
            raise Unavailable("WeChat does not look at photos now", reason="moderation_away") from error
        trace = answer.get("trace_id") if isinstance(answer, dict) else None
        if not isinstance(trace, str) or not 0 < len(trace) <= LONGEST_TRACE:
            log.warning("moderation_unreadable", trace=str(trace)[:40])
            raise Unavailable("WeChat's answer has no trace_id", reason="moderation_away")
        return trace

    async def _part(self, openid: str, words: str) -> Judgement:
        asked = {"version": _VERSION, "scene": _FORUM, "openid": openid, "content": words}
        try:
            answer = await self._post("wxa/msg_sec_check", asked)
        except WeChatError as error:
            log.warning("moderation_away", reason=error.reason, errcode=error.errcode)
            raise Unavailable("WeChat does not look at words now", reason="moderation_away") from error
        given = answer.get("result") if isinstance(answer, dict) else None
        result = given if isinstance(given, dict) else {}
        suggest = result.get("suggest")
        if suggest == "pass":
            return Judgement(Found.PASSED)
        if suggest in {"risky", "review"}:
            return Judgement(Found.RISKY, f"wechat {suggest} {result.get('label', '')}".strip()[:200])
        log.warning("moderation_unreadable", suggest=str(suggest)[:40])
        raise Unavailable("WeChat's answer does not say whether it is fine", reason="moderation_away")
