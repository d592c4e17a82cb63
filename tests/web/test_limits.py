"""How often is too often, counted in a real Valkey."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from domain.errors import TooMany
from tests.adapters.valkey_process import ValkeyProcess
from tests.web.serving import served
from web.addresses import Proxies
from web.errors import problem_documents
from web.limits import PATIENCE, PAUSE, Limits, RedisRate


@pytest.fixture
async def rate(redis_url: str) -> AsyncIterator[RedisRate]:
    made = RedisRate(redis_url, prefix=uuid.uuid4().hex)
    yield made
    await made.close()


@pytest.fixture
def valkey() -> Iterator[ValkeyProcess]:
    process = ValkeyProcess()
    yield process
    process.close()


async def test_so_many_get_through_and_the_next_is_told_how_long_to_wait(rate: RedisRate) -> None:
    answers = [await rate.hit("person:1", 5) for _ in range(8)]
    assert answers[:5] == [0] * 5
    assert all(1 <= wait <= 60 for wait in answers[5:])


async def test_keys_are_counted_apart(rate: RedisRate) -> None:
    assert [await rate.hit("person:1", 1), await rate.hit("person:2", 1)] == [0, 0]
    assert await rate.hit("person:1", 1) > 0


async def test_processes_count_together(rate: RedisRate, redis_url: str) -> None:
    other = RedisRate(redis_url, prefix="of another prefix")
    assert await other.hit("person:1", 1) >= 0
    await other.close()
    prefix = uuid.uuid4().hex
    both = [RedisRate(redis_url, prefix=prefix) for _ in range(2)]
    waits = await asyncio.gather(*(both[index % 2].hit("person:1", 20) for index in range(40)))
    assert sum(wait == 0 for wait in waits) == 20
    for one in both:
        await one.close()


async def test_a_frozen_valkey_lets_everybody_in_at_once(valkey: ValkeyProcess) -> None:
    rate = RedisRate(valkey.url)
    assert await rate.hit("person:1", 1) == 0
    assert await rate.hit("person:1", 1) > 0
    valkey.freeze()
    with capture_logs() as logged:
        began = time.monotonic()
        assert await asyncio.gather(*(rate.hit("person:1", 1) for _ in range(20))) == [0] * 20
        first = time.monotonic() - began
        assert [await rate.hit("person:1", 1) for _ in range(20)] == [0] * 20
        rest = time.monotonic() - began - first
    assert first < PATIENCE + 0.5
    assert rest < 0.2
    assert [line["event"] for line in logged] == ["rate_limits_off"]
    valkey.thaw()
    deadline = time.monotonic() + PAUSE + 5
    while await rate.hit("person:1", 1) == 0:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    await rate.close()


async def test_no_valkey_at_all_lets_everybody_in(valkey: ValkeyProcess) -> None:
    valkey.kill()
    rate = RedisRate(valkey.url)
    assert [await rate.hit("person:1", 1) for _ in range(5)] == [0] * 5
    await rate.close()


async def test_an_emptied_valkey_goes_on_counting(valkey: ValkeyProcess) -> None:
    rate = RedisRate(valkey.url)
    assert [await rate.hit("person:1", 1) == 0 for _ in range(2)] == [True, False]
    valkey.kill()
    valkey.start()
    deadline = time.monotonic() + PAUSE + 5
    while await rate.hit("person:1", 1) == 0:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    await rate.close()


async def asked(limits: Limits, times: int, **headers: str) -> list[aiohttp.ClientResponse]:
    async def answer(request: web.Request) -> web.Response:
        await limits.stranger(request)
        return web.Response(text="ok")

    app = web.Application(middlewares=[problem_documents("/api/")])
    app.router.add_get("/api/board", answer)
    async with served(app) as client:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return [await client.get("/api/board", headers=named) for _ in range(times)]


async def test_one_address_in_the_open_net_is_held_back(rate: RedisRate) -> None:
    limits = Limits(rate, Proxies(["127.0.0.1"]), per_person=600, per_address=3)
    answers = await asked(limits, 5, X_Forwarded_For="8.8.8.8")
    assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert [answer.status for answer in await asked(limits, 1, X_Forwarded_For="8.8.4.4")] == [200]


async def test_a_proxy_that_nobody_named_is_not_taken_for_an_attack(rate: RedisRate) -> None:
    limits = Limits(rate, Proxies(), per_person=600, per_address=3)
    assert {answer.status for answer in await asked(limits, 10, X_Forwarded_For="8.8.8.8")} == {200}


async def test_a_person_is_held_back_wherever_they_are(rate: RedisRate) -> None:
    limits = Limits(rate, Proxies(), per_person=2, per_address=1)
    await limits.person(7)
    await limits.person(7)
    await limits.person(8)
    with pytest.raises(TooMany) as refused:
        await limits.person(7)
    assert 1 <= int(str(refused.value.facts["retry_after"])) <= 60
