"""A pretend WeChat on a loopback port, and a small official account behind it that reads with wechatpy."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
import xmltodict
from aiohttp import web
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from sandbox.server import make_app
from sandbox.settings import Account, Options
from sandbox.world import World

TOKEN = "a-token"
AES_KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
APPID = "wx1234567890abcdef"
ORIGINAL_ID = "gh_0123456789ab"

Answer = Callable[[dict[str, Any]], Awaitable[web.Response | str | None]]


@dataclass
class Received:
    query: dict[str, str]
    body: str
    message: dict[str, Any]
    at: float = field(default_factory=time.monotonic)


class OfficialAccount:
    """The callback of an official account. Anything that does not verify fails the test that reads ``problems``."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.problems: list[str] = []
        self.url = ""
        self.encrypt = True
        self.answer: Answer = self._say_nothing
        self._crypto = WeChatCrypto(TOKEN, AES_KEY, APPID)

    async def _say_nothing(self, _message: dict[str, Any]) -> None:
        return None

    def says(self, text: str) -> None:
        """Answer everything with *text* from now on."""

        async def answer(message: dict[str, Any]) -> str:
            return self.text_reply(message, text)

        self.answer = answer

    def text_reply(self, message: dict[str, Any], text: str) -> str:
        return (
            f"<xml><ToUserName><![CDATA[{message['FromUserName']}]]></ToUserName>"
            f"<FromUserName><![CDATA[{ORIGINAL_ID}]]></FromUserName><CreateTime>{int(time.time())}</CreateTime>"
            f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content></xml>"
        )

    def sealed(self, reply: str) -> str:
        sealed: str = self._crypto.encrypt_message(reply, "a-nonce")
        return sealed

    def events(self, name: str) -> list[dict[str, Any]]:
        return [one.message for one in self.received if one.message.get("Event") == name]

    async def handle(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
        if request.method == "GET":
            return web.Response(text=query["echostr"])
        body = await request.text()
        text = body
        if query.get("encrypt_type") == "aes":
            text = self._crypto.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"])
        message = xmltodict.parse(text)["xml"]
        self.received.append(Received(query, body, message))
        answer = await self.answer(message)
        if isinstance(answer, web.Response):
            return answer
        if answer is None:
            return web.Response(text="success")
        return web.Response(text=self.sealed(answer) if self.encrypt else answer)


class Town:
    """The sandbox under test, with short ways to call it."""

    def __init__(self, world: World, session: aiohttp.ClientSession) -> None:
        self.world = world
        self.session = session
        self.access = ""

    @property
    def base(self) -> str:
        return self.world.base_url

    async def control(
        self, path: str, body: dict[str, Any] | None = None, method: str = "POST", status: int = 0
    ) -> Any:
        """Call ``/sandbox/api/...``; any status below 300 will do unless *status* names one."""
        async with self.session.request(method, f"{self.base}/sandbox/api/{path}", json=body) as response:
            answer = await response.json()
            assert response.status == status if status else response.status < 300, answer
            return answer

    async def see(self, path: str) -> Any:
        return await self.control(path, method="GET")

    async def login(self, appid: str = APPID, secret: str = "a-secret", **more: Any) -> dict[str, Any]:
        body = {"grant_type": "client_credential", "appid": appid, "secret": secret, **more}
        async with self.session.post(f"{self.base}/cgi-bin/stable_token", json=body) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
        self.access = answer.get("access_token", self.access)
        return answer

    async def api(self, path: str, body: Any = None, method: str = "POST", **params: str) -> dict[str, Any]:
        """Call WeChat's API with the access token fetched last; the errcode is the test's to judge."""
        query = {"access_token": self.access} | params
        async with self.session.request(method, f"{self.base}{path}", params=query, json=body) as response:
            assert response.status == 200
            answer: dict[str, Any] = await response.json(content_type=None)
            return answer

    async def person(self, name: str = "王阿姨", *, follow: bool = True) -> dict[str, Any]:
        phone: dict[str, Any] = await self.control("phones", {"name": name})
        if follow:
            await self.control(f"phones/{phone['id']}/follow")
        return phone

    async def say(self, phone: dict[str, Any], text: str, **more: Any) -> Any:
        return await self.control(f"phones/{phone['id']}/say", {"text": text, **more})

    async def send_text(self, phone: dict[str, Any], text: str = "您好") -> int:
        answer = await self.api(
            "/cgi-bin/message/custom/send", {"touser": phone["openid"], "msgtype": "text", "text": {"content": text}}
        )
        return int(answer["errcode"])

    async def screen(self, phone: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.see(f"phones/{phone['id']}/messages"))["messages"]
        return found

    async def advance(self, seconds: float) -> None:
        await self.control("clock", {"advance_seconds": seconds})


async def eventually(fact: Callable[[], Any], seconds: float = 5.0) -> Any:
    """Wait until *fact* gives something true, and return it; fail after *seconds*."""
    deadline = time.monotonic() + seconds
    while not (found := fact()):
        assert time.monotonic() < deadline, "it did not come to pass"
        await asyncio.sleep(0.01)
    return found


def options(**more: Any) -> Options:
    return Options(
        **{
            "port": 0,
            "token": TOKEN,
            "aes_key": AES_KEY,
            "original_id": ORIGINAL_ID,
            "official": Account(APPID, "a-secret"),
            "mini": Account("wxmini", "mini-secret"),
            "deadline": 4.0,
            **more,
        }
    )


@asynccontextmanager
async def serving(chosen: Options) -> AsyncIterator[Town]:
    """Run a sandbox for the length of a block."""
    world = World(chosen)
    runner = web.AppRunner(make_app(world), shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    world.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as session:
        try:
            yield Town(world, session)
        finally:
            await runner.cleanup()


@pytest.fixture
async def account() -> AsyncIterator[OfficialAccount]:
    behind = OfficialAccount()

    async def handle(request: web.Request) -> web.Response:
        try:
            return await behind.handle(request)
        except Exception as problem:
            behind.problems.append(repr(problem))
            raise

    app = web.Application()
    app.router.add_route("*", "/wechat/callback", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    behind.url = f"http://127.0.0.1:{runner.addresses[0][1]}/wechat/callback"
    yield behind
    await runner.cleanup()
    assert behind.problems == []


@pytest.fixture
async def town(account: OfficialAccount) -> AsyncIterator[Town]:
    async with serving(options(callback_url=account.url)) as running:
        yield running


@pytest.fixture
def serve() -> Any:
    """A sandbox of one's own, for ``async with``, with options of its own."""

    def start(**more: Any) -> Any:
        return serving(options(**more))

    return start


@pytest.fixture(name="eventually")
def eventually_fixture() -> Any:
    return eventually
