"""Codes with scenes, menus, files, followers, and the mini program's calls."""

import aiohttp
import pytest

QR = "/cgi-bin/qrcode/create"


@pytest.fixture
async def open_town(town):
    await town.login()
    return town


def limit(scene):
    return {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}


async def test_a_permanent_scene_always_has_the_same_code(open_town):
    first, again = await open_town.api(QR, limit("w7")), await open_town.api(QR, limit("w7"))
    assert first == again
    assert set(first) == {"ticket", "url"}
    assert first["url"].startswith("http://weixin.qq.com/q/")
    assert (await open_town.api(QR, limit("w8")))["url"] != first["url"]
    async with open_town.session.get(f"{open_town.base}/cgi-bin/showqrcode?ticket={first['ticket']}") as drawn:
        assert first["url"] in await drawn.text()


async def test_a_temporary_code_expires(open_town):
    anna = await open_town.person()
    body = {"action_name": "QR_STR_SCENE", "expire_seconds": 600, "action_info": {"scene": {"scene_str": "t1"}}}
    made = await open_town.api(QR, body)
    assert made["expire_seconds"] == 600
    await open_town.control(f"phones/{anna['id']}/scan", {"ticket": made["ticket"]})
    await open_town.advance(601)
    assert "过期" in (await open_town.control(f"phones/{anna['id']}/scan", {"scene": "t1"}, status=410))["error"]
    assert "不是" in (await open_town.control(f"phones/{anna['id']}/scan", {"scene": "no"}, status=404))["error"]


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (limit(""), 40053),
        (limit("x" * 65), 40053),
        ({"action_name": "QR"}, 40052),
        ({"action_name": "QR_SCENE"}, 40053),
    ],
)
async def test_a_code_that_cannot_be_is_refused(open_town, body, errcode):
    assert (await open_town.api(QR, body))["errcode"] == errcode


async def test_a_follower_is_known_with_scene_and_unionid_and_a_stranger_is_not(open_town):
    await open_town.api(QR, limit("w7"))
    anna = await open_town.person(follow=False)
    info = await open_town.api("/cgi-bin/user/info", method="GET", openid=anna["openid"])
    assert info == {"subscribe": 0, "openid": anna["openid"], "unionid": anna["unionid"]}
    await open_town.control(f"phones/{anna['id']}/scan", {"scene": "w7"})
    info = await open_town.api("/cgi-bin/user/info", method="GET", openid=anna["openid"])
    assert (info["subscribe"], info["qr_scene_str"], info["language"]) == (1, "w7", "zh_CN")
    assert (await open_town.api("/cgi-bin/user/info", method="GET", openid="x"))["errcode"] == 40003
    assert len(anna["openid"]) == 28


async def test_a_menu_is_kept_and_its_buttons_can_be_tapped_by_name(open_town, account):
    assert (await open_town.api("/cgi-bin/menu/get", method="GET"))["errcode"] == 46003
    below = [
        {"type": "click", "name": "我的诉求", "key": "MINE"},
        {"type": "view", "name": "网页", "url": "https://e.org/"},
    ]
    menu = {"button": [{"name": "诉求", "sub_button": below}]}
    assert (await open_town.api("/cgi-bin/menu/create", menu))["errcode"] == 0
    assert (await open_town.api("/cgi-bin/menu/get", method="GET"))["menu"] == menu
    anna = await open_town.person()
    for name in ("我的诉求", "网页"):
        await open_town.control(f"phones/{anna['id']}/menu", {"name": name})
    assert (account.events("CLICK")[0]["EventKey"], account.events("VIEW")[0]["EventKey"]) == ("MINE", "https://e.org/")
    assert (await open_town.api("/cgi-bin/menu/delete", method="GET"))["errcode"] == 0
    assert (await open_town.see(f"phones/{anna['id']}/messages"))["menu"] is None


@pytest.mark.parametrize(
    ("buttons", "errcode"),
    [
        ([], 40016),
        ([{"type": "click", "name": "一", "key": "k"}] * 4, 40016),
        ([{"type": "click", "name": "", "key": "k"}], 40018),
        ([{"type": "click", "name": "一", "key": "k" * 129}], 40019),
        ([{"type": "view", "name": "一", "url": "javascript:alert(1)"}], 40020),
    ],
)
async def test_a_menu_beyond_the_limits_is_refused(open_town, buttons, errcode):
    assert (await open_town.api("/cgi-bin/menu/create", {"button": buttons}))["errcode"] == errcode


async def test_an_uploaded_file_can_be_sent_and_fetched_for_three_days(open_town):
    anna = await open_town.person()
    form = aiohttp.FormData()
    form.add_field("media", b"\x89PNG\r\n\x1a\n-bytes", filename="灯.png", content_type="image/png")
    url = f"{open_town.base}/cgi-bin/media/upload?access_token={open_town.access}&type=image"
    async with open_town.session.post(url, data=form) as response:
        made = await response.json(content_type=None)
    image = {"touser": anna["openid"], "msgtype": "image", "image": {"media_id": made["media_id"]}}
    assert (await open_town.api("/cgi-bin/message/custom/send", image))["errcode"] == 0
    query = {"access_token": open_town.access, "media_id": made["media_id"]}
    async with open_town.session.get(f"{open_town.base}/cgi-bin/media/get", params=query) as fetched:
        assert (await fetched.read(), fetched.content_type) == (b"\x89PNG\r\n\x1a\n-bytes", "image/png")
    await open_town.advance(3 * 24 * 3600)
    await open_town.login()
    assert (await open_town.api("/cgi-bin/media/get", method="GET", media_id=made["media_id"]))["errcode"] == 40007
    async with open_town.session.get(f"{open_town.base}/sandbox/media/{made['media_id']}") as kept:
        assert kept.status == 200


