"""One person's messages arrive in their order and once each, whoever sends them and whatever goes wrong."""

import asyncio
import random

import pytest

from models import Delivery
from services.deliveries import Owed
from services.transaction import rows
from tests.services.conftest import SEND_TEMPLATE, SEND_TEXT, Street, at_once

WORDS = ["一", "二", "三", "四", "五"]


async def test_several_senders_at_once_keep_everybodys_order_and_repeat_nothing(street: Street) -> None:
    people = [await street.follower(f"居民{one}") for one in range(15)]
    for word in WORDS:
        for one in people:
            await street.owes(one, word)
    ids = [one.person_id for one in people]
    handled = await at_once(*(street.desk.deliveries.send(whose) for whose in (None, ids, ids[::-1], None, ids)))
    while await street.desk.deliveries.send():
        pass
    assert not [one for one in handled if isinstance(one, BaseException)]
    for one in people:
        assert street.shown(one) == WORDS
    assert street.calls(SEND_TEXT) == {"0": len(people) * len(WORDS)}
    assert set(await Delivery.all().values_list("state", flat=True)) == {"sent"}


async def test_messages_of_one_call_keep_the_order_in_which_they_were_named(street: Street) -> None:
    one, other = await street.follower("王阿姨"), await street.follower("张叔")
    await street.desk.deliveries.owe(
        Owed(other.person_id, "answer", {"text": "甲"}),
        Owed(one.person_id, "answer", {"text": "乙"}),
        Owed(other.person_id, "answer", {"text": "丙"}),
    )
    assert await Delivery.all().order_by("id").values_list("person_id", flat=True) == [
        other.person_id,
        one.person_id,
        other.person_id,
    ]
    await street.work()
    assert (street.shown(one), street.shown(other)) == (["乙"], ["甲", "丙"])


async def test_a_message_that_must_wait_holds_back_those_behind_it_and_nobody_elses(street: Street) -> None:
    one, other = await street.follower("王阿姨"), await street.follower("张叔")
    street.fails(SEND_TEXT, errcode=-1, openid=one.openid, times=1)
    await street.owes(one, *WORDS)
    await street.owes(other, *WORDS)
    await street.desk.deliveries.send()
    assert (street.shown(one), street.shown(other)) == ([], WORDS)
    await street.advance(61)
    await street.desk.deliveries.send()
    assert street.shown(one) == WORDS


async def test_when_wechat_comes_back_after_a_while_everything_arrives_in_order(street: Street) -> None:
    one = await street.follower("王阿姨")
    street.fails(SEND_TEXT, status=503)
    await street.owes(one, *WORDS[:3])
    for _ in range(12):
        await street.work()
        await street.advance(300)
    await street.owes(one, *WORDS[3:])
    await street.work()
    assert street.shown(one) == []
    street.world.faults.clear()
    await street.advance(600)
    await street.desk.deliveries.send()
    assert street.shown(one) == WORDS


async def test_faults_at_random_and_many_senders_leave_the_order_whole(street: Street) -> None:
    people = [await street.follower(f"居民{one}") for one in range(6)]
    street.fails(SEND_TEXT, errcode=-1, rate=0.3, seed=7)
    street.fails(SEND_TEXT, status=500, rate=0.2, seed=8)
    for word in WORDS:
        for one in random.Random(1).sample(people, len(people)):
            await street.owes(one, word)
    for _ in range(30):
        await at_once(*(street.desk.deliveries.send() for _ in range(3)))
        if not await Delivery.filter(state="owed").exists():
            break
        await street.advance(601)
    for one in people:
        assert street.shown(one) == WORDS


async def test_a_job_for_some_people_leaves_the_others_alone(street: Street) -> None:
    one, other = await street.follower("王阿姨"), await street.follower("张叔")
    await street.owes(one, "一")
    await street.owes(other, "二")
    assert await street.desk.deliveries.send([other.person_id]) == 1
    assert (street.shown(one), street.shown(other)) == ([], ["二"])
    assert await street.desk.deliveries.send([]) == 0


