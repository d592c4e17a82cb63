"""When the account may write by itself, and what it hears when it may not."""

import pytest

SEND = "/cgi-bin/message/custom/send"


@pytest.fixture
async def open_town(town):
    await town.login()
    return town


async def test_five_messages_within_48_hours_after_the_person_wrote(open_town):
    anna = await open_town.person()
    await open_town.say(anna, "你好")
    assert [await open_town.send_text(anna) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    await open_town.say(anna, "还在吗")
    await open_town.advance(48 * 3600 - 60)
    await open_town.login()
    assert await open_town.send_text(anna) == 0
    await open_town.advance(61)
    assert await open_town.send_text(anna) == 45015


async def test_three_messages_within_a_minute_after_a_tap(open_town):
    anna = await open_town.person()
    await open_town.advance(61)
    assert await open_town.send_text(anna) == 45015
    await open_town.control(f"phones/{anna['id']}/menu", {"key": "K"})
    assert [await open_town.send_text(anna) for _ in range(4)] == [0, 0, 0, 45047]
    await open_town.advance(61)
    assert await open_town.send_text(anna) == 45015


async def test_both_windows_together_allow_the_larger_number_not_the_sum(open_town):
    anna = await open_town.person()
    await open_town.control(f"phones/{anna['id']}/menu", {"key": "K"})
    await open_town.say(anna, "你好")
    assert [await open_town.send_text(anna) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]


async def test_leaving_closes_the_windows(open_town):
    anna = await open_town.person()
    await open_town.say(anna, "你好")
    await open_town.control(f"phones/{anna['id']}/unfollow")
    assert await open_town.send_text(anna) == 43004


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"touser": "nobody", "msgtype": "text", "text": {"content": "x"}}, 40003),
        ({"msgtype": "text", "text": {"content": "好" * 683}}, 45002),
        ({"msgtype": "text", "text": {"content": "好" * 682}}, 0),
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "poem", "poem": {}}, 40008),
        ({"msgtype": "image", "image": {"media_id": "nothing"}}, 40007),
        ({"msgtype": "news", "news": {"articles": [{}, {}]}}, 45008),
        ({"msgtype": "miniprogrampage", "miniprogrampage": {"title": "看", "pagepath": "pages/case"}}, 0),
    ],
)
async def test_a_message_is_judged_by_its_content(open_town, body, errcode):
    anna = await open_town.person()
    await open_town.say(anna, "你好")
    assert (await open_town.api(SEND, {"touser": anna["openid"]} | body))["errcode"] == errcode


async def test_a_body_that_is_no_json_and_a_path_that_is_none_are_answered(open_town):
    async with open_town.session.post(f"{open_town.base}{SEND}?access_token={open_town.access}", data="{") as broken:
        assert (await broken.json(content_type=None))["errcode"] == 47001
    assert (await open_town.api(SEND, method="GET"))["errcode"] == 43002
    assert (await open_town.api("/cgi-bin/none"))["errcode"] == 40066


async def test_a_menu_inside_the_chat_shows_its_items_and_a_tap_carries_the_id(open_town, account):
    anna = await open_town.person()
    items = [{"id": "101", "content": "满意"}, {"id": "102", "content": "不满意"}]
    menu = {"head_content": "请评价", "list": items, "tail_content": "谢谢"}
    answer = await open_town.api(SEND, {"touser": anna["openid"], "msgtype": "msgmenu", "msgmenu": menu})
    assert answer["errcode"] == 0
    shown = (await open_town.screen(anna))[-1]
    assert (shown["text"], shown["content"]["items"]) == ("请评价\n· 满意\n· 不满意\n谢谢", items)
    await open_town.say(anna, "满意", menu_id="101")
    assert account.received[-1].message["bizmsgmenuid"] == "101"


async def test_a_blocked_account_gets_48002_and_shows_nothing(open_town):
    anna = await open_town.person()
    before = len(await open_town.screen(anna))
    await open_town.control(f"phones/{anna['id']}/block", {"on": True})
    assert await open_town.send_text(anna) == 48002
    assert len(await open_town.screen(anna)) == before
