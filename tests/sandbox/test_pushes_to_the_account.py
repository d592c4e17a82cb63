"""What the callback gets, and what becomes of its answers."""

import asyncio
import itertools

import pytest
from aiohttp import web

FAILURE = "该公众号提供的服务出现故障，请稍后再试"


@pytest.mark.parametrize("mode", ["safe", "compatible", "plain"])
async def test_a_text_arrives_signed_in_every_mode_and_its_reply_is_shown(account, serve, mode):
    account.encrypt = mode != "plain"
    async with serve(callback_url=account.url, mode=mode) as town:
        anna = await town.person()
        account.says("收到")
        done = await town.say(anna, "路灯坏了 ]]> <b>&amp;")
        assert (done["outcome"], done["reply"]["text"], done["reply"]["channel"]) == ("shown", "收到", "passive")
        got = account.received[-1]
    assert got.message["Content"] == "路灯坏了 ]]> <b>&amp;"
    assert got.message["FromUserName"] == anna["openid"] == got.query["openid"]
    assert got.message["MsgId"].isdecimal()
    assert ("路灯坏了" in got.body) == (mode != "safe")
    assert ("<Encrypt>" in got.body) == (mode != "plain")
    assert ("msg_signature" in got.query) == (mode != "plain")


async def test_the_callback_is_asked_to_echo(town):
    assert (await town.control("verify"))["ok"] is True


async def test_every_kind_of_message_carries_its_fields(town, account):
    anna = await town.person()
    path = f"phones/{anna['id']}"
    await town.control(f"{path}/photo")
    await town.control(f"{path}/voice", {"recognition": "楼道灯不亮", "seconds": 4})
    await town.control(f"{path}/video")
    await town.control(f"{path}/place", {"latitude": 31.5, "longitude": 120.1, "label": "雪堰镇老街"})
    await town.control(f"{path}/link", {"title": "通知", "url": "https://example.org/"})
    await town.control(f"{path}/location", {"latitude": 31.5, "longitude": 120.1})
    kinds = {one.message["MsgType"]: one.message for one in account.received}
    assert kinds["voice"]["Recognition"] == "楼道灯不亮"
    assert (kinds["location"]["Location_X"], kinds["location"]["Label"]) == ("31.5", "雪堰镇老街")
    assert kinds["link"]["Url"] == "https://example.org/"
    assert kinds["video"]["ThumbMediaId"]
    assert account.events("LOCATION")[0]["Latitude"] == "31.5"
    async with town.session.get(kinds["image"]["PicUrl"]) as picture:
        assert picture.content_type == "image/png"
        body = await picture.read()
    await town.login()
    query = {"access_token": town.access, "media_id": kinds["image"]["MediaId"]}
    async with town.session.get(f"{town.base}/cgi-bin/media/get", params=query) as again:
        assert await again.read() == body


async def test_following_by_a_code_scanning_again_tapping_and_leaving_are_events(town, account):
    await town.login()
    made = await town.api(
        "/cgi-bin/qrcode/create", {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "w7"}}}
    )
    anna = await town.person(follow=False)
    path = f"phones/{anna['id']}"
    await town.control(f"{path}/scan", {"url": made["url"]})
    await town.control(f"{path}/scan", {"scene": "w7"})
    await town.control(f"{path}/menu", {"key": "MY_CASES"})
    await town.control(f"{path}/unfollow")
    keys = [(one.message["Event"], one.message["EventKey"]) for one in account.received]
    assert keys == [("subscribe", "qrscene_w7"), ("SCAN", "w7"), ("CLICK", "MY_CASES"), ("unsubscribe", None)]
    assert account.events("SCAN")[0]["Ticket"] == made["ticket"]
    refused = await town.control(f"{path}/say", {"text": "还在吗"}, status=409)
    assert "还没关注" in refused["error"]


async def test_an_unanswered_push_is_tried_again_with_the_same_msgid_until_one_is_answered(serve, account):
    async with serve(callback_url=account.url, deadline=0.4) as town:
        anna = await town.person()
        before = len(account.received)

        async def slow_at_first(message):
            if len(account.received) < before + 3:
                await asyncio.sleep(2)
            return account.text_reply(message, "终于")

        account.answer = slow_at_first
        done = await town.say(anna, "有人吗")
    tries = account.received[before:]
    assert (done["tries"], done["reply"]["text"]) == (3, "终于")
    assert len({one.message["MsgId"] for one in tries}) == 1
    assert len({one.query["nonce"] for one in tries}) == 3
    assert all(after.at - first.at > 0.3 for first, after in itertools.pairwise(tries))


