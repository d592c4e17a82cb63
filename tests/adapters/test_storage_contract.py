"""What both stores do: the folder with its own door, and a bucket of OSS that checks every signature."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.errors import NotFound
from services.ports import UPLOADS, Expected
from tests.adapters.stores import Local, Oss, local, oss, read, send

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40
KEY = f"{UPLOADS}5b0c9f0e"
Store = Local | Oss


@pytest.fixture(params=["local", "oss"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    async with local(tmp_path) if request.param == "local" else oss() as found:
        yield found


def expected(data: bytes = JPEG) -> Expected:
    return Expected(len(data), hashlib.sha256(data).hexdigest(), "image/jpeg")


async def test_what_was_put_is_got_measured_and_forgotten(store: Store) -> None:
    await store.storage.put("2026/11/a.jpg", JPEG, "image/jpeg")
    assert await store.storage.get("2026/11/a.jpg") == JPEG
    assert await store.storage.size("2026/11/a.jpg") == len(JPEG)
    await store.storage.put("2026/11/a.jpg", b"another", "image/jpeg")
    assert await store.storage.get("2026/11/a.jpg") == b"another"
    for _ in range(2):
        await store.storage.delete("2026/11/a.jpg")
    for call in (store.storage.get, store.storage.size):
        with pytest.raises(NotFound):
            await call("2026/11/a.jpg")


async def test_a_phone_uploads_straight_to_it_once(store: Store) -> None:
    ticket = store.storage.ticket(KEY, expected(), seconds=60)
    assert (await send(store.phone, ticket, JPEG)).status == 201
    assert await store.storage.get(KEY) == JPEG
    again = await send(store.phone, ticket, JPEG)
    assert again.status == 409
    assert await store.storage.get(KEY) == JPEG


async def test_two_at_once_with_one_leave_put_one(store: Store) -> None:
    ticket = store.storage.ticket(KEY, expected(), seconds=60)
    answers = await asyncio.gather(*(send(store.phone, ticket, JPEG) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409]


@pytest.mark.parametrize("data", [JPEG + b"x", JPEG[:-1], b""])
async def test_a_byte_more_or_less_than_announced_is_refused(store: Store, data: bytes) -> None:
    ticket = store.storage.ticket(KEY, expected(), seconds=60)
    assert (await send(store.phone, ticket, data)).status in {400, 413, 422}
    with pytest.raises(NotFound):
        await store.storage.size(KEY)


async def test_leave_that_is_too_old_is_none(store: Store) -> None:
    ticket = store.storage.ticket(KEY, expected(), seconds=60)
    store.later(61)
    assert (await send(store.phone, ticket, JPEG)).status == 403
    with pytest.raises(NotFound):
        await store.storage.size(KEY)


async def test_an_address_reads_one_file_for_its_time_and_nothing_else(store: Store) -> None:
    await store.storage.put("2026/11/a", JPEG, "image/jpeg")
    await store.storage.put("2026/11/b", b"not this one", "image/jpeg")
    url = store.storage.link("2026/11/a", "image/jpeg", seconds=60)
    got = await read(store.phone, url)
    assert (got.status, got.data) == (200, JPEG)
    assert got.headers["Content-Type"] == "image/jpeg"
    assert got.headers["Content-Disposition"] == "inline"
    assert got.headers["Cache-Control"].startswith("private")
    altered = [url.replace("/a?", "/b?"), url[:-1] + ("0" if url[-1] != "0" else "1"), url.replace("jpeg", "png")]
    for other in [*altered, url.partition("?")[0]]:
        assert other != url
        assert (await read(store.phone, other)).status == 403, other
    store.later(61)
    assert (await read(store.phone, url)).status == 403


async def test_what_is_no_picture_is_saved_and_not_shown(store: Store) -> None:
    await store.storage.put("2026/11/film", b"film", "video/mp4")
    url = store.storage.link("2026/11/film", "video/mp4", seconds=60, filename="video-1.mp4")
    got = await read(store.phone, url)
    assert got.headers["Content-Disposition"] == 'attachment; filename="video-1.mp4"'
    assert got.headers["Content-Type"] == "video/mp4"


async def test_a_player_reads_a_part_of_it(store: Store) -> None:
    await store.storage.put("2026/11/film", JPEG, "video/mp4")
    got = await read(store.phone, store.storage.link("2026/11/film", "video/mp4", seconds=60), Range="bytes=10-19")
    assert (got.status, got.data) == (206, JPEG[10:20])


async def test_uploads_that_nobody_looked_at_are_forgotten_after_a_day_and_nothing_else(store: Store) -> None:
    await store.storage.put("2026/11/kept", JPEG, "image/jpeg")
    assert (await send(store.phone, store.storage.ticket(KEY, expected(), seconds=60), JPEG)).status == 201
    assert await store.storage.forget_leftovers() == 0
    store.ages()
    young = f"{UPLOADS}young"
    assert (await send(store.phone, store.storage.ticket(young, expected(), seconds=60), JPEG)).status == 201
    assert await store.storage.forget_leftovers() == 1
    assert await store.storage.size(young) == await store.storage.size("2026/11/kept") == len(JPEG)
    with pytest.raises(NotFound):
        await store.storage.size(KEY)
