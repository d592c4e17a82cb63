"""Starting, sharing, reviving and letting go of the embedded engines.

Everybody who uses the engines holds ``users.lock`` shared; whoever starts or stops one holds ``change.lock``. Who lets
go and can have ``users.lock`` for itself is the last, and stops them. A killed process lets go of its locks without
stopping anything: the engines live on, and the next start adopts them.
"""

import asyncio
import contextlib
import fcntl
import logging
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from adapters.embedded.errors import EngineError, from_os
from adapters.embedded.place import Place, settle
from adapters.embedded.postgres import Postgres
from adapters.embedded.valkey import Valkey

FALLBACK = Path("/var/lib/wangge")
_CHANGE_SECONDS = 180
_RETRY_SECONDS = 5.0

Say = Callable[[str], None]
_Result = TypeVar("_Result")
_log = logging.getLogger(__name__)


class Engines:
    """The engines of one data folder, held by this process until :meth:`release`."""

    def __init__(self, place: Place, say: Say, postgres: Postgres | None, valkey: Valkey | None) -> None:
        self.home = place.home
        self._place = place
        self._say = say
        self._postgres = postgres
        self._valkey = valkey
        self._users: int | None = None

    @property
    def database_url(self) -> str:
        """The service's database, for asyncpg, psycopg and tortoise alike; its role owns it and is no superuser."""
        return self._sql().url()

    @property
    def admin_dsn(self) -> str:
        """The administrator's way in (database ``postgres``), for tests, backups and extensions that need it."""
        return self._sql().url("postgres", "postgres")

    @property
    def redis_url(self) -> str:
        """The unix socket of Valkey, as redis-py takes it."""
        if not self._valkey:
            raise EngineError("The embedded Valkey was not asked for: set [redis] url to embedded")
        return self._valkey.url()

    def database_url_for(self, name: str) -> str:
        """The address of another database of the same engine, such as one made by :meth:`create_database`."""
        return self._sql().url(name)

    async def create_database(self, name: str, *, template: str | None = None) -> str:
        """Make the database *name*, a copy of *template* (in which nobody may be) where one is named; its address."""
        await asyncio.to_thread(self._sql().create_database, name, template)
        return self.database_url_for(name)

    async def drop_database(self, name: str) -> None:
        """Drop the database *name*, where there is one, with the sessions in it."""
        await asyncio.to_thread(self._sql().drop_database, name)

    async def revive(self) -> tuple[str, ...]:
        """Start again what has died; returns the names of those.

        Raises EngineError where one does not come back.
        """
        return await _to_the_end(self._revive)

    async def watch(self, *, every: float = 1.0) -> None:
        """Look every *every* seconds and revive what has died, until cancelled. A look costs some microseconds."""
        trouble = ""
        while True:
            await asyncio.sleep(every)
            try:
                if all(engine.process.lives() for engine in self._engines()):
                    for engine in self._engines():
                        engine.process.bound_log()
                    continue
                for name in await self.revive():
                    self._say(f"The embedded {name} had died and was started again.")
                trouble = ""
            except (EngineError, OSError) as error:
                if str(error) != trouble:  # one line for a full disk, not one every few seconds
                    self._say(trouble := str(error))
                await asyncio.sleep(_RETRY_SECONDS)

    async def release(self) -> None:
        """Let go; the last one out stops the engines and waits for them. Doing it twice does no harm."""
        await _to_the_end(self._release)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.release()

    def _sql(self) -> Postgres:
        if not self._postgres:
            raise EngineError("The embedded PostgreSQL was not asked for: set [database] url to embedded")
        return self._postgres

    def _engines(self) -> list[Postgres | Valkey]:
        return [engine for engine in (self._postgres, self._valkey) if engine]

    def _take(self) -> None:
        with _plain(self.home), _changing(self._place):
            self._users = self._place.open("users.lock")
            sole = _lock(self._users, fcntl.LOCK_EX)
            were_there = [engine for engine in self._engines() if engine.process.lives()]
            try:
                for engine in self._engines():
                    engine.ensure(sole=sole)
            except BaseException:
                for engine in self._engines():
                    if engine.process.lives() and (sole or engine not in were_there):
                        with contextlib.suppress(EngineError):
                            engine.stop()
                self._let_go()
                raise
            _lock(self._users, fcntl.LOCK_SH)

    def _revive(self) -> tuple[str, ...]:
        with _plain(self.home), _changing(self._place):
            if self._users is None:
                raise EngineError("The embedded engines were let go of: start them again")
            sole = _lock(self._users, fcntl.LOCK_EX)
            try:
                return tuple(engine.name for engine in self._engines() if engine.ensure(sole=sole))
            finally:
                _lock(self._users, fcntl.LOCK_SH)

    def _release(self) -> None:
        if self._users is None:
            return
        with _plain(self.home), _changing(self._place):
            try:
                if _lock(self._users, fcntl.LOCK_EX):
                    # Also what this process did not ask for: nobody is left who uses it.
                    with contextlib.ExitStack() as stops:
                        stops.callback(self._place.forget_sockets)
                        for kind in (Postgres, Valkey):
                            engine = kind(self._place, self._say, fsync=True, patience=0.0)
                            if not engine.process.all_gone():
                                stops.callback(engine.stop)
            finally:
                self._let_go()

    def _let_go(self) -> None:
        if self._users is not None:
            os.close(self._users)
            self._users = None


