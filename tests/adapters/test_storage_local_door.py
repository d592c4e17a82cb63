"""The local store's door: streamed, checked to the byte, and shut to whoever has no address."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.ports import UPLOADS, Expected
from tests.adapters.stores import Local, local, read, send
from tests.adapters.test_storage_contract import JPEG, KEY, expected


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Local]:
    async with local(tmp_path) as found:
        yield found


def files(store: Local) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("announced", "sent", "code"),
    [
        (expected(), JPEG + b"x", "too_large"),
        (expected(), JPEG[:-1], "upload_refused"),
        (expected(), JPEG[:-1] + b"!", "upload_refused"),
        (expected(b"<html>"), b"<html>", "upload_refused"),
        (Expected(len(JPEG), expected().sha256, "video/mp4"), JPEG, "upload_refused"),
    ],
    ids=["too long", "too short", "another sum", "no picture", "another kind"],
)
async def test_what_is_not_what_was_announced_leaves_nothing_behind(
    store: Local, announced: Expected, sent: bytes, code: str
) -> None:
    answer = await send(store.phone, store.storage.ticket(KEY, announced, seconds=60), sent)
    assert f'"code": "{code}"' in answer.data.decode()
    assert files(store) == []


async def test_after_a_refusal_the_right_bytes_are_still_welcome(store: Local) -> None:
    ticket = store.storage.ticket(KEY, expected(), seconds=60)
    assert (await send(store.phone, ticket, JPEG[:-1])).status == 422
    assert (await send(store.phone, ticket, JPEG)).status == 201


async def test_a_length_that_is_not_told_beforehand_is_counted(store: Local) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield JPEG

    answer = await send(store.phone, store.storage.ticket(KEY, expected(), seconds=60), parts())
    assert answer.status == 413
    assert files(store) == []


async def test_an_upload_goes_to_the_disk_as_it_comes(store: Local) -> None:
    """What has come lies on the disk before the last of it is sent: it is not gathered in memory."""
    data = JPEG * 400
    half = len(data) // 2
    seen = asyncio.Event()

    async def parts() -> AsyncIterator[bytes]:
        yield data[:half]
        await seen.wait()
        yield data[half:]

    announced = Expected(len(data), hashlib.sha256(data).hexdigest(), "image/jpeg")
    sending = asyncio.create_task(send(store.phone, store.storage.ticket(KEY, announced, seconds=60), parts()))
    async with asyncio.timeout(10):
        while not any(path.stat().st_size > half // 2 for path in files(store)):
            await asyncio.sleep(0)
    seen.set()
    assert (await sending).status == 201
    assert await store.storage.get(KEY) == data


async def test_a_phone_that_hangs_up_half_way_leaves_nothing_behind(store: Local) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield JPEG[:100]
        raise ConnectionResetError

    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the client makes of its own failure
        await send(store.phone, store.storage.ticket(KEY, expected(), seconds=60), parts())
    async with asyncio.timeout(10):
        while files(store):
            await asyncio.sleep(0)
    assert (await send(store.phone, store.storage.ticket(KEY, expected(), seconds=60), JPEG)).status == 201


async def test_an_altered_or_incomplete_address_takes_nothing(store: Local) -> None:
    url = store.storage.ticket(KEY, expected(), seconds=60).url
    for other in (
        url.replace("size=", "size=9"),
        url.replace(expected().sha256, "0" * 64),
        url.replace("image%2Fjpeg", "video%2Fmp4"),
        url.replace("5b0c9f0e", "another"),
        url + "&size=1",
        url.partition("?")[0],
        url.replace("expires=", "expires=9"),
    ):
        async with store.phone.put(other, data=JPEG) as answer:
            assert (answer.status, (await answer.json())["code"]) == (403, "link_refused"), other
    assert files(store) == []


async def test_the_leave_to_upload_does_not_read_and_the_leave_to_read_does_not_upload(store: Local) -> None:
    url = store.storage.ticket(KEY, expected(), seconds=60).url
    assert (await read(store.phone, url)).status == 403
    async with store.phone.put(store.storage.link("2026/11/a", "image/jpeg", seconds=60), data=JPEG) as answer:
        assert answer.status == 403


async def test_what_nobody_has_looked_at_is_not_served(store: Local) -> None:
    assert (await send(store.phone, store.storage.ticket(KEY, expected(), seconds=60), JPEG)).status == 201
    assert KEY.startswith(UPLOADS)
    assert (await read(store.phone, store.storage.link(KEY, "image/jpeg", seconds=60))).status == 404


async def test_what_is_served_is_private_and_never_guessed_at(store: Local) -> None:
    await store.storage.put("2026/11/a.html", b"<script>alert(1)</script>", "image/jpeg")
    got = await read(store.phone, store.storage.link("2026/11/a.html", "image/jpeg", seconds=60))
    assert got.headers["Content-Type"] == "image/jpeg"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Cache-Control"] == "private, max-age=600"
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


async def test_a_packed_upload_is_refused(store: Local) -> None:
    ticket = store.storage.ticket(KEY, expected(), seconds=60)
    async with store.phone.put(ticket.url, data=JPEG, headers={"Content-Encoding": "gzip"}) as answer:
        assert answer.status == 415


async def test_a_file_that_is_gone_is_not_found(store: Local) -> None:
    got = await read(store.phone, store.storage.link("2026/11/gone", "image/jpeg", seconds=60))
    assert got.status == 404
