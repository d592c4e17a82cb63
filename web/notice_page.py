"""The page behind a notice's link, ``/n/{token}``: title, text, link and picture, and nothing that names anybody.

The token is random; who opens the page is known from nothing else, and no cookie is set. What is not there any more
gets the same page as what never was.
"""

import base64
import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from html import escape
from pathlib import Path
from string import Template
from typing import Protocol
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from domain.calendar import SHANGHAI

log = structlog.get_logger(__name__)

_HERE = Path(__file__).parent
_PAGE = Template((_HERE / "notice.html").read_text("utf-8"))
_STYLE = (_HERE / "notice.css").read_text("utf-8").strip()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    # The link itself is the key: it must not travel on to the site that a notice points to.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_TOKEN = "{token:[A-Za-z0-9_-]{22}}"  # noqa: S105 - a route's pattern


class Page(Protocol):
    """What a link shows."""

    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def link(self) -> str: ...
    @property
    def has_picture(self) -> bool: ...
    @property
    def region(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def recalled(self) -> bool: ...
    @property
    def over(self) -> bool: ...


Look = Callable[[str, bool], Awaitable[Page | None]]
"""The page of a token; whether it is counted as opened."""
Picture = Callable[[str], Awaitable[tuple[bytes, str] | None]]


def setup(app: web.Application, look: Look, picture: Picture) -> None:
    """Add ``/n/{token}`` and its picture."""

    async def page(request: web.Request) -> web.Response:
        try:
            found = await look(request.match_info["token"], _is_read(request))
        except Exception:
            log.exception("notice_page_failed")
            return _answer(_plain("请稍后再打开", "现在打不开，过一会儿再点一次就好。"), 503)
        if found is None:
            return _answer(_plain("找不到这条通知", "这个链接已经失效。最近的通知，在公众号里回“消息”能看到。"), 404)
        return _answer(_filled(found, request.path), 200)

    async def show_picture(request: web.Request) -> web.Response:
        found = await picture(request.match_info["token"])
        if found is None:
            raise web.HTTPNotFound
        headers = {**_HEADERS, "Cache-Control": "private, max-age=86400"}
        return web.Response(body=found[0], content_type=found[1], headers=headers)

    async def nowhere(_: web.Request) -> web.Response:
        return _answer(_plain("找不到这条通知", "这个链接不完整，请回到公众号里再点一次。"), 404)

    app.router.add_get(f"/n/{_TOKEN}", page, name="notice_page")
    app.router.add_get(f"/n/{_TOKEN}/picture", show_picture, name="notice_picture")
    app.router.add_get("/n/{rest:.*}", nowhere, name="notice_page_nowhere")


def _is_read(request: web.Request) -> bool:
    """Whether a person looks: not a question for the headers only, nor a browser that fetches ahead."""
    ahead = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return request.method == "GET" and "prefetch" not in ahead


def _answer(text: str, status: int) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=_HEADERS)


def _filled(found: Page, path: str) -> str:
    local = found.at.astimezone(SHANGHAI)
    at = f"{local.month}月{local.day}日 {local:%H:%M}"
    if found.recalled:
        return _page(region=escape(found.region), at=at, heading="这条通知已经撤回", text="请以后面发的通知为准。")
    return _page(
        region=escape(found.region),
        at=at,
        heading=escape(found.title or f"{found.region}通知"),
        over='<p class="over">这是以前的通知，时间已经过了。</p>' if found.over else "",
        picture=f'<img src="{escape(path)}/picture" alt="通知的图片">' if found.has_picture else "",
        text=escape(found.text),
        link=_button(found.link) if found.link else "",
    )


def _button(link: str) -> str:
    host = urlsplit(link).hostname or ""
    return f'<a class="button" href="{escape(link)}" rel="noreferrer">点这里看更多<small>{escape(host)}</small></a>'


def _plain(heading: str, text: str) -> str:
    return _page(region="", at="", heading=heading, text=text, footer="")


def _page(**given: str) -> str:
    blank = {"over": "", "picture": "", "link": "", "footer": "有疑问，回到公众号里直接说就行，会有人答复您。"}
    return _PAGE.substitute({**blank, **given, "style": _STYLE})