async def test_a_push_that_nobody_answers_ends_with_the_failure_on_the_screen(serve):
    async with serve(callback_url="http://127.0.0.1:9/", deadline=0.05) as town:
        anna = await town.person()
        done = await town.say(anna, "有人吗")
        assert (done["outcome"], done["tries"], done["reply"]) == ("failed", 4, None)
        last = (await town.screen(anna))[-1]
        assert (last["kind"], last["text"]) == ("failure", FAILURE)


async def raw(text, status=200):
    return web.Response(text=text, status=status)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (lambda _a, _m: raw('{"ok": true}'), "not XML"),
        (lambda _a, _m: raw("oops", 500), "HTTP 500"),
        (lambda a, m: raw(a.text_reply(m, "明文")), "not encrypted"),
        (lambda a, m: raw(a.sealed(a.text_reply(m, "好")).replace("a-nonce", "b-nonce")), "MsgSignature"),
        (lambda a, _m: raw(a.sealed(a.text_reply({"FromUserName": "somebody"}, "好"))), "ToUserName"),
        (lambda a, m: raw(a.sealed(a.text_reply(m, ""))), "empty"),
        (lambda a, m: raw(a.sealed(a.text_reply(m, "好" * 683))), "2048"),
        (lambda a, m: raw(a.sealed(a.text_reply(m, "好").replace("[text]", "[image]"))), "Image is missing"),
        (lambda _a, _m: raw("<!DOCTYPE xml [<!ENTITY a 'b'>]><xml>&a;</xml>"), "document type"),
    ],
)
async def test_an_answer_that_wechat_would_not_take_shows_the_failure_and_says_why(town, account, wrong, why):
    anna = await town.person()

    async def answer(message):
        return await wrong(account, message)

    account.answer = answer
    done = await town.say(anna, "你好")
    assert (done["outcome"], done["tries"]) == ("failed", 1)
    assert why in done["why"]
    assert (await town.screen(anna))[-1]["text"] == FAILURE


@pytest.mark.parametrize("text", ["success", ""])
async def test_success_or_nothing_shows_nothing(town, account, text):
    anna = await town.person()

    async def answer(_message):
        return web.Response(text=text)

    account.answer = answer
    done = await town.say(anna, "你好")
    assert (done["outcome"], done["reply"]) == ("silent", None)
    assert (await town.screen(anna))[-1]["text"] == "你好"


async def test_one_phone_is_served_in_order_and_does_not_hold_up_another(serve, account):
    async with serve(callback_url=account.url, deadline=5) as town:
        anna, bert = await town.person("王阿姨"), await town.person("李大爷")
        gate = asyncio.Event()

        async def answer(message):
            if message["Content"] == "第一":
                await gate.wait()

        account.answer = answer
        first = asyncio.create_task(town.say(anna, "第一"))
        second = asyncio.create_task(town.say(anna, "第二"))
        await town.say(bert, "别人")
        assert not first.done()
        assert not second.done()
        gate.set()
        await asyncio.gather(first, second)
        said = [one.message["Content"] for one in account.received if one.message["MsgType"] == "text"]
        assert [word for word in said if word != "别人"] == ["第一", "第二"]


async def test_a_push_can_be_repeated_with_its_msgid(town, account):
    anna = await town.person()
    done = await town.say(anna, "一次")
    await town.control(f"pushes/{done['push']}/repeat")
    first, again = account.received[-2:]
    assert first.message == again.message
    listed = (await town.see(f"pushes?phone={anna['id']}"))["pushes"]
    assert [one["msgtype"] for one in listed] == ["event", "text", "text"]
    assert all(one["tries"][0]["status"] == 200 for one in listed)


async def test_an_action_need_not_wait(town, account, eventually):
    anna = await town.person()
    account.says("晚一点")
    assert (await town.say(anna, "你好", wait=False))["outcome"] == "waiting"
    found = await town.see(f"phones/{anna['id']}/messages?after=0")
    last = found["last"]
    if found["messages"][-1]["text"] != "晚一点":
        found = await town.see(f"phones/{anna['id']}/messages?after={last}&wait=5")
    assert found["messages"][-1]["text"] == "晚一点"
