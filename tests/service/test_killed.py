"""kill -9 of the whole service at any moment: nothing that was answered is lost, nothing comes twice."""

import asyncio
import random
import time
from collections.abc import Iterator

import pytest

from tests.service import audit
from tests.service.conftest import started
from tests.service.story import WHOLE_LIFE, Story, expect
from tests.service.whole import Town, Whole

pytestmark = pytest.mark.service

SEED = 20260211
TALKERS = 6
LONGEST_DELAY = 0.15
"""Seconds from when the messages left to the kill: before, in the middle of, and after their callbacks."""


@pytest.fixture(scope="module")
def own() -> Iterator[tuple[Whole, Town]]:
    """WeChat tries often, so that the story goes on by itself while the service starts again."""
    with started(deadline=1.0, retries=60) as found:
        yield found


async def test_killed_after_every_step_of_the_story_with_messages_on_their_way_nothing_answered_is_lost(
    service: Whole, town: Town
) -> None:
    """Two times in three only the service is killed, the third time the engines with it."""
    dice = random.Random(SEED)
    began, delays = time.monotonic(), []
    async with service.wechat.people() as people:
        talkers = [await people.somebody(f"居民{number}") for number in range(TALKERS)]
        for talker in talkers:
            expect(await talker.does("scan", scene=town.scene), "第一网格")
        story = Story(service, people, town)
        async for _ in story.steps():
            delays.append(dice.uniform(0.0, LONGEST_DELAY))
            for talker in talkers:
                await talker.begins_to_say(f"楼道灯不亮〔{talker.name}x{len(delays)}〕")
            await asyncio.sleep(delays[-1])
            if len(delays) % 3:
                service.kill()
            else:
                service.kill_everything()
            service.start()
        await service.ready()
        await people.settled()
        [number] = story.numbers
        assert await audit.life_of(service, number) == WHOLE_LIFE
        description = await service.one('SELECT description FROM "case" WHERE number = $1', number)
        assert description.splitlines() == ["路灯坏了三天了〔王阿姨1〕", "就在小区东门〔王阿姨2〕"]
        said = await audit.words_are_kept(service, people)
        sent = await audit.deliveries_are_settled(service, people)
        [resident] = [one for name, one in (await people.known()).items() if name == story.name]
        told = [one["text"] for one in await resident.pushed()]
        noticed = await service.one(
            "SELECT d.state FROM delivery d JOIN identity i ON i.person_id = d.person_id "
            "WHERE d.notice_id IS NOT NULL AND i.openid = $1",
            resident.openid,
        )
        retried = sum(len(push["tries"]) > 1 for push in await people.pushes())
    assert said == {"answered": 3 + TALKERS * len(delays)}
    came = sum("停水" in text for text in told)
    # The last kill may fall between the claim and the sending: then it is marked for a person, and not guessed.
    assert came == 1 or (came == 0 and noticed == "uncertain"), (came, noticed)
    print(
        f"\nseed {SEED}: killed {len(delays)} times in {time.monotonic() - began:.0f} s, "
        f"{', '.join(f'{delay * 1000:.0f}' for delay in delays)} ms after {TALKERS} messages left; "
        f"{retried} messages were tried more than once; deliveries: {dict(sent)}"
    )


async def test_a_retry_after_the_restart_gets_the_same_answer_and_is_not_kept_twice(service: Whole, town: Town) -> None:
    async with service.wechat.people() as people:
        await service.ready()
        resident = await people.somebody("老周")
        expect(await resident.does("scan", scene=town.scene), "第一网格")
        first = expect(await resident.says("井盖翘起来了〔老周1〕"), "1段文字")
        filed = expect(await resident.says("提交"), "№")
        service.kill_everything()
        service.start()
        await service.ready()
        for said in (first, filed):
            again = await people.repeat(said.push)
            assert again["outcome"] == "shown"
            assert again["reply"]["text"] == said.text
        await audit.words_are_kept(service, people)
        cases = await service.one(
            'SELECT count(*) FROM "case" c JOIN identity i ON i.person_id = c.resident_id WHERE i.openid = $1',
            resident.openid,
        )
    assert cases == 1
