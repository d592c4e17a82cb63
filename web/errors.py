"""Every no as a problem document (RFC 9457), by one middleware."""

import json
from collections.abc import Mapping

import asyncpg
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from tortoise.exceptions import DBConnectionError

from domain.errors import NotSignedIn, Refusal, TooMany, Unavailable
from web.keys import REQUEST_ID
from web.request_log import route_name

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER = 5
"""Seconds, where nobody knows better."""

TITLES: Mapping[str, str] = {
    "bad_input": "What was sent does not say what it must",
    "bad_request": "The request cannot be read",
    "conflict": "Somebody else was faster",
    "idempotency_mismatch": "This Idempotency-Key was used for something else",
    "illegal_move": "The rules forbid this step now",
    "internal": "Something went wrong on our side",
    "invite_refused": "The invitation code does not work",
    "leave_refused": "This leave cannot be",
    "link_refused": "This address is too old, or not as we gave it out",
    "method_not_allowed": "Not with this method",
    "needs_photo": "A photo is missing before this can be resolved",
    "not_allowed": "Not yours to do",
    "not_found": "There is no such thing, or it is not yours to see",
    "notice_refused": "This notice cannot go out",
    "not_signed_in": "Sign in first",
    "nothing_to_file": "There is nothing to file yet",
    "scenes_used_up": "The official account has no QR code left",
    "too_large": "Too large",
    "too_many": "Too many requests",
    "too_slow": "The request took too long to arrive",
    "top_level": "Nobody is above",
    "unavailable": "Not available at the moment",
    "unsupported_media_type": "Not in this format",
    "upload_refused": "What was uploaded is not what was announced, or cannot be kept",
}
"""Every code of the API and what it means, also for the documentation."""

_OF_STATUS = {
    400: "bad_request",
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many",
    503: "unavailable",
}
_SERVER_ERRORS = 500

# What a database says that is starting, stopping, full, out of reach or busy. asyncpg's own InterfaceError is in it for
# "connection is closed"; its DataError, which is one too, is a mistake of ours.
_AWAY = (
    OSError,
    DBConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.LockNotAvailableError,
    asyncpg.InterfaceError,
)

log = structlog.get_logger(__name__)


def problem_documents(prefix: str) -> Middleware:
    """A middleware for the paths that begin with *prefix*; elsewhere (chat, pages) nothing is touched.

    A Refusal keeps its code, status and facts. aiohttp's own refusals are said in the same form. What the database
    cannot do now is a 503 that may be tried again; anything else is a 500 of which only the request's id goes out.
    """

    @web.middleware
    async def render(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(prefix):
            return await handler(request)
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < web.HTTPBadRequest.status_code:
                raise
            return _of_http(error, request)
        except Exception as error:  # noqa: BLE001 - the last line of defence
            return _of_error(error, request)

    return render


def _of_error(error: Exception, request: web.Request) -> web.Response:
    if isinstance(error, Refusal):
        return of_refusal(error, request)
    route = route_name(request)
    if isinstance(error, _AWAY) and not isinstance(error, ValueError):
        # Without the trace: in an outage every request comes by here, and traces cost more than the requests.
        log.warning("part_away", route=route, error=type(error).__name__, reason=str(error)[:200])
        return of_refusal(Unavailable("a part of the service does not answer: try again shortly"), request)
    log.error("request_failed", route=route, error=type(error).__name__, exc_info=error)
    return _internal(request)


def of_refusal(refusal: Refusal, request: web.Request) -> web.Response:
    """The problem document for *refusal*, with the headers that belong to it."""
    headers = {}
    if isinstance(refusal, (TooMany, Unavailable)):
        wait = refusal.facts.get("retry_after")
        headers["Retry-After"] = str(wait if isinstance(wait, int) and wait > 0 else RETRY_AFTER)
    if isinstance(refusal, NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    return document(request, refusal.status, refusal.code, refusal.detail, facts=refusal.facts, headers=headers)


def document(
    request: web.Request,
    status: int,
    code: str,
    detail: str,
    *,
    facts: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """One problem document. ``errors`` (field by field) stands at the top, the other facts under ``facts``."""
    given = dict(facts or {})
    errors = given.pop("errors", None)
    title = TITLES.get(code, code.replace("_", " "))
    body = {
        "type": f"/api/docs#{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": code,
        "request_id": request.get(REQUEST_ID, ""),
        # In a member of their own: a fact may be called "status" too (the case's).
        "facts": given,
    }
    if errors is not None:
        body["errors"] = errors
    return web.Response(
        body=json.dumps(body, ensure_ascii=False, default=str).encode("utf-8", "replace"),
        status=status,
        headers={"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE, **(headers or {})},
    )


def _of_http(error: web.HTTPException, request: web.Request) -> web.Response:
    if error.status >= _SERVER_ERRORS and error.status not in _OF_STATUS:
        log.error("request_failed", route=route_name(request), status=error.status, exc_info=error)
        return _internal(request)
    code = _OF_STATUS.get(error.status, f"http_{error.status}")
    said = error.text or ""
    detail = _DETAILS.get(code, error.reason) if said in {"", f"{error.status}: {error.reason}"} else said
    kept = {name: error.headers[name] for name in ("Allow", "Retry-After") if name in error.headers}
    return document(request, error.status, code, detail, headers=kept)


_DETAILS = {
    "not_found": "there is nothing at this address",
    "method_not_allowed": "this address does not take this method; the Allow header names those that it takes",
    "too_large": "the body is too long",
}


def _internal(request: web.Request) -> web.Response:
    detail = "this is not your mistake; when you report it, name the request_id"
    return document(request, _SERVER_ERRORS, "internal", detail)
