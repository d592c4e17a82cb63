"""The load generator: prepared requests over a fixed number of connections, as fast as the answers come.

It speaks just enough HTTP/1.1 by itself: a client library would use up the core that the servers are to be measured on.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import cast

HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"
SAMPLE_EVERY = 40


@dataclass(slots=True)
class Prepared:
    """A request, ready to be written; ``sign`` is what tells it apart (the text of the message in it)."""

    wire: bytes
    sign: str


@dataclass(slots=True)
class Slice:
    """What came of one server's turn. Latencies are seconds."""

    done: int = 0
    failed: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    samples: list[tuple[str, bytes]] = field(default_factory=list)
    sample_every: int = SAMPLE_EVERY

    @property
    def rate(self) -> float:
        return self.done / self.seconds if self.seconds else 0.0

    def note(self, request: Prepared, status: int, body: bytes, seconds: float) -> None:
        self.done += 1
        self.statuses[status] += 1
        self.latencies.append(seconds)
        if self.done % self.sample_every == 0:
            self.samples.append((request.sign, body))


class _Run:
    def __init__(self, port: int, requests: Iterator[Prepared], until: float, sample_every: int) -> None:
        self.port = port
        self.requests = requests
        self.until = until
        self.slice = Slice(sample_every=sample_every)
        self.last = time.perf_counter()
        self.lanes = 0
        self.over = asyncio.Event()
        self.connecting: set[asyncio.Task[None]] = set()

    def take(self) -> Prepared | None:
        return next(self.requests, None) if time.perf_counter() < self.until else None

    def open_lane(self, request: Prepared) -> None:
        task = asyncio.create_task(self._connect(request))
        self.connecting.add(task)
        task.add_done_callback(self.connecting.discard)

    async def _connect(self, request: Prepared) -> None:
        began = time.perf_counter()
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: _Lane(self, request, began), "127.0.0.1", self.port
            )
        except OSError:
            self.slice.failed += 1
            self.end_lane()

    def end_lane(self) -> None:
        self.lanes -= 1
        if self.lanes == 0:
            self.over.set()


class _Lane(asyncio.Protocol):
    """One connection: a request, its answer, the next. Where the server closes after each, a new one is opened."""

    def __init__(self, run: _Run, first: Prepared, began: float) -> None:
        self._run = run
        self._request: Prepared | None = first
        self._began = began
        self._buffer = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's are no subclass of it
        self._write()

    def _write(self) -> None:
        if self._request is not None and self._transport is not None:
            self._transport.write(self._request.wire)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        head_end = self._buffer.find(HEAD_END)
        if head_end < 0 or self._request is None:
            return
        head = self._buffer[:head_end].lower()
        at = head.find(_LENGTH)
        length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        body = self._buffer[head_end + len(HEAD_END) :]
        if len(body) < length:
            return
        now = time.perf_counter()
        self._run.last = now
        self._run.slice.note(self._request, int(head[9:12]), body, now - self._began)
        self._buffer = b""
        self._request = None
        following = self._run.take()
        if following is None:
            self._close()
            self._run.end_lane()
        elif head.startswith(b"http/1.0") or b"connection: close" in head:
            self._close()
            self._run.open_lane(following)
        else:
            self._request, self._began = following, now
            self._write()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._request is not None:
            self._request = None
            self._run.slice.failed += 1
            self._run.end_lane()

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def drive(
    port: int, requests: Iterator[Prepared], *, connections: int, seconds: float = 3600.0, keep: bool = False
) -> Slice:
    """Send *requests* to 127.0.0.1:*port* for *seconds* or until there are no more, and wait for every answer.

    The samples hold a few of the answers; with *keep* all of them.
    """
    began = time.perf_counter()
    run = _Run(port, requests, began + seconds, 1 if keep else SAMPLE_EVERY)
    first = list(islice(requests, connections))
    run.lanes = len(first)
    for request in first:
        run.open_lane(request)
    if first:
        await run.over.wait()
    run.slice.seconds = run.last - began
    return run.slice