async def start(
    data_dir: Path,
    *,
    postgres: bool = True,
    valkey: bool = True,
    say: Say = _log.info,
    fsync: bool = True,
    patience: float = 60.0,
    fallback: Path = FALLBACK,
) -> Engines:
    """Start the engines that are asked for under *data_dir*, or join those that another process has started.

    *say* gets the few lines that a person should read (a user made, data put elsewhere, a recovery); it is called in
    another thread. *fsync* off is for tests alone. *patience* is how many seconds an engine may take to answer.
    *fallback* is the folder that root uses where the engines' user cannot reach *data_dir* or the programs.

    Raises EngineError, one line that says what to do; what was begun is undone then.
    """

    def begin() -> Engines:
        with _plain(data_dir):
            place = settle(data_dir, fallback, say)
        first = Postgres(place, say, fsync=fsync, patience=patience) if postgres else None
        second = Valkey(place, say, fsync=fsync, patience=patience) if valkey else None
        engines = Engines(place, say, first, second)
        engines._take()  # noqa: SLF001 - the two are one
        return engines

    beginning = asyncio.create_task(asyncio.to_thread(begin))
    try:
        return await asyncio.shield(beginning)
    except asyncio.CancelledError:
        with contextlib.suppress(EngineError):
            await (await beginning).release()
        raise


async def _to_the_end(work: Callable[[], _Result]) -> _Result:
    """Run *work* in a thread; a cancelled caller still waits for it, so that nothing goes on behind its back."""
    doing = asyncio.create_task(asyncio.to_thread(work))
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait([doing])
        raise


@contextlib.contextmanager
def _plain(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise from_os(error, folder) from error
    except subprocess.SubprocessError as error:
        raise EngineError(f"The embedded engines in {folder} could not be started: {error}; start again") from error


@contextlib.contextmanager
def _changing(place: Place) -> Iterator[None]:
    """The right to start and stop the engines of *place*; one process at a time has it."""
    file = place.open("change.lock")
    try:
        until = time.monotonic() + _CHANGE_SECONDS
        while not _lock(file, fcntl.LOCK_EX):
            if time.monotonic() > until:
                raise EngineError(
                    f"Another process has been starting or stopping the engines in {place.home} for"
                    f" {_CHANGE_SECONDS} s: end it, then start again",
                )
            time.sleep(0.02)
        yield
    finally:
        os.close(file)


def _lock(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
