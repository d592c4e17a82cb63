"""The best way that is open: customer service, template, a subscription of either account, else the inbox."""

import asyncio

import pytest

from domain.delivery import Channel
from domain.errors import BadInput
from models import Identity, Subscription
from services.delivery_preparing import Preparing, subscription_templates
from tests.services.conftest import Follower, Street

SUBSCRIBE, MINI = "SUB-case", "MINI-case"
BIZSEND, SEND = "/cgi-bin/message/subscribe/bizsend", "/cgi-bin/message/subscribe/send"


@pytest.fixture
async def steps(street: Street) -> Street:
    """A town without template messages, but with a subscription template in either account."""
    await street.house.cache.delete(f"wechat:token:{street.house.settings.wechat.miniprogram.appid}")
    templates = {"subscribe_case": SUBSCRIBE, "mini_case": MINI}
    own = street.desk.deliveries
    own._preparing = Preparing(own._preparing._wording, templates)
    street.desk.subscriptions._templates = subscription_templates(templates)
    return street


async def silent(street: Street, *, official: int = 0, mini: int = 0) -> Follower:
    """Somebody whose window is shut, known to both accounts, who has agreed to so many messages of each."""
    one = await street.follower("王阿姨", speaks=False)
    appid = street.house.settings.wechat.miniprogram.appid
    await Identity.create(person_id=one.person_id, appid=appid, openid=one.phone.mini_openid, kind="mini")
    one.phone.subscriptions = {f"official:{SUBSCRIBE}": official, f"mini:{MINI}": mini}
    for _ in range(official):
        await street.desk.subscriptions.answered(one.openid, [(SUBSCRIBE, True)])
    for _ in range(mini):
        await street.desk.subscriptions.agreed_in_mini(await street.desk.people.actor(one.person_id), [MINI])
    return one


def seen(street: Street, one: Follower) -> list[str]:
    found = street.world.conversation.after(one.phone)
    return [message.content["app"] if message.channel == "subscribe" else message.channel for message in found]


async def left(street: Street) -> dict[str, int]:
    return {row.template_id: row.left_over for row in await Subscription.all()}


async def test_the_steps_are_taken_from_the_top_and_the_ledger_counts_down(steps: Street) -> None:
    one = await silent(steps, official=1, mini=1)
    await steps.owes(one, "一", "二", "三")
    await steps.desk.deliveries.send([one.person_id])
    assert seen(steps, one) == ["official", "mini"]
    assert [(row.state, row.channel) for row in await steps.rows(one)] == [
        ("sent", Channel.SUBSCRIPTION),
        ("sent", Channel.MINI),
        ("inbox", Channel.INBOX),
    ]
    assert await left(steps) == {SUBSCRIBE: 0, MINI: 0}


async def test_an_open_window_saves_the_subscription(steps: Street) -> None:
    one = await silent(steps, official=1)
    await steps.speaks(one)
    await steps.owes(one, "一")
    await steps.desk.deliveries.send([one.person_id])
    assert (steps.channels(one), await left(steps)) == (["custom"], {SUBSCRIBE: 1})


async def test_when_wechat_knows_of_no_consent_the_ledger_is_emptied_and_the_next_step_taken(steps: Street) -> None:
    one = await silent(steps, official=3, mini=1)
    one.phone.subscriptions = {f"mini:{MINI}": 1}
    await steps.owes(one, "一", "二")
    await steps.desk.deliveries.send([one.person_id])
    assert seen(steps, one) == ["mini"]
    assert (steps.calls(BIZSEND), await left(steps)) == ({"43101": 1}, {SUBSCRIBE: 0, MINI: 0})
    assert "43101" not in (await steps.rows(one))[0].reason


async def test_what_wechat_did_not_take_is_not_used_up(steps: Street) -> None:
    one = await silent(steps, official=1)
    steps.fails(BIZSEND, errcode=-1, times=1)
    await steps.owes(one, "一")
    await steps.desk.deliveries.send([one.person_id])
    assert await left(steps) == {SUBSCRIBE: 1}
    await steps.advance(5)
    await steps.desk.deliveries.send([one.person_id])
    assert (seen(steps, one), await left(steps)) == (["official"], {SUBSCRIBE: 0})
    assert (await steps.identity(one)).window_left == 0


@pytest.mark.parametrize("path", [BIZSEND, SEND])
async def test_a_lost_answer_is_uncertain_since_a_subscription_knows_no_repeat(steps: Street, path: str) -> None:
    one = await silent(steps, official=1 if path == BIZSEND else 0, mini=1 if path == SEND else 0)
    steps.fails(path, drop="after", times=1)
    await steps.owes(one, "一")
    for _ in range(3):
        await steps.desk.deliveries.send([one.person_id])
        await steps.advance(700)
    assert (len(seen(steps, one)), [row.state for row in await steps.rows(one)]) == (1, ["uncertain"])


async def test_consents_that_come_at_once_all_count(steps: Street) -> None:
    one = await silent(steps)
    await asyncio.gather(*(steps.desk.subscriptions.answered(one.openid, [(SUBSCRIBE, True)]) for _ in range(8)))
    assert await left(steps) == {SUBSCRIBE: 8}


async def test_refusals_and_strange_templates_count_nothing_and_a_withdrawal_empties(steps: Street) -> None:
    one = await silent(steps, official=2)
    await steps.desk.subscriptions.answered(one.openid, [(SUBSCRIBE, False), ("strange", True), (MINI, True)])
    assert await left(steps) == {SUBSCRIBE: 2}
    await steps.desk.subscriptions.withdrawn(one.openid, [SUBSCRIBE, "strange"])
    assert await left(steps) == {SUBSCRIBE: 0}


@pytest.mark.parametrize("accepted", [["strange"], [MINI, MINI], [SUBSCRIBE]])
async def test_the_mini_program_may_tell_of_its_own_templates_only(steps: Street, accepted: list[str]) -> None:
    one = await silent(steps)
    actor = await steps.desk.people.actor(one.person_id)
    with pytest.raises(BadInput):
        await steps.desk.subscriptions.agreed_in_mini(actor, accepted)
    assert await left(steps) == {}
