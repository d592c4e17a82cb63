"""Several things that wait for one member of staff come in one message, in order; what is urgent comes alone."""

import pytest

from bot.messages import Messages
from domain.delivery import MOST_GATHERED
from models import Delivery, Identity
from services.deliveries import Owed
from services.delivery_gathering import KIND
from tests.services.conftest import SEND_TEMPLATE, SEND_TEXT, Street
from tests.services.test_delivery_crash import lease_ends


def about(number: int, kind: str = "new_case", *, urgent: bool = False) -> tuple[str, dict[str, object]]:
    return kind, {"number": number, "title": f"事情{number}", "urgent": urgent, "accept_due": None}


async def owes(street: Street, whom: int, *told: tuple[str, dict[str, object]]) -> None:
    await street.desk.deliveries.owe(*(Owed(whom, kind, facts) for kind, facts in told))


async def test_three_things_are_told_in_one_message_and_each_row_says_sent(street: Street) -> None:
    worker = await street.follower("李卫国")
    left = (await street.identity(worker)).window_left
    await owes(street, worker.person_id, about(1), about(2, "due_soon"), about(3, "rated"))
    await street.work()
    [shown] = street.shown(worker)
    assert [f"№{number}「事情{number}」" in shown for number in (1, 2, 3)] == [True] * 3
    assert shown.startswith("3 件事")
    assert [one.state for one in await street.rows(worker)] == ["sent"] * 3
    assert (await street.identity(worker)).window_left == left - 1, "one message costs one of the window"
    assert street.calls(SEND_TEXT) == {"0": 1}


async def test_of_one_case_the_latest_is_told(street: Street) -> None:
    worker = await street.follower("李卫国")
    await owes(street, worker.person_id, about(1), about(2), about(1, "withdrawn"))
    await street.work()
    [shown] = street.shown(worker)
    heads = [line.partition("：")[0] for line in shown.splitlines()]
    assert heads[:3] == ["2 件事一起告诉您", "№2「事情2」", "№1「事情1」"]
    assert "居民已撤回" in shown


async def test_two_things_come_as_they_are(street: Street) -> None:
    worker = await street.follower("李卫国")
    await owes(street, worker.person_id, about(1), about(2))
    await street.work()
    first, second = street.shown(worker)
    assert ("№1" in first, "№2" in second) == (True, True)
    assert "件事" not in first + second


async def test_what_is_urgent_or_in_somebodys_words_comes_alone_and_nothing_overtakes_it(street: Street) -> None:
    worker = await street.follower("李卫国")
    told = [about(1), about(2), about(3), about(4, urgent=True), about(5), about(6, "case_added"), about(7)]
    await owes(street, worker.person_id, *told)
    await street.work()
    shown = street.shown(worker)
    assert shown[0].startswith("3 件事")
    assert shown[1].startswith("【紧急】新诉求 №4")
    assert [f"№{number}" in text for number, text in zip((5, 6, 7), shown[2:], strict=True)] == [True] * 3


async def test_a_resident_hears_of_each_step_by_itself(street: Street) -> None:
    one = await street.follower("王阿姨")
    await owes(street, one.person_id, about(1, "accepted"), about(1, "replied"), about(1, "resolved"))
    await street.work()
    assert len(street.shown(one)) == 3


async def test_more_than_one_message_can_hold_go_on_in_the_next(street: Street) -> None:
    worker = await street.follower("李卫国")
    await owes(street, worker.person_id, *(about(number) for number in range(1, MOST_GATHERED + 4)))
    await street.work()
    first, second = street.shown(worker)
    assert first.startswith(f"{MOST_GATHERED} 件事")
    assert second.startswith("3 件事")


async def test_what_wechat_did_not_take_is_told_together_later(street: Street) -> None:
    worker = await street.follower("李卫国")
    street.fails(SEND_TEXT, errcode=-1, times=1)
    await owes(street, worker.person_id, about(1), about(2), about(3))
    await street.desk.deliveries.send()
    assert [one.state for one in await street.rows(worker)] == ["owed"] * 3
    await street.advance(61)
    await street.desk.deliveries.send()
    assert [text[:9] for text in street.shown(worker)] == ["3 件事一起告诉您"]
    assert [one.state for one in await street.rows(worker)] == ["sent"] * 3


async def test_when_the_answer_is_lost_all_of_them_are_uncertain_and_none_is_sent_again(street: Street) -> None:
    worker = await street.follower("李卫国")
    street.fails(SEND_TEXT, drop="after", times=1)
    await owes(street, worker.person_id, about(1), about(2), about(3))
    await street.work()
    await street.advance(3600)
    await street.work()
    assert [one.state for one in await street.rows(worker)] == ["uncertain"] * 3
    assert len(street.shown(worker)) == 1


@pytest.mark.parametrize("speaks", [True, False], ids=["text", "template"])
async def test_a_sender_that_dies_leaves_nothing_told_twice(street: Street, *, speaks: bool) -> None:
    worker = await street.follower("李卫国", speaks=speaks)
    await owes(street, worker.person_id, about(1), about(2), about(3))
    _, batch, told_with = await street.desk.deliveries._claim(None)
    assert (len(batch), len(told_with)) == (1, 2)
    await street.desk.deliveries._send_one(batch[0])
    await lease_ends(street)
    await street.desk.deliveries.sweep()
    states = [one.state for one in await street.rows(worker)]
    # WeChat knows a template message again by its id, which is the first row's; of the others nobody knows.
    assert states == ["uncertain" if speaks else "sent", "uncertain", "uncertain"]
    assert len(street.shown(worker)) == 1


async def test_a_template_message_tells_how_many_there_are(street: Street) -> None:
    worker = await street.follower("李卫国", speaks=False)
    await owes(street, worker.person_id, about(11), about(12), about(13))
    await street.work()
    [shown] = street.shown(worker)
    assert "№11 等 3 件" in shown
    assert street.calls(SEND_TEMPLATE) == {"0": 1}
    assert set(await Delivery.all().values_list("state", flat=True)) == {"sent"}


async def test_without_any_channel_each_waits_in_the_inbox(street: Street) -> None:
    worker = await street.follower("李卫国")
    await Identity.filter(person_id=worker.person_id).update(subscribed=False)
    await owes(street, worker.person_id, about(1), about(2), about(3))
    await street.work()
    assert [one.state for one in await street.rows(worker)] == ["inbox"] * 3
    assert street.shown(worker) == []


def test_the_longest_message_of_all_keeps_its_last_line() -> None:
    facts = {"number": 10**12, "title": "题" * 200, "accept_due": "2026-03-02T07:00:00+00:00"}
    text = Messages().text(KIND, {"items": [["climbed_to_you", facts]] * MOST_GATHERED})
    assert len(text.encode()) <= 2048
    assert text.endswith("手上的事回“待办”。")
