"""The web part: the doors on one aiohttp server, any number of processes on one port."""

import asyncio
import gc
import signal
import socket
import sys
from contextlib import AsyncExitStack

import structlog
from aiohttp import web

from app.bootstrap import House, opened
from app.children import Child, Children
from app.sandbox_door import SandboxDoor
from app.settings import Settings
from app.site import site

log = structlog.get_logger(__name__)


class PortTaken(Exception):  # noqa: N818 - said as the fact that it is
    """The address cannot be listened on; the message says what to change."""


def check_port(host: str, port: int, setting: str = "server.port") -> None:
    """Fail early and clearly. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"{host}:{port} 这个端口用不了（{error.strerror}）。请停掉占用它的程序，或者把 {setting} 改成别的端口。"
            ) from None


async def run(settings: Settings, processes: int = 1) -> None:
    """Serve until SIGTERM or SIGINT. Raises PortTaken, and what :func:`app.bootstrap.opened` raises."""
    check_port(settings.server.host, settings.server.port)
    if processes > 1:
        command = [sys.executable, "-m", "app", "serve", "--shared-port"]
        await Children([Child(f"web {number + 1}", command) for number in range(processes)]).run_until_signal()
        return
    await serve_one(settings, shared_port=False)


async def serve_one(settings: Settings, *, shared_port: bool) -> None:
    """One web process. With *shared_port* the kernel spreads connections over all that listen there."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(opened(settings))
        app = site(house)
        if house.desk.moved_clock is not None:
            app.add_routes(SandboxDoor(house.desk, settings.sandbox.port).routes())
        await listen(stack, app, house, shared_port=shared_port)
        # What is there now stays: it need not be looked through whenever garbage is collected.
        gc.collect()
        gc.freeze()
        log.info("listening", host=settings.server.host, port=settings.server.port)
        await stop.wait()
        log.info("stopping")


async def listen(stack: AsyncExitStack, app: web.Application, house: House, *, shared_port: bool = False) -> None:
    """Start the server; it is drained when *stack* closes."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=8, auto_decompress=False)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    server = house.settings.server
    await web.TCPSite(runner, server.host, server.port, reuse_port=shared_port or None).start()
