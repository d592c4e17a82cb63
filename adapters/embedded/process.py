"""A server that outlives whoever started it, and that anybody can tell to be alive.

The server inherits a lock on its ``.pid`` file. The kernel lets the lock go when the last process of the server is
gone, however it ended; so a number in the file that some other program has by now can never be taken for the server.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from adapters.embedded.errors import EngineError
from adapters.embedded.place import Place

LOG_LIMIT = 8 * 2**20  # bytes; a log above is moved to .1 and begun anew
_TAIL = 16 * 2**10  # bytes of the log that are looked through for a reason
_LAUNCH = '"$@" >&2 & echo $!'


class ServerProcess:
    """One engine's process: start it detached, tell whether it lives, stop it."""

    def __init__(self, name: str, place: Place) -> None:
        self.name = name
        self.place = place
        self.log = place.home / f"{name}.log"
        self._log_began = 0

    def lives(self) -> bool:
        """Whether the server's main process is there (it may be busy or starting)."""
        return not self.all_gone() and _is_there(self._pid(), self.place.account.uid)

    def all_gone(self) -> bool:
        """Whether no process of the server is left."""
        file = self._pid_file()
        try:
            return _lock(file)
        finally:
            os.close(file)

    def spawn(self, argv: Sequence[str | Path]) -> None:
        """Start the server as the engines' user, in a session of its own, its words going to the log."""
        self.bound_log()
        file, log = self._pid_file(), self.place.open(self.log.name, os.O_WRONLY | os.O_APPEND)
        try:
            self._log_began = os.fstat(log).st_size
            until = time.monotonic() + 2
            while not _lock(file):  # a moment's look by another process is in the way, or a server that lives
                if time.monotonic() > until:
                    raise EngineError(f"{self.name} of {self.place.home} is running already: start again in a moment")
                time.sleep(0.01)
            os.ftruncate(file, 0)
            subprocess.run(  # noqa: S603 - our own program
                ["/bin/sh", "-c", _LAUNCH, "sh", *argv],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=log,
                pass_fds=[file],
                check=True,
                timeout=30,
                **self.place.account.run_options(),
            )
        finally:
            os.close(file)
            os.close(log)

    def stop(self, *steps: tuple[signal.Signals, float]) -> None:
        """Send each signal in turn and wait its seconds for the server to be gone; the last resort is SIGKILL."""
        for number, seconds in (*steps, (signal.SIGKILL, 5.0)):
            pid = self._pid()
            if _is_there(pid, self.place.account.uid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
                    os.kill(pid, signal.SIGCONT)  # a frozen process hears nothing else but SIGKILL
            if self.wait_gone(seconds):
                return
        self.end_stragglers()

    def wait_gone(self, seconds: float) -> bool:
        """Wait until no process of the server is left; False when there still is one after *seconds*."""
        until = time.monotonic() + seconds
        while not self.all_gone():
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True

    def end_stragglers(self) -> None:
        """Kill what a crashed server left behind: a PostgreSQL session in a long query does not notice the crash."""
        for pid in _working_in(self.place.home / self.name, self.place.account.uid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not self.wait_gone(5.0):
            raise EngineError(
                f"A process of the embedded {self.name} does not end (its number is in {self._pid_path()}):"
                " end it by hand, then start again",
            )

    def leaves_folder_alone(self) -> bool:
        """Whether it is certain that no process works in the server's data folder (only Linux can tell)."""
        folder, uid = self.place.home / self.name, self.place.account.uid
        return Path("/proc/self/cwd").exists() and not _working_in(folder, uid)

    def words(self) -> str:
        """What the server has logged since it was started, the last part of it."""
        try:
            with self.log.open("rb") as stream:
                stream.seek(max(self._log_began, self.log.stat().st_size - _TAIL))
                return stream.read().decode("utf-8", errors="replace")
        except OSError:
            return ""

    def bound_log(self) -> None:
        """Keep the log from filling the disk; what is in it moves to ``.1``."""
        with contextlib.suppress(FileNotFoundError):
            if self.log.stat().st_size > LOG_LIMIT:
                old = self.place.open(f"{self.log.name}.1", os.O_WRONLY | os.O_TRUNC)
                with os.fdopen(old, "wb") as stream, self.log.open("rb") as source:
                    source.seek(-LOG_LIMIT, os.SEEK_END)
                    stream.write(source.read())
                os.truncate(self.log, 0)  # the server appends, so it goes on at the new end
                self._log_began = 0

    def _pid_path(self) -> Path:
        return self.place.home / f"{self.name}.pid"

    def _pid_file(self) -> int:
        return self.place.open(f"{self.name}.pid")

    def _pid(self) -> int:
        text = (self.place.read(f"{self.name}.pid") or "").strip()
        return int(text) if text.isdecimal() else 0


def _lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_there(pid: int, uid: int) -> bool:
    """Whether *pid* is a process of the user *uid* and not one that has ended and waits to be counted."""
    if pid < 2:  # noqa: PLR2004 - 0 is nobody, 1 is init
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    proc = Path(f"/proc/{pid}")
    if not Path("/proc/self").exists():  # macOS
        return True
    try:
        return proc.stat().st_uid == uid and (proc / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _working_in(folder: Path, uid: int) -> list[int]:
    """The processes of *uid* whose working folder is *folder* (both engines work in their data folder)."""
    found = []
    for proc in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if proc.stat().st_uid == uid and (proc / "cwd").readlink() == folder:
                found.append(int(proc.name))
    return found
