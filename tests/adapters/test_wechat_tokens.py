"""One token for everybody, fetched once; and no storm when WeChat, Redis or the secret is not well."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from adapters.cache import RedisCache
from adapters.wechat import WeChatClient
from domain.delivery import Verdict
from services.ports import WeChatError
from tests.adapters.scripted_wechat import MINI, OFFICIAL, Answer, ScriptedWeChat, said
from tests.adapters.valkey_process import ValkeyProcess
from tests.adapters.wechat_clients import NO_REDIS, Clients

SEND = "/cgi-bin/message/custom/send"
TOKEN_KEY, LOCK_KEY = f"wechat:token:{OFFICIAL[0]}", f"wechat:token-lock:{OFFICIAL[0]}"


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyProcess]:
    server = ValkeyProcess()
    yield server
    server.close()


@pytest.fixture
async def wechat() -> AsyncIterator[ScriptedWeChat]:
    async with ScriptedWeChat() as wechat:
        yield wechat


@pytest.fixture
async def cache(valkey: ValkeyProcess) -> AsyncIterator[RedisCache]:
    """What the processes share, empty at first."""
    cache = RedisCache(valkey.url)
    await cache.delete(TOKEN_KEY, LOCK_KEY, *(key.replace(OFFICIAL[0], MINI[0]) for key in (TOKEN_KEY, LOCK_KEY)))
    yield cache
    await cache.close()


@pytest.fixture
async def connect(valkey: ValkeyProcess, cache: RedisCache) -> AsyncIterator[Clients]:
    """Makes clients that share nothing but Redis and the clock, as those of several processes do."""
    async with Clients(valkey.url) as clients:
        yield clients


async def send(client: WeChatClient, times: int) -> None:
    await asyncio.gather(*(client.send_text(f"openid-{n}", "您好") for n in range(times)))


def rotate(wechat: ScriptedWeChat, token: str = "official-token-2") -> None:
    wechat.refused.add(wechat.token[OFFICIAL[0]])
    wechat.token[OFFICIAL[0]] = token


async def test_fifty_sends_at_once_fetch_one_token(wechat: ScriptedWeChat, connect: Clients) -> None:
    await send(connect(wechat.url), 50)
    assert (wechat.token_calls, wechat.count(SEND)) == (1, 50)


async def test_after_a_rotation_fifty_sends_fetch_one_more(wechat: ScriptedWeChat, connect: Clients) -> None:
    client = connect(wechat.url)
    await send(client, 50)
    rotate(wechat)
    await send(client, 50)
    assert wechat.token_calls == 2
    await send(client, 50)
    assert wechat.token_calls == 2
    assert wechat.calls[-1].query["access_token"] == "official-token-2"


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_a_token_that_is_refused_for_good_costs_exactly_two_calls(
    wechat: ScriptedWeChat, connect: Clients, errcode: int
) -> None:
    wechat.always[SEND] = said(errcode=errcode, errmsg="no")
    with pytest.raises(WeChatError) as refused:
        await connect(wechat.url).send_text("openid", "您好")
    assert (refused.value.verdict, refused.value.errcode) == (Verdict.RETRY, errcode)
    assert (wechat.count(SEND), wechat.token_calls) == (2, 2)


async def test_while_wechat_insists_on_a_refused_token_it_is_not_asked_for_tokens_again_and_again(
    wechat: ScriptedWeChat, connect: Clients
) -> None:
    wechat.always[SEND] = said(errcode=40001, errmsg="no")
    client = connect(wechat.url)
    answers = await asyncio.gather(*(client.send_text("openid", "您好") for _ in range(50)), return_exceptions=True)
    assert {type(answer) for answer in answers} == {WeChatError}
    assert (wechat.count(SEND), wechat.token_calls) == (100, 2)
    with pytest.raises(WeChatError):
        await client.send_text("openid", "您好")
    assert (wechat.count(SEND), wechat.token_calls) == (102, 2)
    connect.clock.set_offset(timedelta(seconds=31))
    with pytest.raises(WeChatError):
        await client.send_text("openid", "您好")
    assert (wechat.count(SEND), wechat.token_calls) == (104, 3)


async def test_two_processes_fetch_one_token_between_them(wechat: ScriptedWeChat, connect: Clients) -> None:
    await asyncio.gather(send(connect(wechat.url), 25), send(connect(wechat.url), 25))
    assert (wechat.token_calls, wechat.count(SEND)) == (1, 50)


async def test_two_processes_fetch_one_more_after_a_rotation(wechat: ScriptedWeChat, connect: Clients) -> None:
    first, second = connect(wechat.url), connect(wechat.url)
    await asyncio.gather(send(first, 10), send(second, 10))
    rotate(wechat)
    await asyncio.gather(send(first, 10), send(second, 10))
    assert wechat.token_calls == 2


async def test_a_new_process_takes_the_token_that_is_there(wechat: ScriptedWeChat, connect: Clients) -> None:
    await send(connect(wechat.url), 1)
    await send(connect(wechat.url), 1)
    assert wechat.token_calls == 1


async def test_without_redis_fifty_sends_still_fetch_one_token(wechat: ScriptedWeChat, connect: Clients) -> None:
    client = connect(wechat.url, redis=NO_REDIS)
    await send(client, 50)
    rotate(wechat)
    await send(client, 50)
    assert (wechat.token_calls, wechat.count(SEND)) == (2, 150)


async def test_when_redis_vanishes_the_token_in_hand_goes_on_working(
    wechat: ScriptedWeChat, connect: Clients, valkey: ValkeyProcess
) -> None:
    client = connect(wechat.url)
    await send(client, 1)
    valkey.freeze()
    try:
        begin = time.monotonic()
        await send(client, 50)
        assert time.monotonic() - begin < 0.5  # Redis is not even asked
    finally:
        valkey.thaw()
    assert wechat.token_calls == 1


async def test_a_token_is_fetched_again_five_minutes_before_its_end(wechat: ScriptedWeChat, connect: Clients) -> None:
    client = connect(wechat.url)
    await send(client, 1)
    connect.clock.set_offset(timedelta(seconds=7200 - 310))
    await send(client, 1)
    assert wechat.token_calls == 1
    connect.clock.set_offset(timedelta(seconds=7200 - 299))
    await send(client, 50)
    assert wechat.token_calls == 2


async def test_a_token_of_a_short_life_is_used_for_half_of_it(wechat: ScriptedWeChat, connect: Clients) -> None:
    wechat.life = 100
    client = connect(wechat.url)
    await send(client, 5)
    connect.clock.set_offset(timedelta(seconds=40))
    await send(client, 5)
    assert wechat.token_calls == 1
    connect.clock.set_offset(timedelta(seconds=51))
    await send(client, 5)
    assert wechat.token_calls == 2


async def test_a_clock_moved_back_does_no_harm(wechat: ScriptedWeChat, connect: Clients) -> None:
    client = connect(wechat.url)
    connect.clock.set_offset(timedelta(days=30))
    await send(client, 1)
    connect.clock.set_offset(timedelta())
    rotate(wechat)
    await send(client, 1)
    assert wechat.calls[-1].query["access_token"] == "official-token-2"


async def test_the_two_accounts_have_tokens_of_their_own(wechat: ScriptedWeChat, connect: Clients) -> None:
    client = connect(wechat.url)
    wechat.always["/wxa/business/getuserphonenumber"] = said(errcode=0, phone_info={"phoneNumber": "13800138000"})
    await send(client, 1)
    await client.phone_number("code")
    shown = [call.query.get("access_token") for call in wechat.calls if call.path != "/cgi-bin/stable_token"]
    assert shown == ["official-token-1", "mini-token-1"]
    assert wechat.token_calls == 2


async def test_a_wrong_secret_is_asked_about_once_in_half_a_minute(wechat: ScriptedWeChat, connect: Clients) -> None:
    client = connect(wechat.url, official=(OFFICIAL[0], "wrong"))
    for _ in range(3):
        answers = await asyncio.gather(*(client.send_text("o", "x") for _ in range(20)), return_exceptions=True)
        assert {(a.verdict, a.errcode, a.reason) for a in answers if isinstance(a, WeChatError)} == {
            (Verdict.MISCONFIGURED, 40125, "the secret is wrong: invalid appsecret rid: 1-2-3")
        }
    assert (wechat.token_calls, wechat.count(SEND)) == (1, 0)
    connect.clock.set_offset(timedelta(seconds=31))
    with pytest.raises(WeChatError):
        await client.send_text("o", "x")
    assert wechat.token_calls == 2
    connect.clock.set_offset(timedelta(days=-1))  # a refusal from the future must not last for a day
    with pytest.raises(WeChatError):
        await client.send_text("o", "x")
    assert wechat.token_calls == 3


@pytest.mark.parametrize(
    ("errcode", "verdict"),
    [
        (40125, Verdict.MISCONFIGURED),
        (40013, Verdict.MISCONFIGURED),
        (40164, Verdict.MISCONFIGURED),
        (40243, Verdict.MISCONFIGURED),
        (40001, Verdict.MISCONFIGURED),
        (45009, Verdict.TOMORROW),
        (45011, Verdict.NEXT_MINUTE),
    ],
)
async def test_a_refusal_that_will_not_pass_at_once_stops_the_asking(
    wechat: ScriptedWeChat, connect: Clients, errcode: int, verdict: Verdict
) -> None:
    wechat.script["/cgi-bin/stable_token"].append(said(errcode=errcode, errmsg="no"))
    client = connect(wechat.url)
    for _ in range(2):
        with pytest.raises(WeChatError) as refused:
            await client.send_text("openid", "您好")
        assert (refused.value.verdict, refused.value.errcode) == (verdict, errcode)
    assert (wechat.token_calls, wechat.count(SEND)) == (1, 0)


@pytest.mark.parametrize(
    "answer",
    [
        said(errcode=-1),
        Answer(drop=True),
        Answer(b"<html>", 502),
        Answer(b"<html>"),
        Answer(b"{}"),
        said(access_token=5),
    ],
)
async def test_a_token_that_could_not_be_fetched_is_fetched_at_the_next_try_and_no_message_is_called_lost(
    wechat: ScriptedWeChat, connect: Clients, answer: Answer
) -> None:
    wechat.script["/cgi-bin/stable_token"].append(answer)
    client = connect(wechat.url)
    with pytest.raises(WeChatError) as failed:
        await client.send_text("openid", "您好")
    assert failed.value.verdict is Verdict.RETRY
    await client.send_text("openid", "您好")
    assert (wechat.token_calls, wechat.count(SEND)) == (2, 1)


async def test_a_caller_who_gives_up_does_not_take_the_token_from_the_others(
    wechat: ScriptedWeChat, connect: Clients
) -> None:
    go = asyncio.Event()
    wechat.script["/cgi-bin/stable_token"].append(
        Answer(b'{"access_token": "official-token-1", "expires_in": 7200}', wait=go)
    )
    client = connect(wechat.url)
    impatient = asyncio.create_task(client.send_text("one", "您好"))
    while not wechat.token_calls:
        await asyncio.sleep(0.005)
    patient = asyncio.create_task(client.send_text("two", "您好"))
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    go.set()
    await patient
    assert (wechat.token_calls, [call.body["touser"] for call in wechat.calls if call.path == SEND]) == (1, ["two"])


async def test_a_process_that_died_with_the_lock_holds_nobody_up_for_long(
    wechat: ScriptedWeChat, connect: Clients, cache: RedisCache
) -> None:
    assert await cache.claim(LOCK_KEY, "a dead process", seconds=60)
    begin = time.monotonic()
    await send(connect(wechat.url), 5)
    assert time.monotonic() - begin < 5
    assert wechat.token_calls == 1


@pytest.mark.parametrize(
    "rubbish", ["", "[]", "{}", "null", '{"value": "x", "until": "soon"}', '{"value":1,"until":1e99}']
)
async def test_rubbish_in_redis_is_not_taken_for_a_token(
    wechat: ScriptedWeChat, connect: Clients, cache: RedisCache, rubbish: str
) -> None:
    await cache.set(TOKEN_KEY, rubbish, seconds=60)
    await send(connect(wechat.url), 2)
    assert (wechat.token_calls, wechat.count(SEND)) == (1, 2)


async def test_a_check_asks_wechat_for_both_tokens_whatever_is_known(wechat: ScriptedWeChat, connect: Clients) -> None:
    client = connect(wechat.url)
    await send(client, 1)
    await client.check()
    assert [call.body["appid"] for call in wechat.calls if call.path == "/cgi-bin/stable_token"] == [
        OFFICIAL[0],
        OFFICIAL[0],
        MINI[0],
    ]


async def test_a_failed_check_says_which_account_and_why(wechat: ScriptedWeChat, connect: Clients) -> None:
    with pytest.raises(WeChatError, match=r"official account: the secret is wrong.*\(40125\)"):
        await connect(wechat.url, official=(OFFICIAL[0], "wrong")).check()
    del wechat.token[MINI[0]]
    with pytest.raises(WeChatError, match=r"mini program: the appid is wrong.*\(40013\)"):
        await connect(wechat.url).check()


async def test_a_mended_secret_is_noticed_by_a_check_at_once(wechat: ScriptedWeChat, connect: Clients) -> None:
    wechat.script["/cgi-bin/stable_token"].append(said(errcode=40164, errmsg="invalid ip 1.2.3.4, not in whitelist"))
    client = connect(wechat.url)
    with pytest.raises(WeChatError, match=r"IP list: invalid ip 1\.2\.3\.4"):
        await client.check()
    await client.check()
    await client.send_text("openid", "您好")


async def test_a_token_is_never_forced(wechat: ScriptedWeChat, connect: Clients) -> None:
    client = connect(wechat.url)
    await send(client, 2)
    rotate(wechat)
    await send(client, 2)
    wechat.always[SEND] = said(errcode=40001)
    with pytest.raises(WeChatError):
        await client.send_text("openid", "您好")
    asked = [call.body for call in wechat.calls if call.path == "/cgi-bin/stable_token"]
    assert len(asked) == 3
    assert not [body for body in asked if body.get("force_refresh")]


async def test_closing_ends_a_fetch_that_is_under_way(wechat: ScriptedWeChat, connect: Clients) -> None:
    wechat.script["/cgi-bin/stable_token"].append(Answer(wait=asyncio.Event()))
    client = connect(wechat.url)
    waiting = asyncio.create_task(client.send_text("openid", "您好"))
    while not wechat.token_calls:
        await asyncio.sleep(0.005)
    await asyncio.wait_for(client.close(), 2)
    with pytest.raises(asyncio.CancelledError):
        await waiting
