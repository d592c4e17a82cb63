"""Pausing and recalling beside senders, over real connections; and a spread that is broken off anywhere."""

import asyncio

from domain.delivery import State
from models import Delivery, Identity, Notice, Person
from services import delivery_claims
from services.deliveries import LANES
from services.delivery_claims import AT_ONCE
from services.notices import Notices
from services.notices_rows import through_the_gate
from services.transaction import row, rows, transaction
from tests.factories import GRID
from tests.services.conftest import SEND_TEXT, Street, at_once
from tests.services.notices import NOBODY_ASKED, arrived, many, out, state, states, with_rules

UNDER_WAY = LANES * AT_ONCE
MANY = AT_ONCE + 3 * UNDER_WAY
"""The first batch goes alone, then all lanes at once: so many that most still wait when something is stopped then."""


async def until_some_arrived(street: Street) -> None:
    while not arrived(street):
        await asyncio.sleep(0.01)


async def openids_in(notice: int, name: State) -> set[str]:
    people = [one.person_id for one in await Delivery.filter(notice_id=notice, state=name)]
    return {one.openid for one in await Identity.filter(person_id__in=people)}


async def begun(street: Street, count: int) -> int:
    """A notice to *count* residents whose senders are about to begin, and take their time."""
    await many(street, count, GRID)
    notice = await out(street)
    await street.desk.notices.spread(notice)
    street.fails(SEND_TEXT, delay=0.05)
    return notice


async def test_a_recall_beside_senders_leaves_no_row_both_recalled_and_sent(street: Street) -> None:
    notice = await begun(street, MANY)
    chief = await street.actor("chief")
    senders = [asyncio.create_task(street.desk.deliveries.send()) for _ in range(3)]
    await until_some_arrived(street)
    await street.desk.notices.recall(chief, notice)
    await asyncio.gather(street.desk.notices.spread(notice), street.desk.notices.spread(notice), *senders)
    await street.work()
    shown, now = arrived(street), await states(notice)
    assert set(now) == {"sent", "recalled"}
    assert now["sent"] + now["recalled"] == MANY
    assert len(shown) == len(set(shown)) == now["sent"]
    assert set(shown) & await openids_in(notice, State.RECALLED) == set()
    assert (await Notice.get(id=notice)).stirred_at is None


async def test_a_pause_counts_from_the_next_batch_and_what_is_left_goes_out_once_after_it(street: Street) -> None:
    notice = await begun(street, MANY)
    chief = await street.actor("chief")
    sender = asyncio.create_task(street.desk.deliveries.send())
    await until_some_arrived(street)
    await street.desk.notices.pause(chief, notice)
    taken = await row("SELECT count(*) AS n FROM delivery WHERE state IN ('sending', 'sent')")
    await asyncio.gather(sender, street.desk.notices.spread(notice))
    assert len(arrived(street)) <= taken["n"] + UNDER_WAY
    assert (await states(notice))["held"] > 0
    await street.work()
    assert (await states(notice))["held"] > 0
    await street.desk.notices.resume(chief, notice)
    await street.work()
    shown = arrived(street)
    assert await states(notice) == {"sent": MANY}
    assert len(shown) == len(set(shown)) == MANY


