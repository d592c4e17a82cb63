"""Messages kept in groups: the same answers and the same rows as by the general way, and nobody waits for another."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from app.bootstrap import House
from models import Case, CaseMessage, HeldDuty, Identity, Inbound, Person, Region
from services.everyday import Everyday, Everydays
from services.transaction import rows
from tests.bot.door import Answer, Door, opened
from tests.bot.test_callback_repeats import connected, held_up, waiting
from tests.factories import GRID, Town

LENA, OTTO = "oLena", "oOtto"


class Watched(Everydays):
    """The same, and it tells who has said something, how large its groups were and how many messages they answered."""

    def __init__(self, house: House) -> None:
        super().__init__(house.desk.clock, house.desk.deliveries, appid=house.account.appid)
        self.groups: list[int] = []
        self.kept = 0
        self.come: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(0))

    async def once(self, openid: str, one: Everyday | None, by_itself: Callable[[], Awaitable[str]]) -> str:
        self.come[openid].release()
        return await super().once(openid, one, by_itself)

    async def _keep(self, group: Sequence[Everyday]) -> Mapping[str, str]:
        self.groups.append(len(group))
        answers = await super()._keep(group)
        self.kept += len(answers)
        return answers


@pytest.fixture
def watched(house: House) -> Watched:
    return Watched(house)


@pytest.fixture
async def door(house: House, watched: Watched) -> AsyncIterator[Door]:
    async with opened(house.desk, house.account, per_minute=100_000, everydays=watched) as made:
        yield made


# The same by either way.

_WORDS = (
    *("提交", "提交", "取消", "新诉求", "新诉求 水管", "进度", "帮助", "1", "2", "5", "五分", "谢谢", "你好", "消息"),
    *(
        "评价 {n} 5",
        "催办 {n}",
        "催办",
        "撤回 {n}",
        "撤回",
        "不满意 {n} 没修",
        "不满意",
        "看 {n}",
        "{n}",
        "№{n}",
        "待办",
    ),
    *(
        "受理 {n}",
        "回复 {n} 明天来",
        "{n} 明天来",
        "通知 x 停水",
        "绑定 abc",
        "绑定社保卡怎么弄",
        "AAAA-2222",
        "投诉",
        "好的",
    ),
    *(
        "投诉网格员不干活",
        "我要反映",
        "发送",
        "上报3起盗窃",
        "看5号楼",
        "１２３",
        "“路灯坏了”",
        "",
        "  ",
        "13900000000",
        "请假",
    ),
    "【收到不支持的消息类型，暂无法显示】",
)
_PIECES = (*"路灯坏了13№#受理回复提交，。天\n「」A", "{n}", "评价", "号楼")


def _message(door: Door, openid: str, number: int, dice: random.Random) -> dict[str, Any]:
    match dice.choice(["said", "told", "told", "order", "order", "mixed", "photo", "voice", "link", "tap", "place"]):
        case "said" | "told":
            text = dice.choice(["路灯坏了", "晚上看不见，老人怕摔", "还有一盏也坏了。", "it's dark"])
        case "order":
            text = dice.choice(_WORDS)
        case "mixed":
            text = "".join(dice.choices(_PIECES, k=dice.randint(1, 5)))
        case "photo":
            media = dice.randrange(10**9)
            return door.fields(openid, "image", MediaId=f"{openid}{media}", MsgId=dice.randrange(10**15))
        case "voice":
            return door.fields(openid, "voice", Recognition="路灯坏了", MsgId=dice.randrange(10**15))
        case "link":
            return door.fields(openid, "link", Title="看", Url="https://example.com/a", MsgId=dice.randrange(10**15))
        case "tap":
            return door.event(openid, "CLICK", dice.choice(["submit", "cancel", "how"]), MsgID=dice.randrange(10**15))
        case _:
            return door.fields(openid, "location", Label="东门", Location_X=31.5, MsgId=dice.randrange(10**15))
    return door.fields(openid, "text", Content=text.replace("{n}", str(number)), MsgId=dice.randrange(10**15))


@dataclass
class Twin:
    """One of two who live the same life; what is theirs is shown without their names and numbers."""

    door: Door
    openid: str

    async def born(self, grid: Region | None, *, staff: bool) -> None:
        await self.door.desk.people.hear(self.openid)
        identity = await Identity.get(openid=self.openid)
        self.person_id = identity.person_id
        await Person.filter(id=self.person_id).update(grid_id=grid.id if grid else None)
        if staff:
            region = await Region.get(code=GRID)
            today = self.door.desk.clock.now().date()
            await HeldDuty.create(person_id=self.person_id, duty="volunteer", region=region, from_date=today)

    async def number(self) -> int:
        case = await Case.filter(resident_id=self.person_id, number__not_isnull=True).order_by("-id").first()
        return case.number or 0 if case else 999_999

    async def does(self, dice: random.Random) -> str:
        answer = await self.door.push(_message(self.door, self.openid, await self.number(), dice))
        return await self.anonymous(answer.text)

    async def anonymous(self, text: str) -> str:
        """Their cases are called by their place among their own."""
        numbers = await Case.filter(resident_id=self.person_id).order_by("id").values_list("number", flat=True)
        for place, number in enumerate(numbers):
            text = text.replace(str(number or "no number"), f"({place})")
        return text

    async def rows(self) -> list[Any]:
        identity = await Identity.get(openid=self.openid)
        asked = (identity.pending or {}).get("asked", [])
        cases = await Case.filter(resident_id=self.person_id).order_by("id")
        said = await CaseMessage.filter(person_id=self.person_id).order_by("id")
        place = {case.id: number for number, case in enumerate(cases)}
        return [
            (identity.window_left, identity.subscribed, identity.window_until is None),
            [one["ask"] for one in asked],
            [
                (one.status, one.level, one.grid_id, one.title, one.source, one.rating, one.reopened, one.urgent)
                for one in cases
            ],
            [(place[one.case_id], one.kind, await self.anonymous(one.text), one.latitude) for one in said],
        ]


async def test_over_many_lives_a_group_answers_and_writes_as_the_general_way_does(
    house: House, door: Door, watched: Watched, town: Town
) -> None:
    grid = await Region.get(code=GRID)
    apart = Watched(house)
    async with opened(house.desk, house.account, per_minute=100_000, everydays=apart) as general:
        for seed in range(8):
            one, other = Twin(door, f"oGrouped{seed}"), Twin(general, f"oGeneral{seed}")
            apart._apart[other.openid] += 1  # as if an earlier message of theirs were on the general way for ever
            for twin in (one, other):
                await twin.born(grid if seed % 3 else None, staff=seed % 4 == 3)
            for step in range(25):
                answers = [await twin.does(random.Random(f"{seed} {step}")) for twin in (one, other)]
                assert answers[0] == answers[1], (seed, step)
                if step % 5 == 4:
                    assert await one.rows() == await other.rows(), (seed, step)
    # Or else nothing has been compared.
    assert apart.kept == 0
    assert watched.kept > 30


# Groups.


async def _known(door: Door, *openids: str) -> None:
    for openid in openids:
        assert (await door.say(openid, "喂，路灯")).text.startswith("记下了，现在有1段文字")


def _count(answer: Answer) -> int:
    return int(answer.text.split("现在有")[1].split("段")[0])


async def test_what_waits_is_kept_together_and_each_gets_their_own_answer(door: Door, watched: Watched) -> None:
    people = [f"oPerson{count}" for count in range(20)]
    await _known(door, *people)
    watched.groups.clear()
    for person in people[:10]:
        await door.say(person, "先来一句")
    assert watched.groups == [1] * 10
    answers = await asyncio.gather(*(door.say(person, "又一句") for person in people))
    assert [_count(answer) for answer in answers] == [3] * 10 + [2] * 10
    assert max(watched.groups) > 1
    assert await Inbound.all().count() == await CaseMessage.all().count() == 50


async def test_one_who_is_held_up_holds_up_nobody_else(door: Door, house: House) -> None:
    await _known(door, LENA, OTTO)
    async with held_up(house.database_url, LENA):
        stuck = asyncio.create_task(door.say(LENA, "路灯坏了"))
        await waiting(house.database_url, 1)
        assert _count(await door.say(OTTO, "路灯坏了")) == 2
    assert _count(await stuck) == 2


async def test_a_group_that_fails_for_one_message_is_kept_one_by_one(door: Door, watched: Watched) -> None:
    people = [f"oPerson{count}" for count in range(6)]
    await _known(door, *people)
    # The database refuses one text, as a message nobody has thought of would be refused.
    await rows("ALTER TABLE case_message ADD CONSTRAINT no_good CHECK (text <> '坏')")
    watched.groups.clear()
    said = ["好灯", "坏", "坏灯", "好路", "坏", "坏路"]
    try:
        answers = await asyncio.gather(*(door.say(person, text) for person, text in zip(people, said, strict=True)))
    finally:
        await rows("ALTER TABLE case_message DROP CONSTRAINT no_good")
    assert [answer.text[:4] for answer in answers].count("对不起，") == 2
    assert [answer.text.startswith("记下了") for answer in answers] == [text != "坏" for text in said]
    assert await CaseMessage.filter(text__in=said).count() == 4
    assert max(watched.groups) > 1


async def test_one_persons_words_and_orders_keep_their_order(door: Door, watched: Watched, town: Town) -> None:
    grid = await Region.get(code=GRID)
    people = [f"oPerson{count}" for count in range(8)]
    for person in people:
        await door.desk.people.settle_in((await door.desk.people.hear(person)).person_id, grid.id)

    async def talks(openid: str) -> list[str]:
        said = []
        for text in ("路灯坏了", "三天了", "提交", "是东门那盏"):
            said.append(asyncio.create_task(door.say(openid, text)))
            await watched.come[openid].acquire()  # each over a connection of its own: the next is said once it is there
        return [(await one).text for one in said]

    for answers in await asyncio.gather(*(talks(person) for person in people)):
        assert [answer[:5] for answer in answers] == ["记下了，现", "记下了，现", "已收到，编", "已补充到 "], answers
    assert {case.description for case in await Case.all()} == {"路灯坏了\n三天了"}


async def test_a_message_in_two_processes_at_once_is_kept_once(door: Door, house: House) -> None:
    people = [f"oPerson{count}" for count in range(10)]
    await _known(door, *people)
    async with opened(house.desk, house.account) as other:
        messages = [door.text(person, "路灯坏了") for person in people]
        answers = await asyncio.gather(*(one.push(message) for message in messages for one in (door, other)))
    assert [_count(answer) for answer in answers] == [2] * 20
    assert await CaseMessage.all().count() == 20


async def test_what_follows_an_order_of_another_process_sees_what_it_has_done(
    door: Door, house: House, town: Town
) -> None:
    """Looked up in one statement with the wait for the person's row, it would be the state before the order."""
    await _known(door, LENA)
    identity = await Identity.get(openid=LENA)
    await door.desk.people.settle_in(identity.person_id, (await Region.get(code=GRID)).id)
    async with opened(house.desk, house.account) as other:
        async with held_up(house.database_url, LENA):
            order = asyncio.create_task(door.say(LENA, "提交"))
            await waiting(house.database_url, 1)
            words = asyncio.create_task(other.say(LENA, "是东门那盏"))
            await waiting(house.database_url, 2)
        assert "№1001" in (await order).text
        assert (await words).text.startswith("已补充到 №1001")


async def test_words_that_come_while_slow_follow_as_one_message(house: House) -> None:
    """The group itself owes the answer when its sender was told that it is slow."""
    async with opened(house.desk, house.account, cap=0.3) as door:
        await _known(door, LENA)
        async with connected(house.database_url) as connection, connection.transaction():
            await connection.execute("LOCK TABLE case_message IN EXCLUSIVE MODE")
            slow = asyncio.create_task(door.say(LENA, "路灯坏了"))
            assert (await slow).text.startswith("系统这会儿有点慢")
        await door.callback.close()
    owed = await rows("SELECT facts->>'text' AS text FROM delivery")
    assert [one["text"].startswith("记下了，现在有2段文字") for one in owed] == [True]
    assert await Inbound.filter(answer="").count() == 1
