"""Our count of WeChat's message windows, beside WeChat's own."""

import asyncio
import random

import pytest

from tests.services.conftest import SEND_TEXT, Follower, Street


async def ours(street: Street, one: Follower) -> int:
    identity = await street.identity(one)
    now = street.desk.clock.now()
    return identity.window_left if identity.window_until is not None and now < identity.window_until else 0


def theirs(street: Street, one: Follower) -> int:
    return one.phone.windows.left(street.world.clock.now())


async def test_five_go_as_texts_and_the_sixth_as_a_template_without_a_refusal(street: Street) -> None:
    one = await street.follower("王阿姨")
    await street.owes(one, *"一二三四五六")
    await street.work()
    assert street.channels(one) == ["custom"] * 5 + ["template"]
    assert street.calls(SEND_TEXT) == {"0": 5}
    assert (await ours(street, one), theirs(street, one)) == (0, 0)


async def test_a_tap_allows_three_within_a_minute(street: Street) -> None:
    one = await street.follower("王阿姨", speaks=False)
    await street.taps(one)
    await street.owes(one, *"一二三四")
    await street.work()
    assert street.channels(one) == ["custom"] * 3 + ["template"]
    await street.taps(one)
    await street.advance(61)
    await street.owes(one, "五")
    await street.work()
    assert street.channels(one)[-1] == "template"
    assert street.calls(SEND_TEXT) == {"0": 3}


async def test_an_event_that_the_person_did_not_cause_opens_no_window(street: Street) -> None:
    one = await street.follower("王阿姨", speaks=False)
    await street.desk.people.silent(one.openid)
    assert await ours(street, one) == 0
    await street.speaks(one)
    await street.owes(one, "一")
    await street.work()
    before = await street.identity(one)
    await street.desk.people.silent(one.openid)
    after = await street.identity(one)
    assert (after.window_left, after.window_until, after.last_inbound_at) == (
        4,
        before.window_until,
        before.last_inbound_at,
    )


@pytest.mark.parametrize("errcode", [-1, 45009, 45011, 87014, 40164])
async def test_what_wechat_did_not_take_is_not_taken_off(street: Street, errcode: int) -> None:
    one = await street.follower("王阿姨")
    street.fails(SEND_TEXT, errcode=errcode, times=1)
    await street.owes(one, "一")
    await street.work()
    assert (await ours(street, one), theirs(street, one)) == (5, 5)


async def test_after_a_refusal_the_next_word_opens_the_window_again(street: Street) -> None:
    one = await street.follower("王阿姨")
    street.fails(SEND_TEXT, errcode=45047, times=1)
    await street.owes(one, "一")
    await street.work()
    assert await ours(street, one) == 0
    await street.speaks(one)
    await street.owes(one, "二")
    await street.work()
    assert street.channels(one) == ["template", "custom"]


@pytest.mark.parametrize("errcode", [45047, 43004, -1])
async def test_a_word_that_comes_while_a_message_is_under_way_keeps_its_fresh_window(
    street: Street, errcode: int
) -> None:
    one = await street.follower("王阿姨")
    await street.owes(one, "一")
    street.fails(SEND_TEXT, errcode=errcode, delay=0.4, times=1)
    sending = asyncio.create_task(street.desk.deliveries.send())
    async with asyncio.timeout(5):
        while await ours(street, one) == 5:
            await asyncio.sleep(0.01)
    await street.speaks(one)
    async with asyncio.timeout(5):
        while not street.calls(SEND_TEXT).get(str(errcode)):
            await asyncio.sleep(0.01)
    await sending
    identity = await street.identity(one)
    spent = 1 if errcode != -1 else 0  # the repeat at once by text; -1 waits a second first
    assert (identity.subscribed, identity.window_left) == (True, 5 - spent)


async def live(street: Street, one: Follower, seed: int, *, wilful: bool) -> int:
    """A stretch of a random life; *wilful*: WeChat shuts windows for reasons of its own. Says what was owed."""
    dice = random.Random(seed)
    owed = 0
    for _ in range(25):
        match dice.choice(["says", "taps", "owed", "owed", "later", "sends", "shut"]):
            case "says":
                await street.speaks(one)
            case "taps":
                await street.taps(one)
            case "owed":
                owed += 1
                await street.owes(one, f"第{owed}条")
            case "later":
                await street.advance(dice.choice([5, 50, 3600, 90_000]))
            case "shut" if wilful:
                one.phone.windows.close()
            case _:
                await street.desk.deliveries.send()
        assert wilful or await ours(street, one) <= theirs(street, one)
    await street.advance(1)
    await street.desk.deliveries.send()
    return owed


@pytest.mark.parametrize("seed", range(4))
async def test_over_any_life_we_count_on_no_more_than_there_is_and_are_never_refused(street: Street, seed: int) -> None:
    one = await street.follower("王阿姨", speaks=False)
    owed = await live(street, one, seed, wilful=False)
    assert len(street.shown(one)) == owed
    assert set(street.calls(SEND_TEXT)) <= {"0"}


@pytest.mark.parametrize("seed", range(4))
async def test_though_wechat_shuts_windows_as_it_likes_everything_arrives(street: Street, seed: int) -> None:
    one = await street.follower("王阿姨", speaks=False)
    owed = await live(street, one, seed, wilful=True)
    assert len(street.shown(one)) == owed
