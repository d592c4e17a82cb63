"""What WeChat refuses to the account is known to everybody at once, said once, and opens again by itself."""

from datetime import datetime

import pytest
from structlog.testing import capture_logs

from domain.calendar import SHANGHAI
from models import ChannelPause, Delivery
from services import status
from services.channels import Channels
from services.deliveries import AT_ONCE, Deliveries
from tests.services.conftest import SEND_TEMPLATE, SEND_TEXT, Follower, Street

MANY = AT_ONCE + 30


class Endless:
    """Room for everything."""

    async def take(self, key: str, per_minute: int, count: int) -> float:
        return 0.0


def another_process(street: Street) -> Deliveries:
    """Deliveries that know nothing but what stands in the database."""
    own, official = street.desk.deliveries, street.house.settings.wechat.official
    return Deliveries(
        street.desk.clock,
        own._queue,
        own._wechat,
        own._preparing._wording,
        presence=own._presence,
        channels=Channels(street.desk.clock, Endless(), appid=official.appid, per_minute=60),
        subscriptions=own._subscriptions,
        appid=official.appid,
        templates={"case": official.template_case, "notice": official.template_notice},
    )


async def many(street: Street, *, speaks: bool) -> list[Follower]:
    people = [await street.follower(f"居民{one}", speaks=speaks) for one in range(MANY)]
    for one in people:
        await street.owes(one, "停水")
    return people


def asked(street: Street, path: str) -> int:
    return sum(street.calls(path).values())


async def test_a_days_quota_parks_the_channel_for_every_process_at_once(street: Street) -> None:
    await street.at("2027-03-01 15:00")
    await many(street, speaks=False)
    street.fails(SEND_TEMPLATE, errcode=45009)
    with capture_logs() as said:
        await street.desk.deliveries.send()
        before = asked(street, SEND_TEMPLATE)
        await another_process(street).send()
    assert before <= AT_ONCE
    assert asked(street, SEND_TEMPLATE) == before
    assert len([line for line in said if line["event"] == "channel_shut"]) == 1
    midnight = datetime(2027, 3, 2, tzinfo=SHANGHAI)
    assert {(row.state, row.next_at, "45009" in row.reason) for row in await Delivery.all()} == {
        ("owed", midnight, True)
    }
    street.world.faults.clear()
    await street.at("2027-03-02 00:01")
    await another_process(street).send()
    assert set(await Delivery.all().values_list("state", flat=True)) == {"sent"}


async def test_while_one_channel_is_used_up_for_the_day_the_next_one_is_taken(street: Street) -> None:
    one = await street.follower("王阿姨")
    street.fails(SEND_TEXT, errcode=45009)
    await street.owes(one, "一", "二")
    await street.desk.deliveries.send()
    assert street.channels(one) == ["template", "template"]
    assert asked(street, SEND_TEXT) == 1
    assert (await street.identity(one)).window_left == 5


async def test_what_is_shut_is_told_to_whoever_watches_until_it_opens(street: Street) -> None:
    await street.at("2027-03-01 15:00")
    one = await street.follower("王阿姨", speaks=False)
    appid = street.house.settings.wechat.official.appid

    async def shut() -> set[str]:
        found = await status.shut_channels(appid, street.desk.clock.now())
        assert found.keys() >= {"*", "custom", "template"}
        return {name for name, is_shut in found.items() if is_shut}

    assert await shut() == set()
    street.fails(SEND_TEMPLATE, errcode=45009)
    await street.owes(one, "停水")
    await street.desk.deliveries.send()
    assert await shut() == {"template"}
    await street.at("2027-03-02 00:01")
    assert await shut() == set()


async def test_too_many_in_a_minute_makes_everybody_wait_for_the_next(street: Street) -> None:
    people = await many(street, speaks=True)
    street.fails(SEND_TEXT, errcode=45011, times=1)
    await street.desk.deliveries.send()
    before = asked(street, SEND_TEXT)
    await another_process(street).send()
    assert asked(street, SEND_TEXT) == before <= AT_ONCE
    street_silent = await street.follower("张叔", speaks=False)
    await street.owes(street_silent, "停水")
    await another_process(street).send([street_silent.person_id])
    assert street.channels(street_silent) == ["template"]
    await street.advance(61)
    await another_process(street).send()
    assert [street.channels(one) for one in people] == [["custom"]] * MANY


@pytest.mark.parametrize("errcode", [40164, 40243])
async def test_what_is_broken_is_said_once_probed_with_one_message_and_goes_on_when_mended(
    street: Street, errcode: int
) -> None:
    people = await many(street, speaks=True)
    street.fails(SEND_TEXT, errcode=errcode)
    with capture_logs() as said:
        await street.desk.deliveries.send()
        await another_process(street).send()
        before = asked(street, SEND_TEXT)
        assert before <= AT_ONCE
        await street.advance(31)
        for sender in (street.desk.deliveries, another_process(street)):
            await sender.send()
        assert asked(street, SEND_TEXT) == before + 1
        street.world.faults.clear()
        await street.advance(61)
        await another_process(street).send()
    assert [street.shown(one) for one in people] == [["停水"]] * MANY
    assert [line["log_level"] for line in said if line["event"] == "wechat_misconfigured"] == ["error"]
    assert len([line for line in said if line["event"] == "wechat_mended"]) == 1
    assert not await ChannelPause.exists()


async def test_a_call_that_the_account_may_not_use_leaves_the_others_open(street: Street) -> None:
    one, silent = await street.follower("王阿姨"), await street.follower("张叔", speaks=False)
    street.fails(SEND_TEMPLATE, errcode=48001)
    await street.owes(silent, "一")
    await street.desk.deliveries.send()
    await street.owes(one, "一")
    await street.desk.deliveries.send()
    assert street.channels(one) == ["custom"]
    assert [row.state for row in await street.rows(silent)] == ["owed"]


async def test_the_town_s_own_limit_holds_for_all_processes_together(street: Street) -> None:
    channels = street.desk.deliveries._channels
    channels._per_minute, channels._appid = AT_ONCE + 10, f"limited{street.world.base_url[-5:]}"
    await many(street, speaks=True)
    await street.desk.deliveries.send()
    sent = asked(street, SEND_TEXT)
    assert AT_ONCE <= sent <= AT_ONCE + 10
    assert await street.desk.deliveries.send() == 0
    waiting = await Delivery.filter(state="owed")
    assert (len(waiting), {row.reason for row in waiting if row.reason}) == (
        MANY - sent,
        {"as many as the town allows in a minute were sent"},
    )
