"""The lines on which messages leave: HTTP/1.1, kept open, one question at a time on each (ADR 14).

What reaches people goes out here, thousands of messages a second; a general client costs more for each of them than all
that the service does. Framing is httptools', connecting is aiohappyeyeballs', both as aiohttp and uvicorn use them.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import TypeVar, cast

import aiohappyeyeballs
import httptools
from yarl import URL

LARGEST_ANSWER = 1024 * 1024
KEEP_SECONDS = 15.0
"""An idle line is not used any more after that: whoever is at the other end may be about to close it."""
_NEXT_ADDRESS_AFTER = 0.25
_FIRST_FINAL = 200
"""HTTP statuses below are no answers yet."""
_T = TypeVar("_T")


class NotConnected(Exception):  # noqa: N818 - a fact, which the wire turns into what it means
    """No connection came about, so nothing has been said."""


class Broken(OSError):  # noqa: N818 - as above
    """The line broke after the question was put: whether it arrived is not known."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a call goes, and its request up to the length of what is posted."""

    host: str
    port: int
    encrypted: bool
    head: bytes


@lru_cache(maxsize=64)
def address(url: str, access_token: str) -> Address:
    """Kept: it changes with the token only, and thousands of sends share it. Raises ValueError: no web address."""
    whole = URL(url).with_query(access_token=access_token)
    if whole.scheme not in {"http", "https"} or not whole.host or whole.port is None or whole.raw_host is None:
        raise ValueError("not a web address")
    head = (
        f"POST {whole.raw_path_qs} HTTP/1.1\r\nHost: {whole.host_port_subcomponent}\r\nUser-Agent: wangge\r\n"
        "Accept: */*\r\nContent-Type: application/json\r\nContent-Length: "
    )
    return Address(whole.raw_host, whole.port, whole.scheme == "https", head.encode("ascii"))


@dataclass(slots=True)
class Answer:
    status: int = 0
    media_type: str = "application/octet-stream"
    body: bytes = b""


class Lines:
    """All lines to WeChat's hosts, at most *most* at once."""

    def __init__(self, most: int, *, total: float, connect: float) -> None:
        """A question may take *total* seconds, *connect* of them until it can be put."""
        self._total = total
        self._connect = connect
        self._free = asyncio.Semaphore(most)
        self._idle: dict[tuple[str, int, bool], list[_Line]] = {}
        self._open: set[_Line] = set()
        self._asked: dict[_Line, float] = {}
        self._watch: asyncio.TimerHandle | None = None
        self._looks_at = inf
        self._encryption: ssl.SSLContext | None = None

    async def post(self, to: Address, body: bytes) -> Answer:
        """Post JSON and return the answer, whatever its status. No redirect is followed, nothing is repeated.

        Raises NotConnected when nothing was said; TimeoutError and OSError when it may have been heard.
        """
        until = asyncio.get_running_loop().time() + self._total
        if self._free.locked():
            await self._in_time(self._free.acquire())
        else:
            await self._free.acquire()
        try:
            line = self._take(to)
            if line is None:
                line = await self._in_time(self._new(to))
            try:
                answer = await self._ask(line, to.head, body, until)
            except BaseException:
                line.give_up()
                raise
            if line.is_good:
                self._idle.setdefault((to.host, to.port, to.encrypted), []).append(line)
            else:
                line.give_up()
            return answer
        finally:
            self._free.release()

    async def close(self) -> None:
        """End all lines; who waits for an answer hears that its line broke."""
        if self._watch is not None:
            self._watch.cancel()
        self._idle.clear()
        for line in list(self._open):
            line.give_up()
        # Transports tell their protocols in the loop's next turn.
        await asyncio.sleep(0)

    async def _ask(self, line: "_Line", head: bytes, body: bytes, until: float) -> Answer:
        # One watch for all that is asked: a timer for each would cost as much as the rest of the call.
        self._asked[line] = until
        if until < self._looks_at:
            self._look_at(until)
        try:
            return await line.ask(head, body)
        finally:
            del self._asked[line]

    def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        for line, until in self._asked.items():
            if until <= now:
                line.fail(TimeoutError())
        self._looks_at = inf
        if left := [until for until in self._asked.values() if until > now]:
            self._look_at(min(left))

    def _look_at(self, moment: float) -> None:
        if self._watch is not None:
            self._watch.cancel()
        self._looks_at = moment
        self._watch = asyncio.get_running_loop().call_at(moment, self._look)

    def _take(self, to: Address) -> "_Line | None":
        idle = self._idle.get((to.host, to.port, to.encrypted))
        while idle:
            line = idle.pop()
            if line.is_good and not line.is_stale:
                return line
            line.give_up()
        return None

    async def _new(self, to: Address) -> "_Line":
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(to.host, to.port, type=socket.SOCK_STREAM)
            connected = await aiohappyeyeballs.start_connection(
                found, happy_eyeballs_delay=_NEXT_ADDRESS_AFTER, interleave=1
            )
            _, line = await loop.create_connection(
                lambda: _Line(self._open),
                sock=connected,
                ssl=self._context() if to.encrypted else None,
                server_hostname=to.host if to.encrypted else None,
            )
        except OSError as error:
            raise NotConnected(error.strerror or type(error).__name__) from None
        return line

    async def _in_time(self, waiting: Awaitable[_T]) -> _T:
        try:
            async with asyncio.timeout(self._connect):
                return await waiting
        except TimeoutError:
            raise NotConnected("no connection in time") from None

    def _context(self) -> ssl.SSLContext:
        if self._encryption is None:
            self._encryption = ssl.create_default_context()
            self._encryption.set_alpn_protocols(["http/1.1"])
        return self._encryption


