"""clamd over TCP, spoken by a server of our own that reads the protocol to the letter."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from adapters.clamd import Clamd
from domain.errors import Unavailable

Say = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def clamd(say: Say, *, patience: float = 5) -> AsyncIterator[tuple[Clamd, list[bytes]]]:
    """A daemon that takes a stream as its manual says and then does *say*."""
    heard: list[bytes] = []
    open_ones: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.append(writer)
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        data = b""
        while length := int.from_bytes(await reader.readexactly(4), "big"):
            data += await reader.readexactly(length)
        heard.append(data)
        try:
            await say(data, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield Clamd("127.0.0.1", server.sockets[0].getsockname()[1], patience=patience), heard
        for one in open_ones:
            one.transport.abort()
        await asyncio.sleep(0)


async def judge(data: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"stream: Eicar-Test-Signature FOUND\0" if b"EICAR" in data else b"stream: OK\0")


async def test_what_is_clean_is_clean_and_what_is_not_has_a_name() -> None:
    async with clamd(judge) as (scanner, heard):
        clean = bytes(range(256)) * 1000
        assert await scanner.scan(clean) == ""
        assert await scanner.scan(b"EICAR") == "Eicar-Test-Signature"
        assert heard == [clean, b"EICAR"]


@pytest.mark.parametrize(
    "answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"\0", b"stream: OK", b"x" * 5000, b"OK\0"]
)
async def test_an_answer_that_is_neither_yes_nor_no_is_no_clean_bill(answer: bytes) -> None:
    async def say(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    async with clamd(say) as (scanner, _):
        with pytest.raises(Unavailable):
            await scanner.scan(b"x")


async def test_a_daemon_that_is_silent_or_away_is_unavailable() -> None:
    over = asyncio.Event()

    async def silent(_: bytes, writer: asyncio.StreamWriter) -> None:
        del writer
        await over.wait()

    async with clamd(silent, patience=0.05) as (scanner, _):
        with pytest.raises(Unavailable):
            await scanner.scan(b"x")
        over.set()
    with pytest.raises(Unavailable):
        await Clamd("127.0.0.1", 1).scan(b"x")
