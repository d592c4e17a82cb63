"""What each of WeChat's answers, and each of its silences, is taken for."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from adapters.wechat import WeChatClient
from adapters.wechat_errors import MEANINGS
from domain.delivery import Verdict
from tests.adapters.scripted_wechat import Answer, ScriptedWeChat, said
from tests.adapters.wechat_clients import SHORT, Clients, refusal_of

SEND, TEMPLATE = "/cgi-bin/message/custom/send", "/cgi-bin/message/template/send"
INFO, DOWNLOAD = "/cgi-bin/user/info", "/cgi-bin/media/get"
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


VERDICTS = {
    Verdict.RETRY: (-1, 40001, 40014, 42001),
    Verdict.NEXT_MINUTE: (45011, 45066),
    Verdict.TOMORROW: (45009,),
    Verdict.MISCONFIGURED: (
        *(41001, 40013, 40125, 40243, 40164, 61004, 89503, 48001, 50002, 41030, 40037, 47003),
        *(40002, 41002, 41004, 50004, 50007, 89501, 89506, 89507),
    ),
    Verdict.CHANNEL_CLOSED: (40003, 43004, 43019, 43101, 48002, 45015, 45047),
    Verdict.FINAL: (
        *(87014, 45002, 44004, 40007),
        *(40029, 40163, 42003, 40226, 61010, 43104),
        *(40130, 45028, 45067),
    ),
}
TABLE = [(errcode, verdict) for verdict, errcodes in VERDICTS.items() for errcode in errcodes]


def test_every_code_of_the_table_is_tested_below() -> None:
    assert sorted(errcode for errcode, _ in TABLE) == sorted(MEANINGS)


@pytest.mark.parametrize(("errcode", "verdict"), TABLE)
async def test_an_errcode_has_its_verdict(
    wechat: ScriptedWeChat, client: WeChatClient, errcode: int, verdict: Verdict
) -> None:
    wechat.always[SEND] = said(errcode=errcode, errmsg="in WeChat's words rid: 6-7")
    with capture_logs() as logs:
        refused = await refusal_of(client.send_text("openid-1", "x"))
    assert (refused.verdict, refused.errcode) == (verdict, errcode)
    assert refused.reason.endswith(": in WeChat's words rid: 6-7")
    assert wechat.count(SEND) == (2 if errcode in {40001, 40014, 42001} else 1)
    assert "wechat_errcode_unknown" not in [line["event"] for line in logs]


async def test_an_unknown_errcode_is_final_and_logged_with_its_number(
    wechat: ScriptedWeChat, client: WeChatClient
) -> None:
    wechat.always[SEND] = said(errcode=98765, errmsg="news")
    with capture_logs() as logs:
        refused = await refusal_of(client.send_text("openid-1", "x"))
    assert (refused.verdict, refused.errcode) == (Verdict.FINAL, 98765)
    assert [(line["event"], line["errcode"]) for line in logs] == [("wechat_errcode_unknown", 98765)]


async def test_a_mass_message_that_was_taken_before_is_no_error(wechat: ScriptedWeChat, client: WeChatClient) -> None:
    wechat.always[SEND] = said(errcode=45065, errmsg="clientmsgid exist")
    await client.send_text("openid-1", "x")
    assert wechat.count(SEND) == 1


@pytest.mark.parametrize("errcode", [40029, 40163, 40226])
async def test_a_refused_login_is_final_with_its_code(
    wechat: ScriptedWeChat, client: WeChatClient, errcode: int
) -> None:
    wechat.always[LOGIN] = said(errcode=errcode, errmsg="no")
    refused = await refusal_of(client.login("code"))
    assert (refused.verdict, refused.errcode, wechat.count(LOGIN)) == (Verdict.FINAL, errcode, 1)


# When the answer is odd or does not come


def sends(client: WeChatClient) -> list:
    return [client.send_text("o", "x"), client.send_template("o", "t", {}, client_id="d")]


def reads(client: WeChatClient) -> list:
    return [
        client.follower("o"),
        client.download("m"),
        client.create_scene("w1"),
        client.login("c"),
        client.set_menu({}),
    ]


ODD = {
    "html": Answer(b"<html>Please sign in to the network</html>", media_type="text/html"),
    "nothing": Answer(b""),
    "half": Answer(b'{"errcode": 0, "err'),
    "list": Answer(b"[]"),
    "errcode in words": Answer(b'{"errcode": "none"}'),
    "504": Answer(b"<html>", status=504),
    "hung up": Answer(drop=True),
}


@pytest.mark.parametrize("odd", ODD)
async def test_an_odd_answer_is_lost_for_a_send_and_to_be_repeated_for_a_read(
    wechat: ScriptedWeChat, client: WeChatClient, odd: str
) -> None:
    for path in (SEND, TEMPLATE, INFO, DOWNLOAD, "/cgi-bin/qrcode/create", LOGIN, "/cgi-bin/menu/create"):
        wechat.always[path] = ODD[odd]
    assert {(await refusal_of(call)).verdict for call in sends(client)} == {Verdict.LOST_ANSWER}
    assert {(await refusal_of(call)).verdict for call in reads(client)} == {Verdict.RETRY}


async def test_an_answer_that_comes_too_late_is_lost_for_a_send_and_to_be_repeated_for_a_read(
    wechat: ScriptedWeChat, connect: Clients
) -> None:
    for path in (SEND, TEMPLATE, INFO, LOGIN):
        wechat.always[path] = Answer(wait=asyncio.Event())
    client = connect(wechat.url, patience=SHORT)
    verdicts = await asyncio.gather(
        *(refusal_of(call) for call in [*sends(client), client.follower("o"), client.login("c")])
    )
    assert [error.verdict for error in verdicts] == [Verdict.LOST_ANSWER] * 2 + [Verdict.RETRY] * 2
    assert wechat.count(SEND) == wechat.count(TEMPLATE) == 1


@pytest.mark.parametrize("status", [302, 403, 404, 429, 500, 502, 503])
async def test_an_http_status_that_says_no_is_to_be_repeated(
    wechat: ScriptedWeChat, client: WeChatClient, status: int
) -> None:
    wechat.always[SEND] = wechat.always[INFO] = Answer(b"<html>", status=status)
    for call in (client.send_text("o", "x"), client.follower("o")):
        refused = await refusal_of(call)
        assert (refused.verdict, refused.reason) == (Verdict.RETRY, f"WeChat answers with HTTP status {status}")


async def test_an_errcode_counts_for_more_than_the_http_status(wechat: ScriptedWeChat, client: WeChatClient) -> None:
    wechat.always[SEND] = Answer(b'{"errcode": 43004}', status=500)
    assert (await refusal_of(client.send_text("o", "x"))).verdict is Verdict.CHANNEL_CLOSED


@pytest.mark.parametrize("answer", [said(errcode=0), said(ticket=None, url=5, openid=[], phone_info="13")])
async def test_an_answer_without_what_was_asked_for_is_to_be_repeated(
    wechat: ScriptedWeChat, client: WeChatClient, answer: Answer
) -> None:
    for path in ("/cgi-bin/qrcode/create", INFO, DOWNLOAD, LOGIN, PHONE):
        wechat.always[path] = answer
    calls = (client.create_scene("w1"), client.follower("o"), client.download("m"), client.login("c"))
    for call in (*calls, client.phone_number("c")):
        refused = await refusal_of(call)
        assert refused.verdict is Verdict.RETRY
        assert refused.reason.startswith("WeChat's answer holds no ")
    await client.set_menu({})