class _Line(asyncio.Protocol):
    """One connection. Whatever is not exactly one answer to the question that was put makes it good for nothing."""

    def __init__(self, open_lines: "set[_Line]") -> None:
        self._loop = asyncio.get_running_loop()
        self._open = open_lines
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._waits: asyncio.Future[Answer] | None = None
        self._answer = Answer()
        self._size = 0
        self._ends_by_closing = False
        self._idle_since = 0.0
        self.is_good = True

    @property
    def is_stale(self) -> bool:
        return self._loop.time() - self._idle_since > KEEP_SECONDS

    async def ask(self, head: bytes, body: bytes) -> Answer:
        assert self._transport is not None  # noqa: S101 - made before the protocol is handed out
        waits: asyncio.Future[Answer] = self._loop.create_future()
        self._waits = waits
        self._begin()
        try:
            self._transport.write(b"%b%d\r\n\r\n%b" % (head, len(body), body))
            return await waits
        finally:
            self._waits = None
            self._idle_since = self._loop.time()

    def give_up(self) -> None:
        self.is_good = False
        if self._transport is not None:
            self._transport.abort()

    def _begin(self) -> None:
        self._answer = Answer()
        self._size = 0
        self._ends_by_closing = True

    def fail(self, error: Exception) -> None:
        self.is_good = False
        if self._waits is not None and not self._waits.done():
            self._waits.set_exception(error)

    # The transport's words.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's says so of itself to nobody
        self._open.add(self)

    def data_received(self, data: bytes) -> None:
        if self._waits is None or self._waits.done():
            self.give_up()  # nobody has asked: the next answer could not be told from this
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.fail(Broken("the answer is not HTTP"))

    def eof_received(self) -> None:
        if self._ends_by_closing and self._answer.status:
            self.on_message_complete()
        self.is_good = False

    def connection_lost(self, error: Exception | None) -> None:
        self.fail(Broken("closed" if error is None else type(error).__name__))
        self._open.discard(self)

    # The parser's words.

    def on_message_begin(self) -> None:
        if self._waits is None or self._waits.done():
            # A second answer to one question: the first is with who asked, and stays as it is.
            self.is_good = False
            self._begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        match name.lower():
            case b"content-type":
                self._answer.media_type = _media_type(value) or self._answer.media_type
            case b"content-length" | b"transfer-encoding":
                self._ends_by_closing = False

    def on_headers_complete(self) -> None:
        self._answer.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size > LARGEST_ANSWER:
            self.fail(Broken("the answer is too long"))
        else:
            self._answer.body += body

    def on_message_complete(self) -> None:
        if self._answer.status < _FIRST_FINAL:
            self._begin()
            return
        if not self._parser.should_keep_alive():
            self.is_good = False
        if self._waits is not None and not self._waits.done():
            self._waits.set_result(self._answer)


@lru_cache(maxsize=64)
def _media_type(header: bytes) -> str:
    return header.partition(b";")[0].strip().lower().decode("latin-1")
