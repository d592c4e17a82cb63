"""``/q/{scene}``: the board as a page, for whoever opens its code outside of WeChat or without the mini program."""

from http import HTTPStatus

from aiohttp import web

from pages.frame import HEADERS, Frame
from qrcodes import drawing
from services.desk import Desk
from services.scenes import Scanned, State

_WECHAT = "MicroMessenger"
_UNKNOWN = "unknown.html"


class BoardPage:
    def __init__(self, desk: Desk, frame: Frame) -> None:
        self._desk = desk
        self._frame = frame

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/q/{scene}", self._frame.guarded(self.show, unknown=_UNKNOWN)),
            web.get("/q/{scene}/wechat", self._frame.guarded(self.open, unknown=_UNKNOWN)),
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
            raise web.HTTPFound(link, headers=HEADERS)
        ticket = await self._desk.scenes.ticket_for(found.region.code)
        return self._frame.page(
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
        raise web.HTTPFound(link or f"/q/{scene}", headers=HEADERS)

    async def _none(self, found: Scanned) -> web.Response:
        if found.state is State.RETIRED and found.region is not None:
            place = await self._desk.regions.greeting(found.region)
            return self._frame.page("retired.html", HTTPStatus.GONE, place=place)
        return self._frame.page(_UNKNOWN, HTTPStatus.NOT_FOUND)
