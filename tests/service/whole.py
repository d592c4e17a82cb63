"""The whole service as ``wangge run`` starts it, in a session of its own, and the rough ways to treat it."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from adapters import embedded
from app import bootstrap
from app.bootstrap import credentials
from app.settings import load
from tests.factories import GRID, REGIONS, STAFF
from tests.service.pretend import Pretend
from tests.service.processes import below, end, free_port, in_session, lives, until, until_gone

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60
STOP_SECONDS = 20
SILENT = Path(os.devnull)


@dataclass(frozen=True, slots=True)
class Town:
    """What the people need to begin: the grid's printed code, and an invitation for each member of staff."""

    scene: str
    invitations: dict[str, str]


class Whole:
    """One service with its data folder. Its web part is at ``url``."""

    def __init__(self, folder: Path, *, deadline: float = 5.0, retries: int = 3, **settings: str) -> None:
        """*settings* as ``redis__url="…"``; *deadline* and *retries* are WeChat's."""
        self.folder = folder
        self.log = folder / "service.log"
        self.port, self._own_sandbox_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.wechat = Pretend(folder, self.port, deadline=deadline, retries=retries)
        given = {
            "data__dir": str(folder / "data"),
            "server__port": str(self.port),
            # With the sandbox enabled the clock can be moved; WeChat itself is the process that stays up.
            "sandbox__enabled": "true",
            "notices__quiet_hours": "",
            "sandbox__port": str(self._own_sandbox_port),
            "wechat__api_base": self.wechat.base,
            "wechat__api_base_fallback": "",
            **settings,
        }
        plain = {name: value for name, value in os.environ.items() if not name.upper().startswith("WANGGE")}
        self.environment = plain | {f"WANGGE__{name.upper()}": value for name, value in given.items()}
        self.environment["PYTHONPATH"] = str(ROOT)
        self._process: subprocess.Popen[bytes] | None = None
        self._database_url = ""
        self.home = folder / "data"

    # Starting and stopping.

    def start(self, *arguments: str) -> None:
        """Begin to start it; :meth:`ready` waits."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app", *(arguments or ("run",))],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_unless_running(self) -> None:
        if self._process is None or self._process.poll() is not None:
            self.kill()
            self.start()

    async def ready(self, seconds: float = READY_SECONDS) -> float:
        """Wait until ``/readyz`` is content; returns how many seconds that took."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:

            async def fine() -> bool:
                assert self._process is not None, "it was not started"
                assert self._process.poll() is None, self.last_words()
                return await self.health(session) == 200

            return await until(fine, seconds, f"not ready; {self.last_words()}")

    async def health(self, session: aiohttp.ClientSession) -> int:
        """The status of ``/readyz``; 0 when nobody listens."""
        try:
            async with session.get(f"{self.url}/readyz") as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def parts(self, word: str) -> list[int]:
        """The processes of one part: ``serve``, ``jobs``, ``sandbox``."""
        return [one.pid for one in below(self.pid) if f" {word}" in one.command]

    def kill(self) -> None:
        """Every process of the service at once, as by a power cut; the engines are left running."""
        if self._process is None:
            return
        everyone = [one.pid for one in in_session(self.pid)]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(STOP_SECONDS)
        until_gone(everyone, STOP_SECONDS)
        self._process = None

    def kill_everything(self) -> None:
        """The service and both engines."""
        self.kill()
        engines = [pid for name in ("postgres", "valkey") if (pid := self.engine(name))]
        left = [one.pid for pid in engines for one in below(pid)] + engines
        end(*engines)
        until_gone(left, STOP_SECONDS)

    def kill_supervisor(self) -> None:
        """Only the process that looks after the others."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(STOP_SECONDS)
        self._process = None

    def end_session(self, session: int) -> None:
        """Kill what is left of an earlier service."""
        left = [one.pid for one in in_session(session)]
        end(*left)
        until_gone(left, STOP_SECONDS)

    def stop(self) -> tuple[int, float]:
        """Ask it to stop as systemd does; returns its exit code and how many seconds it took."""
        end(self.pid, number=signal.SIGTERM)
        return self.wait()

    def wait(self) -> tuple[int, float]:
        """Wait until it has ended; returns its exit code and how many seconds it took."""
        assert self._process is not None
        began = time.monotonic()
        code = self._process.wait(STOP_SECONDS * 2)
        self._process = None
        return code, time.monotonic() - began

    def engine(self, name: str) -> int:
        """The number of ``postgres`` or ``valkey``'s main process (0: there is none)."""
        file = self.home / f"{name}.pid"
        text = file.read_text().strip() if file.exists() else ""
        return int(text) if text.isdecimal() and lives(int(text)) else 0

    def last_words(self) -> str:
        return self.log.read_text("utf-8", "replace")[-3000:] if self.log.exists() else "it said nothing"

    # The database, and the town in it.

    async def furnish(self) -> Town:
        """Note where the engines are, and import the town."""
        async with await embedded.start(self.folder / "data", say=lambda _: None) as engines:
            self.home, self._database_url = engines.home, engines.database_url
            redis_url = engines.redis_url
        settings = bootstrap.effective(load(SILENT, self.environment))
        async with (
            bootstrap.database(self._database_url, pool=2),
            bootstrap.house(settings, self._database_url, redis_url) as house,
        ):
            await house.desk.imports.run(REGIONS.encode(), STAFF.encode())
            invitations = {
                who: await house.desk.people.invite(phone)
                for who, phone in (
                    ("worker", "13800000001"),
                    ("secretary", "13800000004"),
                    ("commander", "13800000005"),
                )
            }
            return Town((await house.desk.scenes.ticket_for(GRID)).scene, invitations)

    @property
    def database_url(self) -> str:
        return self._database_url

    async def sql(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        given = credentials(self._database_url)
        connection = await asyncpg.connect(
            host=given["host"],
            port=given["port"],
            user=given["user"],
            password=given["password"],
            database=given["database"],
        )
        try:
            return [dict(found) for found in await connection.fetch(statement, *values)]
        finally:
            await connection.close()

    async def one(self, statement: str, *values: Any) -> Any:
        """The first column of the first row."""
        return next(iter((await self.sql(statement, *values))[0].values()))

    async def move_clock(self, seconds: float) -> None:
        """The service's clock and WeChat's."""
        async with aiohttp.ClientSession() as session:
            for url in (f"{self.url}/sandbox/clock", f"{self.wechat.api}/clock"):
                async with session.post(url, json={"advance_seconds": seconds}) as answer:
                    assert answer.status == 200, await answer.text()


@contextmanager
def whole(**given: Any) -> Iterator[Whole]:
    """A service in a folder of its own, with WeChat up; whatever is left of it at the end is removed."""
    folder = Path(tempfile.mkdtemp(prefix="wg-service-"))
    folder.chmod(0o755)  # the engines' own user must get through
    service = Whole(folder, **given)
    service.wechat.start()
    try:
        yield service
    finally:
        service.kill()
        service.wechat.stop()
        _stop_engines(folder / "data")
        shutil.rmtree(folder, ignore_errors=True)


def _stop_engines(folder: Path) -> None:
    async def stop() -> None:
        left = await embedded.start(folder, say=lambda _: None)
        await left.release()

    if folder.exists():
        # In a thread: the caller may be inside an event loop of its own.
        thread = threading.Thread(target=lambda: asyncio.run(stop()))
        thread.start()
        thread.join()
