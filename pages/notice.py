"""The page behind a notice's link, ``/n/{token}``: title, text, link and picture, and nothing that names anybody.

The token is random; who opens the page is known from nothing else, and no cookie is set. What is not there any more
gets the same page as what never was.
"""

from urllib.parse import urlsplit

from aiohttp import web

from domain.calendar import SHANGHAI
from domain.errors import NotFound
from pages.frame import HEADERS, Frame
from services.desk import Desk

_TOKEN = "{token:[A-Za-z0-9_-]{22}}"  # noqa: S105 - a route's pattern
_UNKNOWN = "no_notice.html"


class NoticePage:
    def __init__(self, desk: Desk, frame: Frame) -> None:
        self._desk = desk
        self._frame = frame

    def routes(self) -> list[web.RouteDef]:
        # The last for what is no token: whoever has copied half of a link needs the same words.
        return [
            web.get(path, self._frame.guarded(handle, unknown=_UNKNOWN))
            for path, handle in (
                (f"/n/{_TOKEN}", self.show),
                (f"/n/{_TOKEN}/picture", self.picture),
                ("/n/{rest:.*}", self.nowhere),
            )
        ]

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The notice; the first look of a person is counted."""
        found = await self._desk.notices.news.page(request.match_info["token"], count=_is_read(request))
        if found is None:
            raise NotFound("no notice has this address")
        local = found.at.astimezone(SHANGHAI)
        return self._frame.page(
            "notice.html",
            notice=found,
            at=f"{local.month}月{local.day}日 {local:%H:%M}",
            picture=f"{request.path}/picture",
            host=urlsplit(found.link).hostname or "",
        )

    async def picture(self, request: web.Request) -> web.StreamResponse:
        found = await self._desk.notices.news.picture(request.match_info["token"])
        if found is None:
            raise NotFound("no notice has this address")
        body = await self._desk.medias.read(found)
        headers = {**HEADERS, "Cache-Control": "private, max-age=86400"}
        return web.Response(body=body, content_type=found.media_type, headers=headers)

    async def nowhere(self, _request: web.Request) -> web.StreamResponse:
        raise NotFound("no notice has this address")


def _is_read(request: web.Request) -> bool:
    """Whether a person looks: not a question for the headers only, nor a browser that fetches ahead."""
    ahead = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return request.method == "GET" and "prefetch" not in ahead
