"""When WeChat cannot be reached: nothing was sent, and there is a second host."""

import asyncio
import socket
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from adapters.wechat import MiniProgram, OfficialAccount, WeChatClient
from domain.delivery import Verdict
from services.ports import WeChatError
from tests.adapters.scripted_wechat import MINI, OFFICIAL, Answer, ScriptedWeChat, said
from tests.adapters.wechat_clients import SHORT, Clients, refusal_of

SEND, INFO, LOGIN = "/cgi-bin/message/custom/send", "/cgi-bin/user/info", "/sns/jscode2session"


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


@pytest.fixture
def nowhere() -> str:
    """An address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
async def deaf() -> AsyncIterator[str]:
    """An address where connections are never taken: its waiting line is full."""
    with socket.socket() as line, socket.socket() as first, socket.socket() as second:
        line.bind(("127.0.0.1", 0))
        line.listen(0)
        for caller in (first, second):
            caller.setblocking(False)
            caller.connect_ex(line.getsockname())
        yield f"http://127.0.0.1:{line.getsockname()[1]}"


async def test_a_refused_connection_is_to_be_repeated(connect: Clients, nowhere: str) -> None:
    refused = await refusal_of(connect(nowhere).login("c"))
    assert refused.verdict is Verdict.RETRY
    assert refused.reason.startswith(f"cannot connect to {nowhere.removeprefix('http://')}: ")


async def test_a_send_that_found_no_connection_is_not_lost(wechat: ScriptedWeChat, connect: Clients) -> None:
    wechat.keeps_connections = False
    client = connect(wechat.url)
    await client.send_text("o", "x")
    await wechat.hang_up()
    for call in (client.send_text("o", "x"), client.send_template("o", "t", {}, client_id="d")):
        assert (await refusal_of(call)).verdict is Verdict.RETRY


async def test_a_connection_that_does_not_come_about_in_time_is_to_be_repeated(connect: Clients, deaf: str) -> None:
    refused = await refusal_of(connect(deaf, patience=SHORT).login("c"))
    assert (refused.verdict, refused.reason.split(": ")[1]) == (Verdict.RETRY, "no connection in time")


async def test_a_host_without_an_address_is_to_be_repeated(connect: Clients) -> None:
    assert (
        await refusal_of(connect("http://no-such-host.invalid", patience=SHORT).login("c"))
    ).verdict is Verdict.RETRY


@pytest.mark.parametrize("base", ["", "ftp://a.example", "http://", "http://a:b", "api.weixin.qq.com"])
async def test_an_api_base_that_is_no_web_address_is_ours_to_mend(connect: Clients, base: str) -> None:
    refused = await refusal_of(connect(base).login("c"))
    assert (refused.verdict, refused.reason) == (Verdict.MISCONFIGURED, "wechat.api_base is not a web address")


@pytest.mark.parametrize("empty", [("", ""), ("wx-official", ""), ("", "secret")])
async def test_an_account_that_is_not_set_up_is_ours_to_mend_and_wechat_is_not_asked(
    wechat: ScriptedWeChat, connect: Clients, empty: tuple[str, str]
) -> None:
    client = connect(wechat.url, official=empty, mini=empty)
    for call in (client.send_text("o", "x"), client.login("c"), client.phone_number("c"), client.check()):
        assert (await refusal_of(call)).verdict is Verdict.MISCONFIGURED
    assert wechat.calls == []


async def test_a_check_passes_over_a_mini_program_that_is_not_set_up(wechat: ScriptedWeChat, connect: Clients) -> None:
    await connect(wechat.url, mini=("", "")).check()
    assert [call.body["appid"] for call in wechat.calls] == [OFFICIAL[0]]


# The second host


async def test_the_fallback_is_asked_when_the_first_host_cannot_be_reached(
    wechat: ScriptedWeChat, connect: Clients, nowhere: str
) -> None:
    await connect(nowhere, wechat.url).send_text("openid-1", "x")
    assert wechat.paths() == ["/cgi-bin/stable_token", SEND]


async def test_the_fallback_is_asked_when_the_first_host_does_not_take_connections(
    wechat: ScriptedWeChat, connect: Clients, deaf: str
) -> None:
    await connect(deaf, wechat.url, patience=SHORT).send_text("openid-1", "x")
    assert wechat.paths() == ["/cgi-bin/stable_token", SEND]


async def test_the_fallback_is_not_asked_once_something_was_sent(wechat: ScriptedWeChat, connect: Clients) -> None:
    async with ScriptedWeChat() as second:
        client = connect(wechat.url, second.url)
        wechat.always[SEND] = Answer(drop=True)
        assert (await refusal_of(client.send_text("o", "x"))).verdict is Verdict.LOST_ANSWER
        assert second.calls == []


async def test_when_neither_host_can_be_reached_the_reason_names_both(
    connect: Clients, nowhere: str, deaf: str
) -> None:
    refused = await refusal_of(connect(nowhere, deaf, patience=SHORT).login("c"))
    assert refused.verdict is Verdict.RETRY
    assert [host.removeprefix("http://") in refused.reason for host in (nowhere, deaf)] == [True, True]


async def test_the_fallback_is_kept_for_half_a_minute_and_then_the_first_is_tried_again(
    wechat: ScriptedWeChat, connect: Clients
) -> None:
    async with ScriptedWeChat() as second:
        second.token = wechat.token
        wechat.keeps_connections = second.keeps_connections = False
        client = connect(wechat.url, second.url)
        await client.send_text("first", "x")
        await wechat.hang_up()
        await client.send_text("second", "x")
        await wechat.open(wechat.port)
        await client.send_text("second", "x")
        connect.clock.set_offset(timedelta(seconds=29))
        await client.send_text("second", "x")
        assert (wechat.count(SEND), second.count(SEND)) == (1, 3)
        connect.clock.set_offset(timedelta(seconds=31))
        await client.send_text("first", "x")
        assert (wechat.count(SEND), second.count(SEND)) == (2, 3)
        await wechat.hang_up()
        await client.send_text("second", "x")
        await wechat.open(wechat.port)
        connect.clock.set_offset(timedelta(hours=-1))  # moved back, it must not keep the fallback for an hour
        await client.send_text("first", "x")
        assert (wechat.count(SEND), second.count(SEND)) == (3, 4)
        assert [call.body["touser"] for call in second.calls] == ["second"] * 4


async def test_when_the_kept_fallback_fails_too_the_first_host_is_asked(
    wechat: ScriptedWeChat, connect: Clients
) -> None:
    async with ScriptedWeChat() as second:
        second.token = wechat.token
        wechat.keeps_connections = second.keeps_connections = False
        client = connect(wechat.url, second.url)
        await client.send_text("first", "x")
        await wechat.hang_up()
        await client.send_text("second", "x")
        await second.hang_up()
        await wechat.open(wechat.port)
        await client.send_text("first", "x")
        await client.send_text("first", "x")
        assert [call.body["touser"] for call in wechat.calls if call.path == SEND] == ["first"] * 3


# Secrets


async def test_no_error_and_no_log_line_holds_a_secret_or_a_token(
    wechat: ScriptedWeChat, connect: Clients, nowhere: str, deaf: str
) -> None:
    odd = [Answer(drop=True), Answer(b"<html>"), said(errcode=1), Answer(wait=asyncio.Event())]
    for path in (SEND, LOGIN, INFO):
        wechat.script[path].extend(odd)
    client = connect(wechat.url, patience=SHORT)

    async def failures_of(path: str, call: Callable[[], Awaitable[object]]) -> list[WeChatError]:
        failures = []
        while wechat.script[path]:
            failures.append(await refusal_of(call()))
        return failures

    with capture_logs() as logs:
        sends, logins, reads, *elsewhere = await asyncio.gather(
            failures_of(SEND, lambda: client.send_text("o", "x")),
            failures_of(LOGIN, lambda: client.login("c")),
            failures_of(INFO, lambda: client.follower("o")),
            *(refusal_of(connect(base, patience=SHORT).login("c")) for base in (nowhere, deaf, "http://", "")),
        )
    told = [*sends, *logins, *reads, *elsewhere]
    assert len(told) >= 12
    shown = ["".join(traceback.format_exception(error)) + repr(error) for error in told]
    shown += [repr(OfficialAccount(*OFFICIAL)), repr(MiniProgram(*MINI)), *map(repr, logs)]
    for secret in (OFFICIAL[1], MINI[1], "official-token-1", "mini-token-1"):
        assert not [text for text in shown if secret in text]
