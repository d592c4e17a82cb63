"""Whatever is thrown at the sandbox, it answers in its own words and never with a 500."""

import json

import pytest

from sandbox.api import gate

JUNK = [
    b"",
    b"{",
    b"[]",
    b"\xff\xfe",
    b'"\\ud800"',
    b"[" * 5000,
    b'{"touser": ["a"], "msgtype": {"a": 1}, "text": 5, "data": [1], "button": [{"name": 7}], "code": {}}',
    b'{"touser": "\\ud800", "msgtype": "text", "text": {"content": "\\ud800"}, "template_id": 5}',
    b'{"action_name": "QR_STR_SCENE", "expire_seconds": Infinity, "action_info": {"scene": {"scene_str": "a"}}}',
    b'{"action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": true}}, "user_list": [{}], "msg_id": "x"}',
    b'{"touser": [1, null], "msgtype": "image", "image": 3, "clientmsgid": {"a": 1}, "scene": 1, "openid": []}',
]

ODD = b'{"text": "\\ud800\\u0000", "code": "x", "seconds": NaN, "count": 1e300, "deadline": "x"}'


@pytest.mark.parametrize("app", ["official", "mini"])
async def test_no_body_makes_the_api_stumble(town, app):
    await (town.login() if app == "official" else town.login("wxmini", "mini-secret"))
    for method, path in sorted(gate._calls):
        for body in JUNK:
            url = f"{town.base}{path}?access_token={town.access}&type=image"
            async with town.session.request(method, url, data=body) as response:
                assert response.status in (200, 404), (path, body)
                if response.status == 200:
                    json.loads(await response.read())


async def test_no_body_makes_the_controls_stumble(town, account):
    anna = await town.person()
    actions = ["follow", "scan", "say", "photo", "voice", "video", "place", "location", "link", "menu", "subscribe"]
    actions += ["block", "login-code", "number-code"]
    paths = [f"phones/{anna['id']}/{action}" for action in actions]
    paths += ["phones", "bulk", "faults", "clock", "settings", "templates", "tokens/invalidate", "pushes/x/repeat"]
    for path in paths:
        for body in [
            *JUNK,
            b'{"text": "\\ud800\\u0000", "code": "x", "seconds": NaN, "count": 1e300, "deadline": "x"}',
        ]:
            async with town.session.post(f"{town.base}/sandbox/api/{path}", data=body) as response:
                assert response.status < 500, (path, body)
                assert isinstance(json.loads(await response.read()), dict)
    # Control characters go out raw, as WeChat's do, and the account's own parser cannot read them.
    account.problems.clear()


@pytest.mark.parametrize(
    "path",
    ["phones/99", "phones/1/none", "phones?after=nan", "phones?limit=x", "deliveries?openid=x", "pushes?limit=inf"],
)
async def test_a_question_that_makes_no_sense_is_answered_with_an_error(town, path):
    async with town.session.get(f"{town.base}/sandbox/api/{path}") as response:
        assert response.status in (400, 404)
        assert (await response.json())["error"]


async def test_a_lone_half_of_a_character_is_carried_to_the_end(town, account):
    anna = await town.person()
    account.says("收到")
    url = f"{town.base}/sandbox/api/phones/{anna['id']}/say"
    async with town.session.post(url, data=b'{"text": "a\\ud800b"}') as response:
        assert (await response.json())["outcome"] == "shown"
    assert account.received[-1].message["Content"] == "a?b"
    assert (await town.screen(anna))[-2]["text"] == "a?b"
