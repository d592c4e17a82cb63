"""The client against the pretend WeChat, started as anybody would start it and spoken to over HTTP only."""

import asyncio
import base64
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.wechat import WeChatClient
from domain.delivery import Verdict
from services.ports import Follower, MiniLogin, WeChatError
from tests.adapters.wechat_clients import Clients, refusal_of

OFFICIAL, MINI = ("wx0123456789abcdef", "a-secret"), ("wxfedcba9876543210", "b-secret")
SEND = "/cgi-bin/message/custom/send"


class Sandbox:
    """Its control interface, as the phone page uses it."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self._session = session

    async def control(self, path: str, body: dict[str, Any] | None = None, method: str = "POST") -> Any:
        async with self._session.request(method, f"{self.url}/sandbox/api/{path}", json=body) as response:
            assert response.status < 300, await response.text()
            return await response.json()

    async def person(self, name: str = "王阿姨", *, says: str = "") -> dict[str, Any]:
        """Somebody who follows the account, and has written to it if *says*."""
        phone: dict[str, Any] = await self.control("phones", {"name": name, "phone_number": "13800138000"})
        await self.control(f"phones/{phone['id']}/follow", {"wait": False})
        if says:
            await self.control(f"phones/{phone['id']}/say", {"text": says, "wait": False})
        return phone

    async def received(self, phone: dict[str, Any]) -> list[str]:
        """The texts and cards on the person's screen that came from the account."""
        shown = await self.control(f"deliveries?openid={phone['openid']}", method="GET")
        return [one["text"] for one in shown["deliveries"]]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    options = ["--port", "0", "--retries", "0", "--callback-url", "http://127.0.0.1:9/nobody"]
    accounts = ["--appid", OFFICIAL[0], "--secret", OFFICIAL[1], "--mini-appid", MINI[0], "--mini-secret", MINI[1]]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-m", "sandbox", *options, *accounts),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, f"the sandbox says: {line!r}"
        async with aiohttp.ClientSession() as session:
            yield Sandbox(found[0], session)
    finally:
        process.terminate()
        await process.wait()


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[WeChatClient]:
    async with Clients() as connect:
        yield connect(sandbox.url, official=OFFICIAL, mini=MINI)


async def test_a_text_reaches_the_person_who_wrote_and_only_five_times(sandbox: Sandbox, client: WeChatClient) -> None:
    phone = await sandbox.person(says="路灯坏了")
    for number in range(5):
        await client.send_text(phone["openid"], f"№{number} 已受理")
    refused = await refusal_of(client.send_text(phone["openid"], "第六条"))
    assert (refused.verdict, refused.errcode) == (Verdict.CHANNEL_CLOSED, 45047)
    assert await sandbox.received(phone) == [f"№{number} 已受理" for number in range(5)]


async def test_a_template_message_that_is_repeated_is_shown_once(sandbox: Sandbox, client: WeChatClient) -> None:
    phone = await sandbox.person()
    for _ in range(2):
        await client.send_template(phone["openid"], "T1", {"thing1": "路灯坏了"}, client_id="delivery-1")
    (card,) = await sandbox.received(phone)
    assert "路灯坏了" in card


async def test_a_template_message_whose_answer_got_lost_may_be_repeated(sandbox: Sandbox, client: WeChatClient) -> None:
    phone = await sandbox.person()
    await sandbox.control("faults", {"path": "/cgi-bin/message/template/send", "drop": "after", "times": 1})
    lost = await refusal_of(client.send_template(phone["openid"], "T1", {"thing1": "一"}, client_id="delivery-1"))
    assert lost.verdict is Verdict.LOST_ANSWER
    await client.send_template(phone["openid"], "T1", {"thing1": "一"}, client_id="delivery-1")
    assert len(await sandbox.received(phone)) == 1


@pytest.mark.parametrize(("drop", "arrived"), [("before", 0), ("after", 1)])
async def test_of_a_lost_text_nobody_can_say_whether_it_arrived(
    sandbox: Sandbox, client: WeChatClient, drop: str, arrived: int
) -> None:
    phone = await sandbox.person(says="您好")
    await sandbox.control("faults", {"path": SEND, "drop": drop, "times": 1})
    assert (await refusal_of(client.send_text(phone["openid"], "一"))).verdict is Verdict.LOST_ANSWER
    assert len(await sandbox.received(phone)) == arrived


