"""What is owed to people: rows made with what they tell about, sent afterwards, never twice.

A row goes owed → sending → sent | inbox | uncertain | failed. It says "sending", and on which channel, in a committed
transaction before anything leaves; so after a crash it is known which answers may have got lost. Jobs only wake the
sender: a sweep finds whatever they forgot.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from domain.delivery import GIVE_UP_AFTER, Channel, State, Verdict, Window, choose_channel, may_repeat
from models import Delivery, Notice
from services import delivery_claims as claims
from services.delivery_claims import Sending
from services.delivery_verdicts import settle
from services.ports import Clock, Queue, WeChat, WeChatError, Wording
from services.transaction import DATABASE_ERRORS, transaction

log = structlog.get_logger(__name__)

PATIENCE = 40.0
"""Seconds for one message: a token fetched, refused and fetched again, and the call itself, each with its own limit."""
SWEEP_SECONDS = 40.0
_MARK_PAUSES = (0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True)
class Owed:
    """One message for one person; ``facts`` are plain values, the words are made when it is sent."""

    person_id: int
    kind: str
    facts: Mapping[str, object] = field(default_factory=dict)
    case_id: int | None = None
    notice_id: int | None = None


class Deliveries:
    """Owes, sends and accounts for messages to people."""

    def __init__(
        self, clock: Clock, queue: Queue, wechat: WeChat, wording: Wording, *, appid: str, templates: Mapping[str, str]
    ) -> None:
        """*templates* maps ``"case"`` and ``"notice"`` to template ids; a missing one closes that channel."""
        self._clock = clock
        self._queue = queue
        self._wechat = wechat
        self._wording = wording
        self._appid = appid
        self._templates = {name: value for name, value in templates.items() if value}

    async def owe(self, *owed: Owed) -> None:
        """Write down what people must be told, in the open transaction, and wake a sender when it commits."""
        if not owed:
            return
        async with transaction():
            await claims.owe(owed, self._clock.now())
            await self.defer(*{item.person_id for item in owed})

    async def defer(self, *people: int) -> None:
        """Have what is owed to *people* in the open transaction sent as soon as it commits."""
        await self._queue.defer("deliver", {"people": sorted(people)})

    async def owe_answer(self, person_id: int, text: str) -> None:
        """An answer that came too late to be given on the spot."""
        await self.owe(Owed(person_id, "answer", {"text": text}))

    async def say_now(self, openid: str, text: str) -> None:
        """A message without a row, for when the database is away. Best effort: a failure is logged, not raised."""
        try:
            await self._wechat.send_text(openid, text)
        except WeChatError as error:
            log.warning("apology_not_sent", errcode=error.errcode)

    async def send(self, people: Sequence[int] | None = None, *, seconds: float | None = None) -> int:
        """Send everything that is due (to *people*, or to anybody), oldest first; returns how many rows were handled.

        Safe to run twice and in many processes at once. After *seconds* no more is begun.
        """
        loop = asyncio.get_running_loop()
        until = None if seconds is None else loop.time() + seconds
        handled = 0
        while batch := await self._claim(people):
            handled += len(batch)
            going = [item for item in batch if item.state is State.SENDING]
            try:
                await asyncio.gather(*(self._send_one(item) for item in going))
            finally:
                # Also when this is being stopped: what has an answer is noted, the rest is settled by recover().
                await self._mark([item for item in going if item.state is not State.SENDING])
            if until is not None and loop.time() > until:
                break
        return handled

    async def sweep(self) -> int:
        """Send what was forgotten: after a crash, after a wait, after a lost job."""
        await self.recover()
        return await self.send(seconds=SWEEP_SECONDS)

    async def recover(self) -> int:
        """Settle what a stopped sender left behind: repeat where WeChat knows a repeat, else mark it uncertain."""
        left = await claims.abandoned(self._clock.now())
        for item in left:
            if item["state"] == State.UNCERTAIN:
                log.warning("delivery_uncertain", delivery=item["id"])
        return len(left)

    async def latest(self, person_id: int, count: int = 5) -> list[str]:
        """The person's newest messages as words, newest first: their inbox."""
        found = await Delivery.filter(person_id=person_id).order_by("-id").limit(count)
        notices = await _notice_texts(item.notice_id for item in found)
        said = [
            self._words(item.id, item.kind, {**item.facts, **notices.get(item.notice_id or 0, {})}) for item in found
        ]
        return [text for text in said if text is not None]

    async def _claim(self, people: Sequence[int] | None) -> list[Sending]:
        now = self._clock.now()
        async with transaction():
            taken = await claims.claim(now, self._appid, people)
            if not taken:
                return []
            notices = await _notice_texts(found["notice_id"] for found in taken)
            batch = [self._prepare(found, notices.get(found["notice_id"] or 0, {}), now) for found in taken]
            await claims.choose(batch, self._appid, now)
        return batch

    def _prepare(self, found: Any, notice: Mapping[str, object], now: datetime) -> Sending:
        """Decide where a claimed row goes, and put it into words."""
        item = Sending(
            id=found["id"],
            person_id=found["person_id"],
            kind=found["kind"],
            facts={**_facts(found["facts"]), **notice},
            attempts=found["attempts"],
            created_at=found["created_at"],
            openid=found["openid"] or "",
            channel=Channel.INBOX,
            state=State.SENDING,
            heard_at=found["last_inbound_at"],
            first_claim_at=found["first_claim_at"],
            unsure=found["first_claim_at"] is not None,
        )
        if item.unsure:
            self._repeat(item, found["last_openid"], now)
        elif now - item.created_at > GIVE_UP_AFTER:
            item.reason = found["reason"] or "it could not be delivered within 72 hours"
        else:
            window = Window(found["window_until"], found["window_left"] or 0)
            has_template = self._template(item.kind) != ""
            item.channel = choose_channel(window, now, subscribed=bool(found["subscribed"]), has_template=has_template)
            item.reason = found["reason"] or _why_inbox(found)
        if item.state is State.SENDING and item.channel is Channel.INBOX:
            item.state = State.INBOX
        if item.state is State.SENDING:
            item.reason = ""
            item.first_claim_at = item.first_claim_at or now
            self._put_into_words(item)
        return item

    def _repeat(self, item: Sending, openid: str, now: datetime) -> None:
        """It may have arrived: send it again only where WeChat knows it again, to the same account by the same way."""
        item.openid, item.channel = openid, Channel.TEMPLATE
        if item.first_claim_at is None or not may_repeat(item.first_claim_at, now) or not self._template(item.kind):
            item.state = State.UNCERTAIN
            item.reason = "the answer got lost, and WeChat no longer knows a repeat"
            log.warning("delivery_uncertain", delivery=item.id)

    def _put_into_words(self, item: Sending) -> None:
        # A message without words must not hold up everybody else's: it fails alone.
        try:
            if item.channel is Channel.CUSTOM:
                item.text = self._wording.text(item.kind, item.facts)
            else:
                item.fields = dict(self._wording.fields(item.kind, item.facts))
        except Exception as error:
            log.exception("delivery_without_words", delivery=item.id, kind=item.kind)
            item.state, item.reason = State.FAILED, f"there are no words for it: {error!r}"[:200]

    def _words(self, delivery_id: int, kind: str, facts: Mapping[str, object]) -> str | None:
        try:
            return self._wording.text(kind, facts)
        except Exception:
            log.exception("delivery_without_words", delivery=delivery_id, kind=kind)
            return None

    def _template(self, kind: str) -> str:
        return self._templates.get("notice" if kind == "notice" else "case", "")

    async def _send_one(self, item: Sending) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                if item.channel is Channel.CUSTOM:
                    await self._wechat.send_text(item.openid, item.text)
                else:
                    await self._wechat.send_template(
                        item.openid, self._template(item.kind), item.fields, client_id=f"wg{item.id}"
                    )
        except WeChatError as error:
            settle(item, error, self._clock.now())
        except Exception as error:
            # A fault of ours: whether anything has left is not known.
            log.exception("delivery_broke_off", delivery=item.id)
            settle(item, WeChatError(Verdict.LOST_ANSWER, f"sending broke off: {error!r}"), self._clock.now())
        else:
            item.state, item.reason = State.SENT, ""

    async def _mark(self, batch: Sequence[Sending]) -> None:
        """Note what became of them; a database that is away for a moment must not make sent messages uncertain."""
        if not batch:
            return
        for pause in _MARK_PAUSES:
            try:
                await claims.mark(batch, self._appid, self._clock.now())
            except DATABASE_ERRORS as error:
                log.warning("deliveries_not_marked", count=len(batch), reason=type(error).__name__)
                await asyncio.sleep(pause)
            else:
                return
        await claims.mark(batch, self._appid, self._clock.now())


def _why_inbox(found: Any) -> str:
    if found["openid"] is None:
        return "no WeChat is bound"
    if not found["subscribed"]:
        return "does not follow the official account"
    return "the message window is closed and no template is configured"


def _facts(value: Any) -> dict[str, object]:
    return json.loads(value) if isinstance(value, str) else dict(value)


async def _notice_texts(ids: Iterable[int | None]) -> dict[int, dict[str, object]]:
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    found = await Notice.filter(id__in=wanted).prefetch_related("region")
    return {notice.id: {"text": notice.text, "region": notice.region.name} for notice in found}
