"""What the tests of the embedded engines share: another process that uses them, and looks at what runs."""

import asyncio
import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import IO

import asyncpg
import redis.asyncio

USER = """
import asyncio, json, os, signal, sys
from pathlib import Path
import asyncpg, psycopg, redis, redis.asyncio, encodings.idna, getpass
from adapters.embedded import EngineError, start

wish = json.loads(sys.argv[1])
if wish["uid"]:
    os.setgroups([]); os.setgid(wish["uid"]); os.setuid(wish["uid"])

def tell(**fact):
    print(json.dumps(fact), flush=True)

async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, asyncio.current_task().cancel)
    said = []
    try:
        engines = await start(Path(wish["data"]), fallback=Path(wish["fallback"]), say=said.append, fsync=wish["fsync"])
    except EngineError as error:
        return tell(error=str(error))
    try:
        tell(database=engines.database_url, redis=engines.redis_url, home=str(engines.home), said=said)
        await asyncio.to_thread(sys.stdin.readline)
    except asyncio.CancelledError:
        connection = await asyncpg.connect(engines.database_url)
        tell(drained=await connection.fetchval("SELECT 'the database still answers'"))
        await connection.close()
        await engines.release()
        os._exit(0)  # the thread that waits for a line would hold up the end
    await engines.release()

asyncio.run(main())
"""


class Person:
    """Another process that uses the engines."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def hears(self) -> dict:
        """The next fact that it tells."""
        assert select.select([self.process.stdout], [], [], 60)[0], "it told nothing for a minute"
        return json.loads(self.process.stdout.readline())

    def lets_go(self) -> None:
        self.process.communicate(b"\n", timeout=60)
        assert self.process.returncode == 0

    def is_killed(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=60)


def pid_of(home: Path | str, engine: str) -> int:
    return int((Path(home) / f"{engine}.pid").read_text())


def runs(pid: int) -> bool:
    """Whether a process runs, and has not merely not been counted yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def sockets_of(pid: int) -> set[str]:
    """The numbers of the sockets that a process has open."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed since it was listed
            found.add(str(link.readlink()))
    return {name.removeprefix("socket:[").rstrip("]") for name in found if name.startswith("socket:")}


def kill_group(pid: int) -> None:
    os.killpg(os.getpgid(pid), signal.SIGKILL)
    eventually(lambda: not runs(pid))


def end_engine(note: Path) -> None:
    """End the engine whose note this is, if it lives: only then is the note locked. A killed one would leave memory."""
    with note.open() as file:
        if try_lock(file):
            return
        for number in (signal.SIGINT if note.stem == "postgres" else signal.SIGTERM, signal.SIGCONT):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(file.read() or 0), number)
                file.seek(0)
        eventually(lambda: try_lock(file))


def try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def eventually(fact: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.01)


async def sql(url: str, query: str, *values: object) -> list[tuple]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(query, *values)]
    finally:
        await connection.close()


async def valkey(url: str, *command: str) -> object:
    async with redis.asyncio.from_url(url, decode_responses=True) as client:
        return await client.execute_command(*command)


async def in_time(fact: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not await fact():
            await asyncio.sleep(0.02)
