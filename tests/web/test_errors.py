"""How a no looks from outside."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import asyncpg
import pytest
from aiohttp import web
from pydantic import BaseModel
from structlog.testing import capture_logs

from domain import errors
from tests.web.serving import served
from web import request_log
from web.errors import TITLES, problem_documents

Client = aiohttp.ClientSession
SECRET = "13800001111"


def _raise(error: Callable[[], Exception]) -> Callable[[web.Request], Any]:
    async def handler(_: web.Request) -> web.Response:
        raise error()

    return handler


def _invalid() -> Exception:
    class Strict(BaseModel):
        number: int

    try:
        Strict.model_validate({"number": SECRET * 3 + "x"})
    except ValueError as error:
        return error
    raise AssertionError("must not be valid")


RAISED: dict[str, Callable[[], Exception]] = {
    "refused": lambda: errors.IllegalMove("not now", status="resolved", action="accept"),
    "too_many": lambda: errors.TooMany("slowly", retry_after=7),
    "too_many_bare": errors.TooMany,
    "not_signed_in": lambda: errors.NotSignedIn("who?"),
    "bad_input": lambda: errors.BadInput("x: is wrong", errors=[{"field": "x", "detail": "is wrong"}]),
    "bug": lambda: RuntimeError(SECRET),
    "invalid": _invalid,
    "our_query": lambda: asyncpg.exceptions._base.DataError(SECRET),
    "redirect": lambda: web.HTTPFound("/elsewhere"),
    "gone": lambda: web.HTTPGone(text="no longer here"),
    "bad_gateway": lambda: web.HTTPBadGateway(text=SECRET),
}
AWAY: dict[str, Callable[[], Exception]] = {
    "refuses": ConnectionRefusedError,
    "silent": TimeoutError,
    "socket_gone": lambda: FileNotFoundError(2, "No such file"),
    "starting": lambda: asyncpg.CannotConnectNowError("the database system is starting up"),
    "stopping": lambda: asyncpg.AdminShutdownError("terminating connection"),
    "full": lambda: asyncpg.TooManyConnectionsError("sorry, too many clients already"),
    "dropped": lambda: asyncpg.ConnectionDoesNotExistError("connection was closed"),
    "closed": lambda: asyncpg.InterfaceError("connection is closed"),
    "deadlock": lambda: asyncpg.DeadlockDetectedError("deadlock detected"),
}


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application(middlewares=[request_log.request_log, problem_documents("/api/")])
    request_log.setup(app)
    for name, error in {**RAISED, **AWAY}.items():
        app.router.add_get(f"/api/{name}", _raise(error))
        app.router.add_get(f"/pages/{name}", _raise(error))
    async with served(app) as session:
        yield session


async def problem(client: Client, path: str) -> tuple[aiohttp.ClientResponse, dict[str, Any]]:
    async with client.get(path, allow_redirects=False) as answer:
        assert answer.headers["Content-Type"] == "application/problem+json"
        body = await answer.json(content_type=None)
    assert set(body) >= {"type", "title", "status", "detail", "code", "request_id", "facts"}
    assert body["status"] == answer.status
    assert body["type"] == f"/api/docs#{body['code']}"
    assert body["request_id"] == answer.headers["X-Request-ID"]
    return answer, body


async def test_a_refusal_keeps_its_code_status_words_and_facts(client: Client) -> None:
    answer, body = await problem(client, "/api/refused")
    assert (answer.status, body["code"], body["detail"]) == (409, "illegal_move", "not now")
    assert body["facts"] == {"status": "resolved", "action": "accept"}


async def test_faults_of_the_input_stand_at_the_top(client: Client) -> None:
    answer, body = await problem(client, "/api/bad_input")
    assert (answer.status, body["errors"], body["facts"]) == (422, [{"field": "x", "detail": "is wrong"}], {})


async def test_who_is_to_wait_is_told_how_long(client: Client) -> None:
    assert (await problem(client, "/api/too_many"))[0].headers["Retry-After"] == "7"
    answer, body = await problem(client, "/api/too_many_bare")
    assert int(answer.headers["Retry-After"]) > 0
    assert body["detail"]


async def test_who_is_to_sign_in_is_told_how(client: Client) -> None:
    answer, _ = await problem(client, "/api/not_signed_in")
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_a_mistake_of_ours_tells_the_client_nothing_and_the_log_everything(client: Client) -> None:
    for name in ("bug", "invalid", "our_query", "bad_gateway"):
        with capture_logs() as logged:
            answer, body = await problem(client, f"/api/{name}")
        assert (answer.status, body["code"]) == (500, "internal"), name
        assert SECRET not in str(body)
        assert "Traceback" not in str(body)
        (failure,) = [line for line in logged if line["event"] == "request_failed"]
        assert isinstance(failure["exc_info"], Exception)


async def test_a_database_that_is_away_is_unavailable_and_logged_without_a_trace(client: Client) -> None:
    for name in AWAY:
        with capture_logs() as logged:
            answer, body = await problem(client, f"/api/{name}")
        assert (answer.status, body["code"]) == (503, "unavailable"), name
        assert int(answer.headers["Retry-After"]) > 0
        (line,) = [line for line in logged if line["event"] == "part_away"]
        assert "exc_info" not in line


async def test_what_aiohttp_refuses_is_said_in_the_same_form(client: Client) -> None:
    answer, body = await problem(client, "/api/nowhere")
    assert (answer.status, body["code"]) == (404, "not_found")
    answer, body = await problem(client, "/api/gone")
    assert (answer.status, body["code"], body["detail"]) == (410, "http_410", "no longer here")
    async with client.delete("/api/refused") as refused:
        assert refused.status == 405
        assert set(refused.headers["Allow"].split(",")) == {"GET", "HEAD"}
        assert (await refused.json(content_type=None))["code"] == "method_not_allowed"


async def test_a_redirect_stays_one(client: Client) -> None:
    async with client.get("/api/redirect", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, "/elsewhere")


async def test_outside_the_api_nothing_is_turned_into_json(client: Client) -> None:
    for path in ("/pages/refused", "/pages/bug", "/nowhere"):
        async with client.get(path) as answer:
            assert answer.status in {404, 500}
            assert "json" not in answer.headers["Content-Type"]


def test_every_refusal_of_the_domain_has_a_title() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.Refusal)]
    assert len(kinds) > 10
    assert {kind.code for kind in kinds} - {"refused"} <= set(TITLES)
