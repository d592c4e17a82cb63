"""One line for every request, and an id that ties things together."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
import structlog
from aiohttp import web
from structlog.testing import capture_logs

from tests.web.serving import served
from web import health, request_log
from web.keys import METRICS, REQUEST_ID
from web.metrics import Metrics

Client = aiohttp.ClientSession


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async def show(request: web.Request) -> web.Response:
        bound = structlog.contextvars.get_contextvars()
        return web.json_response({"id": request[REQUEST_ID], "bound": bound.get("request_id")})

    async def stream(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"part")
        return answer

    async def fail(_: web.Request) -> web.Response:
        raise RuntimeError

    app = web.Application(middlewares=[request_log.request_log])
    request_log.setup(app)
    health.setup(app, {}, Metrics())
    app.router.add_route("*", "/things/{code}", show, name="things")
    app.router.add_get("/stream", stream)
    app.router.add_get("/fail", fail)
    async with served(app) as session:
        yield session


async def test_a_usable_id_is_taken_over_and_any_other_replaced(client: Client) -> None:
    async with client.get("/things/1", headers={"X-Request-ID": "from-the-proxy_1.2"}) as answer:
        assert answer.headers["X-Request-ID"] == "from-the-proxy_1.2"
        assert await answer.json() == {"id": "from-the-proxy_1.2", "bound": "from-the-proxy_1.2"}
    seen = set()
    for given in ("", "short", "x" * 65, "with space in it", "<script>alert</script>", "zeile\tneu12345"):
        async with client.get("/things/1", headers={"X-Request-ID": given}) as answer:
            made = answer.headers["X-Request-ID"]
            assert made != given
            assert (await answer.json())["id"] == made
            seen.add(made)
    assert len(seen) == 6


async def test_streams_and_refusals_bear_the_id_too(client: Client) -> None:
    for path in ("/stream", "/nowhere"):
        async with client.get(path) as answer:
            assert len(answer.headers["X-Request-ID"]) == 16


async def test_the_line_names_the_route_and_nothing_that_points_to_a_person(client: Client) -> None:
    with capture_logs() as logged:
        async with client.post("/things/13800001111?phone=13800002222", data=b"13800003333"):
            pass
    (line,) = [line for line in logged if line["event"] == "request"]
    assert (line["method"], line["route"], line["status"]) == ("POST", "things", 200)
    assert line["ms"] >= 0
    assert "1380000" not in str(line)
    assert "127.0.0.1" not in str(line)


async def test_requests_are_counted_by_route_and_strange_ones_share_a_name(client: Client) -> None:
    for path in ("/things/1", "/things/2", "/nowhere/1", "/nowhere/2", "/fail"):
        async with client.get(path):
            pass
    async with client.request("PROPFIND", "/things/1"):
        pass
    async with client.get("/metrics") as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        text = await answer.text()
    assert 'wangge_http_requests_total{method="GET",route="things",status="200"} 2.0' in text
    assert 'wangge_http_requests_total{method="GET",route="unmatched",status="404"} 2.0' in text
    assert 'wangge_http_requests_total{method="GET",route="/fail",status="500"} 1.0' in text
    assert 'wangge_http_requests_total{method="other",route="things",status="200"} 1.0' in text
    assert 'wangge_http_request_seconds_count{route="things"} 3.0' in text
    assert "/nowhere" not in text
    assert "process_resident_memory_bytes" in text


async def test_two_applications_in_one_process_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.count("a", "GET", 200, 0.1)
    assert b'route="a"' not in other.text()
    app = web.Application()
    health.setup(app, {}, one)
    assert app[METRICS] is one
