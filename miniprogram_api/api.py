"""The mini program's API: every route, registered."""

import asyncio
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from aiohttp import web

from miniprogram_api import (
    account,
    attachments,
    cases,
    decisions,
    docs,
    event_types,
    filters,
    findings,
    grids,
    leaves,
    me,
    notices,
    notices_live,
    notices_visits,
    patrols,
    polls,
    queue,
    records,
    safety,
    scores,
    sessions,
    spot_checks,
    statistics,
    subscriptions,
    training,
    visits,
    work_log,
)
from miniprogram_api.endpoint import Door
from miniprogram_api.openapi import document
from miniprogram_api.routes import JSON, Route
from services.desk import Desk
from services.idempotency import Idempotencies
from web.limits import Limits

BASE = "/api/v1"
DOCS = "/api/docs"

ROUTES: tuple[Route[Any, Any], ...] = (
    sessions.SIGN_IN,
    sessions.SIGN_OUT,
    me.SHOW,
    me.BIND,
    subscriptions.SHOW,
    subscriptions.AGREE,
    filters.LIST,
    filters.SAVE,
    filters.DELETE,
    grids.SHOW,
    attachments.ANNOUNCE,
    attachments.SHOW,
    cases.FILE,
    cases.LIST,
    cases.SHOW,
    cases.ADD,
    cases.ACT,
    findings.FILE,
    queue.SHOW,
    *safety.EVERY,
    event_types.LIST,
    event_types.PROPOSALS,
    event_types.PROPOSE,
    event_types.DECIDE,
    event_types.SUGGEST,
    event_types.CLASSIFY,
    leaves.VACANCIES,
    leaves.ASK,
    leaves.MINE,
    leaves.END,
    leaves.ASKED,
    leaves.DECIDE,
    *scores.EVERY,
    *spot_checks.EVERY,
    *decisions.EVERY,
    *notices.ROUTES,
    *notices_visits.ROUTES,
    *polls.EVERY,
    statistics.PUBLIC,
    *work_log.EVERY,
    *training.EVERY,
    *patrols.EVERY,
    *visits.EVERY,
    *records.EVERY,
    *account.EVERY,
)


def setup(app: web.Application, desk: Desk, *, limits: Limits, longest_body: int = 65536) -> None:
    """Add the API under ``/api/v1`` with its document and its documentation page.

    *longest_body* is in bytes. The application needs :func:`web.errors.problem_documents` for ``/api/`` among its
    middlewares: refusals are raised here and rendered there.
    """
    door = Door(desk, Idempotencies(desk.clock), limits, longest_body=longest_body)
    for route in (one for one in ROUTES if one.media_type == JSON):
        app.router.add_route(route.method, f"{BASE}{route.path}", door.endpoint(route), name=f"api.{route.name}")
    # The path of one notice would take these for a notice that is not there, where only the method is wrong.
    app.router.add_route("*", f"{BASE}{notices.ESTIMATE.path}", _only_post, name="api.estimate_notice.otherwise")
    notices_live.setup(app, BASE, desk, door)
    _add_made(app, f"{BASE}/openapi.json", "api.openapi", _described, "application/json")
    _add_made(app, DOCS, "api.docs", _documentation, "text/html")


async def _only_post(request: web.Request) -> web.StreamResponse:
    raise web.HTTPMethodNotAllowed(request.method, ["POST"])


@cache
def _described() -> str:
    return json.dumps(document(ROUTES, BASE), ensure_ascii=False)


@cache
def _documentation() -> str:
    return docs.page(document(ROUTES, BASE), f"{BASE}/openapi.json")


def _add_made(app: web.Application, path: str, name: str, make: Callable[[], str], media_type: str) -> None:
    headers = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
    if media_type == "text/html":
        headers["Content-Security-Policy"] = docs.POLICY

    async def answer(_: web.Request) -> web.Response:
        # Made when somebody first asks, beside the loop: it takes a quarter of a second, which every start had to wait.
        text = await asyncio.to_thread(make)
        return web.Response(text=text, content_type=media_type, charset="utf-8", headers=headers)

    app.router.add_get(path, answer, name=name)
