"""People of a small town, known to the service and to the pretend WeChat, without the web part in between."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from procrastinate import App, PsycopgConnector

from app.bootstrap import House
from domain.calendar import SHANGHAI
from jobs import tasks
from models import Case, Delivery, Identity, Person, Region
from sandbox.phones import Phone
from sandbox.world import World
from services.access import Actor
from services.cases import Filing
from services.deliveries import Owed
from services.desk import Desk
from services.transaction import rows
from tests.factories import GRID, PHONES, Town

SENT = frozenset({"custom", "template"})
NAMES = {
    "worker": "李卫国",
    "cover": "王秀兰",
    "chief": "赵建军",
    "secretary": "钱书记",
    "commander": "孙指挥",
    "county": "周科长",
    "inspector": "吴督察",
}
SEND_TEXT = "/cgi-bin/message/custom/send"
SEND_TEMPLATE = "/cgi-bin/message/template/send"


@dataclass(frozen=True, slots=True)
class Follower:
    """Somebody who follows the official account."""

    phone: Phone
    person_id: int

    @property
    def openid(self) -> str:
        return self.phone.openid


class Street:
    def __init__(self, house: House, world: World) -> None:
        self.house = house
        self.desk: Desk = house.desk
        self.world = world

    async def follower(self, name: str, *, grid: str | None = None, speaks: bool = True) -> Follower:
        phone = self.world.phones.make(name)
        phone.following = True
        identity = await self.desk.people.known(phone.openid, self.house.settings.wechat.official.appid, "official")
        if grid is not None:
            await Person.filter(id=identity.person_id).update(grid_id=(await self.region(grid)).id)
        one = Follower(phone, identity.person_id)
        if speaks:
            await self.speaks(one)
        return one

    async def speaks(self, one: Follower) -> None:
        """They write something: both ledgers open the window of five messages."""
        one.phone.windows.said(self.world.clock.now())
        await self.desk.people.hear(one.openid)

    async def taps(self, one: Follower) -> None:
        one.phone.windows.tapped(self.world.clock.now())
        await self.desk.people.tap(one.openid)

    async def binds(self, who: str, *, wechat: str = "") -> Follower:
        """A member of staff follows (from the account *wechat*), writes, and binds with an invitation."""
        one = await self.follower(wechat or NAMES[who])
        code = await self.desk.people.invite(PHONES[who])
        actor = await self.desk.people.bind((await self.identity(one)).id, code)
        return Follower(one.phone, actor.person_id)

    async def identity(self, one: Follower) -> Identity:
        return await Identity.get(openid=one.openid)

    async def actor(self, who: str) -> Actor:
        return await self.desk.people.actor((await Person.get(name=NAMES[who])).id)

    async def resident(self, name: str = "王阿姨") -> Actor:
        return await self.desk.people.actor((await Person.create(name=name)).id)

    async def files(self, by: Actor | None = None, *, grid: str = GRID, **more: object) -> Case:
        by = by or await self.resident()
        return await self.desk.cases.file(by, Filing(grid=grid, description="路灯坏了", **more))  # type: ignore[arg-type]

    async def region(self, code: str) -> Region:
        return await Region.get(code=code)

    def shown(self, one: Follower) -> list[str]:
        """What WeChat has shown on the phone without being asked, oldest first."""
        return [message.text for message in self.world.conversation.after(one.phone) if message.channel in SENT]

    def calls(self, path: str) -> dict[str, int]:
        """How often the pretend WeChat was asked for *path*, by what came of it."""
        return dict(self.world.counts.as_json()["calls"].get(path, {}))

    def channels(self, one: Follower) -> list[str]:
        return [message.channel for message in self.world.conversation.after(one.phone) if message.channel in SENT]

    def fails(self, path: str, **how: object) -> None:
        self.world.faults.order({"path": path, **how})

    async def advance(self, seconds: float) -> None:
        moved = self.desk.moved_clock
        assert moved is not None
        await moved.advance(seconds)
        self.world.clock.advance(seconds)

    async def at(self, text: str) -> datetime:
        """Set both clocks to a moment of China's time, as ``2027-03-01 10:00`` (a Monday)."""
        moment = datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
        await self.advance((moment - self.desk.clock.now()).total_seconds())
        return moment

    async def work(self) -> None:
        """Work off every job that is there, and those that they make."""
        connector = PsycopgConnector(conninfo=self.house.database_url, min_size=1, max_size=2)
        app = App(connector=connector)
        tasks.register(app, lambda: self.desk)
        # Nothing by the machine's clock: what these tests want done by the clock, they say.
        app.periodic_registry.periodic_tasks.clear()
        async with app.open_async():
            # One at a time: with more, the worker stops when no job waits though one that runs is about to make some.
            await app.run_worker_async(
                wait=False,
                install_signal_handlers=False,
                listen_notify=False,
                concurrency=1,
                delete_jobs="successful",
            )

    async def owes(self, one: Follower | int, *texts: str) -> None:
        """Owe plain words, one message each."""
        person_id = one if isinstance(one, int) else one.person_id
        await self.desk.deliveries.owe(*(Owed(person_id, "answer", {"text": text}) for text in texts))

    async def rows(self, one: Follower | int) -> list[Delivery]:
        person_id = one if isinstance(one, int) else one.person_id
        return await Delivery.filter(person_id=person_id).order_by("id")

    async def jobs(self, task: str) -> list[Any]:
        return await rows("SELECT * FROM procrastinate_jobs WHERE task_name = $1 ORDER BY id", task)

    async def told(self, who: Actor | Follower | int) -> list[str]:
        """The kinds of message that are or were owed to somebody, in order."""
        person_id = who if isinstance(who, int) else who.person_id
        return [one.kind for one in await Delivery.filter(person_id=person_id).order_by("id")]


@pytest.fixture
async def empty(house: House, world: World) -> Street:
    """No regions and no people yet."""
    # Redis is shared by the run, and the token of the last test's WeChat is no good at this one's.
    await house.cache.delete(f"wechat:token:{house.settings.wechat.official.appid}")
    return Street(house, world)


@pytest.fixture
def street(empty: Street, town: Town) -> Street:
    """The imported town of ``tests/factories.py``; nobody of its staff is bound yet."""
    del town
    return empty


async def at_once(*works: Coroutine[Any, Any, Any]) -> list[Any]:
    """Run coroutines at the same moment, each on a database connection of its own; failures are returned."""
    return await asyncio.gather(*(asyncio.create_task(work) for work in works), return_exceptions=True)


A_DAY = timedelta(days=1).total_seconds()
