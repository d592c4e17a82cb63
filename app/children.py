"""Processes that belong together: started, started again when they fall over, stopped together."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from app.parent import die_with_parent

log = structlog.get_logger(__name__)

GRACE_SECONDS = 15
_QUICK_SECONDS = 5
_MOST_QUICK_EXITS = 10


@dataclass(slots=True)
class Child:
    """A program to keep running."""

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)


class GaveUp(Exception):  # noqa: N818 - said as the fact that it is
    """A part falls over again and again; its own last lines say why."""


class Children:
    def __init__(self, children: Sequence[Child]) -> None:
        self._children = children
        self._stop = asyncio.Event()

    async def run_until_signal(self) -> None:
        """Keep all running until SIGTERM or SIGINT, then stop them in order. Raises GaveUp."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stop.set)
        await self.run()

    async def run(self) -> None:
        keepers = [asyncio.create_task(self._keep(child)) for child in self._children]
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait([*keepers, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._stop.set()
            stopping.cancel()
            results = await asyncio.gather(*keepers, return_exceptions=True)
        for result in results:
            if isinstance(result, GaveUp):
                raise result

    async def _keep(self, child: Child) -> None:
        quick = 0
        while not self._stop.is_set():
            began = asyncio.get_running_loop().time()
            process = await asyncio.create_subprocess_exec(
                *child.command, env={**os.environ, **child.environment}, preexec_fn=die_with_parent
            )
            ended = asyncio.create_task(process.wait())
            stopping = asyncio.create_task(self._stop.wait())
            await asyncio.wait([ended, stopping], return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if self._stop.is_set():
                await _end(process)
                return
            lived = asyncio.get_running_loop().time() - began
            quick = quick + 1 if lived < _QUICK_SECONDS else 0
            if quick >= _MOST_QUICK_EXITS:
                raise GaveUp(f"{child.name} 一启动就停，试了好几次都这样；原因在上面几行里。")
            log.warning("restarting", part=child.name, code=process.returncode)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), min(0.2 * 2**quick, 5))


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), GRACE_SECONDS)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
