"""Putting the parts on a port."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox import api, control, page
from sandbox.api.gate import dispatch
from sandbox.control.body import answer
from sandbox.refusals import NotPossible
from sandbox.settings import Options
from sandbox.store import StoreUnusable
from sandbox.world import WORLD, World

LARGEST_BODY = 24 * 1024 * 1024
STOP_SECONDS = 1.0

__all__ = ["api", "make_app", "run"]


def make_app(world: World) -> web.Application:
    """The application around *world*; it starts the pusher and, at the end, writes everything down."""
    app = web.Application(middlewares=[say_no_plainly], client_max_size=LARGEST_BODY)
    app[WORLD] = world
    page.add_routes(app)
    control.add_routes(app)
    app.router.add_route("*", "/sandbox/{rest:.*}", _nothing_here)
    app.router.add_get("/", _to_the_page)
    app.router.add_route("*", "/{path:.*}", dispatch)
    app.cleanup_ctx.append(_lives)
    app.on_shutdown.append(_let_go)
    return app


@web.middleware
async def say_no_plainly(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what cannot be done into ``{"error": "..."}`` with its status."""
    try:
        return await handler(request)
    except NotPossible as problem:
        return answer({"error": str(problem)}, problem.status)
    except StoreUnusable as problem:
        logging.getLogger(__name__).error(problem)  # noqa: TRY400 - one line says it all
        return answer({"error": str(problem)}, HTTPStatus.INSUFFICIENT_STORAGE)


async def _lives(app: web.Application) -> AsyncIterator[None]:
    await app[WORLD].pusher.start()
    await app[WORLD].mini_pusher.start()
    yield
    await app[WORLD].pusher.stop()
    await app[WORLD].mini_pusher.stop()
    await asyncio.to_thread(app[WORLD].store.close)


async def _let_go(app: web.Application) -> None:
    """Answer those who wait for news, so that stopping does not wait for them."""
    app[WORLD].conversation.close()


async def _to_the_page(_request: web.Request) -> web.Response:
    raise web.HTTPFound("/sandbox/")


async def _nothing_here(_request: web.Request) -> web.Response:
    raise NotPossible("there is nothing at this address", HTTPStatus.NOT_FOUND)


async def run(options: Options) -> None:
    """Serve until SIGTERM or SIGINT, after printing one line that says where.

    Raises OSError when the port cannot be had, StoreUnusable when the store cannot.
    """
    world = World(options)
    runner = web.AppRunner(make_app(world), access_log=None, shutdown_timeout=STOP_SECONDS)
    await runner.setup()
    try:
        site = web.TCPSite(runner, options.host, options.port)
        await site.start()
        world.base_url = f"http://{options.host}:{runner.addresses[0][1]}"
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        print(f"sandbox ready on {world.base_url}/sandbox/", flush=True)  # noqa: T201 - the line that says it is ready
        await stop.wait()
    finally:
        await runner.cleanup()
