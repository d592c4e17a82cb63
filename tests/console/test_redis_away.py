"""The console while Redis is away: it says so, loses no words, and is there again when Redis is."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web

from app.bootstrap import House
from app.site import site
from services.staff_logins import StaffLogins
from tests.console.clerk import Clerk
from tests.factories import PHONES, Town
from tests.forwarder import Forwarder, Streams


@pytest.fixture
async def wire(redis_url: str) -> AsyncIterator[Forwarder]:
    parts = urlsplit(redis_url)

    async def target() -> Streams:
        if parts.scheme == "unix":
            return await asyncio.open_unix_connection(parts.path)
        return await asyncio.open_connection(parts.hostname, parts.port)

    wire = Forwarder(target)
    await wire.mend()
    yield wire
    await wire.cut()


@pytest.fixture
async def clerk(house: House, wire: Forwarder, town: Town) -> AsyncIterator[Clerk]:
    del town
    behind = replace(house, redis_url=f"redis://127.0.0.1:{wire.port}/0")
    runner = web.AppRunner(site(behind), access_log=None, shutdown_timeout=2, auto_decompress=False)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Clerk(session, f"http://127.0.0.1:{runner.addresses[0][1]}")
    await runner.cleanup()


async def test_without_redis_nobody_gets_in_and_the_page_says_why_and_later_it_goes_on(
    clerk: Clerk, wire: Forwarder, logins: StaffLogins
) -> None:
    password = await logins.give(PHONES["commander"])
    assert (await clerk.signs_in(PHONES["commander"], password)).path == "/console/password"
    await wire.cut()
    for page in (
        await clerk.opens("/console/"),
        await clerk.opens("/console/cases"),
        await clerk.signs_in(PHONES["commander"], password),
    ):
        assert (page.status, "这会儿用不了" in page.words) == (503, True)
        assert int(page.headers["Retry-After"]) > 0  # type: ignore[index]
    kept = await clerk.sends("/console/cases/new", {"words": "东门的灯不亮", "csrf": "x", "password": "secret"})
    assert (kept.status, "东门的灯不亮" in kept.words, "secret" in kept.text) == (503, True, False)
    await wire.mend()
    assert (await clerk.opens("/console/")).path == "/console/password"
