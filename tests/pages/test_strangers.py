"""How often strangers may open the public pages."""

import ipaddress
import secrets
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from app.bootstrap import House
from pages.board import BoardPage
from pages.frame import Frame
from pages.notice import NoticePage
from tests.factories import Town
from tests.web.serving import served
from web.addresses import Proxies
from web.limits import Limits, RedisRate


@pytest.fixture
async def rate(redis_url: str) -> AsyncIterator[RedisRate]:
    made = RedisRate(redis_url)
    yield made
    await made.close()


async def test_one_address_guesses_only_so_often_and_is_told_when_to_come_again(
    house: House, town: Town, rate: RedisRate
) -> None:
    frame = Frame(Limits(rate, Proxies(["127.0.0.1"]), per_person=1, per_address=2))
    app = web.Application()
    app.add_routes([*BoardPage(house.desk, frame).routes(), *NoticePage(house.desk, frame).routes()])
    here, there = (str(ipaddress.IPv6Address((0x2400 << 112) + secrets.randbits(112))) for _ in range(2))
    async with served(app) as client:

        async def ask(path: str, who: str) -> tuple[int, str, str | None]:
            async with client.get(path, headers={"X-Forwarded-For": who}) as answer:
                return answer.status, await answer.text(), answer.headers.get("Retry-After")

        guesses = [await ask(path, here) for path in ("/n/AAAAAAAAAAAAAAAAAAAAAA", "/n/half", "/q/x", "/n/half")]
        assert [status for status, _, _ in guesses] == [404, 404, 429, 429]
        assert all("过几分钟再试" in text and wait is not None for _, text, wait in guesses[2:])
        assert (await ask("/q/x", there))[0] == 404
