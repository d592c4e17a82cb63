"""Processes as the kernel shows them: who is there, who belongs to whom, and the rough ways to end them."""

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Running:
    pid: int
    parent: int
    session: int
    command: str


def everybody() -> list[Running]:
    """All living processes (those that have ended and wait to be counted are left out)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, parent, session = _stat(folder)
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            if state not in "ZX":
                found.append(Running(int(folder.name), parent, session, command))
    return found


def _stat(folder: Path) -> tuple[str, int, int]:
    state, parent, _group, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
    return state, int(parent), int(session)


def in_session(session: int) -> list[Running]:
    return [one for one in everybody() if one.session == session]


def below(pid: int) -> list[Running]:
    """*pid*'s children, their children, and so on."""
    everyone = everybody()
    found = [one for one in everyone if one.parent == pid]
    for one in found:
        found += [child for child in everyone if child.parent == one.pid]
    return found


def lives(pid: int) -> bool:
    try:
        return _stat(Path(f"/proc/{pid}"))[0] not in "ZX"
    except OSError:
        return False


def end(*pids: int, number: signal.Signals = signal.SIGKILL) -> None:
    for pid in pids:
        assert pid > 1, f"{pid} is nobody's number; the kernel takes it for a whole group, ours included"
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until(fact: Callable[[], Awaitable[bool]] | Callable[[], bool], seconds: float, otherwise: str) -> float:
    """Wait until *fact* holds; returns how many seconds it took. Fails with *otherwise* after *seconds*."""
    began = time.monotonic()
    while True:
        holds = fact()
        if not isinstance(holds, bool):
            holds = await holds
        if holds:
            return time.monotonic() - began
        assert time.monotonic() - began < seconds, f"{otherwise} (after {seconds:g} s)"
        await asyncio.sleep(0.05)


def until_gone(pids: list[int], seconds: float) -> None:
    """Wait until none of *pids* is left."""
    deadline = time.monotonic() + seconds
    while left := [pid for pid in pids if lives(pid)]:
        assert time.monotonic() < deadline, f"still there after {seconds:g} s: {left}"
        time.sleep(0.02)


def holders_of(file: Path) -> list[str]:
    """The kernel's lines about the locks on *file*, with who holds them."""
    number = file.stat().st_ino if file.exists() else 0
    names = {str(one.pid): one.command for one in everybody()}
    lines = [line for line in Path("/proc/locks").read_text().splitlines() if f":{number} " in line]
    return [f"{line} {names.get(line.split()[4], 'gone')}" for line in lines]
