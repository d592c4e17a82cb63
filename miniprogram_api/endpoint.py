"""Turns a route into what aiohttp calls: sign-in, limits, reading, the work, the answer."""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from aiohttp import ETag, web
from pydantic import BaseModel

from domain.errors import BadInput, NotSignedIn
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Nothing
from services.access import Actor
from services.desk import Desk
from services.idempotency import Answer, Idempotencies
from web.auth import bearer
from web.bodies import read_json, read_query
from web.limits import Limits

PATIENCE = 10.0
"""Seconds for the work; then the answer is "unavailable", also when a database does not say so itself."""

PATIENCE_BEFORE = 30.0
"""Seconds for what is done before it, outside the transaction: nine large photos looked at."""

KEY_HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x21-\x7e]{1,128}")


class Door:
    """What the routes of the API need, besides what they are asked."""

    def __init__(self, desk: Desk, idempotencies: Idempotencies, limits: Limits, *, longest_body: int) -> None:
        self._desk = desk
        self._idempotencies = idempotencies
        self._limits = limits
        self._longest_body = longest_body

    def endpoint(self, route: Route[Any, Any]) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            actor, token = await self._who(request, route)
            key = _key(request) if route.repeatable else None
            query = read_query(request, route.query)
            body: BaseModel = Nothing()
            if route.body is not Nothing:
                body = await read_json(request, route.body, longest=max(self._longest_body, route.longest_body))
            call = Call(self._desk, body, query, request.match_info, actor, token)
            if route.before is not None:
                async with asyncio.timeout(PATIENCE_BEFORE):
                    call = replace(call, prepared=await route.before(call))
            async with asyncio.timeout(PATIENCE):
                told = await self._work(request, route, call, key)
            return _response(told, request)

        return answer

    async def signed_in(self, request: web.Request) -> Actor:
        """Whoever asks on a route that is none of JSON. Raises NotSignedIn, TooMany."""
        try:
            async with asyncio.timeout(PATIENCE):
                actor = await self._desk.sessions.who(bearer(request))
        except NotSignedIn:
            await self._limits.stranger(request)
            raise
        await self._limits.person(actor.person_id)
        return actor

    async def _who(self, request: web.Request, route: Route[Any, Any]) -> tuple[Actor | None, str]:
        if not route.signed_in:
            await self._limits.stranger(request)
            return None, ""
        actor = await self.signed_in(request)
        return actor, bearer(request)

    async def _work(
        self, request: web.Request, route: Route[Any, Any], call: Call[Any, Any], key: str | None
    ) -> Answer:
        async def work() -> Answer:
            told = await route.handle(call)
            return Answer(route.status, told.model_dump_json() if told is not None else "")

        if key is None:
            return await work()
        where = f"{request.method} {request.path}"
        return await self._idempotencies.once(call.by.person_id, where, key, call.body.model_dump_json(), work)


def _key(request: web.Request) -> str | None:
    given = request.headers.getall(KEY_HEADER, [])
    if not given:
        return None
    if len(given) > 1 or not _KEY.fullmatch(given[0]):
        raise BadInput(f"{KEY_HEADER} must be 1 to 128 visible ASCII characters, once", field=KEY_HEADER)
    return given[0]


def _is_known(request: web.Request, tag: ETag) -> bool:
    """Whether the client has this answer already. A header that cannot be read says nothing."""
    return any(one.value in {tag.value, "*"} for one in request.if_none_match or ())


def _response(told: Answer, request: web.Request) -> web.Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if request.method == "GET":
        tag = ETag(hashlib.blake2b(told.text.encode(), digest_size=12).hexdigest())
        # Kept by whoever asked and by nobody between, and asked for again each time.
        headers |= {"Cache-Control": "private, no-cache", "ETag": f'"{tag.value}"', "Vary": "Authorization"}
        if _is_known(request, tag):
            return web.Response(status=web.HTTPNotModified.status_code, headers=headers)
    if told.replayed:
        headers["Idempotency-Replayed"] = "true"
    if not told.text:
        return web.Response(status=told.status, headers=headers)
    return web.Response(status=told.status, text=told.text, content_type="application/json", headers=headers)
