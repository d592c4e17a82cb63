"""Pushing messages and events to the account's callback, signed, encrypted and retried as WeChat does."""

import asyncio
import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from sandbox import envelope
from sandbox.bubbles import Bubble, failure
from sandbox.cipher import Cipher, signature
from sandbox.clock import Clock, rfc3339
from sandbox.conversation import Conversation, Message
from sandbox.counts import Counts
from sandbox.media import Media
from sandbox.phones import Phone
from sandbox.replies import BadReply, Reader
from sandbox.settings import Options

FAILURE_TEXT = "该公众号提供的服务出现故障，请稍后再试"
KEEP = 2000
WORKERS = 8
CLOSED = "connection closed"
HEADERS = {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"}


@dataclass(slots=True)
class Try:
    """One attempt: how long it took and what came of it (an HTTP status, or the error)."""

    elapsed_ms: float
    status: int | None = None
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {"elapsed_ms": self.elapsed_ms, "status": self.status, "error": self.error}


@dataclass(slots=True)
class Push:
    """One message or event on its way. ``replies``: an answer is shown; ``complains``: a failure is."""

    id: int
    phone: Phone
    at: float
    fields: dict[str, Any]
    replies: bool = True
    complains: bool = True
    tries: list[Try] = field(default_factory=list)
    outcome: str = "waiting"
    why: str = ""
    reply: str = ""
    shown: Message | None = None
    elapsed_ms: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "phone": self.phone.id,
            "openid": self.phone.openid,
            "at": rfc3339(self.at),
            "msgtype": self.fields.get("MsgType"),
            "event": self.fields.get("Event"),
            "msgid": self.fields.get("MsgId") or self.fields.get("MsgID"),
            "xml": envelope.write(self.fields),
            "outcome": self.outcome,
            "why": self.why or None,
            "tries": [one.as_json() for one in self.tries],
            "elapsed_ms": self.elapsed_ms,
            "reply": None if self.shown is None else self.shown.as_json(),
            "reply_raw": self.reply,
        }


