"""Pushes as raw as one likes, sealed by the pretend WeChat's own cipher, to a callback served over HTTP."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp
from aiohttp import web

from bot.callback import Callback
from bot.envelope import Account
from sandbox import envelope as xml
from sandbox.cipher import Cipher, matches, signature
from services.desk import Desk

Mode = Literal["safe", "compatible", "plain"]
_ids = itertools.count(23_000_000_000_000_000)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    raw: bytes
    text: str
    """What the person reads; empty when nothing is said."""


@dataclass(slots=True)
class Door:
    callback: Callback
    account: Account
    desk: Desk
    url: str
    session: aiohttp.ClientSession
    cipher: Cipher = field(init=False)

    def __post_init__(self) -> None:
        self.cipher = Cipher(self.account.aes_key, self.account.appid)

    def text(self, openid: str, words: str, **more: Any) -> dict[str, Any]:
        """A text message with a fresh MsgId."""
        return self.fields(openid, "text", Content=words, MsgId=self.new_id(), **more)

    def new_id(self) -> int:
        return next(_ids)

    def event(self, openid: str, event: str, key: str = "", **more: Any) -> dict[str, Any]:
        return self.fields(openid, "event", Event=event, EventKey=key, **more)

    def fields(self, openid: str, kind: str, **more: Any) -> dict[str, Any]:
        return {
            "ToUserName": self.account.original_id,
            "FromUserName": openid,
            "CreateTime": self.now(),
            "MsgType": kind,
            **more,
        }

    def now(self) -> int:
        return int(self.desk.clock.now().timestamp())

    async def say(self, openid: str, words: str) -> Answer:
        return await self.push(self.text(openid, words))

    async def push(self, message: dict[str, Any] | str | bytes, mode: Mode = "safe", **query: str) -> Answer:
        """Seal *message* (fields, or XML as it stands) and hand it in; *query* replaces what WeChat would put there."""
        plain = message if isinstance(message, bytes) else self.written(message).encode()
        given = self.signed()
        if mode == "plain":
            return await self.post(plain, {**given, **query})
        sealed = self.seal(plain)
        given |= {"encrypt_type": "aes", "msg_signature": self.sign(given, sealed)}
        open_part = plain.removesuffix(b"</xml>").decode("utf-8", "replace") if mode == "compatible" else "<xml>"
        body = f"{open_part}<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode("utf-8", "replace")
        return await self.post(body, {**given, **query})

    def written(self, message: dict[str, Any] | str) -> str:
        return message if isinstance(message, str) else xml.write(message)

    def seal(self, plain: bytes) -> str:
        return self.cipher.encrypt(plain.decode("utf-8", "surrogateescape"))

    def sign(self, query: dict[str, str], *more: str) -> str:
        return signature(self.account.token, query["timestamp"], query["nonce"], *more)

    def signed(self, at: int | None = None) -> dict[str, str]:
        query = {"timestamp": str(self.now() if at is None else at), "nonce": str(next(_ids))}
        return {**query, "signature": self.sign(query)}

    async def post(self, body: Any, query: dict[str, str], **more: Any) -> Answer:
        async with self.session.post(self.url, data=body, params=query, **more) as response:
            raw = await response.read()
            return Answer(response.status, raw, self.read(raw) if response.status == 200 else "")

    async def get(self, query: dict[str, str]) -> tuple[int, str]:
        async with self.session.get(self.url, params=query) as response:
            return response.status, await response.text()

    def read(self, raw: bytes) -> str:
        """The words of an answer, read as strictly as WeChat does."""
        if raw == b"success":
            return ""
        fields = xml.read(raw.decode())
        if "Encrypt" in fields:
            sealed = fields["Encrypt"]
            assert matches(fields["MsgSignature"], self.account.token, fields["TimeStamp"], fields["Nonce"], sealed)
            fields = xml.read(self.cipher.decrypt(sealed))
        assert fields["FromUserName"] == self.account.original_id
        assert len(fields["Content"].encode()) <= 2048
        assert fields["Content"]
        return str(fields["Content"])


@asynccontextmanager
async def opened(desk: Desk, account: Account, **settings: Any) -> AsyncIterator[Door]:
    """A callback of its own on a free port, as another process of the same service would have."""
    callback = Callback(desk, account, **settings)
    app = web.Application()
    app.add_routes(callback.routes())

    async def close(_app: web.Application) -> None:
        await callback.close()

    app.on_shutdown.append(close)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with aiohttp.ClientSession() as session:
            yield Door(callback, account, desk, f"http://127.0.0.1:{runner.addresses[0][1]}/wechat/callback", session)
    finally:
        await runner.cleanup()
