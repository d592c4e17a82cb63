"""``make demo``: a town comes alive. The main job through the real doors, then the service goes on for you to try."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from rich.console import Console

from adapters import embedded
from app.demo_stage import Stage, WentWrong, command
from app.demo_story import tell
from app.parent import die_with_parent

READY_SECONDS = 60
STOP_SECONDS = 25
COMMANDER = "13900000005"
"""Of the demo's town."""


async def run(*, once: bool) -> int:
    """Play the story; with *once* stop after it. Returns the exit code: 0 only if every step came out right."""
    console = Console(highlight=False, soft_wrap=True)
    began = time.monotonic()
    folder = _folder()
    await _stop_earlier(folder)
    _empty(folder)
    port, sandbox_port = _free_port(8080), _free_port(8081)
    environment = {
        **os.environ,
        "WANGGE__DATA__DIR": str(folder),
        "WANGGE__DATABASE__URL": "embedded",
        "WANGGE__REDIS__URL": "embedded",
        "WANGGE__SERVER__PORT": str(port),
        "WANGGE__SANDBOX__PORT": str(sandbox_port),
        "WANGGE__SANDBOX__ENABLED": "true",
        # The story is told at any hour of the day.
        "WANGGE__NOTICES__QUIET_HOURS": "",
    }
    console.print("[bold]网格通演示[/bold]：一个镇、两个村、三个网格，配一个假的微信。数据只放在本机，每次从头开始。")
    async with _service(environment, folder) as service:
        async with aiohttp.ClientSession() as session:
            stage = Stage(session, f"http://127.0.0.1:{port}", console)
            try:
                await _until_ready(service, port)
                console.print(f"   服务已启动，用了 {time.monotonic() - began:.1f} 秒。")
                await tell(stage, environment, folder)
            except (WentWrong, aiohttp.ClientError, TimeoutError) as error:
                said = str(error) or type(error).__name__
                console.print(f"\n[bold red]没有演完：[/bold red]{said}\n服务的日志在 {folder / 'service.log'}")
                return 1
        console.print(f"\n[bold green]全部 {stage.steps} 步都对[/bold green]，共 {time.monotonic() - began:.1f} 秒。")
        if once:
            return 0
        _where_to_click(console, port, await _console_password(environment))
        await _until_stopped(service)
    return 0


async def _console_password(environment: dict[str, str]) -> str:
    """A one-time password for the demo town's commander, as the town's administrator would give it."""
    printed = await command("staff", "password", COMMANDER, environment=environment, show=lambda _: None)
    return printed.splitlines()[0].partition(": ")[2]


def _where_to_click(console: Console, port: int, password: str) -> None:
    console.print(
        f"\n接着自己试试（按 Ctrl-C 停止）：\n"
        f"   管理后台    http://127.0.0.1:{port}/console/   手机号 {COMMANDER}，一次性密码 {password}\n"
        f"   手机页面    http://127.0.0.1:{port}/sandbox/\n"
        f"   接口文档    http://127.0.0.1:{port}/api/docs\n"
        f"   运行状态    http://127.0.0.1:{port}/readyz"
    )


def _folder() -> Path:
    return Path(os.environ.get("WANGGE__DATA__DIR", "var")).absolute() / "demo"


async def _stop_earlier(folder: Path) -> None:
    """Stop the engines that an earlier demo may have left running (it was killed), and take its data away."""
    if _was_used(folder):
        with contextlib.suppress(embedded.EngineError):
            left = await embedded.start(folder, say=lambda _: None)
            await left.release()
            shutil.rmtree(left.home, ignore_errors=True)


def _was_used(folder: Path) -> bool:
    return (folder / "service.log").exists()


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "service.log").touch()


def _free_port(wanted: int) -> int:
    """*wanted*, or any free port where that is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    return wanted


@asynccontextmanager
async def _service(environment: dict[str, str], folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    with (folder / "service.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "app",
            "run",
            env=environment,
            stdout=log,
            stderr=log,
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _until_ready(service: asyncio.subprocess.Process, port: int) -> None:
    until = time.monotonic() + READY_SECONDS
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < until:
            if service.returncode is not None:
                raise WentWrong("the service stopped while it was starting")
            with contextlib.suppress(aiohttp.ClientError):
                async with (
                    session.get(f"http://127.0.0.1:{port}/readyz") as ready,
                    session.get(f"http://127.0.0.1:{port}/sandbox/api/state") as pretend,
                ):
                    if ready.status == pretend.status == 200:  # noqa: PLR2004
                        return
            await asyncio.sleep(0.1)
    raise WentWrong(f"the service was not ready within {READY_SECONDS} s")


async def _until_stopped(service: asyncio.subprocess.Process) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    waiting = [asyncio.create_task(stop.wait()), asyncio.create_task(service.wait())]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
