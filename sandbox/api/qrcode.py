"""Codes with a scene behind them."""

from typing import Any

from aiohttp import web

from sandbox.api.gate import Answer, Call, call
from sandbox.pictures import ticket_card
from sandbox.refusals import Refused

BAD_ACTION, BAD_INFO = 40052, 40053
LONGEST_SCENE = 64
LONGEST_SECONDS = 2_592_000
DEFAULT_SECONDS = 60
HIGHEST_LIMIT_ID = 100_000
BY_NUMBER, BY_WORD = ("QR_SCENE", "QR_LIMIT_SCENE"), ("QR_STR_SCENE", "QR_LIMIT_STR_SCENE")


@call("POST", "/cgi-bin/qrcode/create")
async def create(one: Call) -> Answer:
    """Make a permanent code (the same again for the same scene) or one that lives ``expire_seconds``."""
    body = one.json()
    action = body.get("action_name")
    if action not in BY_NUMBER + BY_WORD:
        raise Refused(BAD_ACTION)
    scene = _scene(body, str(action))
    seconds: int | None = None
    if "LIMIT" not in str(action):
        try:
            seconds = int(body.get("expire_seconds") or DEFAULT_SECONDS)
        except (TypeError, ValueError, OverflowError) as error:
            raise Refused(BAD_INFO) from error
        seconds = min(max(seconds, 1), LONGEST_SECONDS)
    made = one.world.scenes.make(scene, one.clock.now(), seconds)
    await one.world.store.saved()
    answer: dict[str, Any] = {"ticket": made.ticket, "url": made.url}
    return answer if seconds is None else answer | {"expire_seconds": seconds}


def _scene(body: dict[str, Any], action: str) -> str:
    info = body.get("action_info")
    scene = info.get("scene") if isinstance(info, dict) else None
    if not isinstance(scene, dict):
        raise Refused(BAD_INFO)
    if action in BY_WORD:
        word = scene.get("scene_str")
        if not isinstance(word, str) or not 1 <= len(word) <= LONGEST_SCENE:
            raise Refused(BAD_INFO)
        return word
    number = scene.get("scene_id")
    highest = HIGHEST_LIMIT_ID if "LIMIT" in action else 2**32 - 1
    if not isinstance(number, int) or not 1 <= number <= highest:
        raise Refused(BAD_INFO)
    return str(number)


@call("GET", "/cgi-bin/showqrcode", "nobody")
async def show(one: Call) -> Answer:
    """A card that names the code; 404 for an unknown ticket, as WeChat's own."""
    scene = one.world.scenes.find(one.query.get("ticket", ""))
    if scene is None:
        return web.Response(status=404, text="no such ticket")
    return web.Response(text=ticket_card(scene.scene, scene.url), content_type="image/svg+xml")
