"""Template, subscription and mass messages: their numbers, their doubles, their limits, their events."""

import pytest

TEMPLATE = "/cgi-bin/message/template/send"
MASS = "/cgi-bin/message/mass/send"
DATA = {"thing1": {"value": "路灯坏了"}, "character_string2": {"value": "1024"}}


@pytest.fixture
async def open_town(town):
    await town.login()
    return town


def card(phone, **more):
    return {"touser": phone["openid"], "template_id": "T1", "data": DATA, **more}


async def shown(town, phone, channel):
    return [one for one in await town.screen(phone) if one["channel"] == channel]


async def test_a_template_message_needs_no_window_and_its_outcome_is_pushed(open_town, account, eventually):
    anna = await open_town.person()
    await open_town.advance(3600)
    sent = await open_town.api(TEMPLATE, card(anna))
    (seen,) = await shown(open_town, anna, "template")
    assert seen["text"] == "【服务通知】\n事项：路灯坏了\n编号：1024"
    (event,) = await eventually(lambda: account.events("TEMPLATESENDJOBFINISH"))
    assert (event["MsgID"], event["Status"]) == (str(sent["msgid"]), "success")


async def test_the_same_client_msg_id_within_ten_minutes_is_shown_once_with_the_same_msgid(open_town):
    anna, bert = await open_town.person("王阿姨"), await open_town.person("李大爷")
    first = await open_town.api(TEMPLATE, card(anna, client_msg_id="n1:1"))
    again = await open_town.api(TEMPLATE, card(anna, client_msg_id="n1:1"))
    assert first == again
    assert len(await shown(open_town, anna, "template")) == 1
    other = await open_town.api(TEMPLATE, card(bert, client_msg_id="n1:1"))
    assert other["msgid"] != first["msgid"]
    await open_town.advance(601)
    assert (await open_town.api(TEMPLATE, card(anna, client_msg_id="n1:1")))["msgid"] != first["msgid"]
    assert len(await shown(open_town, anna, "template")) == 2
    summary = await open_town.see("deliveries/summary?client_id=n1:1")
    assert (summary["messages"], summary["by_count"], summary["repeated"]) == (3, {"1": 1, "2": 1}, [anna["openid"]])
    assert (await open_town.see("statistics"))["repeats"]["template"] == 1


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"template_id": "unknown-1"}, 40037),
        ({"touser": "nobody"}, 40003),
        ({"data": {}}, 47003),
        ({"data": {"thing1": {"value": "字" * 21}}}, 47003),
        ({"data": {"thing1": {"value": ""}}}, 47003),
        ({"data": {"phrase1": {"value": "五个字以上的"}}}, 47003),
    ],
)
async def test_a_template_message_is_judged(open_town, change, errcode):
    anna = await open_town.person()
    assert (await open_town.api(TEMPLATE, card(anna) | change))["errcode"] == errcode


async def test_named_templates_lend_their_title_and_labels_and_make_others_unknown(open_town):
    anna = await open_town.person()
    named = {
        "template_id": "T1",
        "title": "诉求进展",
        "content": "诉求:{{thing1.DATA}}\n编号:{{character_string2.DATA}}",
    }
    await open_town.control("templates", named | {"strict": True})
    await open_town.api(TEMPLATE, card(anna))
    (seen,) = await shown(open_town, anna, "template")
    assert seen["text"] == "【诉求进展】\n诉求：路灯坏了\n编号：1024"
    assert (await open_town.api(TEMPLATE, card(anna, template_id="T2")))["errcode"] == 40037
    listed = await open_town.api("/cgi-bin/template/get_all_private_template", method="GET")
    assert listed["template_list"][0]["title"] == "诉求进展"


async def test_a_blocking_person_is_reported_as_user_block(open_town, account, eventually):
    anna = await open_town.person()
    await open_town.control(f"phones/{anna['id']}/block", {"on": True})
    assert (await open_town.api(TEMPLATE, card(anna)))["errcode"] == 0
    (event,) = await eventually(lambda: account.events("TEMPLATESENDJOBFINISH"))
    assert event["Status"] == "failed:user block"
    assert await shown(open_town, anna, "template") == []


async def test_a_subscription_message_uses_up_one_consent(open_town, account):
    anna = await open_town.person()
    body = {"touser": anna["openid"], "template_id": "S1", "data": DATA}
    assert (await open_town.api("/cgi-bin/message/subscribe/bizsend", body))["errcode"] == 43101
    agreed = {"app": "official", "template_ids": ["S1"]}
    await open_town.control(f"phones/{anna['id']}/subscribe", agreed)
    event = account.events("subscribe_msg_popup_event")[0]
    assert event["SubscribeMsgPopupEvent"]["List"]["SubscribeStatusString"] == "accept"
    sent = [(await open_town.api("/cgi-bin/message/subscribe/bizsend", body))["errcode"] for _ in range(2)]
    assert sent == [0, 43101]


