"""The pretend WeChat as a process of its own, which outlives the service, and the people with their phones."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.service.processes import free_port

_START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Said:
    """What came of one thing that somebody did: the answer on the screen, and how WeChat got it."""

    text: str
    outcome: str
    seconds: float
    tries: int
    push: int


class Pretend:
    """WeChat. ``deadline`` is how many seconds it waits for an answer and between its tries."""

    def __init__(self, folder: Path, service_port: int, *, deadline: float = 5.0, retries: int = 3) -> None:
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.api = f"{self.base}/sandbox/api"
        self._arguments = [
            *("--port", str(self.port), "--store", str(folder / "wechat.sqlite"), "--deadline", str(deadline)),
            *("--retries", str(retries), "--callback-url", f"http://127.0.0.1:{service_port}/wechat/callback"),
        ]
        self._log = folder / "wechat.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sandbox", *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        assert b"ready" in self._process.stdout.readline(), self._log.read_text("utf-8")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_START_SECONDS)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    @asynccontextmanager
    async def people(self) -> AsyncIterator["People"]:
        async with aiohttp.ClientSession() as session:
            yield People(self, session)


@dataclass(slots=True)
class Person:
    people: "People"
    id: str
    name: str
    openid: str
    said: list[Said] = field(default_factory=list)

    async def does(self, action: str, **body: Any) -> Said:
        """Do something with the phone and wait for what comes of it, WeChat's retries included."""
        began = time.monotonic()
        done = await self.people.post(f"/phones/{self.id}/{action}", body)
        reply = done.get("reply") or {}
        said = Said(
            str(reply.get("text") or ""),
            str(done["outcome"]),
            time.monotonic() - began,
            int(done.get("tries", 0)),
            int(done.get("push", 0)),
        )
        self.said.append(said)
        return said

    async def says(self, text: str) -> Said:
        return await self.does("say", text=text)

    async def begins_to_say(self, text: str) -> None:
        """Send it and do not wait: it is on its way when this returns."""
        await self.people.post(f"/phones/{self.id}/say", {"text": text, "wait": False})

    async def pushed(self) -> list[dict[str, Any]]:
        """What the account has sent to this phone by itself, oldest first."""
        found = await self.people.get(f"/deliveries?openid={self.openid}&limit=2000")
        return list(found["deliveries"])


class People:
    """Everybody with a phone, over HTTP."""

    def __init__(self, wechat: Pretend, session: aiohttp.ClientSession) -> None:
        self.wechat = wechat
        self._session = session
        self._received: list[dict[str, Any]] = []
        self._settled_until = 0

    async def somebody(self, name: str) -> Person:
        made = await self.post("/phones", {"name": name})
        return Person(self, str(made["id"]), name, str(made["openid"]))

    async def known(self) -> dict[str, Person]:
        """All of them, by name (as after a restart of the test's own session)."""
        found = (await self.get("/phones?limit=1000"))["phones"]
        return {one["name"]: Person(self, str(one["id"]), one["name"], one["openid"]) for one in found}

    async def pushes(self) -> list[dict[str, Any]]:
        """Everything that WeChat has pushed to the callback, with what came of it, oldest first."""
        return list((await self.get("/pushes?limit=2000"))["pushes"])

    async def settled(self, seconds: float = 40) -> None:
        """Wait until no push is under way any more."""
        deadline = time.monotonic() + seconds
        while True:
            newest = (await self.get(f"/pushes?after={self._settled_until}&limit=2000"))["pushes"]
            if not any(push["outcome"] == "waiting" for push in newest):
                break
            assert time.monotonic() < deadline, f"WeChat still pushes after {seconds:g} s"
            await asyncio.sleep(0.1)
        if newest:
            self._settled_until = newest[-1]["id"]

    async def received(self) -> list[dict[str, Any]]:
        """What the account has sent to everybody by itself, oldest first.

        Collected bit by bit: a phone holds its newest 500 messages only.
        """
        after = max((one["message"] for one in self._received), default=0)
        self._received += (await self.get(f"/deliveries?after={after}&limit=100000"))["deliveries"]
        return self._received

    async def repeat(self, push: int) -> dict[str, Any]:
        """WeChat sends the same message once more, MsgId and all."""
        return dict(await self.post(f"/pushes/{push}/repeat", {}))

    async def get(self, path: str) -> Any:
        async with self._session.get(f"{self.wechat.api}{path}") as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        async with self._session.post(f"{self.wechat.api}{path}", json=body) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def drop(self, path: str) -> None:
        async with self._session.delete(f"{self.wechat.api}{path}") as answer:
            assert answer.status == 200, await answer.text()
