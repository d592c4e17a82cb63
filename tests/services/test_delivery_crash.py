"""A sender that dies, a database that hiccups, a message that has no words."""

import asyncio
from collections.abc import Mapping

import pytest

from adapters.queue import ProcrastinateQueue
from models import Delivery
from services.deliveries import Deliveries, Owed
from services.transaction import rows
from tests.services.conftest import SEND_TEMPLATE, SEND_TEXT, Street, at_once


async def die_after_claiming(street: Street) -> None:
    """As a sender that is killed between its claim and its first call."""
    assert (await street.desk.deliveries._claim(None))[1]


async def die_before_marking(street: Street) -> None:
    """As a sender that is killed after WeChat's answers, before they are noted."""
    _, batch, _ = await street.desk.deliveries._claim(None)
    assert batch
    for item in batch:
        await street.desk.deliveries._send_one(item)


async def lease_ends(street: Street) -> None:
    assert await rows(
        "UPDATE delivery SET claimed_until = clock_timestamp() - interval '1 s' WHERE state = 'sending' RETURNING 1"
    )


@pytest.mark.parametrize(("dies", "shown"), [(die_after_claiming, []), (die_before_marking, ["一"])])
async def test_a_text_whose_sender_died_is_uncertain_and_what_follows_goes_on(street: Street, dies, shown) -> None:
    one = await street.follower("王阿姨")
    await street.owes(one, "一", "二")
    await dies(street)
    await lease_ends(street)
    await street.desk.deliveries.sweep()
    first, second = await street.rows(one)
    assert (first.state, first.reason, second.state) == (
        "uncertain",
        "the sender stopped before the answer was noted",
        "sent",
    )
    assert street.shown(one) == [*shown, "二"]


@pytest.mark.parametrize("dies", [die_after_claiming, die_before_marking])
async def test_a_template_whose_sender_died_is_repeated_under_its_id_and_shown_once(street: Street, dies) -> None:
    one = await street.follower("王阿姨", speaks=False)
    await street.owes(one, "一")
    await dies(street)
    await lease_ends(street)
    await street.desk.deliveries.sweep()
    (row,) = await street.rows(one)
    assert (row.state, len(street.shown(one))) == ("sent", 1)
    assert street.world.repeats.msgid(one.phone.id, f"wg{row.id}", street.world.clock.now()) is not None


async def test_a_template_whose_sender_died_too_long_ago_is_uncertain(street: Street) -> None:
    one = await street.follower("王阿姨", speaks=False)
    await street.owes(one, "一")
    await die_before_marking(street)
    await street.advance(601)
    await lease_ends(street)
    await street.desk.deliveries.sweep()
    (row,) = await street.rows(one)
    assert (row.state, len(street.shown(one))) == ("uncertain", 1)


async def test_a_repeat_goes_to_the_account_that_the_first_went_to(street: Street) -> None:
    """Somebody with two accounts may have used the other one in the meantime; there WeChat would know no repeat."""
    first, second = [await street.follower(name, speaks=False) for name in ("旧号", "新号")]
    identity = await street.identity(second)
    identity.person_id = first.person_id
    await identity.save()
    await street.desk.people.tap(first.openid)
    await street.advance(120)
    await street.owes(first, "一")
    await die_before_marking(street)
    assert len(street.shown(first)) == 1
    await street.speaks(second)
    await lease_ends(street)
    await street.desk.deliveries.sweep()
    assert (len(street.shown(first)), street.shown(second)) == (1, [])


async def test_a_sender_that_is_alive_is_left_alone_however_far_the_clock_is_moved(street: Street) -> None:
    one = await street.follower("王阿姨")
    street.fails(SEND_TEXT, delay=0.4)
    await street.owes(one, "一", "二")
    sending = asyncio.create_task(street.desk.deliveries.send())
    async with asyncio.timeout(5):
        while not await Delivery.filter(state="sending").exists():
            await asyncio.sleep(0.01)
    await street.advance(3600)
    assert await street.desk.deliveries.recover() == 0
    assert await street.desk.deliveries.send() == 0
    await sending
    assert street.shown(one) == ["一", "二"]


