"""The stage of ``make demo``: the running service, people with phones, and what they say, printed as it happens."""

import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
from rich.console import Console
from rich.text import Text

from domain.calendar import SHANGHAI

PATIENCE = 15


class WentWrong(Exception):  # noqa: N818 - said as the fact that it is
    """A step of the story did not come out as it must."""


@dataclass(slots=True)
class Actor:
    """Somebody with a phone."""

    id: str
    name: str
    colour: str
    seen: int = 0


class Stage:
    def __init__(self, session: aiohttp.ClientSession, service: str, console: Console) -> None:
        self._session = session
        self.service = service
        self._api = f"{service}/sandbox/api"
        self.console = console
        self.steps = 0

    def scene(self, title: str) -> None:
        self.steps += 1
        self.console.print(f"\n[bold]{self.steps}. {title}[/bold]")

    def note(self, text: str) -> None:
        self.console.print(Text(f"   {text}", style="dim"))

    def check(self, *, fact: bool, otherwise: str) -> None:
        if not fact:
            raise WentWrong(otherwise)

    async def person(self, name: str, colour: str) -> Actor:
        made = await self._post("/phones", {"name": name})
        return Actor(str(made["id"]), name, colour)

    async def does(self, who: Actor, action: str, shown: str, *, expects: str = "", **body: Any) -> str:
        """*who* does something with the phone; prints it and the answer, which must hold *expects*."""
        self._print(who, "▸", shown)
        done = await self._post(f"/phones/{who.id}/{action}", body)
        reply = str((done.get("reply") or {}).get("text") or "")
        if reply:
            self._print(who, "◂", reply)
        self.check(fact=expects in reply, otherwise=f"{who.name} {shown}：回答里应有“{expects}”，得到的是“{reply}”")
        return reply

    async def says(self, who: Actor, text: str, *, expects: str = "") -> str:
        return await self.does(who, "say", text, expects=expects, text=text)

    async def hears(self, who: Actor, expects: str) -> str:
        """Wait until a message with *expects* is pushed to the phone of *who*."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            async with self._session.get(f"{self._api}/phones/{who.id}/messages?after={who.seen}&wait=2") as answer:
                messages = (await answer.json())["messages"]
            for message in messages:
                who.seen = max(who.seen, message["id"])
                if message["channel"] in {"custom", "template"} and expects in _whole(message):
                    self._print(who, "◂", _whole(message), pushed=True)
                    return _whole(message)
            if not messages:
                await asyncio.sleep(0.1)
        raise WentWrong(f"{who.name} 没有收到“{expects}”")

    async def received(self, who: Actor, needle: str) -> int:
        """How many pushed messages on the phone of *who* hold *needle*."""
        async with self._session.get(f"{self._api}/phones/{who.id}/messages?after=0&wait=0") as answer:
            messages = (await answer.json())["messages"]
        return sum(message["channel"] in {"custom", "template"} and needle in _whole(message) for message in messages)

    async def moves_clock(self, days: float) -> None:
        async with self._session.post(
            f"{self.service}/sandbox/clock", json={"advance_seconds": days * 86400}
        ) as answer:
            moved = await answer.json()
        local = datetime.fromisoformat(moved["now"]).astimezone(SHANGHAI)
        self.note(f"时间拨快 {days:g} 天，现在是 {local:%Y-%m-%d %H:%M}")

    async def calls(self, method: str, path: str, token: str = "", body: object = None) -> Any:
        """The mini program's API."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self._session.request(method, f"{self.service}/api/v1{path}", json=body, headers=headers) as answer:
            found = await answer.json(content_type=None)
            self.check(fact=answer.status < 300, otherwise=f"{method} {path}: {answer.status} {found}")  # noqa: PLR2004
        return found

    async def scenes(self) -> list[str]:
        """The codes that the pretend WeChat knows, as one would scan them."""
        async with self._session.get(f"{self._api}/scenes") as answer:
            return [str(scene["url"]) for scene in (await answer.json())["scenes"]]

    async def login_code(self, who: Actor) -> str:
        return str((await self._post(f"/phones/{who.id}/login-code", {}))["code"])

    async def _post(self, path: str, body: object) -> Any:
        async with self._session.post(f"{self._api}{path}", json=body) as answer:
            found = await answer.json(content_type=None)
            self.check(fact=answer.status < 300, otherwise=f"sandbox {path}: {answer.status} {found}")  # noqa: PLR2004
        return found

    def _print(self, who: Actor, arrow: str, words: str, *, pushed: bool = False) -> None:
        lines = words.splitlines() or [""]
        head = Text(f"   {who.name} {arrow} ", style=who.colour)
        if pushed:
            head.append("✉ ", style="bold")
        self.console.print(head + Text(lines[0]))
        for line in lines[1:]:
            self.console.print(Text(f"        {line}"))


def _whole(message: dict[str, Any]) -> str:
    """A message as one text; of a template card, its fields."""
    return str(message.get("text") or "")


async def command(*arguments: str, environment: dict[str, str], show: Callable[[str], None]) -> str:
    """Run one of our own commands as a clerk would. Raises WentWrong when it fails."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "app",
        *arguments,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await process.communicate()
    if process.returncode:
        raise WentWrong(f"wangge {' '.join(arguments)}: {errors.decode(errors='replace').strip()}")
    for line in out.decode(errors="replace").strip().splitlines():
        show(line)
    return out.decode(errors="replace")
