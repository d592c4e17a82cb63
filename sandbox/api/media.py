"""Files: up for sending, down for what people sent."""

from urllib.parse import quote

from aiohttp import web

from sandbox.api.gate import Answer, Call, call
from sandbox.media import LIMITS
from sandbox.refusals import Refused
from sandbox.uploads import NoFile, read_file

BAD_TYPE, BAD_SIZE, NO_DATA = 40004, 40009, 41005


@call("POST", "/cgi-bin/media/upload", "any")
async def upload(one: Call) -> Answer:
    """Keep the part named ``media`` for three days."""
    kind = one.query.get("type", "")
    if kind not in LIMITS:
        raise Refused(BAD_TYPE)
    body, name = await _file(one)
    if len(body) > LIMITS[kind]:
        raise Refused(BAD_SIZE)
    now = one.clock.now()
    medium = one.world.media.keep(kind, body, now, name)
    await one.world.store.saved()
    return {
        "type": kind,
        "thumb_media_id" if kind == "thumb" else "media_id": medium.id,
        "created_at": int(now),
        "item": [],
    }


@call("GET", "/cgi-bin/media/get", "any")
async def get(one: Call) -> Answer:
    """The bytes; of a film, as WeChat does, only where to find it."""
    medium = one.world.media.live(one.query.get("media_id", ""), one.clock.now())
    if medium.type == "video":
        return {"video_url": f"{one.world.base_url}{medium.path}"}
    name = medium.name or f"{medium.id[:16]}.{medium.media_type.rpartition('/')[2]}"
    headers = {
        "Content-Type": medium.media_type,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
    }
    return web.Response(body=await one.world.media.read(medium), headers=headers)


async def _file(one: Call) -> tuple[bytes, str]:
    try:
        body, name, _words = await read_file(one.request, "media")
    except NoFile as error:
        raise Refused(NO_DATA) from error
    return body, name
