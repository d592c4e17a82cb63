"""What goes over the line to WeChat and what comes back when all is well."""

import json
from collections.abc import AsyncIterator

import pytest

from adapters.wechat import WeChatClient
from domain.delivery import Verdict
from services.ports import Follower, Media, MiniLogin, SceneTicket
from tests.adapters.scripted_wechat import MINI, Answer, ScriptedWeChat, said
from tests.adapters.wechat_clients import Clients, refusal_of

SEND, TEMPLATE = "/cgi-bin/message/custom/send", "/cgi-bin/message/template/send"
INFO, DOWNLOAD = "/cgi-bin/user/info", "/cgi-bin/media/get"
CODE, LINK = "/wxa/getwxacodeunlimit", "/wxa/generate_urllink"
LOGIN, PHONE = "/sns/jscode2session", "/wxa/business/getuserphonenumber"


@pytest.fixture
async def wechat() -> AsyncIterator[ScriptedWeChat]:
    async with ScriptedWeChat() as wechat:
        yield wechat


@pytest.fixture
async def connect() -> AsyncIterator[Clients]:
    async with Clients() as clients:
        yield clients


@pytest.fixture
async def client(wechat: ScriptedWeChat, connect: Clients) -> WeChatClient:
    client = connect(wechat.url)
    await client.send_text("warm-up", "x")  # from here on the token is in hand
    wechat.calls.clear()
    return client


async def test_a_text_goes_out_as_wechat_wants_it_with_its_chinese_as_it_stands(
    wechat: ScriptedWeChat, client: WeChatClient
) -> None:
    await client.send_text("openid-1", "№1024 已受理\n“路灯”")
    (call,) = wechat.calls
    assert (call.path, call.query) == (SEND, {"access_token": "official-token-1"})
    assert call.body == {"touser": "openid-1", "msgtype": "text", "text": {"content": "№1024 已受理\n“路灯”"}}
    assert "已受理".encode() in call.raw


async def test_half_an_emoji_does_not_stop_a_message(wechat: ScriptedWeChat, client: WeChatClient) -> None:
    await client.send_text("openid-1", "好\ud83d")
    assert wechat.calls[0].body["text"]["content"] == "好?"


async def test_a_text_of_2048_bytes_goes_out_and_a_longer_one_is_refused_here(
    wechat: ScriptedWeChat, client: WeChatClient
) -> None:
    fits = "网" * 682 + "ab"
    assert len(fits.encode()) == 2048
    await client.send_text("openid-1", fits)
    assert wechat.calls[0].body["text"]["content"] == fits
    refused = await refusal_of(client.send_text("openid-1", fits + "c"))
    assert (refused.verdict, len(wechat.calls)) == (Verdict.FINAL, 1)


async def test_a_template_message_carries_its_client_id_and_its_link(
    wechat: ScriptedWeChat, client: WeChatClient
) -> None:
    fields = {"thing1": "路灯坏了", "time2": "2026-07-01 12:00"}
    await client.send_template("openid-1", "template-9", fields, client_id="delivery-77", url="https://a.example/q?x=1")
    await client.send_template("openid-1", "template-9", {}, client_id="delivery-78")
    first, second = (call.body for call in wechat.calls)
    assert first == {
        "touser": "openid-1",
        "template_id": "template-9",
        "client_msg_id": "delivery-77",
        "url": "https://a.example/q?x=1",
        "data": {"thing1": {"value": "路灯坏了"}, "time2": {"value": "2026-07-01 12:00"}},
    }
    assert second == {"touser": "openid-1", "template_id": "template-9", "client_msg_id": "delivery-78", "data": {}}
    assert {call.path for call in wechat.calls} == {TEMPLATE}


