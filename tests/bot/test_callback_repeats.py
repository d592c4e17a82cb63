"""WeChat's retries, and answers that come later than WeChat waits: each message is worked on once, answered once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from app.bootstrap import House, credentials
from bot import callback as callback_module
from bot import replies
from domain.delivery import TAP_ALLOWANCE, TAP_WINDOW
from models import CaseMessage, Delivery, Identity, Notice, Person
from tests.bot.door import Door, opened
from tests.factories import GRID, TOWN, Town
from tests.phone import Phone, Wechat

LENA = "oLena"
CAP = 0.3


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    given = credentials(url)
    for pool_only in ("minsize", "maxsize"):
        given.pop(pool_only)
    connection = await asyncpg.connect(**given)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def held_up(url: str, openid: str) -> AsyncIterator[asyncpg.Connection]:
    """While this is open, whatever *openid* says waits for the database."""
    async with connected(url) as connection, connection.transaction():
        found = await connection.fetch("SELECT id FROM identity WHERE openid = $1 FOR UPDATE", openid)
        assert found, "whoever is held up must be known"
        yield connection


async def until(fact: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await fact():
            await asyncio.sleep(0.01)


async def waiting(url: str, count: int) -> None:
    """Until *count* connections wait for a lock."""
    async with connected(url) as connection:
        sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"

        async def there() -> bool:
            return int(await connection.fetchval(sql)) >= count

        await until(there)


@pytest.fixture
async def slow(house: House) -> AsyncIterator[Door]:
    """A callback with little patience."""
    async with opened(house.desk, house.account, cap=CAP) as made:
        yield made


@pytest.fixture
async def aunt(wechat: Wechat, town: Town) -> Phone:
    """A resident with an open window, so that messages can follow."""
    phone = await wechat.resident("王阿姨", GRID)
    assert await phone.say("路灯坏了")
    await wechat.jobs()
    await phone.news()
    return phone


# Repeats.


async def test_a_repeat_gets_the_same_words_and_writes_nothing(door: Door) -> None:
    message = door.text(LENA, "路灯坏了")
    first, again = await door.push(message), await door.push(message)
    assert first.text.startswith("记下了，现在有1段文字")
    assert again.text == first.text
    assert await CaseMessage.all().count() == 1


async def test_a_repeat_of_a_refused_message_gets_the_same_refusal(door: Door) -> None:
    message = door.text(LENA, "绑定 AAAA-2222")
    first, again = await door.push(message), await door.push(message)
    assert first.text.startswith("这个邀请码不对")
    assert again.text == first.text
    assert (await Identity.get(openid=LENA)).bind_tries == 1


async def test_a_tap_that_is_refused_opens_the_window_of_a_tap(door: Door, wechat: Wechat, town: Town) -> None:
    commander = await wechat.staff("孙指挥", await town.invitation("commander"))
    assert (await door.say(commander.openid, f"通知 {TOWN} 明天停水")).text
    # Somebody else's clean-up has taken the preview that the menu's 「取消」 means.
    await Notice.all().delete()
    await Identity.filter(openid=commander.openid).update(window_until=None, window_left=0)
    assert (await door.push(door.event(commander.openid, "CLICK", "cancel"))).text.startswith("没有找到")
    identity = await Identity.get(openid=commander.openid)
    assert identity.window_left == TAP_ALLOWANCE
    assert identity.window_until is not None
    assert identity.window_until - door.desk.clock.now() <= TAP_WINDOW


async def test_a_repeated_scan_is_answered_with_the_same_words(door: Door, town: Town) -> None:
    scene = (await town.desk.scenes.ticket_for(GRID)).scene
    event = door.event(LENA, "subscribe", f"qrscene_{scene}", Ticket="gQ8")
    first, again = await door.push(event), await door.push(event)
    assert "第一网格" in first.text
    assert again.text == first.text


async def test_the_same_msgid_of_another_person_or_moment_is_another_message(door: Door) -> None:
    message = door.text(LENA, "路灯坏了")
    await door.push(message)
    await door.push({**message, "FromUserName": "oOther"})
    await door.push({**message, "CreateTime": message["CreateTime"] + 1})
    assert await CaseMessage.all().count() == 3


async def test_messages_without_a_msgid_are_told_apart_by_what_they_say(door: Door) -> None:
    for words in ("路灯坏了", "井盖坏了", "路灯坏了"):
        message = door.fields(LENA, "text", Content=words)
        await door.push({**message, "CreateTime": 1_700_000_000})
    assert await CaseMessage.all().order_by("id").values_list("text", flat=True) == ["路灯坏了", "井盖坏了"]


async def test_a_retry_joins_the_first_while_it_is_in_work(door: Door, house: House) -> None:
    await door.say(LENA, "喂，路灯")
    message = door.text(LENA, "路灯坏了")
    async with held_up(house.database_url, LENA):
        tries = [asyncio.create_task(door.push(message)) for _ in range(3)]
        await waiting(house.database_url, 1)
    answers = await asyncio.gather(*tries)
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].text.startswith("记下了，现在有2段文字")
    assert await CaseMessage.all().count() == 2


async def test_a_retry_in_another_process_waits_for_the_first_and_gets_the_same_words(door: Door, house: House) -> None:
    await door.say(LENA, "喂，路灯")
    message = door.text(LENA, "路灯坏了")
    async with opened(house.desk, house.account) as other:
        async with held_up(house.database_url, LENA):
            first = asyncio.create_task(door.push(message))
            await waiting(house.database_url, 1)
            retry = asyncio.create_task(other.push(message))
            await waiting(house.database_url, 2)
        answers = await asyncio.gather(first, retry)
    assert answers[0].text == answers[1].text
    assert answers[0].text.startswith("记下了，现在有2段文字")
    assert await CaseMessage.all().count() == 2


async def test_a_first_try_that_dies_leaves_the_work_to_the_retry_in_another_process(door: Door, house: House) -> None:
    await door.say(LENA, "喂，路灯")
    message = door.text(LENA, "路灯坏了")
    async with opened(house.desk, house.account) as other:
        async with held_up(house.database_url, LENA):
            first = asyncio.create_task(door.push(message))
            await waiting(house.database_url, 1)
            retry = asyncio.create_task(other.push(message))
            await waiting(house.database_url, 2)
            async with connected(house.database_url) as connection:
                await _kill(connection, "identity")
        assert (await first).text == replies.DOWN
        assert (await retry).text.startswith("记下了，现在有2段文字")
    assert await CaseMessage.all().count() == 2


async def _kill(connection: asyncpg.Connection, table: str) -> None:
    """As if the process that waits for a row of *table* had been killed."""
    killed = await connection.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        "AND datname = current_database() AND query ILIKE $1",
        f"%UPDATE {table}%",
    )
    assert len(killed) == 1


# Late answers.


async def _late(slow: Door, house: House, wechat: Wechat, phone: Phone, message: dict[str, Any]) -> str:
    """Push *message* while the database is held up, then let it go on; what the person read at once."""
    async with held_up(house.database_url, phone.openid):
        at_once = (await slow.push(message)).text
    await slow.callback.close()
    await wechat.jobs()
    return at_once


async def test_a_late_answer_follows_as_a_message_exactly_once(
    slow: Door, house: House, wechat: Wechat, aunt: Phone
) -> None:
    message = slow.text(aunt.openid, "晚上看不见")
    assert await _late(slow, house, wechat, aunt, message) == replies.SLOW
    news = await aunt.news()
    assert [text.startswith("记下了，现在有2段文字") for text in news] == [True]
    # WeChat asks once more: the message is on its way, so nothing more is said.
    assert (await slow.push(message)).raw == b"success"
    await slow.callback.close()
    await wechat.jobs()
    assert await aunt.news() == []
    assert await CaseMessage.all().count() == 2


async def test_a_retry_that_comes_while_it_is_still_slow_adds_no_second_message(
    slow: Door, house: House, wechat: Wechat, aunt: Phone
) -> None:
    message = slow.text(aunt.openid, "晚上看不见")
    async with opened(house.desk, house.account, cap=CAP) as other:
        async with held_up(house.database_url, aunt.openid):
            answers = [(await slow.push(message)).text, (await slow.push(message)).text]
            answers.append((await other.push(message)).text)
        await slow.callback.close()
        await other.callback.close()
    assert answers == [replies.SLOW] * 3
    await wechat.jobs()
    assert len(await aunt.news()) == 1
    assert await CaseMessage.all().count() == 2


async def test_an_answer_that_was_kept_just_after_the_cap_is_read_once(
    slow: Door, house: House, wechat: Wechat, aunt: Phone
) -> None:
    """The commit takes longer than the cap: a message was promised, and a repeat finds an answer that is kept."""
    for words, repeat_first in (("晚上看不见", True), ("老人怕摔", False), ("谢谢", True), ("进度", False)):
        message = slow.text(aunt.openid, words)
        async with opened(house.desk, house.account) as other, slow_commit(house.database_url):
            assert (await slow.push(message)).text == replies.SLOW
            again = asyncio.create_task(other.push(message)) if repeat_first else None
            if again is not None:
                await waiting(house.database_url, 2)
            await let_go(house.database_url)
            if again is None:
                await slow.callback.close()
                again = asyncio.create_task(other.push(message))
            passive = (await again).text
            await slow.callback.close()
        await wechat.jobs()
        # On a busy machine the repeat may be too slow as well: then it has read no answer, only that one follows.
        read = [passive] if passive not in {"", replies.SLOW} else []
        assert len([*await aunt.news(), *read]) == 1, words
    assert await CaseMessage.all().count() == 3


COMMITS = 4711
_SLOW_COMMIT = f"""
CREATE OR REPLACE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock_shared({COMMITS}); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER wait_at_commit AFTER INSERT ON inbound DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION wait_at_commit();
"""


@asynccontextmanager
async def slow_commit(url: str) -> AsyncIterator[None]:
    """Callbacks do all their work, and then wait at COMMIT until :func:`let_go`."""
    async with connected(url) as holder:
        await holder.execute(_SLOW_COMMIT)
        await holder.execute(f"SELECT pg_advisory_lock({COMMITS})")
        try:
            yield
        finally:
            await let_go(url)
    async with connected(url) as connection:
        await connection.execute("DROP TRIGGER wait_at_commit ON inbound")


async def let_go(url: str) -> None:
    async with connected(url) as connection:
        await connection.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = {COMMITS} "
            "AND mode = 'ExclusiveLock' AND granted"
        )


async def test_a_late_refusal_follows_too(slow: Door, house: House, wechat: Wechat, aunt: Phone) -> None:
    assert await _late(slow, house, wechat, aunt, slow.text(aunt.openid, "撤回 9999")) == replies.SLOW
    assert [text[:10] for text in await aunt.news()] == ["没有找到 №9999"]


async def test_a_late_binding_tells_the_person_that_it_made_of_two(
    slow: Door, house: House, wechat: Wechat, town: Town
) -> None:
    worker = await wechat.phone("李卫国")
    await worker.say("帮助")
    message = slow.text(worker.openid, f"绑定 {await town.invitation('worker')}")
    assert await _late(slow, house, wechat, worker, message) == replies.SLOW
    assert [text.startswith("李卫国，绑定好了") for text in await worker.news()] == [True]


async def test_when_it_fails_after_the_cap_an_apology_follows_and_nothing_is_kept(
    slow: Door, house: House, wechat: Wechat, aunt: Phone
) -> None:
    message = slow.text(aunt.openid, "晚上看不见")
    async with held_up(house.database_url, aunt.openid):
        assert (await slow.push(message)).text == replies.SLOW
        async with connected(house.database_url) as connection:
            await _kill(connection, "identity")
        await slow.callback.close()
    assert await aunt.news() == [replies.DOWN]
    assert await CaseMessage.all().count() == 1
    assert await Delivery.all().count() == 0
    # Nothing of it is remembered: the same message said again is worked on.
    assert (await slow.push(message)).text.startswith("记下了，现在有2段文字")


async def test_when_too_many_wait_the_next_one_is_told_at_once(
    door: Door, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [LENA, "oAnother"]
    for one in people:
        await door.say(one, "喂，路灯")
    monkeypatch.setattr(callback_module, "MOST_AT_ONCE", 2)
    async with held_up(house.database_url, people[0]), held_up(house.database_url, people[1]):
        stuck = [asyncio.create_task(door.say(one, "晚上看不见")) for one in people]
        await waiting(house.database_url, 2)
        assert (await door.say("oOther", "路灯坏了")).text == replies.DOWN
    assert all(answer.text.startswith("记下了") for answer in await asyncio.gather(*stuck))
    assert (await door.say("oOther", "路灯坏了")).text.startswith("记下了")


async def test_one_persons_messages_at_once_are_all_kept_in_one_draft(door: Door) -> None:
    answers = await asyncio.gather(*(door.say(LENA, f"第{count}句") for count in range(12)))
    assert sorted(int(answer.text.split("现在有")[1].split("段")[0]) for answer in answers) == list(range(1, 13))
    assert await Person.all().count() == 1