async def test_more_people_than_go_at_once_are_all_reached(street: Street) -> None:
    people = [await street.follower(f"居民{one:03}") for one in range(70)]
    await street.desk.deliveries.owe(*(Owed(one.person_id, "answer", {"text": "停水"}) for one in people))
    await street.work()
    assert [street.shown(one) for one in people] == [["停水"]] * 70


async def test_a_sender_that_is_told_to_hurry_stops_between_two_batches(street: Street) -> None:
    one = await street.follower("王阿姨")
    await street.owes(one, "一", "二")
    assert await street.desk.deliveries.send(seconds=0) == 1
    assert await street.desk.deliveries.sweep() == 1
    assert street.shown(one) == ["一", "二"]


async def test_running_a_job_twice_sends_nothing_twice(street: Street) -> None:
    one = await street.follower("王阿姨")
    await street.owes(one, "一")
    for _ in range(3):
        await street.desk.deliveries.send([one.person_id])
    assert street.shown(one) == ["一"]
    assert SEND_TEMPLATE not in street.world.counts.as_json()["calls"]


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_fails_and_whoever_dies_one_persons_messages_come_in_order_and_once(
    street: Street, seed: int
) -> None:
    """Texts and templates, refusals, lost answers, dying senders, windows that open meanwhile: by chance."""
    dice = random.Random(seed)
    people = [await street.follower(f"居民{one}", speaks=one % 2 == 0) for one in range(6)]
    for path in (SEND_TEXT, SEND_TEMPLATE):
        street.fails(path, errcode=-1, rate=0.15, seed=dice.randrange(99))
        street.fails(path, status=502, rate=0.1, seed=dice.randrange(99))
        street.fails(path, drop="after", rate=0.1, seed=dice.randrange(99))
    street.fails(SEND_TEXT, errcode=45047, rate=0.1, seed=dice.randrange(99))
    for word in WORDS:
        for one in dice.sample(people, len(people)):
            await street.owes(one, word)
    for _ in range(60):
        match dice.randrange(5):
            case 0:
                await street.desk.deliveries._claim(None)
                await rows("UPDATE delivery SET claimed_until = now() - interval '1 s' WHERE state = 'sending'")
                await street.desk.deliveries.recover()
            case 1:
                await street.speaks(dice.choice(people))
            case _:
                await at_once(*(street.desk.deliveries.send(seconds=0) for _ in range(2)))
        if not await Delivery.filter(state__in=["owed", "sending"]).exists():
            break
        await street.advance(dice.choice([1, 5, 61]))
    street.world.faults.clear()
    await street.advance(601)
    await street.desk.deliveries.send()
    assert not await Delivery.filter(state__in=["owed", "sending"]).exists()
    for one in people:
        noted = await street.rows(one)
        ids = {f"wg{row.id}": row.facts["text"] for row in noted}
        came = [
            ids[message.client_id] if message.channel == "template" else message.text
            for message in street.world.conversation.after(one.phone)
            if message.channel in {"custom", "template"}
        ]
        assert came == [word for word in WORDS if word in came], "out of order, or twice"
        assert [row.facts["text"] for row in noted if row.state == "sent" and row.facts["text"] not in came] == []
        assert [row.reason for row in noted if row.state != "sent" and not row.reason] == []


async def test_a_token_that_dies_under_two_hundred_sends_is_fetched_once_more_and_loses_nothing(street: Street) -> None:
    people = [await street.follower(f"居民{one}") for one in range(200)]
    await street.desk.deliveries.owe(*(Owed(one.person_id, "answer", {"text": "停水"}) for one in people))
    await street.house.wechat._official.tokens.get()
    street.world.tokens.invalidate("official")
    await asyncio.gather(*(street.desk.deliveries.send([one.person_id]) for one in people))
    assert [street.shown(one) for one in people] == [["停水"]] * 200
    assert street.calls("/cgi-bin/stable_token") == {"0": 2}
    assert set(await Delivery.all().values_list("state", flat=True)) == {"sent"}
