"""The callback's door: one URL that WeChat verifies, pushes to, and repeats itself to.

The way of a message, and what may fail at each step:

1. body read, at most 64 KiB                          -> 413
2. signature, age, key, account checked               -> 403, nothing is said about why
3. XML read                                           -> unreadable: answered ``success`` and logged
4. an event that nobody waits for an answer to        -> ``success``
5. the same message already in work here              -> wait for that one
6. words that the rules put to a resident's draft     -> kept together with all that wait, in one transaction
7. all others, and whoever is more than a resident: transaction: key claimed, or the first one's answer taken
8. the rules answer inside it; a refusal undoes them and is answered in words
9. answer stored with everything else, commit; sealed for whoever waits for it
10. database away                                     -> an honest apology, nothing promised
11. later than the cap                                -> "slow" is said, the answer follows as a message
"""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass

import structlog
from aiohttp import web

from bot import refusals, replies, reports
from bot.envelope import Account, Envelope, Forged, Opened, answer_xml
from bot.handlers import (
    admission,
    arrivals,
    binding,
    cases,
    complaints,
    drafts,
    event_types,
    exits,
    guidance,
    handing,
    keeping,
    leaves,
    notices,
    notices_going,
    own_record,
    patrols,
    polls,
    record_keeping,
    records,
    safety,
    score,
    search,
    sign_in,
    training,
    visits,
    which,
    work_log,
    worker,
)
from bot.incoming import Incoming, read
from bot.menu import said_by
from bot.pace import Pace
from bot.router import Router, Talk
from bot.words import plain
from domain.errors import InviteRefused, Refusal
from services.desk import Desk
from services.everyday import Everyday, Everydays, Kept
from services.inbound import Waiter
from services.people import Heard

log = structlog.get_logger(__name__)

CAP = 4.0
"""Seconds from the first byte: WeChat gives up after five."""
MOST_AT_ONCE = 400
"""More than this in work means that the database has stopped: answer at once instead of piling up."""
_TRACE_EVERY = 60.0

_TAPS = frozenset({"subscribe", "scan", "click"})
_HEEDED = _TAPS | {"unsubscribe"}
"""All other events (a link opened, where the phone is) want no answer; those of bot/reports.py are heeded."""
_WORDY = frozenset({"text", "voice"})
"""A place's or a link's name is never an order."""

routes = Router()
for _topic in (
    binding.router,
    sign_in.router,
    arrivals.router,
    record_keeping.choices,
    own_record.choices,
    polls.choices,
    training.choices,
    guidance.choices,
    polls.router,
    event_types.router,
    leaves.router,
    complaints.router,
    safety.router,
    work_log.router,
    training.router,
    admission.router,
    exits.router,
    keeping.router,
    patrols.router,
    visits.router,
    records.router,
    record_keeping.router,
    own_record.router,
    score.router,
    worker.router,
    handing.router,
    notices_going.router,
    notices.router,
    notices.late,
    which.router,
    cases.router,
    search.router,
    guidance.router,
    patrols.late,
    record_keeping.late,
    own_record.late,
    drafts.router,
    cases.late,
    complaints.late,
    drafts.everything_else,
):
    routes.include(_topic)


@dataclass(slots=True)
class _Call:
    """One message in work."""

    key: str
    incoming: Incoming
    waiter: Waiter


