"""Customer-service messages: what the account writes by itself while a window is open."""

from typing import Any

from sandbox import bubbles
from sandbox.api.gate import OK, Answer, Call, call
from sandbox.bubbles import Bubble
from sandbox.refusals import Refused

LONGEST_TEXT = 2048
EMPTY, TOO_LONG, BAD_KIND, BAD_ARGUMENTS, BLOCKED = 44004, 45002, 40008, 40097, 48002
BAD_ARTICLES = 45008


@call("POST", "/cgi-bin/message/custom/send")
async def send(one: Call) -> Answer:
    """One message, shown at once; answers 45015 or 45047 where no window allows it."""
    body = one.json()
    phone = one.follower(body.get("touser"))
    bubble = _bubble(one, body)
    if phone.blocked:
        raise Refused(BLOCKED)
    phone.windows.take(one.clock.now())
    one.world.phones.keep(phone)
    raw = "" if phone.bulk else one.raw.decode("utf-8", "replace")
    one.world.show(phone, "custom", bubble, raw=raw, client_id=str(body.get("client_msg_id") or ""))
    return OK


@call("POST", "/cgi-bin/message/custom/typing")
async def typing(one: Call) -> Answer:
    one.follower(one.json().get("touser"))
    return OK


def _bubble(one: Call, body: dict[str, Any]) -> Bubble:
    kind = body.get("msgtype")
    part = body.get(kind) if isinstance(kind, str) else None
    if not isinstance(part, dict):
        raise Refused(BAD_KIND)
    if kind == "text":
        return _text(part)
    if kind in ("image", "voice", "video"):
        medium = one.world.media.live(part.get("media_id"), one.clock.now())
        if kind == "video":
            return bubbles.video(medium, str(part.get("title", "")), str(part.get("description", "")))
        return bubbles.image(medium) if kind == "image" else bubbles.voice(medium)
    if kind == "news":
        articles = part.get("articles")
        if not isinstance(articles, list) or len(articles) != 1 or not isinstance(articles[0], dict):
            raise Refused(BAD_ARTICLES)
        return bubbles.news([bubbles.article(articles[0])])
    if kind == "msgmenu":
        return _choices(part)
    if kind == "miniprogrampage":
        if not part.get("title") or not part.get("pagepath"):
            raise Refused(BAD_ARGUMENTS)
        return bubbles.mini_page(
            str(part["title"]), str(part.get("appid", "")), str(part["pagepath"]), str(part.get("thumb_media_id", ""))
        )
    raise Refused(BAD_KIND)


def _text(part: dict[str, Any]) -> Bubble:
    content = part.get("content")
    if not isinstance(content, str) or not content:
        raise Refused(EMPTY)
    if len(content.encode("utf-8", "replace")) > LONGEST_TEXT:
        raise Refused(TOO_LONG)
    return bubbles.words(content)


def _choices(part: dict[str, Any]) -> Bubble:
    listed = part.get("list")
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise Refused(BAD_ARGUMENTS)
    items = [{"id": str(item.get("id", "")), "content": str(item.get("content", ""))} for item in listed]
    return bubbles.choices(str(part.get("head_content", "")), items, str(part.get("tail_content", "")))
