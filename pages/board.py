"""``/q/{scene}``: the board as a page, for whoever opens its code outside of WeChat or without the mini program."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import structlog
from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from domain.errors import Refusal, TooMany, Unavailable
from pages.telephone import dialled
from qrcodes import drawing
from services.desk import Desk
from services.scenes import Scanned, State
from services.transaction import DATABASE_ERRORS
from web.limits import Limits
from web.request_log import route_name

log = structlog.get_logger(__name__)

_WECHAT = "MicroMessenger"
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_RETRY_AFTER = 5

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class BoardPage:
    def __init__(self, desk: Desk, limits: Limits) -> None:
        self._desk = desk
        self._limits = limits
        self._templates = Environment(
            loader=PackageLoader("pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["dialled"] = dialled

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/q/{scene}", self._guarded(self.show)),
            web.get("/q/{scene}/wechat", self._guarded(self.open)),
        ]

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The public facts; inside WeChat straight on into the mini program, where there is one."""
        scene = request.match_info["scene"]
        found = await self._desk.scenes.scanned(scene)
        if found.state is not State.LIVE or found.region is None or found.scene_id is None:
            return await self._none(found)
        if request.method == "GET":
            await self._desk.scans.note(found.scene_id, "page")
        in_wechat = _WECHAT in request.headers.get("User-Agent", "")
        link = await self._desk.links.to_mini(scene)
        if in_wechat and link is not None:
            raise web.HTTPFound(link, headers=_HEADERS)
        ticket = await self._desk.scenes.ticket_for(found.region.code)
        return self._page(
            "board.html",
            board=await self._desk.boards.of_grid(found.region.code),
            code=drawing.svg(ticket.url).decode().partition("?>")[2],
            scene=scene,
            link=link,
            in_wechat=in_wechat,
        )

    async def open(self, request: web.Request) -> web.StreamResponse:
        """On into the mini program; back to the page where WeChat gives no way at the moment."""
        scene = request.match_info["scene"]
        found = await self._desk.scenes.scanned(scene)
        if found.state is not State.LIVE:
            return await self._none(found)
        link = await self._desk.links.to_mini(scene)
        raise web.HTTPFound(link or f"/q/{scene}", headers=_HEADERS)

    async def _none(self, found: Scanned) -> web.Response:
        if found.state is State.RETIRED and found.region is not None:
            place = await self._desk.regions.greeting(found.region)
            return self._page("retired.html", HTTPStatus.GONE, place=place)
        return self._page("unknown.html", HTTPStatus.NOT_FOUND)

    def _page(self, name: str, status: int = HTTPStatus.OK, **facts: object) -> web.Response:
        text = self._templates.get_template(name).render(facts)
        return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)

    def _guarded(self, handle: Handler) -> Handler:
        """Count strangers, and answer what goes wrong with a page that a person understands."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                await self._limits.stranger(request)
                return await handle(request)
            except TooMany as many:
                return self._sorry(HTTPStatus.TOO_MANY_REQUESTS, many.facts.get("retry_after"))
            except Unavailable:
                return self._sorry(HTTPStatus.SERVICE_UNAVAILABLE)
            except Refusal:
                return self._page("unknown.html", HTTPStatus.NOT_FOUND)
            except DATABASE_ERRORS as error:
                log.warning("part_away", route=route_name(request), error=type(error).__name__)
                return self._sorry(HTTPStatus.SERVICE_UNAVAILABLE)

        return guarded

    def _sorry(self, status: int, wait: object = None) -> web.Response:
        answer = self._page("sorry.html", status)
        answer.headers["Retry-After"] = str(wait or _RETRY_AFTER)
        return answer