async def test_an_upload_without_a_file_or_of_no_kind_is_refused(open_town):
    assert (await open_town.api("/cgi-bin/media/upload", {}, type="image"))["errcode"] == 41005
    assert (await open_town.api("/cgi-bin/media/upload", {}, type="poem"))["errcode"] == 40004


async def test_what_a_browser_would_run_is_never_served_as_such(town):
    anna = await town.person()
    body = {"base64": "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=="}
    sent = await town.control(f"phones/{anna['id']}/photo", body)
    async with town.session.get(town.base + sent["message"]["content"]["url"]) as served:
        assert served.content_type == "application/octet-stream"
        assert served.headers["Content-Disposition"] == "attachment"


async def session(town, code, **more):
    query = {"appid": "wxmini", "secret": "mini-secret", "js_code": code, "grant_type": "authorization_code", **more}
    async with town.session.get(f"{town.base}/sns/jscode2session", params=query) as response:
        assert response.content_type in ("text/plain", "application/json")
        return await response.json(content_type=None)


async def test_a_login_code_works_once_and_for_five_minutes(town):
    anna = await town.person(follow=False)
    path = f"phones/{anna['id']}/login-code"
    code = (await town.control(path))["code"]
    assert (await session(town, code, secret="wrong"))["errcode"] == 40125
    known = await session(town, code)
    assert (known["openid"], known["unionid"]) == (anna["mini_openid"], anna["unionid"])
    assert (await session(town, code))["errcode"] == 40163
    assert (await session(town, "made-up"))["errcode"] == 40029
    late = (await town.control(path))["code"]
    await town.advance(301)
    assert (await session(town, late))["errcode"] == 40029


async def test_a_number_code_is_not_a_login_code(town):
    anna = await town.control("phones", {"name": "王阿姨", "phone_number": "13912345678"})
    code = (await town.control(f"phones/{anna['id']}/number-code"))["code"]
    assert (await session(town, code))["errcode"] == 40029
    await town.login("wxmini", "mini-secret")
    path = "/wxa/business/getuserphonenumber"
    assert (await town.api(path, {"code": code}))["phone_info"]["purePhoneNumber"] == "13912345678"
    assert (await town.api(path, {"code": code}))["errcode"] == 40163


async def test_the_mini_programs_code_is_a_picture_or_an_error(town):
    await town.login("wxmini", "mini-secret")
    url = f"{town.base}/wxa/getwxacodeunlimit?access_token={town.access}"
    async with town.session.post(url, json={"scene": "g=w7", "page": "pages/index"}) as drawn:
        assert (await drawn.read()).startswith(b"\x89PNG")
    assert (await town.api("/wxa/getwxacodeunlimit", {"scene": "网格"}))["errcode"] == 40169
    assert (await town.api("/wxa/getwxacodeunlimit", {"scene": "a", "page": "/pages/index"}))["errcode"] == 41030


async def test_a_link_into_the_mini_program_is_given_for_thirty_days_at_most(town):
    await town.login("wxmini", "mini-secret")
    body = {"path": "pages/board", "query": "scene=w104", "expire_type": 1, "expire_interval": 30}
    path = "/wxa/generate_urllink"
    assert (await town.api(path, body))["url_link"].startswith("https://wxaurl.cn/")
    assert (await town.api(path, body | {"path": "/pages/board"}))["errcode"] == 40165
    for bad in ({"query": "x" * 1025}, {"expire_interval": 31}, {"expire_interval": "soon"}, {"env_version": "old"}):
        assert (await town.api(path, body | bad))["errcode"] == 40212


async def test_text_is_checked_for_people_who_used_the_mini_program_lately(town):
    anna = await town.person()
    await town.login("wxmini", "mini-secret")
    body = {"version": 2, "scene": 2, "openid": anna["mini_openid"], "content": "路灯坏了"}
    path = "/wxa/msg_sec_check"
    assert (await town.api(path, body))["errcode"] == 61010
    await session(town, (await town.control(f"phones/{anna['id']}/login-code"))["code"])
    assert (await town.api(path, body))["result"]["suggest"] == "pass"
    assert (await town.api(path, body | {"content": "【违规内容】"}))["result"]["suggest"] == "risky"
    assert (await town.api(path, body | {"openid": anna["openid"]}))["errcode"] == 40003


async def test_the_quota_can_be_cleared_ten_times_a_month(open_town):
    body = {"appid": "wx1234567890abcdef"}
    answers = [(await open_town.api("/cgi-bin/clear_quota", body))["errcode"] for _ in range(11)]
    assert answers == [0] * 10 + [48006]
