"""Bodies that arrive slowly, and other ways to be read."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from tests.web.serving import served
from web import bodies
from web.bodies import GivenJson, Text, read_json
from web.errors import problem_documents


class Note(GivenJson):
    text: Text


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async def take(request: web.Request) -> web.Response:
        return web.Response(text=(await read_json(request, Note, longest=100)).text)

    app = web.Application(middlewares=[problem_documents("/api/")])
    app.router.add_post("/api/notes", take)
    async with served(app) as session:
        yield session


HEADERS = {"Content-Type": "application/json"}


async def test_text_of_every_script_comes_through_unharmed(client: aiohttp.ClientSession) -> None:
    text = "路灯坏了 🚨 𠮷 e\u0301 \u200d\n\ttab"
    async with client.post("/api/notes", json={"text": text}) as answer:
        assert (answer.status, await answer.text()) == (200, text)


async def test_a_body_without_a_length_is_counted_as_it_comes(client: aiohttp.ClientSession) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b'{"text": "'
        for _ in range(20):
            yield b"x" * 10
        yield b'"}'

    async with client.post("/api/notes", data=parts(), headers=HEADERS) as answer:
        assert (answer.status, (await answer.json(content_type=None))["code"]) == (413, "too_large")


async def test_a_body_that_does_not_arrive_is_given_up(
    client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "PATIENCE", 0.2)
    enough = asyncio.Event()

    async def parts() -> AsyncIterator[bytes]:
        yield b'{"text": '
        await enough.wait()

    async with client.post("/api/notes", data=parts(), headers=HEADERS) as answer:
        assert (answer.status, (await answer.json(content_type=None))["code"]) == (408, "too_slow")
    enough.set()
