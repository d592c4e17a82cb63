"""The whole service in processes of its own, as ``make run`` starts it, and a clerk's commands beside it."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import zxingcpp
from PIL import Image

from sandbox.settings import Options

READY_SECONDS = 60
STOP_SECONDS = 25
ROOT = Path(__file__).parent.parent.parent
TOWN = ROOT / "app" / "demo_town"
FIRST_GRID, SECOND_GRID = "32990110120101", "32990110120102"


@dataclass(frozen=True, slots=True)
class Service:
    """The running service: its web part at *base*, the pretend WeChat itself at *wechat*."""

    base: str
    wechat: str
    environment: dict[str, str]
    folder: Path
    session: aiohttp.ClientSession

    async def command(self, *arguments: str) -> str:
        """Type ``wangge …``; returns what it printed."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app", *arguments),
            cwd=ROOT,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, errors = await process.communicate()
        assert process.returncode == 0, f"wangge {' '.join(arguments)}: {errors.decode()}"
        return out.decode()

    async def invite(self, phone: str) -> str:
        """A fresh invitation for the member of staff with this number."""
        found = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", await self.command("invite", phone))
        assert found is not None
        return found[0]

    async def phones(self, path: str, **body: Any) -> Any:
        """Do something with a pretend phone without the page: ``{id}/say`` and the like."""
        async with self.session.post(f"{self.base}/sandbox/api/phones{path}", json=body) as answer:
            found = await answer.json()
            assert answer.status < 300, found
        return found

    async def staff(self, name: str, number: str) -> None:
        """A member of staff who has followed and bound already, to be chosen in the page by *name*."""
        code = await self.invite(number)
        person = await self.phones("", name=name)
        await self.phones(f"/{person['id']}/follow")
        bound = await self.phones(f"/{person['id']}/say", text=f"绑定 {code}")
        assert "绑定好了" in bound["reply"]["text"], bound

    async def move_clock(self, now: str) -> None:
        async with self.session.post(f"{self.base}/sandbox/clock", json={"now": now}) as answer:
            assert answer.status == 200, await answer.text()

    async def now(self) -> str:
        async with self.session.get(f"{self.base}/sandbox/api/clock") as answer:
            return str((await answer.json())["now"])

    async def print_codes(self, *grids: str) -> None:
        """``wangge qr``: one picture a grid."""
        await self.command("qr", *grids, "--format", "png", "-o", str(self.folder / "codes"))

    def code(self, grid: str) -> str:
        """The address in the printed code of *grid*, read off its picture as a phone reads it."""
        with Image.open(self.folder / "codes" / f"{grid}.png") as picture:
            return str(zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)[0].text)

    async def menu_is_there(self) -> None:
        """Wait until the service has given its account the menu, as it does when it starts."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            async with self.session.get(f"{self.base}/sandbox/api/state") as answer:
                if (await answer.json())["menu"]:
                    return
            await asyncio.sleep(0.1)
        raise AssertionError("the account has no menu")

    async def push(self, person: str, text: str) -> None:
        """Have the account say *text* to somebody, not asked."""
        async with self.session.get(f"{self.base}/sandbox/api/phones{person}") as answer:
            openid = (await answer.json())["openid"]
        await self._as_account("message/custom/send", {"touser": openid, "msgtype": "text", "text": {"content": text}})

    async def _as_account(self, path: str, body: object) -> None:
        account = Options().official
        asked = {"grant_type": "client_credential", "appid": account.appid, "secret": account.secret}
        async with self.session.post(f"{self.wechat}/cgi-bin/stable_token", json=asked) as answer:
            token = (await answer.json(content_type=None))["access_token"]
        async with self.session.post(f"{self.wechat}/cgi-bin/{path}?access_token={token}", json=body) as answer:
            found = await answer.json(content_type=None)
            assert found["errcode"] == 0, found


def reachable_folder() -> Path:
    """A new folder with a short path that the embedded database can reach even where it runs as another user."""
    folder = Path(tempfile.mkdtemp(prefix="wg-"))
    folder.chmod(0o755)
    return folder


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Service]:
    """Start everything with its data in *folder*; stop everything at the end."""
    port, wechat_port = _free_ports()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("WANGGE_")},
        "WANGGE__DATA__DIR": str(folder),
        "WANGGE__SANDBOX__ENABLED": "true",
        "WANGGE__SERVER__PORT": str(port),
        "WANGGE__SANDBOX__PORT": str(wechat_port),
    }
    with (folder / "service.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app", "run"),
            cwd=ROOT,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        async with aiohttp.ClientSession() as session:
            base = f"http://127.0.0.1:{port}"
            service = Service(base, f"http://127.0.0.1:{wechat_port}", environment, folder, session)
            await _until_ready(service, process)
            yield service
    finally:
        await _stop(process)


async def _until_ready(service: Service, process: asyncio.subprocess.Process) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and process.returncode is None:
        with contextlib.suppress(aiohttp.ClientError):
            async with (
                service.session.get(f"{service.base}/readyz") as ready,
                service.session.get(f"{service.base}/sandbox/api/state") as pretend,
            ):
                if ready.status == pretend.status == 200:
                    return
        await asyncio.sleep(0.1)
    last = (service.folder / "service.log").read_text("utf-8", "replace").splitlines()[-15:]
    raise AssertionError("the service did not become ready; its last lines:\n" + "\n".join(last))


async def _stop(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    finally:
        # Its own session: whatever it may have left behind goes with it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
