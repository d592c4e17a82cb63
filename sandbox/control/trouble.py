"""Failures on order, and tokens that stop working."""

from http import HTTPStatus
from typing import cast

from aiohttp import web

from sandbox.control.body import answer, read, word, world_of
from sandbox.refusals import NotPossible
from sandbox.tokens import App

routes = web.RouteTableDef()

FAULTS = "/sandbox/api/faults"


@routes.get(FAULTS)
async def list_faults(request: web.Request) -> web.Response:
    return answer({"faults": [fault.as_json() for fault in world_of(request).faults.list()]})


@routes.post(FAULTS)
async def order(request: web.Request) -> web.Response:
    fault = world_of(request).faults.order(await read(request))
    return answer(fault.as_json(), HTTPStatus.CREATED)


@routes.delete(FAULTS)
async def clear_all(request: web.Request) -> web.Response:
    return answer({"cleared": world_of(request).faults.clear()})


@routes.delete(f"{FAULTS}/{{number}}")
async def clear_one(request: web.Request) -> web.Response:
    number = request.match_info["number"]
    cleared = world_of(request).faults.clear(int(number)) if number.isdecimal() else 0
    if not cleared:
        raise NotPossible(f"there is no fault {number}", HTTPStatus.NOT_FOUND)
    return answer({"cleared": cleared})


@routes.post("/sandbox/api/tokens/invalidate")
async def invalidate(request: web.Request) -> web.Response:
    """Make living tokens 40001 from now on; ``app`` official or mini, or both without it."""
    world = world_of(request)
    app = word(await read(request), "app", "")
    if app not in ("", "official", "mini"):
        raise NotPossible("app is official or mini", HTTPStatus.BAD_REQUEST)
    killed = world.tokens.invalidate(cast("App", app) if app else None)
    await world.store.saved()
    return answer({"invalidated": killed})
