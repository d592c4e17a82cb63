"""Looking behind the scenes: pushes, counts, and who got what how often."""

import asyncio
from collections import Counter
from http import HTTPStatus
from itertools import islice

from aiohttp import web

from sandbox.control.body import answer, query_number, world_of
from sandbox.conversation import Message
from sandbox.pushes import Push
from sandbox.refusals import NotPossible
from sandbox.scenes import as_json as scene_json
from sandbox.world import World

routes = web.RouteTableDef()

A_PAGE = 200
LONGEST_PAGE = 200_000
SENT = ("custom", "template", "subscribe", "mass")


@routes.get("/sandbox/api/pushes")
async def pushes(request: web.Request) -> web.Response:
    """Pushes after number ``after``, oldest first; the newest 2,000 are held."""
    world = world_of(request)
    after, limit = query_number(request, "after", 0), int(query_number(request, "limit", A_PAGE))
    phone = world.phones.find(request.query["phone"]) if "phone" in request.query else None
    wanted = (push for push in list(world.pusher.log) if push.id > after and phone in (None, push.phone))
    return answer({"pushes": [push.as_json() for push in islice(wanted, max(1, limit))]})


@routes.post("/sandbox/api/pushes/{push}/repeat")
async def repeat(request: web.Request) -> web.Response:
    """Push the same thing again, MsgId and all."""
    world = world_of(request)
    push = await asyncio.shield(world.pusher.repeat(_push(world, request.match_info["push"])))
    return answer(push.as_json())


@routes.get("/sandbox/api/statistics")
async def statistics(request: web.Request) -> web.Response:
    world = world_of(request)
    return answer(world.counts.as_json() | {"phones": len(world.phones)})


@routes.delete("/sandbox/api/statistics")
async def reset(request: web.Request) -> web.Response:
    world_of(request).counts.reset()
    return answer({"reset": True})


@routes.get("/sandbox/api/deliveries")
async def deliveries(request: web.Request) -> web.Response:
    """What the account sent by itself, one line each. Filters: ``channel client_id contains openid after``."""
    world = world_of(request)
    found = islice(_sent(world, request), max(1, min(int(query_number(request, "limit", A_PAGE)), LONGEST_PAGE)))
    by_id = {phone.id: phone for phone in world.phones}
    return answer(
        {
            "deliveries": [
                {
                    "message": one.id,
                    "openid": by_id[one.phone].openid,
                    "mini_openid": by_id[one.phone].mini_openid,
                    "channel": one.channel,
                    "client_id": one.client_id or None,
                    "msgid": one.msgid or None,
                    "text": one.text,
                }
                for one in found
            ]
        }
    )


@routes.get("/sandbox/api/deliveries/summary")
async def summary(request: web.Request) -> web.Response:
    """How many people got how many messages (same filters), and the phones that got more than one."""
    world = world_of(request)
    per_phone = Counter(one.phone for one in _sent(world, request))
    by_id = {phone.id: phone for phone in world.phones}
    repeated = [by_id[number].openid for number, count in per_phone.items() if count > 1]
    return answer(
        {
            "messages": per_phone.total(),
            "recipients": len(per_phone),
            "by_count": {str(count): people for count, people in sorted(Counter(per_phone.values()).items())},
            "repeated": repeated[:100],
        }
    )


@routes.get("/sandbox/api/scenes")
async def scenes(request: web.Request) -> web.Response:
    world = world_of(request)
    now = world.clock.now()
    return answer({"scenes": [scene_json(scene, now) for scene in world.scenes.list()]})


def _sent(world: World, request: web.Request) -> "list[Message]":
    query = request.query
    after = query_number(request, "after", 0)
    phone = world.phones.find(query["openid"]).id if "openid" in query else None
    return [
        one
        for one in world.conversation.everything()
        if one.channel in SENT
        and one.id > after
        and query.get("channel") in (None, one.channel)
        and query.get("client_id") in (None, one.client_id)
        and query.get("contains", "") in one.text
        and phone in (None, one.phone)
    ]


def _push(world: World, number: str) -> Push:
    for push in world.pusher.log:
        if str(push.id) == number:
            return push
    raise NotPossible(f"there is no push {number}", HTTPStatus.NOT_FOUND)
