"""The way to the pretend WeChat: ``/sandbox/`` is handed on to its process, the clock is ours."""

from datetime import datetime

import aiohttp
from aiohttp import web

from domain.errors import BadInput
from services.desk import Desk

_PATIENCE = aiohttp.ClientTimeout(total=120, connect=3)
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "host", "date", "server"}
)


class SandboxDoor:
    def __init__(self, desk: Desk, port: int) -> None:
        self._desk = desk
        self._base = f"http://127.0.0.1:{port}"

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/sandbox/clock", self.move_clock), web.route("*", "/sandbox{rest:(/.*)?}", self.hand_on)]

    async def move_clock(self, request: web.Request) -> web.Response:
        """``{"advance_seconds": N}`` or ``{"now": "…"}``: the service's clock, jobs included, and the sandbox's own."""
        moved = self._desk.moved_clock
        if moved is None:
            raise web.HTTPNotFound
        try:
            asked = await request.json()
            if "now" in asked:
                now = await moved.set_to(datetime.fromisoformat(str(asked["now"])))
            else:
                now = await moved.advance(float(asked["advance_seconds"]))
        except BadInput as refusal:
            return web.json_response({"error": refusal.detail}, status=400)
        except (ValueError, TypeError, KeyError):
            return web.json_response(
                {"error": 'send {"advance_seconds": 3600} or {"now": "2026-11-23T09:00:00+08:00"}'}, status=400
            )
        async with aiohttp.ClientSession(timeout=_PATIENCE) as session:
            try:
                async with session.post(f"{self._base}/sandbox/api/clock", json={"now": now.isoformat()}) as answer:
                    await answer.read()
            except aiohttp.ClientError:
                return web.json_response({"now": now.isoformat(), "warning": "the sandbox itself does not answer"})
        return web.json_response({"now": now.isoformat()})

    async def hand_on(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/sandbox":
            raise web.HTTPMovedPermanently("/sandbox/")
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
        async with aiohttp.ClientSession(timeout=_PATIENCE, auto_decompress=False) as session:
            try:
                async with session.request(
                    request.method,
                    f"{self._base}{request.rel_url}",
                    headers=headers,
                    data=request.content if request.body_exists else None,
                    allow_redirects=False,
                ) as answer:
                    kept = {
                        name: value
                        for name, value in answer.headers.items()
                        if name.lower() not in _HOP_BY_HOP - {"content-encoding"}
                    }
                    out = web.StreamResponse(status=answer.status, headers=kept)
                    await out.prepare(request)
                    async for part in answer.content.iter_any():
                        await out.write(part)
                    await out.write_eof()
                    return out
            except ConnectionResetError:
                # The page was closed or loaded anew while it waited for news: nobody is left to answer.
                raise web.HTTPBadGateway(text="The page has gone.") from None
            except aiohttp.ClientConnectorError:
                raise web.HTTPBadGateway(
                    text="The sandbox is not running: start the service with `make run`."
                ) from None
