"""The API while its database cannot be reached."""

import asyncio
import time
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from app import bootstrap
from tests.factories import GRID
from tests.forwarder import Forwarder
from tests.miniprogram_api.mini import Api

GOOD = {"grid": GRID, "description": "路灯坏了"}


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[Forwarder]:
    parts = urlsplit(database_url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    host, port = query.get("host") or parts.hostname or "", int(query.get("port") or parts.port or 5432)

    async def reach() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    made = Forwarder(reach)
    await made.mend()
    yield made
    made.let_go()
    await made.cut()


@pytest.fixture
async def database(database_url: str, wire: Forwarder) -> AsyncIterator[str]:
    """In place of the shared fixture: the same database at the end of the wire."""
    parts = urlsplit(database_url)
    url = parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{wire.port}", query="").geturl()
    async with bootstrap.database(url, pool=4):
        yield url


async def test_without_its_database_the_api_says_unavailable_and_comes_back_by_itself(
    api: Api, wire: Forwarder
) -> None:
    resident = await api.sign_in("王阿姨")
    await wire.cut()
    for answer in (await resident.get("/me"), await resident.post("/cases", GOOD, Idempotency_Key="k-1")):
        assert (answer.status, answer.code) == (503, "unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert "asyncpg" not in str(answer.body)
    assert (await api.call("GET", f"/grids/{GRID}")).code == "unavailable"
    assert (await api.call("GET", "/openapi.json")).status == 200
    await wire.mend()
    again = await resident.post("/cases", GOOD, Idempotency_Key="k-1")
    assert (again.status, again.body["number"]) == (201, 1001)


async def test_a_database_that_falls_silent_is_waited_for_ten_seconds_at_most(api: Api, wire: Forwarder) -> None:
    resident = await api.sign_in("王阿姨")
    wire.hold()
    began = time.monotonic()
    answers = await asyncio.gather(*(resident.get("/me") for _ in range(8)))
    assert time.monotonic() - began < 12
    assert {(answer.status, answer.code) for answer in answers} == {(503, "unavailable")}
    wire.let_go()
    assert (await resident.get("/me")).status == 200
