"""Whether the service is alive, and whether it is fit to be sent visitors."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import web

from web.keys import METRICS
from web.metrics import CONTENT_TYPE, Metrics

PATIENCE = 2.0
"""Seconds that one check may take; more is a no."""

Check = Callable[[], Awaitable[bool]]

log = structlog.get_logger(__name__)


def setup(app: web.Application, checks: Mapping[str, Check], metrics: Metrics, *, look: Check | None = None) -> None:
    """Add ``/healthz``, ``/readyz`` and ``/metrics``; *look* brings up to date what is read there and not counted.

    *checks* are asked all at once by ``/readyz``; one that says no, fails or does not answer makes it a 503.
    """

    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"}, headers=_FRESH)

    async def ready(_: web.Request) -> web.Response:
        answers = await asyncio.gather(*(_ask(name, check) for name, check in checks.items()))
        fit = all(answers)
        said = {name: "ok" if good else "not ok" for name, good in zip(checks, answers, strict=True)}
        body = {"status": "ok" if fit else "not ok", "checks": said}
        return web.json_response(body, status=200 if fit else 503, headers=_FRESH)

    async def figures(_: web.Request) -> web.Response:
        if look is not None:
            await _ask("figures", look)
        return web.Response(body=metrics.text(), headers={**_FRESH, "Content-Type": CONTENT_TYPE})

    app[METRICS] = metrics
    app.router.add_get("/healthz", alive, name="healthz")
    app.router.add_get("/readyz", ready, name="readyz")
    app.router.add_get("/metrics", figures, name="metrics")


_FRESH = {"Cache-Control": "no-store"}


async def _ask(name: str, check: Check) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check()
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in a check is its answer: no
        log.warning("check_failed", check=name, error=type(error).__name__, reason=str(error))
        return False
