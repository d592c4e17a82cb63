"""The menu fits WeChat's limits, and every tap says something the chat answers."""

from bot.menu import MENU, SAYS, menu, said_by
from tests.bot.door import Door
from tests.factories import Town
from tests.phone import Wechat


def test_no_more_than_three_buttons_with_five_below_and_names_that_fit() -> None:
    assert len(MENU) <= 3
    for label, below in MENU:
        assert len(label.encode()) <= 16
        if not isinstance(below, str):
            assert len(below) <= 5
            assert all(len(name.encode()) <= 60 for name, _ in below)


def test_every_key_of_the_menu_has_a_word_and_every_word_a_key() -> None:
    keys = [below] if isinstance((below := MENU[1][1]), str) else []
    keys += [key for _, below in MENU if not isinstance(below, str) for _, key in below]
    assert sorted(keys) == sorted(SAYS)
    assert all(len(key.encode()) <= 128 for key in keys)
    assert said_by("a key of last year") == "帮助"


async def test_wechat_takes_the_menu(wechat: Wechat) -> None:
    await wechat.house.wechat.set_menu(menu())
    assert wechat.world.menu == menu()


async def test_every_tap_is_answered_for_strangers_and_staff(wechat: Wechat, door: Door, town: Town) -> None:
    worker = await wechat.staff("李卫国", await town.invitation("worker"))
    for openid in ("oStranger", worker.openid):
        for key in (*SAYS, "a key of last year", ""):
            assert (await door.push(door.event(openid, "CLICK", key))).text, (openid, key)
