"""WeChat's side of the line, as told: a server that answers in WeChat's JSON and writes down what it was asked."""

import asyncio
import json
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

OFFICIAL = ("wx-official", "official-secret-7f31")
MINI = ("wx-mini", "mini-secret-90ab")
WITHOUT_TOKEN = ("/cgi-bin/stable_token", "/sns/jscode2session", "/video")


@dataclass(frozen=True)
class Call:
    """One request, as it came."""

    path: str
    query: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass(frozen=True)
class Answer:
    """What to say to one request; *drop* says nothing and hangs up, *wait* makes it wait for that event first."""

    body: bytes = b""
    status: int = 200
    media_type: str = "text/plain"
    drop: bool = False
    length_known: bool = True
    wait: asyncio.Event | None = None


def said(**fields: Any) -> Answer:
    """A JSON answer, in the text/plain in which WeChat sends many."""
    return Answer(json.dumps(fields, ensure_ascii=False).encode())


class ScriptedWeChat:
    """Start with ``async with``. Paths without a script say ``errcode`` 0; scripts are used up one by one."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.script: dict[str, deque[Answer]] = defaultdict(deque)
        self.always: dict[str, Answer] = {}
        self.token = {OFFICIAL[0]: "official-token-1", MINI[0]: "mini-token-1"}
        self.life = 7200
        self.refused: set[str] = set()
        """Tokens that no call accepts any more."""
        self.url = ""
        self.keeps_connections = True

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await self.open(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def open(self, port: int) -> None:
        self._site = web.TCPSite(self._runner, "127.0.0.1", port)
        await self._site.start()
        self.port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"

    async def hang_up(self) -> None:
        """Listen no more, until ``open(port)``. For a server that keeps no connections."""
        assert not self.keeps_connections
        await self._site.stop()

    def paths(self) -> list[str]:
        return [call.path for call in self.calls]

    def count(self, path: str) -> int:
        return self.paths().count(path)

    @property
    def token_calls(self) -> int:
        return self.count("/cgi-bin/stable_token")

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        call = Call(request.path, dict(request.query), await request.read())
        self.calls.append(call)
        answer = self.script[call.path].popleft() if self.script[call.path] else self.always.get(call.path)
        if answer is None:
            answer = self._as_wechat_would(call)
        if answer.wait is not None:
            await answer.wait.wait()
        if answer.drop:
            assert request.transport is not None
            request.transport.abort()
        if answer.length_known:
            whole = web.Response(body=answer.body, status=answer.status, content_type=answer.media_type)
            if not self.keeps_connections:
                whole.force_close()
            return whole
        response = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.media_type})
        await response.prepare(request)
        await response.write(answer.body)
        return response

    def _as_wechat_would(self, call: Call) -> Answer:
        if call.path == "/cgi-bin/stable_token":
            appid = call.body["appid"]
            if appid not in self.token:
                return said(errcode=40013, errmsg="invalid appid")
            if (appid, call.body["secret"]) not in (OFFICIAL, MINI):
                return said(errcode=40125, errmsg="invalid appsecret rid: 1-2-3")
            return said(access_token=self.token[appid], expires_in=self.life)
        if call.path not in WITHOUT_TOKEN:
            shown = call.query.get("access_token")
            if shown is None:
                return said(errcode=41001, errmsg="access_token missing")
            if shown not in self.token.values() or shown in self.refused:
                return said(errcode=40001, errmsg="invalid credential, access_token is invalid or not latest")
        return said(errcode=0, errmsg="ok")
