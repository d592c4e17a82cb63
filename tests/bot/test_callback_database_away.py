"""The chat while its database cannot be reached: an honest apology within WeChat's five seconds, no false promise."""

import asyncio
import time
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from app import bootstrap
from bot import replies
from models import SendReport
from tests.bot.door import Door
from tests.forwarder import Forwarder

LENA = "oLena"


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[Forwarder]:
    parts = urlsplit(database_url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    host, port = query.get("host") or parts.hostname or "", int(query.get("port") or parts.port or 5432)

    async def reach() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    made = Forwarder(reach)
    await made.mend()
    yield made
    made.let_go()
    await made.cut()


@pytest.fixture
async def database(database_url: str, wire: Forwarder) -> AsyncIterator[str]:
    """In place of the shared fixture: the same database at the end of the wire."""
    parts = urlsplit(database_url)
    url = parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{wire.port}", query="").geturl()
    async with bootstrap.database(url, pool=4):
        yield url


async def test_without_its_database_the_chat_apologises_and_comes_back_by_itself(door: Door, wire: Forwarder) -> None:
    assert (await door.say(LENA, "路灯坏了")).text.startswith("记下了")
    await wire.cut()
    began = time.monotonic()
    message = door.text(LENA, "晚上看不见")
    assert (await door.push(message)).text == replies.DOWN
    assert time.monotonic() - began < 5
    await wire.mend()
    assert (await door.push(message)).text.startswith("记下了，现在有2段文字")


async def test_a_database_that_falls_silent_is_admitted_to_within_five_seconds(door: Door, wire: Forwarder) -> None:
    await door.say(LENA, "路灯坏了")
    wire.hold()
    began = time.monotonic()
    answers = await asyncio.gather(*(door.say(f"oPerson{count}", "路灯坏了") for count in range(8)))
    assert time.monotonic() - began < 5
    assert {answer.text for answer in answers} <= {replies.SLOW, replies.DOWN}
    wire.let_go()
    await door.callback.close()
    assert (await door.say(LENA, "还有一盏")).text.startswith("记下了，现在有2段文字")
    await wire.cut()  # what hung on the silent wire is of no more interest


async def test_what_wechat_tells_of_our_messages_is_kept_when_the_database_comes_back(
    door: Door, wire: Forwarder
) -> None:
    await door.say(LENA, "路灯坏了")
    await wire.cut()
    told = door.fields(LENA, "event", Event="TEMPLATESENDJOBFINISH", MsgID=77, Status="failed:user block")
    pushing = asyncio.create_task(door.push(told))
    await asyncio.sleep(0.5)
    assert not pushing.done(), "an answer would be the end of it: WeChat tells it again only when it gets none"
    await wire.mend()
    assert (await pushing).text == ""
    assert await SendReport.all().count() == 1
