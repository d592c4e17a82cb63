"""What the public pages share: frame and style, headers, the limit for strangers, and a page for every no."""

import base64
import hashlib
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path

import structlog
from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from domain.errors import Refusal, TooMany, Unavailable
from pages.telephone import dialled
from services.transaction import DATABASE_ERRORS
from web.limits import Limits
from web.request_log import route_name

log = structlog.get_logger(__name__)

_STYLE = (Path(__file__).parent / "templates" / "page.css").read_text("utf-8").strip()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    # A notice's address is its key: it must not travel on to the site that the notice points to.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_RETRY_AFTER = 5

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Frame:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._templates = Environment(
            loader=PackageLoader("pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["dialled"] = dialled
        self._templates.globals["style"] = Markup(_STYLE)  # noqa: S704 - a file of ours

    def page(self, name: str, status: int = HTTPStatus.OK, **facts: object) -> web.Response:
        """The template *name*, filled in."""
        text = self._templates.get_template(name).render(facts)
        return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)

    def guarded(self, handle: Handler, *, unknown: str) -> Handler:
        """Count strangers, and answer what goes wrong with a page that a person understands.

        *unknown* is the template for what is not there.
        """

        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                await self._limits.stranger(request)
                return await handle(request)
            except web.HTTPException:
                raise
            except TooMany as many:
                return self._sorry(HTTPStatus.TOO_MANY_REQUESTS, many.facts.get("retry_after"))
            except Unavailable:
                return self._sorry(HTTPStatus.SERVICE_UNAVAILABLE)
            except Refusal:
                return self.page(unknown, HTTPStatus.NOT_FOUND)
            except DATABASE_ERRORS as error:
                log.warning("part_away", route=route_name(request), error=type(error).__name__)
                return self._sorry(HTTPStatus.SERVICE_UNAVAILABLE)
            except Exception:
                log.exception("page_failed", route=route_name(request))
                return self._sorry(HTTPStatus.INTERNAL_SERVER_ERROR)

        return guarded

    def _sorry(self, status: int, wait: object = None) -> web.Response:
        answer = self.page("sorry.html", status)
        answer.headers["Retry-After"] = str(wait or _RETRY_AFTER)
        return answer
