"""People: making and listing them, their conversation, their codes for the mini program."""

import asyncio
import time
from http import HTTPStatus
from itertools import islice
from typing import Any

from aiohttp import web

from sandbox.clock import rfc3339
from sandbox.control.body import answer, number, phone_of, query_number, read, word, world_of
from sandbox.logins import Purpose
from sandbox.phones import Phone
from sandbox.refusals import NotPossible
from sandbox.world import World

routes = web.RouteTableDef()

LONGEST_NAME = 40
A_PAGE = 200
LONGEST_PAGE = 100_000
LONGEST_WAIT_SECONDS = 55
DEFAULT_WAIT_SECONDS = 20
MOST_AT_ONCE = 200_000
BREATH = 1000


def phone_json(world: World, phone: Phone) -> dict[str, Any]:
    return {
        "id": phone.id,
        "name": phone.name,
        "openid": phone.openid,
        "mini_openid": phone.mini_openid,
        "unionid": phone.unionid,
        "phone_number": phone.number,
        "following": phone.following,
        "scene": phone.scene or None,
        "blocked": phone.blocked,
        "bulk": phone.bulk,
        "messages_left": phone.windows.left(world.clock.now()),
        "subscriptions": phone.subscriptions or {},
    }


@routes.get("/sandbox/api/phones")
async def list_phones(request: web.Request) -> web.Response:
    """People in order; bulk ones only with ``bulk=1``."""
    world = world_of(request)
    bulk = request.query.get("bulk") == "1"
    after, limit = query_number(request, "after", 0), int(query_number(request, "limit", A_PAGE))
    prefix = request.query.get("prefix", "")
    wanted = (
        phone for phone in world.phones if phone.bulk == bulk and phone.id > after and phone.name.startswith(prefix)
    )
    page = list(islice(wanted, max(1, min(limit, LONGEST_PAGE))))
    return answer({"phones": [phone_json(world, phone) for phone in page]})


@routes.post("/sandbox/api/phones")
async def make_phone(request: web.Request) -> web.Response:
    world = world_of(request)
    body = await read(request)
    name = word(body, "name", longest=LONGEST_NAME).strip()
    phone = world.phones.make(name, word(body, "phone_number", "", longest=20))
    await world.store.saved()
    return answer(phone_json(world, phone), HTTPStatus.CREATED)


@routes.get("/sandbox/api/phones/{phone}")
async def show_phone(request: web.Request) -> web.Response:
    return answer(phone_json(world_of(request), phone_of(request)))


@routes.get("/sandbox/api/phones/{phone}/messages")
async def messages(request: web.Request) -> web.Response:
    """The conversation after message ``after``. With ``after``, waits up to ``wait`` seconds for something new."""
    world, phone = world_of(request), phone_of(request)
    after = int(query_number(request, "after", 0))
    wait = query_number(request, "wait", DEFAULT_WAIT_SECONDS if "after" in request.query else 0)
    found = world.conversation.after(phone, after)
    if not found and wait > 0:
        await world.conversation.wait(phone, min(wait, LONGEST_WAIT_SECONDS))
        found = world.conversation.after(phone, after)
    return answer(
        {
            "messages": [message.as_json() for message in found],
            "last": found[-1].id if found else after,
            "phone": phone_json(world, phone),
            "now": rfc3339(world.clock.now()),
            "menu": world.menu,
        }
    )


@routes.post("/sandbox/api/phones/{phone}/login-code")
async def login_code(request: web.Request) -> web.Response:
    """What ``wx.login`` gives the mini program."""
    return await _code(request, "login")


@routes.post("/sandbox/api/phones/{phone}/number-code")
async def number_code(request: web.Request) -> web.Response:
    """What the button for the phone number gives the mini program."""
    return await _code(request, "number")


async def _code(request: web.Request, purpose: Purpose) -> web.Response:
    world, phone = world_of(request), phone_of(request)
    now = world.clock.now()
    phone.mini_seen_at = now
    world.phones.keep(phone)
    code = world.logins.make(phone.id, purpose, now)
    await world.store.saved()
    return answer({"code": code.text}, HTTPStatus.CREATED)


@routes.post("/sandbox/api/phones/{phone}/block")
async def block(request: web.Request) -> web.Response:
    """Refuse the account's messages (``{"on": true}``) or take them again."""
    world, phone = world_of(request), phone_of(request)
    phone.blocked = (await read(request)).get("on") is not False
    world.phones.keep(phone)
    world.conversation.wake(phone)
    return answer(phone_json(world, phone))


@routes.post("/sandbox/api/bulk")
async def bulk(request: web.Request) -> web.Response:
    """Make many followers at once: ``count`` of them, named ``prefix`` and a number; nothing is pushed.

    ``window`` opens the 48 hours for each, as if all had just written; every ``block_every``-th blocks the account.
    """
    world = world_of(request)
    body = await read(request)
    count = int(number(body, "count"))
    prefix = word(body, "prefix", "群众", longest=LONGEST_NAME)
    if not 1 <= count <= MOST_AT_ONCE:
        raise NotPossible(f"count must be 1 to {MOST_AT_ONCE}", HTTPStatus.BAD_REQUEST)
    block_every = int(number(body, "block_every")) if "block_every" in body else 0
    began = time.monotonic()
    now = world.clock.now()
    names = [f"{prefix}{index:06d}" for index in range(1, count + 1)]
    if any(map(world.phones.taken, names)):
        raise NotPossible(f"the prefix {prefix!r} was used before; take another")
    made: list[Phone] = []
    for name in names:
        if len(made) % BREATH == 0:
            await asyncio.sleep(0)
        phone = world.phones.make(name, bulk=True, keep=False)
        phone.following, phone.followed_at = True, now
        if body.get("window") is not False:
            phone.windows.said(now)
        phone.blocked = block_every > 0 and (len(made) + 1) % block_every == 0
        world.phones.keep(phone)
        made.append(phone)
    await world.store.saved()
    answered: dict[str, Any] = {"count": count, "first": made[0].id, "last": made[-1].id}
    if body.get("openids"):
        answered["openids"] = [phone.openid for phone in made]
    return answer(answered | {"seconds": round(time.monotonic() - began, 3)}, HTTPStatus.CREATED)