async def test_the_mini_program_counts_its_own_consents_by_its_own_openid(open_town):
    anna = await open_town.person(follow=False)
    await open_town.control(f"phones/{anna['id']}/subscribe", {"template_ids": ["S1"]})
    await open_town.control(f"phones/{anna['id']}/subscribe", {"template_ids": ["S1"]})
    await open_town.control(f"phones/{anna['id']}/subscribe", {"template_ids": ["S1"], "accept": False})
    await open_town.login("wxmini", "mini-secret")
    body = {"touser": anna["mini_openid"], "template_id": "S1", "page": "pages/case", "data": DATA}
    path = "/cgi-bin/message/subscribe/send"
    assert (await open_town.api(path, body | {"touser": anna["openid"]}))["errcode"] == 40003
    assert [(await open_town.api(path, body))["errcode"] for _ in range(3)] == [0, 0, 43101]


def letter(*phones, **more):
    openids = [phone["openid"] for phone in phones]
    return {"touser": openids, "msgtype": "text", "text": {"content": "停水通知"}, **more}


async def test_a_mass_message_reaches_each_follower_and_its_counts_are_pushed(open_town, account, eventually):
    anna, bert = await open_town.person("王阿姨"), await open_town.person("李大爷")
    carl = await open_town.person("张三", follow=False)
    sent = await open_town.api(MASS, letter(anna, bert, carl))
    assert [len(await shown(open_town, one, "mass")) for one in (anna, bert, carl)] == [1, 1, 0]
    (event,) = await eventually(lambda: account.events("MASSSENDJOBFINISH"))
    counts = [event[name] for name in ("MsgID", "Status", "TotalCount", "FilterCount", "SentCount", "ErrorCount")]
    assert counts == [str(sent["msg_id"]), "send success", "3", "2", "2", "0"]
    asked = await open_town.api("/cgi-bin/message/mass/get", {"msg_id": sent["msg_id"]})
    assert asked == {"msg_id": sent["msg_id"], "msg_status": "SEND_SUCCESS"}


async def test_a_mass_message_needs_two_and_its_clientmsgid_holds_for_a_day(open_town):
    anna, bert = await open_town.person("王阿姨"), await open_town.person("李大爷")
    assert (await open_town.api(MASS, letter(anna)))["errcode"] == 40130
    assert (await open_town.api(MASS, letter(anna, bert, clientmsgid="x" * 65)))["errcode"] == 45067
    first = await open_town.api(MASS, letter(anna, bert, clientmsgid="n1:0"))
    again = await open_town.api(MASS, letter(anna, bert, clientmsgid="n1:0"))
    assert (again["errcode"], again["msg_id"]) == (45065, first["msg_id"])
    await open_town.advance(24 * 3600 + 1)
    await open_town.login()
    assert (await open_town.api(MASS, letter(anna, bert, clientmsgid="n1:0")))["errcode"] == 0


async def test_a_person_gets_four_mass_messages_in_a_calendar_month(open_town):
    anna, bert = await open_town.person("王阿姨"), await open_town.person("李大爷")
    await open_town.control("clock", {"now": "2027-03-31T23:00:00+08:00"})
    await open_town.login()
    for _ in range(5):
        assert (await open_town.api(MASS, letter(anna, bert)))["errcode"] == 0
    assert len(await shown(open_town, anna, "mass")) == 4
    await open_town.advance(3601)
    await open_town.api(MASS, letter(anna, bert))
    assert len(await shown(open_town, anna, "mass")) == 5


async def test_many_followers_are_made_at_once_and_can_be_written_to(open_town):
    made = await open_town.control("bulk", {"count": 300, "prefix": "村民", "openids": True})
    assert (made["count"], len(set(made["openids"]))) == (300, 300)
    one = {"openid": made["openids"][7]}
    assert [await open_town.send_text(one) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    listed = (await open_town.see("phones?bulk=1&limit=2"))["phones"]
    assert [phone["name"] for phone in listed] == ["村民000001", "村民000002"]
    assert (await open_town.control("bulk", {"count": 2, "prefix": "村民"}, status=409))["error"]
    page = await open_town.api("/cgi-bin/user/get", method="GET")
    assert (page["total"], page["data"]["openid"]) == (300, made["openids"])