async def test_a_scene_is_permanent_and_its_url_is_given_letter_for_letter(
    wechat: ScriptedWeChat, client: WeChatClient
) -> None:
    wechat.always["/cgi-bin/qrcode/create"] = said(ticket="gQH4==", url="http://weixin.qq.com/q/02a_B%2F?c=d")
    assert await client.create_scene("w17") == SceneTicket("gQH4==", "http://weixin.qq.com/q/02a_B%2F?c=d")
    assert wechat.calls[0].body == {
        "action_name": "QR_LIMIT_STR_SCENE",
        "action_info": {"scene": {"scene_str": "w17"}},
    }


async def test_a_passing_scene_is_made_for_so_many_seconds(wechat: ScriptedWeChat, client: WeChatClient) -> None:
    wechat.always["/cgi-bin/qrcode/create"] = said(ticket="gQ", url="http://weixin.qq.com/q/02", expire_seconds=120)
    made = await client.create_passing_scene("in-x", seconds=120)
    assert made == SceneTicket("gQ", "http://weixin.qq.com/q/02")
    assert wechat.calls[0].body == {
        "action_name": "QR_STR_SCENE",
        "expire_seconds": 120,
        "action_info": {"scene": {"scene_str": "in-x"}},
    }


@pytest.mark.parametrize(
    ("fields", "follower"),
    [
        ({"subscribe": 1, "openid": "o", "unionid": "u", "nickname": "\x07老王\n"}, Follower("o", True, "u")),
        ({"subscribe": 1, "openid": "o"}, Follower("o", True, None)),
        ({"subscribe": 0, "openid": "o", "unionid": ""}, Follower("o", False, None)),
    ],
)
async def test_a_follower_is_read_with_and_without_unionid(
    wechat: ScriptedWeChat, client: WeChatClient, fields: dict[str, object], follower: Follower
) -> None:
    # Control characters stand in the answer as they are, not escaped: WeChat does that with names.
    raw = json.dumps(fields, ensure_ascii=False).replace("\\u0007", "\x07").replace("\\n", "\n").encode()
    wechat.always[INFO] = Answer(raw)
    assert await client.follower("o") == follower
    assert wechat.calls[0].query == {"access_token": "official-token-1", "openid": "o", "lang": "zh_CN"}


async def test_a_menu_is_set(wechat: ScriptedWeChat, client: WeChatClient) -> None:
    menu = {"button": [{"type": "click", "name": "进度", "key": "progress"}]}
    await client.set_menu(menu)
    assert (wechat.calls[0].path, wechat.calls[0].body) == ("/cgi-bin/menu/create", menu)


async def test_a_login_needs_and_fetches_no_token(wechat: ScriptedWeChat, connect: Clients) -> None:
    wechat.always[LOGIN] = said(openid="mini-o", session_key="k", unionid="u")
    assert await connect(wechat.url).login("code-1") == MiniLogin("mini-o", "u")
    (call,) = wechat.calls
    assert call.query == {
        "appid": MINI[0],
        "secret": MINI[1],
        "js_code": "code-1",
        "grant_type": "authorization_code",
    }


async def test_a_phone_number_is_asked_for_with_the_mini_programs_token(
    wechat: ScriptedWeChat, client: WeChatClient
) -> None:
    wechat.always[PHONE] = said(errcode=0, phone_info={"phoneNumber": "13800138000", "countryCode": "86"})
    assert await client.phone_number("code-2") == "13800138000"
    assert (wechat.calls[-1].path, wechat.calls[-1].body) == (PHONE, {"code": "code-2"})
    assert wechat.calls[-1].query == {"access_token": "mini-token-1"}


@pytest.mark.parametrize("length_known", [True, False])
async def test_a_photo_comes_with_its_type(wechat: ScriptedWeChat, client: WeChatClient, *, length_known: bool) -> None:
    photo = b"\xff\xd8\xff" + bytes(100_000)
    wechat.always[DOWNLOAD] = Answer(photo, media_type="image/jpeg", length_known=length_known)
    assert await client.download("media-1") == Media(photo, "image/jpeg")
    assert wechat.calls[0].query == {"access_token": "official-token-1", "media_id": "media-1"}


