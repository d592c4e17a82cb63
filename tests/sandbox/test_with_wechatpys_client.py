"""A client that was written for WeChat, not for the sandbox, gets along with it."""

import asyncio
import io

import pytest
from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatClientException

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
async def client(town):
    await town.login()

    class Client(WeChatClient):
        API_BASE_URL = f"{town.base}/cgi-bin/"

    made = Client("wx1234567890abcdef", "a-secret", access_token=town.access, auto_retry=False)
    yield made
    made._http.close()


async def test_its_calls_are_understood_and_its_errors_are_read(town, client):
    anna, bert = await town.person("王阿姨"), await town.person("李大爷")
    openids = [anna["openid"], bert["openid"]]
    await town.say(anna, "你好")

    def use():
        code = client.qrcode.create(
            {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "w7"}}}
        )
        client.menu.create({"button": [{"type": "click", "name": "帮助", "key": "HELP"}]})
        media = client.media.upload("image", ("灯.png", io.BytesIO(b"\x89PNG\r\n\x1a\nx"), "image/png"))
        client.message.send_text(openids[0], "收到")
        client.message.send_image(openids[0], media["media_id"])
        client.message.send_articles(openids[0], [{"title": "标题", "description": "说明", "url": "https://e.org/"}])
        template = client.message.send_template(openids[0], "T1", {"thing1": {"value": "灯"}}, "https://e.org/")
        mass = client.message.send_mass_text(openids, "停水", client_msg_id="n1")
        return {
            "url": code["url"],
            "menu": client.menu.get()["menu"]["button"][0]["key"],
            "bytes": client.media.download(media["media_id"]).content,
            "msgid": template["msgid"],
            "mass": client.message.get_mass(mass["msg_id"])["msg_status"],
            "followers": list(client.user.iter_followers()),
            "unionid": client.user.get(openids[0])["unionid"],
            "addresses": client.misc.get_wechat_ips(),
        }

    got = await asyncio.to_thread(use)
    assert got["url"].startswith("http://weixin.qq.com/q/")
    assert (got["menu"], got["mass"], got["followers"]) == ("HELP", "SEND_SUCCESS", openids)
    assert (got["bytes"], got["unionid"]) == (b"\x89PNG\r\n\x1a\nx", anna["unionid"])
    assert got["msgid"]
    assert got["addresses"]
    channels = [one["channel"] for one in await town.screen(anna) if one["direction"] == "to_phone"]
    assert channels == ["custom", "custom", "custom", "template", "mass"]
    with pytest.raises(WeChatClientException) as refused:
        await asyncio.to_thread(client.message.send_text, openids[1] + "x", "你好")
    assert refused.value.errcode == 40003
