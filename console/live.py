"""What moves by itself on a page that is open all day: server-sent events, for those who may still see them.

1. whoever opens a stream is signed in and sees what it tells of   -> the pages of console.gate
2. one person has a handful of streams                              -> TooMany
3. what is told is counted once for all who see the same            -> no statements for each viewer
4. signed out, a duty ended, theirs no more, Redis away             -> "ended", and the stream is over
5. the service stops                                                -> all streams end; the browser comes again
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field

import structlog
from aiohttp import web
from aiohttp_sse import EventSourceResponse, sse_response

from console.gate import Gate, Visit
from domain.errors import Refusal, TooMany
from services.access import Actor
from services.transaction import DATABASE_ERRORS

MOST = 8
"""Streams of one person in one process: a page in each of a few windows."""
LONGEST = 1800.0
"""Seconds of one stream: then the browser comes again."""
LOOK_EVERY = 3.0
"""Seconds after which it is asked again whether they are signed in, and by which duties."""
RETRY_AFTER = 10
"""Seconds, said to whoever has too many."""

Facts = Mapping[str, object]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """What a page is told; ``over``: nothing will follow."""

    facts: Facts
    over: bool = False


@dataclass(slots=True)
class _Kept:
    at: float = float("-inf")
    told: Told = field(default_factory=lambda: Told({}))
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Live:
    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._closing = asyncio.Event()
        self._open: Counter[int] = Counter()
        self._kept: dict[Hashable, _Kept] = {}

    async def close(self, _: web.Application) -> None:
        """The server stops: no stream holds it up."""
        self._closing.set()

    async def stream(
        self, visit: Visit, event: str, ask: Callable[[Actor], Awaitable[Told]], *, every: float
    ) -> web.StreamResponse:
        """Tell what *ask* finds as *event*, each time that it differs; asked again after *every* seconds.

        Raises TooMany.
        """
        person = visit.actor.person_id
        if self._open[person] >= MOST:
            raise TooMany("too many pages of theirs are open", retry_after=RETRY_AFTER)
        self._open[person] += 1
        try:
            return await self._tell(visit, event, ask, every)
        finally:
            self._open[person] -= 1
            if not self._open[person]:
                del self._open[person]

    async def shared(self, what: Hashable, seconds: float, ask: Callable[[], Awaitable[Told]]) -> Told:
        """What *ask* finds, asked once in *seconds* for all who see the same *what*."""
        kept = self._kept.setdefault(what, _Kept())
        async with kept.turn:
            if time.monotonic() - kept.at >= seconds:
                kept.told = await ask()
                kept.at = time.monotonic()
        self._forget(seconds)
        return kept.told

    async def _tell(
        self, visit: Visit, event: str, ask: Callable[[Actor], Awaitable[Told]], every: float
    ) -> web.StreamResponse:
        async with sse_response(visit.request, headers={"Cache-Control": "no-store"}) as stream:
            try:
                await self._go_on(visit, stream, event, ask, every)
            except Refusal:
                # It has begun, so there is no page to refuse with: it is theirs no more.
                await stream.send("", event="ended")
            except DATABASE_ERRORS as away:
                # The browser comes again, and is told by the door how things stand.
                log.warning("part_away", stream=event, error=type(away).__name__)
        return stream

    async def _go_on(
        self,
        visit: Visit,
        stream: EventSourceResponse,
        event: str,
        ask: Callable[[Actor], Awaitable[Told]],
        every: float,
    ) -> None:
        actor, before = visit.actor, ""
        began = looked = time.monotonic()
        while stream.is_connected() and time.monotonic() - began < LONGEST:
            told = await ask(actor)
            text = json.dumps(dict(told.facts), ensure_ascii=False)
            if text != before:
                await stream.send(text, event=event)
                before = text
            if told.over or await self._stops(every):
                return
            if time.monotonic() - looked >= LOOK_EVERY:
                looked = time.monotonic()
                now = await self._gate.still(visit)
                if now is None:
                    await stream.send("", event="ended")
                    return
                actor = now

    async def _stops(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return False
        return True

    def _forget(self, seconds: float) -> None:
        old = time.monotonic() - 10 * seconds
        self._kept = {what: kept for what, kept in self._kept.items() if kept.at > old or kept.turn.locked()}
