"""One line in the log and one tick in the figures for every request, tied together by the request's id."""

import re
import secrets
import time

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from web.keys import METRICS, REQUEST_ID

HEADER = "X-Request-ID"
UNMATCHED = "unmatched"

_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")

log = structlog.get_logger(__name__)


def setup(app: web.Application) -> None:
    """Send the request's id back with every answer; goes with the middleware :func:`request_log`."""
    app.on_response_prepare.append(_name_the_answer)


@web.middleware
async def request_log(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The outermost middleware.

    Takes the id from ``X-Request-ID`` (when a proxy in front has made a usable one), else makes one; every log line
    written while the request is worked on bears it. The line names the route's pattern, not the path, and neither
    query, body nor address: nothing in it points to a person.
    """
    given = request.headers.get(HEADER, "")
    request_id = given if _ACCEPTABLE.fullmatch(given) else secrets.token_hex(8)
    request[REQUEST_ID] = request_id
    started = time.perf_counter()
    status = 500
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        try:
            answer = await handler(request)
            status = answer.status
        except web.HTTPException as error:
            status = error.status
            raise
        finally:
            seconds = time.perf_counter() - started
            route = route_name(request)
            log.info("request", method=request.method, route=route, status=status, ms=round(seconds * 1000, 1))
            if METRICS in request.app:
                request.app[METRICS].count(route, request.method, status, seconds)
    return answer


def route_name(request: web.Request) -> str:
    """The route's name, or its pattern where it has none; ``unmatched`` for a path that leads nowhere."""
    route = request.match_info.route
    if route.name:
        return route.name
    resource = route.resource
    return resource.canonical if resource is not None else UNMATCHED


async def _name_the_answer(request: web.Request, answer: web.StreamResponse) -> None:
    request_id = request.get(REQUEST_ID)
    if request_id is not None:
        answer.headers[HEADER] = request_id
