"""The way into the mini program: one link for all who follow a board, and none where WeChat gives none."""

from services.links import Links
from tests.services.conftest import Street, at_once

PATH = "/wxa/generate_urllink"


async def fresh(street: Street, scene: str) -> None:
    """Redis is shared by the run."""
    mini = street.house.settings.wechat.miniprogram
    keys = [f"wangge:link:{mini.appid}:{mini.env_version}:{scene}{end}" for end in ("", ":claim")]
    await street.house.cache.delete(*keys, f"wechat:token:{mini.appid}")


async def test_many_who_follow_one_board_cost_one_link(street: Street) -> None:
    await fresh(street, "w104")
    links = street.desk.links
    first = await links.to_mini("w104")
    assert first is not None
    assert first.startswith("https://wxaurl.cn/")
    assert await at_once(*(links.to_mini("w104") for _ in range(20))) == [first] * 20
    assert street.calls(PATH) == {"0": 1}


async def test_a_link_that_wechat_does_not_give_is_not_asked_for_by_everybody(street: Street) -> None:
    await fresh(street, "w12")
    street.fails(PATH, errcode=45009, times=5)
    assert [await street.desk.links.to_mini("w12") for _ in range(5)] == [None] * 5
    assert street.calls(PATH) == {"45009": 1}


async def test_without_a_mini_program_nobody_is_asked(street: Street) -> None:
    links = Links(street.house.wechat, street.house.cache, mini_appid="", page="", env_version="release")
    assert await links.to_mini("w12") is None
    assert street.calls(PATH) == {}