async def test_tokens_that_die_are_replaced_without_anybody_noticing(sandbox: Sandbox, client: WeChatClient) -> None:
    people = [await sandbox.person(f"群众{number}", says="您好") for number in range(20)]
    await client.send_text(people[0]["openid"], "一")
    await sandbox.control("tokens/invalidate", {"app": "official"})
    await asyncio.gather(*(client.send_text(phone["openid"], "二") for phone in people))
    assert [await sandbox.received(phone) for phone in people] == [["一", "二"]] + [["二"]] * 19


async def test_a_scene_leads_a_scan_to_its_post(sandbox: Sandbox, client: WeChatClient) -> None:
    ticket = await client.create_scene("w17")
    assert await client.create_scene("w17") == ticket
    phone = await sandbox.person()
    await sandbox.control(f"phones/{phone['id']}/scan", {"url": ticket.url, "wait": False})
    (scene,) = (await sandbox.control("scenes", method="GET"))["scenes"]
    assert (scene["scene"], scene["url"], scene["ticket"]) == ("w17", ticket.url, ticket.ticket)


async def test_followers_are_told_from_those_who_left_and_from_strangers(
    sandbox: Sandbox, client: WeChatClient
) -> None:
    phone = await sandbox.person()
    assert await client.follower(phone["openid"]) == Follower(phone["openid"], True, phone["unionid"])
    await sandbox.control(f"phones/{phone['id']}/unfollow", {"wait": False})
    left = await client.follower(phone["openid"])
    assert (left.openid, left.subscribed) == (phone["openid"], False)
    assert (await refusal_of(client.follower("nobody"))).verdict is Verdict.CHANNEL_CLOSED


async def test_a_login_and_a_phone_number_come_for_a_code_once(sandbox: Sandbox, client: WeChatClient) -> None:
    phone = await sandbox.person()
    code = (await sandbox.control(f"phones/{phone['id']}/login-code"))["code"]
    assert await client.login(code) == MiniLogin(phone["mini_openid"], phone["unionid"])
    refused = await refusal_of(client.login(code))
    assert (refused.verdict, refused.errcode) == (Verdict.FINAL, 40163)
    number_code = (await sandbox.control(f"phones/{phone['id']}/number-code"))["code"]
    assert await client.phone_number(number_code) == "13800138000"


async def test_photos_and_films_come_down_as_they_were_sent(sandbox: Sandbox, client: WeChatClient) -> None:
    phone = await sandbox.person()
    for kind, data in (("photo", b"\xff\xd8\xff photo"), ("video", b"\x00\x00\x00\x18ftypmp42 film")):
        body = {"base64": base64.b64encode(data).decode(), "wait": False}
        shown = (await sandbox.control(f"phones/{phone['id']}/{kind}", body))["message"]["content"]
        medium = await client.download(shown["media_id"])
        assert medium.data == data
        assert medium.media_type.partition("/")[0] == {"photo": "image", "video": "video"}[kind]
    refused = await refusal_of(client.download("no-such-medium"))
    assert (refused.verdict, refused.errcode) == (Verdict.FINAL, 40007)


async def test_a_menu_is_shown_on_the_phones(sandbox: Sandbox, client: WeChatClient) -> None:
    menu = {"button": [{"type": "click", "name": "进度", "key": "progress"}]}
    await client.set_menu(menu)
    phone = await sandbox.person()
    assert (await sandbox.control(f"phones/{phone['id']}/messages", method="GET"))["menu"] == menu


async def test_a_check_passes_with_the_right_secrets_and_names_the_wrong_one(sandbox: Sandbox) -> None:
    async with Clients() as connect:
        await connect(sandbox.url, official=OFFICIAL, mini=MINI).check()
        with pytest.raises(WeChatError, match=r"^mini program: the secret is wrong.*40125"):
            await connect(sandbox.url, official=OFFICIAL, mini=(MINI[0], "wrong")).check()
