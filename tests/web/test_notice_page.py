"""The page behind a notice's link, over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web

from tests.web.serving import served
from web import notice_page

Client = aiohttp.ClientSession
TOKEN = "AbCdEfGhIjKlMnOpQrStUv"


@dataclass(frozen=True)
class Shown:
    title: str = "停水"
    text: str = "明天<b>停水</b>\n请备水 & 接水"
    link: str = 'https://example.gov.cn/a?b="1"&c=2'
    has_picture: bool = True
    region: str = "城西村"
    at: datetime = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)
    recalled: bool = False
    over: bool = False


@dataclass
class Behind:
    page: Shown | None = field(default_factory=Shown)
    counted: list[bool] = field(default_factory=list)
    broken: bool = False

    async def look(self, token: str, count: bool) -> Shown | None:  # noqa: FBT001
        assert token == TOKEN
        if self.broken:
            raise OSError("the database is away")
        self.counted.append(count)
        return self.page

    async def picture(self, token: str) -> tuple[bytes, str] | None:
        return (b"png", "image/png") if self.page is not None and self.page.has_picture else None


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture
async def client(behind: Behind) -> AsyncIterator[Client]:
    app = web.Application()
    notice_page.setup(app, behind.look, behind.picture)
    async with served(app) as session:
        yield session


async def fetch(client: Client, path: str, *, method: str = "GET", **headers: str) -> tuple[int, str, dict[str, str]]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.request(method, path, headers=named) as answered:
        return answered.status, await answered.text(), dict(answered.headers)


async def test_what_people_have_written_is_text_and_never_markup(client: Client) -> None:
    status, text, _ = await fetch(client, f"/n/{TOKEN}")
    assert status == 200
    assert "明天&lt;b&gt;停水&lt;/b&gt;\n请备水 &amp; 接水" in text
    assert 'href="https://example.gov.cn/a?b=&quot;1&quot;&amp;c=2"' in text
    assert f'src="/n/{TOKEN}/picture"' in text
    assert "3月1日 09:00" in text


async def test_the_page_runs_nothing_loads_nothing_and_gives_its_address_to_nobody(
    client: Client,
) -> None:
    _, text, headers = await fetch(client, f"/n/{TOKEN}")
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert "Set-Cookie" not in headers
    assert "<script" not in text


async def test_only_a_person_who_looks_counts(client: Client, behind: Behind) -> None:
    await fetch(client, f"/n/{TOKEN}", method="HEAD")
    await fetch(client, f"/n/{TOKEN}", Sec_Purpose="prefetch;prerender")
    await fetch(client, f"/n/{TOKEN}")
    assert behind.counted == [False, False, True]


async def test_a_recalled_notice_and_one_that_is_over_say_so(client: Client, behind: Behind) -> None:
    behind.page = Shown(title="", text="", link="", has_picture=False, recalled=True)
    status, text, _ = await fetch(client, f"/n/{TOKEN}")
    assert (status, "已经撤回" in text) == (200, True)
    behind.page = replace(Shown(), over=True)
    assert "时间已经过了" in (await fetch(client, f"/n/{TOKEN}"))[1]


@pytest.mark.parametrize("path", ["", "abc", f"{TOKEN}x", "..%2F..%2Fetc", f"{TOKEN}/picture/more"])
async def test_what_is_no_link_gets_a_friendly_page_and_asks_nobody(client: Client, behind: Behind, path: str) -> None:
    status, text, _ = await fetch(client, f"/n/{path}")
    assert (status, "找不到这条通知" in text, behind.counted) == (404, True, [])


async def test_a_link_that_leads_nowhere_any_more_and_a_service_in_trouble(client: Client, behind: Behind) -> None:
    behind.page = None
    status, text, _ = await fetch(client, f"/n/{TOKEN}")
    assert (status, "已经失效" in text) == (404, True)
    assert (await fetch(client, f"/n/{TOKEN}/picture"))[0] == 404
    behind.broken = True
    status, text, _ = await fetch(client, f"/n/{TOKEN}")
    assert (status, "过一会儿再点" in text) == (503, True)


async def test_the_picture_comes_as_what_it_is(client: Client) -> None:
    status, text, headers = await fetch(client, f"/n/{TOKEN}/picture")
    assert (status, text, headers["Content-Type"]) == (200, "png", "image/png")
