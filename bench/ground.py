"""What the benchmarks stand on: a folder of their own, the embedded engines with fsync on, servers in processes."""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from adapters import embedded
from adapters.cipher import FieldCipher
from adapters.embedded import Engines
from app.bootstrap import credentials
from app.migrations import migrate
from app.parent import die_with_parent
from bench.payloads import ACCOUNT

_START_SECONDS = 30
_STOP_SECONDS = 10


@dataclass(slots=True)
class Ground:
    folder: Path
    engines: Engines

    async def database(self, name: str) -> str:
        """A new database with the whole schema; its address."""
        url = await self.engines.create_database(name)
        await migrate(url)
        return url

    @asynccontextmanager
    async def process(
        self, name: str, arguments: Sequence[str], port: int, environment: Mapping[str, str] | None = None
    ) -> AsyncIterator[int]:
        """A server in a process of its own, its words in a file; yields its number when it takes connections."""
        home = self.folder / name
        home.mkdir()
        with (home / "log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                *arguments,
                cwd=home,
                env={**_plain_environment(), "PYTHONPATH": str(Path(__file__).parent.parent), **(environment or {})},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
            )
        try:
            await _until_open(port, process, home / "log")
            yield process.pid
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), _STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()


@asynccontextmanager
async def ground() -> AsyncIterator[Ground]:
    """The engines in a fresh folder, stopped and removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="wg-bench-"))
    folder.chmod(0o755)  # the engines' own user must get through
    try:
        async with await embedded.start(folder / "data", fallback=folder / "fallback", say=lambda _: None) as engines:
            yield Ground(folder, engines)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def service_environment(database_url: str, redis_url: str, folder: Path, port: int, api_base: str) -> dict[str, str]:
    """The service's settings, as a town would give them; WeChat is at *api_base*."""
    return {
        "WANGGE__DATA__DIR": str(folder / "service-data"),
        "WANGGE__DATABASE__URL": database_url,
        "WANGGE__REDIS__URL": redis_url,
        "WANGGE__SERVER__PORT": str(port),
        "WANGGE__PRIVACY__KEYS": json.dumps([FieldCipher.new_key()]),
        "WANGGE__WECHAT__API_BASE": api_base,
        "WANGGE__WECHAT__API_BASE_FALLBACK": "",
        "WANGGE__WECHAT__OFFICIAL__APPID": ACCOUNT.official.appid,
        "WANGGE__WECHAT__OFFICIAL__SECRET": ACCOUNT.official.secret,
        "WANGGE__WECHAT__OFFICIAL__TOKEN": ACCOUNT.token,
        "WANGGE__WECHAT__OFFICIAL__ENCODING_AES_KEY": ACCOUNT.aes_key,
        "WANGGE__WECHAT__OFFICIAL__ORIGINAL_ID": ACCOUNT.original_id,
        "WANGGE__LIMITS__MESSAGES_PER_MINUTE": "100000",
    }


async def connect(url: str) -> asyncpg.Connection:
    """A connection for looking and seeding."""
    given = credentials(url)
    return await asyncpg.connect(
        host=given["host"],
        port=given["port"],
        user=given["user"],
        password=given["password"],
        database=given["database"],
    )


async def seed_people(url: str, count: int) -> list[str]:
    """*count* residents of one grid, known already, each with an open window for messages; their openids."""
    connection = await connect(url)
    try:
        grid = await connection.fetchval(
            "INSERT INTO region (code, name, level, kind, path) VALUES ('3204', '第一网格', 1, '', '/1/') RETURNING id"
        )
        found = await connection.fetch(
            "WITH p AS (INSERT INTO person (name, phone, grid_id, created_at)"
            " SELECT '', '', $1, now() FROM generate_series(1, $2) RETURNING id)"
            " INSERT INTO identity (person_id, appid, openid, kind, subscribed, window_until, window_left, bind_tries)"
            " SELECT id, $3, 'o' || md5(id::text), 'official', TRUE, now() + interval '48 hours', 5, 0 FROM p"
            " RETURNING openid",
            grid,
            count,
            ACCOUNT.official.appid,
        )
        await connection.execute("ANALYZE")
    finally:
        await connection.close()
    return [item["openid"] for item in found]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _plain_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("WANGGE")}


async def _until_open(port: int, process: asyncio.subprocess.Process, log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.returncode is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise RuntimeError(f"a server did not start; its last words: {log.read_text('utf-8', 'replace')[-2000:]}")