class Callback:
    def __init__(
        self,
        desk: Desk,
        account: Account,
        *,
        cap: float = CAP,
        per_minute: int = 120,
        body_bytes: int = 65536,
        everydays: Everydays | None = None,
    ) -> None:
        """*cap* is in seconds; *per_minute* is one person's messages. Raises ValueError for an AES key that is none."""
        self._everydays = everydays or Everydays(desk.clock, desk.deliveries, appid=account.appid)
        self._desk = desk
        self._account = account
        self._envelope = Envelope(account, desk.clock)
        self._cap = cap
        self._body_bytes = body_bytes
        self._pace = Pace(per_minute)
        self._running: dict[str, tuple[_Call, asyncio.Task[str]]] = {}
        self._afterwards: set[asyncio.Task[None]] = set()
        self._traced: dict[type[Exception], float] = {}

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/wechat/callback", self.verify), web.post("/wechat/callback", self.receive)]

    async def close(self) -> None:
        """Let what is in work come to its end (the server has stopped taking more)."""
        tasks = [task for _, task in self._running.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=10)
        if self._afterwards:
            await asyncio.wait(self._afterwards, timeout=5)

    async def verify(self, request: web.Request) -> web.Response:
        try:
            return web.Response(text=self._envelope.greet(request.query))
        except Forged as forged:
            raise _forbidden(str(forged)) from None

    async def receive(self, request: web.Request) -> web.Response:
        began = asyncio.get_running_loop().time()
        body = await self._body(request)
        try:
            opened = self._envelope.open(request.query, body)
        except Forged as forged:
            raise _forbidden(str(forged)) from None
        incoming = read(opened.xml)
        if incoming is None:
            log.warning("callback_unreadable", bytes=len(opened.xml))
            return _response("")
        if self._account.original_id and incoming.to != self._account.original_id:
            raise _forbidden("sent to another account")
        if incoming.kind == "event" and incoming.event not in _HEEDED:
            if incoming.event in reports.REPORTS:
                await reports.take(self._desk, incoming, opened.xml)
            return _response("")
        return _response(await self._answer(incoming, opened, began))

    async def _body(self, request: web.Request) -> bytes:
        if (request.content_length or 0) > self._body_bytes:
            raise web.HTTPRequestEntityTooLarge(self._body_bytes, request.content_length or 0)
        body = bytearray()
        if request.content.is_eof() and request.content.exception() is None:  # most are here in one piece
            body += request.content.read_nowait()
            if len(body) > self._body_bytes:
                raise web.HTTPRequestEntityTooLarge(self._body_bytes, len(body))
            return bytes(body)
        try:
            async with asyncio.timeout(self._cap):
                async for part in request.content.iter_any():
                    body += part
                    if len(body) > self._body_bytes:
                        raise web.HTTPRequestEntityTooLarge(self._body_bytes, len(body))
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
        except web.RequestPayloadError:  # it is not what its headers say, or the sender has gone
            raise web.HTTPBadRequest from None
        return bytes(body)

    async def _answer(self, incoming: Incoming, opened: Opened, began: float) -> str:
        return self._sealed(incoming, opened, await self._words(incoming, began))

    async def _words(self, incoming: Incoming, began: float) -> str:
        key = incoming.key(self._account.appid)
        in_work = self._running.get(key)
        if in_work is None:
            if len(self._running) >= MOST_AT_ONCE:
                return replies.DOWN
            if not self._pace.allows(incoming.openid):
                return replies.TOO_FAST
            call = _Call(key, incoming, Waiter())
            task = asyncio.create_task(self._work(call))
            self._running[key] = in_work = (call, task)
            task.add_done_callback(lambda _: self._running.pop(key, None))
        call, task = in_work
        left = max(0.05, self._cap - (asyncio.get_running_loop().time() - began))
        if not await _done(task, left):
            if not call.waiter.late:
                call.waiter.late = True
                self._after(self._follow_up(call, task))
            return replies.SLOW
        if call.waiter.late:
            # A message has been promised, to the first try: it tells what came of the work, also when nothing did.
            return ""
        return replies.DOWN if task.exception() is not None else task.result()

    async def _work(self, call: _Call) -> str:
        async def work() -> str:
            return await self._say(call, await self._routed(call.incoming))

        async def refused(refusal: Refusal) -> str:
            heard = await self._hear(call.incoming)
            if isinstance(refusal, InviteRefused):
                await self._desk.people.count_wrong_code(heard.identity_id)
            return await self._say(call, refusals.refused(refusal))

        async def by_itself() -> str:
            return await self._desk.inbounds.once(call.key, work, refused, call.waiter)

        try:
            return await self._everydays.once(call.incoming.openid, self._everyday(call), by_itself)
        except Exception as error:
            self._note_failure(call.incoming.kind, error)
            raise

    def _everyday(self, call: _Call) -> Everyday | None:
        """The message as one for a draft, where the rules would put it there for a resident who has nothing open."""
        incoming = call.incoming
        said = drafts.said_in(incoming)
        if said is None or said.kind != "text" or said.media_id:
            return None
        talk = self._talk(incoming, Heard.resident(incoming.openid))
        if routes.first(talk) is not drafts.keep:
            return None

        def words(kept: Kept) -> str:
            talk.heard = Heard.resident(incoming.openid, kept.grid_id)
            return drafts.in_draft(talk, kept.counts)

        return Everyday(call.key, incoming.openid, said.text, words, call.waiter)

    def _note_failure(self, kind: str, error: Exception) -> None:
        """One line for each, with the trace once a minute: in an outage traces would cost more than the messages."""
        now = time.monotonic()
        traced = now - self._traced.get(type(error), -_TRACE_EVERY) >= _TRACE_EVERY
        if traced:
            self._traced[type(error)] = now
        log.error("callback_failed", kind=kind, error=type(error).__name__, exc_info=error if traced else None)

    async def _hear(self, incoming: Incoming) -> Heard:
        people = self._desk.people
        if incoming.kind != "event":
            return await people.hear(incoming.openid)
        return await (people.tap if incoming.event in _TAPS else people.silent)(incoming.openid)

    async def _routed(self, incoming: Incoming) -> str:
        talk = self._talk(incoming, await self._hear(incoming))
        try:
            return await routes.answer(talk)
        except Refusal as refusal:
            if talk.number:
                refusal.facts.setdefault("number", talk.number)
            raise

    def _talk(self, incoming: Incoming, heard: Heard) -> Talk:
        text = incoming.text if incoming.kind in _WORDY else ""
        if incoming.event == "click":
            text = said_by(incoming.event_key)
        return Talk(incoming, heard, self._desk, plain(text))

    async def _say(self, call: _Call, said: str) -> str:
        if said and call.waiter.late:
            await self._owe(call.incoming, said)
            return ""
        return said

    async def _owe(self, incoming: Incoming, said: str) -> None:
        # Asked anew who it is: binding may have joined two people into one meanwhile.
        heard = await self._desk.people.silent(incoming.openid)
        await self._desk.deliveries.owe_answer(heard.person_id, said)

    def _sealed(self, incoming: Incoming, opened: Opened, said: str) -> str:
        if not said:
            return ""
        at = int(self._desk.clock.now().timestamp())
        return opened.seal(answer_xml(to=incoming.openid, from_=incoming.to, text=said, at=at))

    async def _follow_up(self, call: _Call, task: asyncio.Task[str]) -> None:
        """The HTTP answer is gone: what comes of the work follows as a message, also when nothing came of it."""

        async def owe(said: str) -> None:
            await self._owe(call.incoming, said)

        await asyncio.wait({task})
        try:
            if task.exception() is not None:
                await self._desk.deliveries.say_now(call.incoming.openid, replies.DOWN)
            else:
                await self._desk.inbounds.hand_over(call.key, owe, call.waiter)
        except Exception:
            log.exception("callback_follow_up_failed")

    def _after(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._afterwards.add(task)
        task.add_done_callback(self._afterwards.discard)


async def _done(task: asyncio.Task[str], seconds: float) -> bool:
    """Whether *task* comes to its end within *seconds*: ``asyncio.wait`` for one task, at a third of its cost."""
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()

    def wake(_: object = None) -> None:
        if not over.done():
            over.set_result(None)

    timer = loop.call_later(seconds, wake)
    task.add_done_callback(wake)
    try:
        await over
    finally:
        timer.cancel()
        task.remove_done_callback(wake)
    return task.done()


def _response(answer: str) -> web.Response:
    if not answer:
        return web.Response(text="success")
    return web.Response(text=answer, content_type="application/xml")


def _forbidden(why: str) -> web.HTTPForbidden:
    log.warning("callback_refused", reason=why)
    return web.HTTPForbidden(text="forbidden")
