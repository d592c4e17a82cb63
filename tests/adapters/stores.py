"""The two stores behind one face: how a phone uploads and reads, and a clock that can be moved."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from adapters.clock import MovableClock
from adapters.storage_local import LocalStorage
from adapters.storage_local_door import StoreDoor
from adapters.storage_local_links import Links
from adapters.storage_oss import Account, OssStorage
from services.ports import Ticket
from tests.pretend_oss import Bucket
from web.errors import problem_documents


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    data: bytes
    headers: Mapping[str, str]


async def send(phone: aiohttp.ClientSession, ticket: Ticket, data: bytes | Any, **fields: str) -> Answer:
    """Upload as a phone does, from what the API has told it; *fields* replace what it was told."""
    told = {**ticket.fields, **fields}
    if ticket.method == "PUT":
        async with phone.put(ticket.url, data=data, headers=told) as answer:
            return Answer(answer.status, await answer.read(), answer.headers)
    form = aiohttp.FormData(quote_fields=False)
    for name, value in told.items():
        form.add_field(name, value)
    form.add_field("file", data, filename="photo.jpg", content_type="image/jpeg")
    async with phone.post(ticket.url, data=form) as answer:
        return Answer(answer.status, await answer.read(), answer.headers)


async def read(phone: aiohttp.ClientSession, url: str, **headers: str) -> Answer:
    async with phone.get(aiohttp.client.URL(url, encoded=True), headers=headers) as answer:
        return Answer(answer.status, await answer.read(), answer.headers)


@dataclass
class Local:
    storage: LocalStorage
    phone: aiohttp.ClientSession
    clock: MovableClock
    root: Path

    def later(self, seconds: float) -> None:
        self.clock.set_offset(self.clock.offset + timedelta(seconds=seconds))

    def ages(self) -> None:
        """What lies there now was put there two days ago."""
        for path in self.root.rglob("*"):
            if path.is_file():
                os.utime(path, (path.stat().st_atime - 2 * 86400, path.stat().st_mtime - 2 * 86400))


@dataclass
class Oss:
    storage: OssStorage
    phone: aiohttp.ClientSession
    bucket: Bucket

    def later(self, seconds: float) -> None:
        self.bucket.later += timedelta(seconds=seconds)

    def ages(self) -> None:
        for found in self.bucket.objects.values():
            found.at -= timedelta(days=2)


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[int]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def _anything(_: str) -> None:
    """Every upload is wanted."""


@asynccontextmanager
async def local(root: Path) -> AsyncIterator[Local]:
    clock = MovableClock()
    storage = LocalStorage(root, Links(b"a secret", clock, ""))
    app = web.Application(middlewares=[problem_documents("/api/")])
    app.add_routes(StoreDoor(storage, _anything).routes())
    async with serving(app) as port, aiohttp.ClientSession() as phone:
        storage.links.base_url = f"http://127.0.0.1:{port}"
        yield Local(storage, phone, clock, root)


@asynccontextmanager
async def oss(**wrong: str) -> AsyncIterator[Oss]:
    """With *wrong*, our side of the account differs from the bucket's."""
    bucket = Bucket()
    async with serving(bucket.app()) as port, aiohttp.ClientSession() as phone:
        account = {
            "endpoint": f"http://127.0.0.1:{port}",
            "bucket": bucket.name,
            "region": bucket.region,
            "key_id": bucket.key_id,
            "key_secret": bucket.key_secret,
            "public_base": f"http://localhost:{port}",
            **wrong,
        }
        storage = OssStorage(Account(**account))
        yield Oss(storage, phone, bucket)
        await storage.close()
