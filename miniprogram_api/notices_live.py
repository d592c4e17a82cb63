"""What of notices is no JSON: live figures as server-sent events, and the report as CSV."""

import asyncio
import time

import structlog
from aiohttp import web
from aiohttp_sse import sse_response

from domain import notice as rules
from miniprogram_api.endpoint import PATIENCE, Door
from miniprogram_api.notices import LIVE, TABLE, counted
from miniprogram_api.routes import number_in
from services.desk import Desk
from services.notices_table import table

log = structlog.get_logger(__name__)

EVERY = 2.0
"""Seconds between two figures."""
LONGEST = 600.0
"""Seconds of one stream: then the client comes again, and is asked again who it is."""


class Live:
    """Streams of figures. Who watches the same notice shares what is counted."""

    def __init__(self, desk: Desk, door: Door, *, every: float = EVERY, longest: float = LONGEST) -> None:
        self._desk = desk
        self._door = door
        self._every = every
        self._longest = longest
        self._closing = asyncio.Event()
        self._counted: dict[int, tuple[float, str, bool]] = {}

    async def close(self, _: web.Application) -> None:
        """The server stops: no stream holds it up."""
        self._closing.set()

    async def figures(self, request: web.Request) -> web.StreamResponse:
        """``GET /notices/{id}/live``: one event ``figures`` after the other, until the notice has ended."""
        number = await self._seen(request)
        until = time.monotonic() + self._longest
        async with sse_response(request) as stream:
            while stream.is_connected() and time.monotonic() < until:
                text, over = await self._count(number)
                await stream.send(text, event="figures")
                if over or await self._stops():
                    break
        return stream

    async def report(self, request: web.Request) -> web.Response:
        """``GET /notices/{id}/report.csv``."""
        number = await self._seen(request)
        async with asyncio.timeout(PATIENCE):
            lines = await self._desk.notices.figures.report(number)
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="notice-{number}.csv"'}
        return web.Response(body=table(lines), content_type="text/csv", charset="utf-8", headers=headers)

    async def _seen(self, request: web.Request) -> int:
        """The notice's number, if whoever asks may see it. Raises NotSignedIn, TooMany, NotFound."""
        actor = await self._door.signed_in(request)
        number = number_in(request.match_info["id"])
        async with asyncio.timeout(PATIENCE):
            await self._desk.notices.one(actor, number)
        return number

    async def _count(self, number: int) -> tuple[str, bool]:
        now = time.monotonic()
        at, text, over = self._counted.get(number, (0.0, "", False))
        if not text or now - at > self._every / 2:
            async with asyncio.timeout(PATIENCE):
                found = await self._desk.notices.figures.now(number)
            text, over = counted(number, found).model_dump_json(), found.state not in rules.LIVE and not found.left
            self._counted = {one: kept for one, kept in self._counted.items() if now - kept[0] < self._every}
            self._counted[number] = (now, text, over)
        return text, over

    async def _stops(self) -> bool:
        try:
            async with asyncio.timeout(self._every):
                await self._closing.wait()
        except TimeoutError:
            return False
        return True


def setup(app: web.Application, base: str, desk: Desk, door: Door) -> None:
    live = Live(desk, door)
    app.router.add_get(f"{base}{LIVE.path}", live.figures, name=f"api.{LIVE.name}")
    app.router.add_get(f"{base}{TABLE.path}", live.report, name=f"api.{TABLE.name}")
    app.on_shutdown.append(live.close)
