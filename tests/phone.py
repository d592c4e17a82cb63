"""People with phones, for the tests: they talk to the pretend WeChat over HTTP, as everybody's phone does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp
from procrastinate import App, PsycopgConnector

from app.bootstrap import House
from jobs import tasks
from sandbox.world import World

_PUSHED = frozenset({"custom", "template", "subscribe", "mass"})


@dataclass(slots=True)
class Phone:
    """One person's phone. What comes in by push is read with :meth:`news`."""

    api: str
    id: str
    name: str
    openid: str
    mini_openid: str
    session: aiohttp.ClientSession
    seen: int = 0
    answers: list[str] = field(default_factory=list)

    async def do(self, action: str, **body: Any) -> str:
        """Do something with the phone; returns the official account's answer (empty: none)."""
        async with self.session.post(f"{self.api}/phones/{self.id}/{action}", json=body) as answered:
            done = await answered.json()
            assert answered.status == 200, done
        reply = done.get("reply") or {}
        text = str(reply.get("text") or "")
        self.answers.append(text)
        return text

    async def say(self, text: str) -> str:
        return await self.do("say", text=text)

    async def scan(self, code: str) -> str:
        return await self.do("scan", scene=code)

    async def photo(self) -> str:
        return await self.do("photo")

    async def news(self) -> list[str]:
        """What has been pushed to this phone since the last look (not the passive answers)."""
        async with self.session.get(f"{self.api}/phones/{self.id}/messages?after={self.seen}&wait=0") as answered:
            messages = (await answered.json())["messages"]
        if messages:
            self.seen = max(message["id"] for message in messages)
        return [
            str(message["text"])
            for message in messages
            if message["direction"] == "to_phone" and message["channel"] in _PUSHED
        ]


class Wechat:
    def __init__(self, world: World, house: House, session: aiohttp.ClientSession, service: str, worker: App) -> None:
        self.world = world
        self.house = house
        self.desk = house.desk
        self.service = service
        self.session = session
        self.worker = worker
        self.api = f"{world.base_url}/sandbox/api"

    @classmethod
    @asynccontextmanager
    async def at(cls, world: World, house: House, service: str) -> AsyncIterator["Wechat"]:
        worker = App(connector=PsycopgConnector(conninfo=house.database_url, min_size=1, max_size=3))
        tasks.register(worker, lambda: house.desk)
        # Nothing by the machine's clock: what a conversation wants done by the clock, it moves.
        worker.periodic_registry.periodic_tasks.clear()
        async with aiohttp.ClientSession() as session, worker.open_async():
            yield cls(world, house, session, service, worker)

    async def phone(self, name: str, *, follow: bool = True) -> Phone:
        async with self.session.post(f"{self.api}/phones", json={"name": name}) as answered:
            made = await answered.json()
        phone = Phone(self.api, made["id"], name, made["openid"], made["mini_openid"], self.session)
        if follow:
            await phone.do("follow")
        return phone

    async def staff(self, name: str, code: str) -> Phone:
        phone = await self.phone(name)
        assert "绑定好了" in await phone.say(f"绑定 {code}")
        return phone

    async def resident(self, name: str, grid: str) -> Phone:
        phone = await self.phone(name, follow=False)
        await phone.scan((await self.desk.scenes.ticket_for(grid)).scene)
        return phone

    async def jobs(self) -> None:
        """Work off every job that is there, and those that they make."""
        # One at a time: of several, one that finds nothing stops although another's job is about to make the next.
        await self.worker.run_worker_async(
            wait=False, install_signal_handlers=False, listen_notify=False, concurrency=1
        )

    async def advance(self, seconds: float) -> None:
        """Move the service's clock and the pretend WeChat's, and take what is due."""
        moved = self.desk.moved_clock
        assert moved is not None
        await self._all_follow(await moved.advance(seconds))

    async def set_time(self, moment: datetime) -> None:
        """Set both clocks to *moment*, and take what is due."""
        moved = self.desk.moved_clock
        assert moved is not None
        await self._all_follow(await moved.set_to(moment))

    async def _all_follow(self, now: datetime) -> None:
        async with self.session.post(f"{self.api}/clock", json={"now": now.isoformat()}) as answered:
            assert answered.status == 200
        await self.jobs()
        await asyncio.sleep(0)
