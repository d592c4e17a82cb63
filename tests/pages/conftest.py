"""Somebody who opens a page of ours, and a notice that has one."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
import pytest

from app.bootstrap import House
from models import Attachment, Delivery, Notice, Person, Region
from services.access import Actor
from services.notices_draft import More
from services.notices_rows import shortened
from tests.factories import GRID, Town

NINE = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)
MORE = More(title="停水 & 停电", link='https://example.gov.cn/a?b="1"&c=2')
BROWSER = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile"}


class Page:
    def __init__(self, status: int, text: str, headers: aiohttp.typedefs.LooseHeaders) -> None:
        self.status, self.text, self.headers = status, text, headers


class Visitor:
    def __init__(self, session: aiohttp.ClientSession, service: str) -> None:
        self._session, self._service = session, service

    async def opens(self, path: str, *, method: str = "GET", headers: dict[str, str] = BROWSER) -> Page:
        async with self._session.request(
            method, f"{self._service}{path}", headers=headers, allow_redirects=False
        ) as answer:
            return Page(answer.status, await answer.text(), answer.headers)


@pytest.fixture
async def visitor(service: str, town: Town) -> AsyncIterator[Visitor]:
    async with aiohttp.ClientSession() as session:
        yield Visitor(session, service)


@dataclass(frozen=True)
class Sent:
    """A notice that has gone out to one resident."""

    id: int
    path: str
    chief: Actor


@pytest.fixture
async def sent(house: House, visitor: Visitor) -> Sent:
    chief = await house.desk.people.actor((await Person.get(name="赵建军")).id)
    await Person.create(name="王阿姨", grid_id=(await Region.get(code=GRID)).id)
    picture = await Attachment.create(
        person_id=chief.person_id,
        kind="photo",
        state="kept",
        media_type="image/png",
        key="notice-picture",
        created_at=house.desk.clock.now(),
    )
    await house.storage.put("notice-picture", b"png", "image/png")
    notices = house.desk.notices
    more = More(title=MORE.title, link=MORE.link, picture=picture.id)
    made = await notices.compose(chief, GRID, "明天<b>停水</b>\n请备水 & 接水", more)
    await notices.send(chief, made.id)
    await notices.spread(made.id)
    await Notice.filter(id=made.id).update(sent_at=NINE)
    token = (await Delivery.get(notice_id=made.id)).token
    assert token is not None
    return Sent(made.id, f"/n/{shortened(token)}", chief)