async def test_a_pause_does_not_hold_up_what_else_is_owed_to_the_same_people(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    notice = await out(street)
    await street.desk.notices.spread(notice)
    # Not even before its row has followed.
    await Notice.filter(id=notice).update(state="paused")
    await street.owes(one, "您的事办好了")
    await street.desk.deliveries.send()
    assert street.shown(one) == ["您的事办好了"]
    assert await states(notice) == {"held": 1}


async def test_what_comes_back_from_a_sender_after_a_recall_is_not_tried_again(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    notice = await out(street)
    await street.desk.notices.spread(notice)
    await Delivery.filter(notice_id=notice).update(state="sending")  # it is on its way
    await street.desk.notices.recall(await street.actor("chief"), notice)
    await street.desk.notices.spread(notice)
    assert await states(notice) == {"sending": 1}
    await Delivery.filter(notice_id=notice).update(state="owed")  # WeChat was busy: once more
    await street.work()
    assert (await states(notice), street.shown(one)) == ({"recalled": 1}, [])
    (delivery,) = await street.rows(one)
    assert delivery.reason == "the notice was recalled"


async def test_what_may_have_arrived_is_never_said_to_be_recalled(street: Street) -> None:
    people = [await street.follower(name, grid=GRID) for name in ("王阿姨", "李大爷")]
    notice = await out(street)
    await street.desk.notices.spread(notice)
    now = street.desk.clock.now()
    first, second = [(await street.rows(one))[0].id for one in people]
    await Delivery.filter(id__in=[first, second]).update(first_claim_at=now, channel="template", openid="o")
    await Delivery.filter(id=second).update(state="sending")
    await street.desk.notices.recall(await street.actor("chief"), notice)
    await street.desk.notices.spread(notice)
    await Delivery.filter(id=second).update(state="owed")
    await street.work()
    assert await states(notice) == {"uncertain": 2}


async def test_what_lies_unread_in_inboxes_is_taken_back_too(street: Street) -> None:
    one = await street.follower("王阿姨", grid=GRID)
    nobody = await street.resident("没绑微信的")
    await Person.filter(id=nobody.person_id).update(grid_id=(await street.region(GRID)).id)
    notice = await out(street)
    await street.work()
    await street.advance(10)
    await street.desk.notices.sweep()
    assert (await state(notice), await states(notice)) == ("sent", {"sent": 1, "inbox": 1})
    assert len(await street.desk.deliveries.latest(nobody.person_id)) == 1
    await street.desk.notices.recall(await street.actor("secretary"), notice)
    await street.work()
    assert await states(notice) == {"sent": 1, "recalled": 1}
    assert await street.desk.deliveries.latest(nobody.person_id) == []
    assert len(await street.desk.deliveries.latest(one.person_id)) == 1


async def test_a_row_held_back_beside_a_resumption_is_not_forgotten(street: Street) -> None:
    await many(street, 1, GRID)
    notice = await out(street)
    await street.desk.notices.spread(notice)
    chief, now = await street.actor("chief"), street.desk.clock.now()
    claimed, paused, gated, commit = (asyncio.Event() for _ in range(4))

    async def sender() -> None:
        async with transaction():
            appid = street.house.settings.wechat.official.appid
            taken = await delivery_claims.claim(now, appid, None)
            claimed.set()
            await paused.wait()
            going, _ = await through_the_gate(taken, now)
            assert going == []
            gated.set()
            await commit.wait()

    async def goes_on() -> None:
        await street.desk.notices.resume(chief, notice)
        await street.desk.notices.spread(notice)

    async def waits_for_a_lock() -> bool:
        return bool((await row("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted) AS waits"))["waits"])

    async with asyncio.timeout(30), asyncio.TaskGroup() as together:
        together.create_task(sender())
        await claimed.wait()
        await street.desk.notices.pause(chief, notice)
        await street.desk.notices.spread(notice)  # passes over the row that is being claimed
        paused.set()
        await gated.wait()
        going_on = together.create_task(goes_on())
        while not (going_on.done() or await waits_for_a_lock()):
            await asyncio.sleep(0.01)
        commit.set()
    assert await states(notice) == {"owed": 1}


# Spreading.


async def test_nobody_is_owed_anything_before_all_are_written_down(street: Street) -> None:
    await many(street, 7, GRID)
    notices = with_rules(street, NOBODY_ASKED, at_once=3)
    notice = await out(street, notices)
    seen = []
    while await notices._spreading._piece(notice) is not None:
        seen.append(await states(notice))
    assert seen == [{"held": 3}, {"held": 6}, {"held": 7}, {"held": 4, "owed": 3}, {"held": 1, "owed": 6}, {"owed": 7}]
    assert (await Notice.get(id=notice)).reach == 7


async def test_a_spread_broken_off_after_any_piece_is_taken_up_there_by_whoever_comes(street: Street) -> None:
    people = await many(street, 7, GRID)
    hands = [with_rules(street, NOBODY_ASKED, at_once=2) for _ in range(3)]
    notice = await out(street, hands[0])
    for number in range(20):
        await hands[number % 3]._spreading._piece(notice)
    await rows("DELETE FROM procrastinate_jobs WHERE task_name = 'spread_notice' RETURNING 1")
    await street.work()
    shown = arrived(street)
    assert (len(shown), len(set(shown))) == (7, 7)
    assert sorted(one.person_id for one in await Delivery.filter(notice_id=notice)) == sorted(people)


async def test_a_notice_paused_and_recalled_while_it_is_written_down_reaches_nobody(street: Street) -> None:
    await many(street, 7, GRID)
    notices = with_rules(street, NOBODY_ASKED, at_once=3)
    notice = await out(street, notices)
    chief = await street.actor("chief")
    await notices._spreading._piece(notice)
    await notices.pause(chief, notice)
    await notices.spread(notice)
    assert await states(notice) == {"held": 3}
    await notices.resume(chief, notice)
    await notices._spreading._piece(notice)
    await notices.recall(chief, notice)
    await street.work()
    assert (await states(notice), arrived(street)) == ({"recalled": 6}, [])


async def test_moves_at_once_are_taken_one_after_the_other(street: Street) -> None:
    await many(street, 20, GRID)
    notice = await out(street)
    chief, secretary = await street.actor("chief"), await street.actor("secretary")
    notices: Notices = street.desk.notices
    await at_once(
        notices.spread(notice),
        notices.pause(chief, notice),
        notices.recall(secretary, notice),
        notices.spread(notice),
        notices.pause(secretary, notice),
        street.desk.deliveries.send(),
    )
    await street.work()
    shown, now = arrived(street), await states(notice)
    assert await state(notice) == "recalled"
    assert now.get("sent", 0) == len(shown) == len(set(shown))
    assert set(now) <= {"sent", "recalled"}