async def test_a_medium_that_looks_like_json_at_first_is_still_a_medium(
    wechat: ScriptedWeChat, client: WeChatClient
) -> None:
    wechat.always[DOWNLOAD] = Answer(b"{not json", media_type="audio/amr")
    assert await client.download("media-1") == Media(b"{not json", "audio/amr")


@pytest.mark.parametrize("length_known", [True, False])
async def test_a_medium_of_20_mb_is_taken_and_a_larger_one_is_not(
    wechat: ScriptedWeChat, client: WeChatClient, *, length_known: bool
) -> None:
    limit = 20 * 1024 * 1024
    wechat.script[DOWNLOAD].extend(
        Answer(bytes(size), media_type="video/mp4", length_known=length_known) for size in (limit, limit + 1)
    )
    assert len((await client.download("media-1")).data) == limit
    refused = await refusal_of(client.download("media-2"))
    assert (refused.verdict, refused.reason) == (Verdict.FINAL, "the medium is larger than 20 MB")


async def test_of_a_video_the_address_is_followed_without_the_token(
    wechat: ScriptedWeChat, client: WeChatClient
) -> None:
    wechat.always[DOWNLOAD] = said(video_url=f"{wechat.url}/video?id=5")
    wechat.always["/video"] = Answer(b"film", media_type="video/mp4")
    assert await client.download("media-1") == Media(b"film", "video/mp4")
    assert wechat.calls[-1].query == {"id": "5"}


async def test_a_videos_address_off_the_web_is_not_followed(wechat: ScriptedWeChat, client: WeChatClient) -> None:
    wechat.always[DOWNLOAD] = said(video_url="file:///etc/passwd")
    assert (await refusal_of(client.download("media-1"))).verdict is Verdict.FINAL


async def test_a_medium_that_is_gone_is_final(wechat: ScriptedWeChat, client: WeChatClient) -> None:
    wechat.always[DOWNLOAD] = said(errcode=40007, errmsg="invalid media_id")
    refused = await refusal_of(client.download("media-1"))
    assert (refused.verdict, refused.errcode) == (Verdict.FINAL, 40007)


async def test_a_mini_programs_code_is_asked_for_with_its_scene_and_comes_as_a_picture(
    wechat: ScriptedWeChat, client: WeChatClient
) -> None:
    wechat.script[CODE].append(Answer(b"\x89PNG picture", media_type="image/png"))
    assert await client.mini_code("w104", page="/pages/board", env_version="trial") == b"\x89PNG picture"
    (call,) = [one for one in wechat.calls if one.path == CODE]
    assert call.query == {"access_token": "mini-token-1"}
    assert call.body == {"scene": "w104", "page": "pages/board", "env_version": "trial", "check_path": False}


async def test_a_refused_mini_program_code_is_an_error_and_not_a_picture(
    wechat: ScriptedWeChat, client: WeChatClient
) -> None:
    wechat.script[CODE].append(said(errcode=41030, errmsg="invalid page"))
    refused = await refusal_of(client.mini_code("w104", page="nowhere", env_version="release"))
    assert refused.errcode == 41030
    wechat.script[CODE].append(said(errcode=0))
    refused = await refusal_of(client.mini_code("w104", page="", env_version="release"))
    assert refused.verdict is Verdict.RETRY


async def test_a_link_into_the_mini_program_lives_for_thirty_days(wechat: ScriptedWeChat, client: WeChatClient) -> None:
    wechat.script[LINK].append(said(errcode=0, url_link="https://wxaurl.cn/abc"))
    assert await client.mini_link("pages/board", "scene=w104", env_version="release") == "https://wxaurl.cn/abc"
    (call,) = [one for one in wechat.calls if one.path == LINK]
    assert (call.body["path"], call.body["query"]) == ("pages/board", "scene=w104")
    assert (call.body["expire_type"], call.body["expire_interval"]) == (1, 30)