async def test_a_sender_that_is_stopped_notes_what_it_knows(street: Street) -> None:
    quick, slow = await street.follower("王阿姨"), await street.follower("张叔")
    street.fails(SEND_TEXT, delay=30.0, openid=slow.openid)
    await street.owes(quick, "一")
    await street.owes(slow, "二")
    sending = asyncio.create_task(street.desk.deliveries.send())
    async with asyncio.timeout(5):
        while not street.shown(quick):
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    assert [one.state for one in await Delivery.all().order_by("id")] == ["sent", "uncertain"]


async def test_a_database_that_hiccups_after_the_answer_makes_nothing_uncertain(street: Street) -> None:
    one = await street.follower("王阿姨")
    await street.owes(one, "一")
    # A sequence is not rolled back, so the first two attempts to note "sent" fail, and only those.
    await rows("CREATE SEQUENCE hiccup")
    await rows("""CREATE FUNCTION hiccup() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.state = 'sent' AND nextval('hiccup') <= 2 THEN RAISE EXCEPTION 'hiccup'; END IF; RETURN NEW; END $$""")
    await rows("CREATE TRIGGER hiccup BEFORE UPDATE ON delivery FOR EACH ROW EXECUTE FUNCTION hiccup()")
    try:
        await street.desk.deliveries.send()
        assert [row.state for row in await street.rows(one)] == ["sent"]
        assert street.shown(one) == ["一"]
    finally:
        await rows("DROP TRIGGER hiccup ON delivery")
        await rows("DROP FUNCTION hiccup")
        await rows("DROP SEQUENCE hiccup")


class Stuttering:
    """Words for everything but the kind "mute"."""

    def text(self, kind: str, facts: Mapping[str, object]) -> str:
        if kind == "mute":
            raise KeyError(kind)
        return str(facts["text"])

    def fields(self, kind: str, facts: Mapping[str, object]) -> Mapping[str, str]:
        return {"thing2": self.text(kind, facts)}


@pytest.mark.parametrize("speaks", [True, False])
async def test_a_message_without_words_fails_alone_and_strands_nobody(street: Street, speaks: bool) -> None:  # noqa: FBT001
    official = street.house.settings.wechat.official
    deliveries = Deliveries(
        street.desk.clock,
        ProcrastinateQueue(),
        street.house.wechat,
        Stuttering(),
        presence=street.desk.deliveries._presence,
        channels=street.desk.deliveries._channels,
        subscriptions=street.desk.deliveries._subscriptions,
        appid=official.appid,
        templates={"case": official.template_case},
    )
    one, other = [await street.follower(name, speaks=speaks) for name in ("王阿姨", "张叔")]
    await deliveries.owe(
        Owed(one.person_id, "mute"),
        Owed(one.person_id, "answer", {"text": "二"}),
        Owed(other.person_id, "answer", {"text": "三"}),
    )
    await deliveries.send()
    states = [(row.kind, row.state) for row in await Delivery.all().order_by("id")]
    assert states == [("mute", "failed"), ("answer", "sent"), ("answer", "sent")]
    assert "no words" in (await street.rows(one))[0].reason
    assert (len(street.shown(one)), len(street.shown(other))) == (1, 1)
    assert await deliveries.latest(one.person_id) == ["二"]
    # Nothing was sent for it, so nothing was taken off the window.
    assert (await street.identity(one)).window_left == (4 if speaks else 0)


async def test_many_who_recover_at_once_settle_each_row_once(street: Street) -> None:
    people = [await street.follower(f"居民{one}", speaks=one % 2 == 0) for one in range(10)]
    for one in people:
        await street.owes(one, "一")
    await die_before_marking(street)
    await lease_ends(street)
    settled = await at_once(*(street.desk.deliveries.recover() for _ in range(4)))
    assert sum(settled) == 10
    await at_once(*(street.desk.deliveries.send() for _ in range(4)))
    assert [len(street.shown(one)) for one in people] == [1] * 10
    assert sorted(await Delivery.all().values_list("state", flat=True)) == ["sent"] * 5 + ["uncertain"] * 5
    assert street.calls(SEND_TEMPLATE) == {"0": 10}
