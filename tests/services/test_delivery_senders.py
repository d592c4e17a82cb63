"""A sender's death is known at once, a living one keeps what it has claimed, and a late word disturbs nobody."""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest

from adapters.presence import Presence
from app.bootstrap import credentials
from models import Sender
from services import delivery_claims as claims
from services import delivery_senders as senders
from services.transaction import rows
from tests.services.conftest import Follower, Street

_END = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND objid = $2::int"


@pytest.fixture
async def other(street: Street) -> AsyncIterator[Presence]:
    """Another process that sends."""
    made = Presence(credentials(street.house.database_url))
    yield made
    await made.close()


async def claimed_by(street: Street, other: Presence, *texts: str, speaks: bool = True) -> Follower:
    """Somebody whose first message was claimed by *other* and is on its way."""
    one = await street.follower("王阿姨", speaks=speaks)
    await street.owes(one, *texts)
    assert (await street.desk.deliveries._claim(None))[1]
    await rows("UPDATE delivery SET sender = $1 WHERE state = 'sending' RETURNING 1", await other.number())
    return one


async def grace_is_over() -> None:
    await rows("UPDATE sender SET gone_since = gone_since - interval '4 s' WHERE gone_since IS NOT NULL RETURNING 1")


async def test_a_dead_senders_messages_are_taken_over_long_before_its_lease_ends(
    street: Street, other: Presence
) -> None:
    one = await claimed_by(street, other, "一", "二", speaks=False)
    await other.close()
    assert await street.desk.deliveries.recover() == 0
    await grace_is_over()
    assert await street.desk.deliveries.recover() == 1
    await street.desk.deliveries.send()
    assert [row.state for row in await street.rows(one)] == ["sent", "sent"]


async def test_a_living_sender_is_not_robbed(street: Street, other: Presence) -> None:
    one = await claimed_by(street, other, "一")
    for _ in range(2):
        assert await street.desk.deliveries.recover() == 0
        await grace_is_over()
    assert [row.state for row in await street.rows(one)] == ["sending"]


async def test_a_sender_whose_session_breaks_comes_back_under_its_number_and_keeps_its_messages(
    street: Street, other: Presence
) -> None:
    one = await claimed_by(street, other, "一")
    number = await other.number()
    assert await rows(_END, senders.LOCKS, number)
    async with asyncio.timeout(10):
        while (await rows("SELECT pg_try_advisory_xact_lock($1, $2::int) AS free", senders.LOCKS, number))[0]["free"]:
            await asyncio.sleep(0.01)
    await street.desk.deliveries.recover()
    await grace_is_over()
    await street.desk.deliveries.recover()
    assert await other.number() == number
    assert (await Sender.get(id=number)).gone_since is None
    assert [row.state for row in await street.rows(one)] == ["sending"]


async def test_a_sender_names_its_process(street: Street) -> None:
    await street.owes(await street.follower("王阿姨"), "一")
    await street.desk.deliveries.send()
    assert await Sender.all().values_list("pid", flat=True) == [os.getpid()]


async def test_senders_that_are_long_gone_are_forgotten(street: Street, other: Presence) -> None:
    number = await other.number()
    await other.close()
    await senders.look()
    await rows("UPDATE sender SET gone_since = gone_since - interval '2 days' WHERE id = $1 RETURNING 1", number)
    assert await senders.forget_old() == 1


async def test_the_late_word_of_a_robbed_sender_does_not_touch_what_another_has_under_way(street: Street) -> None:
    one = await street.follower("王阿姨", speaks=False)
    await street.owes(one, "一")
    [late] = (await street.desk.deliveries._claim(None))[1]
    await rows("UPDATE delivery SET state = 'owed' WHERE id = $1 RETURNING 1", late.id)
    [mine] = (await street.desk.deliveries._claim(None))[1]
    late.state, late.reason = claims.State.OWED, "WeChat is busy"
    await street.desk.deliveries._mark([late])
    assert [row.state for row in await street.rows(one)] == ["sending"]
    await street.desk.deliveries._send_one(mine)
    await street.desk.deliveries._mark([mine])
    assert [row.state for row in await street.rows(one)] == ["sent"]


async def test_what_was_given_up_as_uncertain_is_sent_after_all_when_its_sender_says_so(street: Street) -> None:
    one = await street.follower("王阿姨")
    await street.owes(one, "一")
    [late] = (await street.desk.deliveries._claim(None))[1]
    await street.desk.deliveries._send_one(late)
    await rows("UPDATE delivery SET claimed_until = now() - interval '1 s' RETURNING 1")
    await street.desk.deliveries.recover()
    assert [row.state for row in await street.rows(one)] == ["uncertain"]
    await street.desk.deliveries._mark([late])
    assert [row.state for row in await street.rows(one)] == ["sent"]


async def test_a_process_that_stood_still_sends_nothing_that_it_claimed_before(street: Street) -> None:
    one = await street.follower("王阿姨")
    await street.owes(one, "一")
    [item] = (await street.desk.deliveries._claim(None))[1]
    long_ago = asyncio.get_running_loop().time() - 60
    await street.desk.deliveries._send_one(item, None, long_ago)
    await street.desk.deliveries._mark([item])
    assert (street.shown(one), [row.state for row in await street.rows(one)]) == ([], ["owed"])
    await street.desk.deliveries.send()
    assert street.shown(one) == ["一"]
    assert (await street.identity(one)).window_left == 4
