"""Alive, and fit for visitors."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from structlog.testing import capture_logs

from tests.web.serving import served
from web import health
from web.health import Check
from web.metrics import Metrics


async def asked(checks: Mapping[str, Check], path: str = "/readyz") -> tuple[int, Any]:
    app = web.Application()
    health.setup(app, checks, Metrics())
    async with served(app) as client, client.get(path) as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.status, await answer.json()


async def good() -> bool:
    return True


async def bad() -> bool:
    return False


async def broken() -> bool:
    raise OSError("connection refused by 10.0.0.5")


async def silent() -> bool:
    await asyncio.Event().wait()
    return True


async def test_alive_is_said_without_asking_anybody() -> None:
    assert await asked({"database": broken}, "/healthz") == (200, {"status": "ok"})


async def test_ready_is_when_every_check_says_so() -> None:
    assert await asked({"database": good, "redis": good}) == (
        200,
        {"status": "ok", "checks": {"database": "ok", "redis": "ok"}},
    )


async def test_one_no_is_enough_and_is_named_without_its_reason() -> None:
    with capture_logs() as logged:
        status, body = await asked({"database": broken, "redis": good, "schema": bad})
    assert status == 503
    assert body == {"status": "not ok", "checks": {"database": "not ok", "redis": "ok", "schema": "not ok"}}
    (line,) = [line for line in logged if line["event"] == "check_failed"]
    assert (line["check"], line["reason"]) == ("database", "connection refused by 10.0.0.5")


async def test_checks_that_do_not_answer_are_waited_for_together_and_not_long() -> None:
    began = time.monotonic()
    status, body = await asked({"database": silent, "redis": silent, "schema": good})
    assert time.monotonic() - began < 2 * health.PATIENCE
    assert (status, body["checks"]) == (503, {"database": "not ok", "redis": "not ok", "schema": "ok"})


async def test_what_is_read_and_not_counted_is_brought_up_to_date_and_otherwise_stays() -> None:
    app, metrics = web.Application(), Metrics()
    looks = iter([{"*": False, "custom": True}, None, {"*": False, "custom": False}])

    async def look() -> bool:
        found = next(looks)
        if found is None:
            raise OSError("the database is away")
        metrics.show_shut("wx", found)
        return True

    health.setup(app, {}, metrics, look=look)
    async with served(app) as client:
        for wanted in ("1.0", "1.0", "0.0"):
            async with client.get("/metrics") as answer:
                assert (
                    f'wangge_wechat_shut{{appid="wx",channel="custom"}} {wanted}' in (await answer.text()).splitlines()
                )
