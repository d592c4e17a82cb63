"""The API's limits, counted in Valkey."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest

from tests.factories import GRID
from tests.miniprogram_api.mini import Api
from web.addresses import Proxies
from web.limits import Limits, RedisRate


@pytest.fixture
async def limits(redis_url: str) -> AsyncIterator[Limits]:
    rate = RedisRate(redis_url, prefix=uuid.uuid4().hex)
    yield Limits(rate, Proxies(["127.0.0.1"]), per_person=30, per_address=50)
    await rate.close()


async def test_a_person_who_asks_too_often_waits_and_nobody_else_does(api: Api) -> None:
    eager, other = await api.sign_in("王阿姨"), await api.sign_in("李奶奶")
    answers = await asyncio.gather(*(eager.get("/me") for _ in range(40)))
    assert sum(answer.status == 200 for answer in answers) == 30
    refused = [answer for answer in answers if answer.status != 200]
    assert {(answer.status, answer.code) for answer in refused} == {(429, "too_many")}
    assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in refused)
    assert (await other.get("/me")).status == 200


async def test_guessing_tokens_from_one_address_ends_soon(api: Api) -> None:
    headers = {"X-Forwarded-For": "8.8.8.8"}
    answers = [await api.call("GET", "/me", token=f"guess{index}", headers=headers) for index in range(60)]
    assert [answer.status for answer in answers] == [401] * 50 + [429] * 10
    board = await api.call("GET", f"/grids/{GRID}", headers={"X-Forwarded-For": "8.8.4.4"})
    assert board.status == 200


async def test_a_whole_village_behind_one_local_address_may_read_its_board(api: Api) -> None:
    answers = await asyncio.gather(*(api.call("GET", f"/grids/{GRID}") for _ in range(100)))
    assert {answer.status for answer in answers} == {200}
