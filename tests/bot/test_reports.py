"""What WeChat tells of our own messages reaches the ledgers, each event once."""

from collections.abc import Sequence
from typing import Any

import pytest

from domain.delivery import Channel
from models import Delivery, SendReport, Subscription
from services.deliveries import Owed
from tests.bot.door import Door

TEMPLATE = "SUB-case"
OPENID = "oSomebody0000000000000000001"


@pytest.fixture(autouse=True)
def _template(door: Door) -> None:
    door.desk.subscriptions._templates = {TEMPLATE: Channel.SUBSCRIPTION}


def told(door: Door, event: str, of: str, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return door.fields(OPENID, "event", Event=event, **{of: {"List": list(items)}})


def agreed(door: Door, *answers: str) -> dict[str, Any]:
    items = [{"TemplateId": TEMPLATE, "SubscribeStatusString": answer, "PopupScene": 2} for answer in answers]
    return told(door, "subscribe_msg_popup_event", "SubscribeMsgPopupEvent", items)


async def left() -> list[int]:
    return list(await Subscription.all().values_list("left_over", flat=True))


async def test_an_agreement_that_wechat_tells_twice_counts_once(door: Door) -> None:
    event = door.written(agreed(door, "accept", "reject"))
    for _ in range(3):
        assert (await door.push(event)).text == ""
    assert await left() == [1]
    await door.push({**agreed(door, "accept"), "CreateTime": door.now() + 1})
    assert await left() == [2]


@pytest.mark.parametrize(
    ("event", "of", "item", "stays"),
    [
        ("subscribe_msg_change_event", "SubscribeMsgChangeEvent", {"SubscribeStatusString": "reject"}, 0),
        ("subscribe_msg_change_event", "SubscribeMsgChangeEvent", {"SubscribeStatusString": "accept"}, 1),
        ("subscribe_msg_sent_event", "SubscribeMsgSentEvent", {"MsgID": "1", "ErrorCode": "43101"}, 0),
        ("subscribe_msg_sent_event", "SubscribeMsgSentEvent", {"MsgID": "1", "ErrorCode": "0"}, 1),
    ],
)
async def test_a_withdrawal_empties_and_nothing_else_does(
    door: Door, event: str, of: str, item: dict[str, str], stays: int
) -> None:
    await door.push(agreed(door, "accept"))
    await door.push(told(door, event, of, [{"TemplateId": TEMPLATE, **item}]))
    assert await left() == [stays]


@pytest.mark.parametrize("inside", ["<List>", "<List><TemplateId>", "", "<List></List>"])
async def test_an_event_that_is_broken_is_answered_and_changes_nothing(door: Door, inside: str) -> None:
    whole = door.written(agreed(door, "accept"))
    broken = f"{whole[: whole.index('<List>')]}{inside}</SubscribeMsgPopupEvent></xml>"
    assert (await door.push(broken)).status == 200
    assert await left() == []


async def test_a_template_message_that_was_blocked_is_no_longer_taken_for_sent(door: Door) -> None:
    identity = await door.desk.people.known(OPENID, door.account.appid, "official")
    await door.desk.deliveries.owe(Owed(identity.person_id, "answer", {"text": "一"}))
    await Delivery.all().update(state="sent", channel="template", msgid=77)
    for _ in range(2):
        await door.push(
            door.fields(OPENID, "event", Event="TEMPLATESENDJOBFINISH", MsgID=77, Status="failed:user block")
        )
    row = await Delivery.get()
    assert (row.state, row.reason) == ("inbox", "the person has blocked the account's messages")
    assert await SendReport.all().count() == 1
