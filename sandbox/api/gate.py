"""The one door of the API: finds the call, checks its token, lets ordered faults strike, counts, answers."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web

from sandbox.clock import Clock
from sandbox.faults import Fault
from sandbox.phones import Phone
from sandbox.refusals import ERRMSG, Refused
from sandbox.world import WORLD, World

App = Literal["official", "mini", "any", "nobody"]
Answer = dict[str, Any] | web.Response

BAD_JSON, EMPTY_BODY, BAD_URL, MUST_POST, WRONG_APP = 47001, 44002, 40066, 43002, 48001
BAD_OPENID, NOT_FOLLOWING = 40003, 43004
OK: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}


@dataclass(slots=True)
class Call:
    """One API call.

    ``raw`` is its body (empty for a form, which is read as it comes), ``app`` whose token came with it ("nobody"
    where none is needed).
    """

    world: World
    request: web.Request
    raw: bytes
    app: str = "nobody"

    @property
    def query(self) -> Any:
        return self.request.query

    @property
    def clock(self) -> Clock:
        return self.world.clock

    def json(self) -> dict[str, Any]:
        """The body, whatever content type it calls itself; :exc:`Refused` with 44002 or 47001."""
        if not self.raw:
            raise Refused(EMPTY_BODY)
        try:
            body = json.loads(self.raw)
        except (ValueError, RecursionError) as error:
            raise Refused(BAD_JSON) from error
        if not isinstance(body, dict):
            raise Refused(BAD_JSON)
        return body

    def follower(self, openid: object) -> Phone:
        """The follower with that openid; :exc:`Refused` with 40003 (unknown) or 43004 (not following)."""
        phone = self.world.phones.by_openid(str(openid or ""))
        if phone is None:
            raise Refused(BAD_OPENID)
        if not phone.following:
            raise Refused(NOT_FOLLOWING)
        return phone


Handler = Callable[[Call], Awaitable[Answer]]
_calls: dict[tuple[str, str], tuple[App, Handler]] = {}
_paths: set[str] = set()


def call(method: str, path: str, app: App = "official") -> Callable[[Handler], Handler]:
    """Register the handler of one call; *app* is whose token it needs."""

    def register(handler: Handler) -> Handler:
        _calls[method, path] = (app, handler)
        _paths.add(path)
        return handler

    return register


async def dispatch(request: web.Request) -> web.StreamResponse:
    """Answer one API call, or fail as ordered."""
    world = request.app[WORLD]
    path = request.path
    form = request.content_type.startswith("multipart/")
    one = Call(world, request, b"" if form else await request.read())
    fault = world.faults.draw(path, _recipient(one)) if world.faults else None
    if fault is not None:
        early = await _strike(fault, one)
        if early is not None:
            return early
    errcode, response = await _answer(one)
    if fault is not None and fault.drop == "after":
        world.counts.called(path, f"{errcode} then dropped")
        return _drop(request)
    world.counts.called(path, str(errcode))
    return response


async def _answer(one: Call) -> tuple[int, web.Response]:
    try:
        answer = await _handle(one)
    except Refused as refused:
        return refused.errcode, reply(refused.answer())
    if isinstance(answer, web.Response):
        return 0, answer
    return int(answer.get("errcode", 0)), reply(answer)


async def _handle(one: Call) -> Answer:
    path = one.request.path
    found = _calls.get((one.request.method, path))
    if found is None:
        raise Refused(MUST_POST if path in _paths and one.request.method == "GET" else BAD_URL)
    app, handler = found
    if app != "nobody":
        one.app = one.world.tokens.check(one.query.get("access_token", ""), one.clock.now())
        if app not in ("any", one.app):
            raise Refused(WRONG_APP)
    return await handler(one)


async def _strike(fault: Fault, one: Call) -> web.Response | None:
    """Let the early part of a fault happen; None when the call goes on."""
    counts, path = one.world.counts, one.request.path
    if fault.delay:
        await asyncio.sleep(fault.delay)
    if fault.drop == "before":
        counts.called(path, "dropped before")
        return _drop(one.request)
    if fault.status is not None:
        counts.called(path, f"http {fault.status}")
        return web.Response(status=fault.status, text="ordered failure")
    if fault.errcode is not None:
        counts.called(path, str(fault.errcode))
        text = fault.errmsg or ERRMSG.get(fault.errcode, "ordered failure")
        return reply({"errcode": fault.errcode, "errmsg": f"{text} rid: 00000000-00000000-00000000"})
    return None


def _drop(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=499)


def _recipient(one: Call) -> str:
    try:
        return str(json.loads(one.raw).get("touser", ""))
    except (ValueError, AttributeError, RecursionError):
        return ""


def reply(answer: dict[str, Any]) -> web.Response:
    body = json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
    return web.Response(body=body, headers={"Content-Type": "application/json; encoding=utf-8"})
