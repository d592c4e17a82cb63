"""What the console's pages share: templates, headers, the style and the script."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from console.menu import entries
from domain.calendar import SHANGHAI

ROOT = "/console"
_STATIC = Path(__file__).parent / "static"
_KINDS = {".css": "text/css", ".js": "text/javascript"}
_FOR_A_YEAR = "public, max-age=31536000, immutable"


class Frame:
    def __init__(self, *, media_origin: str = "") -> None:
        """*media_origin* is where photos are read from, as ``https://bucket.example``; empty: from this service."""
        self._media = media_origin
        self._files = {path.name: path.read_bytes() for path in sorted(_STATIC.iterdir()) if path.suffix in _KINDS}
        self._templates = Environment(
            loader=PackageLoader("console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["local"] = _local
        self._templates.filters["media"] = self._address
        self._templates.globals.update(
            menu=_menu,
            root=ROOT,
            static={name: f"{ROOT}/static/{name}?{_tag(data)}" for name, data in self._files.items()},
        )
        own = f"'self' {media_origin}".strip()
        self._headers = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": f"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
            f"img-src {own} data:; media-src {own}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex",
        }

    def page(self, name: str, facts: Mapping[str, object], status: int = HTTPStatus.OK) -> web.Response:
        """The template *name*, filled in. ``once`` is fresh for each page: its forms count once."""
        text = self._templates.get_template(name).render({"once": secrets.token_urlsafe(12), **facts})
        return web.Response(text=text, status=status, content_type="text/html", headers=self._headers)

    def routes(self) -> list[web.RouteDef]:
        return [web.get(f"{ROOT}/static/{{name}}", self._give, name="console.static")]

    async def _give(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        data = self._files.get(name)
        if data is None:
            raise web.HTTPNotFound
        headers = {"Cache-Control": _FOR_A_YEAR, "X-Content-Type-Options": "nosniff"}
        return web.Response(body=data, content_type=_KINDS[Path(name).suffix], charset="utf-8", headers=headers)

    def _address(self, url: str) -> str:
        """Of what this service keeps, without its host: whoever reads is on one of its names already."""
        return url if self._media else urlunsplit(("", "", *urlsplit(url)[2:]))


def see_other(path: str) -> web.Response:
    """On to another page of ours, so that reloading it sends no form again."""
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": path, "Cache-Control": "no-store"})


def _menu(here: str) -> list[tuple[str, str, str]]:
    return [(ROOT + to, name, current) for to, name, current in entries(here.removeprefix(ROOT))]


def _tag(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:10]


def _local(at: datetime) -> datetime:
    return at.astimezone(SHANGHAI)