@dataclass(slots=True)
class Turn:
    """One phone's queue: a lock that serves in order of asking, and how many want it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0


class Pusher:
    """Sends pushes: those of one phone one after the other, those of different phones side by side."""

    def __init__(
        self, options: Options, clock: Clock, conversation: Conversation, media: Media, counts: Counts
    ) -> None:
        self.options = options
        self._clock = clock
        self._conversation = conversation
        self._counts = counts
        self._cipher = Cipher(options.aes_key, options.official.appid)
        self._reader = Reader(options.token, self._cipher, options.original_id, media)
        self._turns: dict[int, Turn] = {}
        self._next = 1
        self.log: deque[Push] = deque(maxlen=KEEP)
        self._session: aiohttp.ClientSession | None = None
        self._running: set[asyncio.Task[Push]] = set()
        self._queue: asyncio.Queue[tuple[Phone, dict[str, Any]]] = asyncio.Queue()
        self._workers: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self._workers = [asyncio.create_task(self._work()) for _ in range(WORKERS)]

    async def stop(self) -> None:
        ending = [*self._workers, *self._running]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def send(
        self, phone: Phone, fields: dict[str, Any], *, replies: bool = True, complains: bool = True
    ) -> asyncio.Task[Push]:
        """Begin to push *fields*; the task ends when the callback answered or was given up."""
        push = Push(self._next, phone, self._clock.now(), fields, replies, complains)
        self._next += 1
        self.log.append(push)
        return self._begin(push)

    def later(self, phone: Phone, fields: dict[str, Any]) -> None:
        """Push an event that nobody waits for, a few at a time; its answer is not shown."""
        self._queue.put_nowait((phone, fields))

    def repeat(self, push: Push) -> asyncio.Task[Push]:
        """Push the same thing once more, MsgId and all, as a retry that comes late."""
        return self.send(push.phone, push.fields, replies=push.replies, complains=push.complains)

    async def verify(self) -> tuple[bool, str]:
        """Ask the callback to echo, as when its url is entered; says whether it did, and what it said."""
        echo = str(secrets.randbelow(10**18))
        query = self._signed_query() | {"echostr": echo}
        try:
            status, body = await self._exchange("GET", query, b"")
        except (TimeoutError, aiohttp.ClientError) as error:
            return False, _name(error)
        return status == 200 and body.decode("utf-8", "replace") == echo, f"HTTP {status}"  # noqa: PLR2004

    async def _work(self) -> None:
        while True:
            phone, fields = await self._queue.get()
            await self.send(phone, fields, replies=False, complains=False)

    def _begin(self, push: Push) -> asyncio.Task[Push]:
        task = asyncio.create_task(self._deliver_in_turn(push))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _deliver_in_turn(self, push: Push) -> Push:
        turn = self._turns.setdefault(push.phone.id, Turn())
        turn.wanted += 1
        try:
            async with turn.lock:
                await self._deliver(push)
        finally:
            turn.wanted -= 1
            if turn.wanted == 0:
                self._turns.pop(push.phone.id, None)
        return push

    async def _deliver(self, push: Push) -> None:
        began = time.monotonic()
        answer: tuple[int, bytes] | None = None
        for attempt in range(self.options.retries + 1):
            # Tries start one deadline apart, also when a connection was refused at once. Only a kept connection that
            # turns out to be closed (the service was restarted) is tried anew without waiting.
            if not (attempt == 1 and push.tries[0].error == CLOSED):
                await asyncio.sleep(max(0.0, began + attempt * self.options.deadline - time.monotonic()))
            answer = await self._try(push)
            if answer is not None:
                break
        push.elapsed_ms = round((time.monotonic() - began) * 1000, 1)
        if answer is None:
            self._end(push, None, f"no answer in {len(push.tries)} tries: {push.tries[-1].error}")
            return
        try:
            bubble, push.reply = self._reader.read(*answer, self.options.mode, push.phone.openid, self._clock.now())
        except BadReply as error:
            push.reply = answer[1].decode("utf-8", "replace")
            self._end(push, None, str(error))
        else:
            self._end(push, bubble, "")

    async def _try(self, push: Push) -> tuple[int, bytes] | None:
        query, body = self._sealed(push)
        began = time.monotonic()
        answer: tuple[int, bytes] | None = None
        error: str | None = None
        try:
            answer = await self._exchange("POST", query, body)
        except (TimeoutError, aiohttp.ClientError) as problem:
            error = _name(problem)
        elapsed = round((time.monotonic() - began) * 1000, 1)
        push.tries.append(Try(elapsed, answer[0] if answer else None, error))
        return answer

    async def _exchange(self, method: str, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if self._session is None:
            raise RuntimeError("the pusher was not started")
        async with (
            asyncio.timeout(self.options.deadline),
            self._session.request(
                method, self.options.callback_url, params=query, data=body or None, headers=HEADERS
            ) as response,
        ):
            return response.status, await response.read()

    def _sealed(self, push: Push) -> tuple[dict[str, str], bytes]:
        """The query and body of one try, with a fresh signature."""
        query = self._signed_query() | {"openid": push.phone.openid}
        plain = envelope.write(push.fields)
        if self.options.mode == "plain":
            return query, plain.encode("utf-8", "replace")
        encrypted = self._cipher.encrypt(plain)
        query["encrypt_type"] = "aes"
        query["msg_signature"] = signature(self.options.token, query["timestamp"], query["nonce"], encrypted)
        open_part = push.fields if self.options.mode == "compatible" else {"ToUserName": push.fields["ToUserName"]}
        return query, envelope.write({**open_part, "Encrypt": encrypted}).encode("utf-8", "replace")

    def _signed_query(self) -> dict[str, str]:
        timestamp, nonce = str(int(self._clock.now())), str(secrets.randbelow(2**31))
        return {"signature": signature(self.options.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}

    def _end(self, push: Push, bubble: Bubble | None, why: str) -> None:
        push.why = why
        push.outcome = "failed" if why else "silent" if bubble is None else "shown"
        self._counts.pushes[push.outcome] += 1
        if why and push.complains:
            wrong = failure(FAILURE_TEXT)
            self._show(push, "system", wrong)
        elif bubble is not None and push.replies:
            self._counts.shown["passive"] += 1
            push.shown = self._show(push, "passive", bubble)

    def _show(self, push: Push, channel: Any, bubble: Bubble) -> Message:
        return self._conversation.add(
            push.phone,
            self._clock.now(),
            "to_phone",
            channel,
            bubble.kind,
            bubble.text,
            content=bubble.content,
            raw=push.reply,
        )


def _name(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)) and not isinstance(
        error, aiohttp.ClientConnectorError
    ):
        return CLOSED
    return f"{type(error).__name__}: {error}"
