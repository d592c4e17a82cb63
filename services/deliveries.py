"""What is owed to people: rows made with what they tell about, sent afterwards, never twice.

A row goes owed → sending → sent | inbox | uncertain | failed. It says "sending", and on which channel, in a committed
transaction before anything leaves; so after a crash it is known which answers may have got lost. Jobs only wake the
sender: a sweep finds whatever they forgot.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from domain.delivery import Channel, Shut, State, Verdict
from models import Delivery, Notice
from services import delivery_claims as claims
from services import delivery_gathering as gathering
from services import delivery_senders as senders
from services.channels import ACCOUNT, Channels, Pause, Ways
from services.delivery_claims import AT_ONCE, Sending
from services.delivery_preparing import Preparing
from services.delivery_verdicts import put_back, settle
from services.notices_rows import through_the_gate
from services.ports import Clock, Presence, Queue, WeChat, WeChatError, Wording
from services.subscriptions import Subscriptions
from services.transaction import DATABASE_ERRORS, transaction

log = structlog.get_logger(__name__)

PATIENCE = 40.0
"""Seconds for a batch: a token fetched, refused and fetched again, and the call itself, each with its own limit."""
BEGIN_WITHIN = 4.0
"""Seconds after its claim in which a message may leave: a process that stood still must not send what others took."""
SWEEP_SECONDS = 240.0
LANES = 4
"""Batches under way in one process: one is sent while others are taken and noted. Together as many messages as there
are connections: more would only wait, and be uncertain when the process is killed."""
FEW = 4
"""News of a case concerns a few people, and does not wait in line with a notice to thousands."""
_HOT = frozenset({Channel.CUSTOM, Channel.TEMPLATE, Channel.INBOX})
_ENOUGH = "as many as the town allows in a minute were sent"
_MARK_PAUSES = (0.5, 1.0, 2.0, 4.0)
_NEVER_CAME = (State.HELD, State.RECALLED, State.EXPIRED)


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
        self,
        clock: Clock,
        queue: Queue,
        wechat: WeChat,
        wording: Wording,
        *,
        presence: Presence,
        channels: Channels,
        subscriptions: Subscriptions,
        appid: str,
        templates: Mapping[str, str],
        mini_page: str = "",
        public_url: str = "",
    ) -> None:
        """*templates* maps ``case`` and ``notice`` to template ids, ``subscribe_…`` and ``mini_…`` to those of
        subscription messages; a missing one closes that channel. Without a *public_url*, notices carry no link to their
        page.
        """
        self._public_url = public_url.rstrip("/")
        self._clock = clock
        self._queue = queue
        self._wechat = wechat
        self._presence = presence
        self._channels = channels
        self._subscriptions = subscriptions
        self._preparing = Preparing(wording, templates)
        self._appid = appid
        self._mini_page = mini_page
        self._lanes = 0
        self._woken = False

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
        """Send what is due, oldest first; returns how many rows were handled here.

        To a few *people* at once; for many, or for anybody, it wakes the lanes of this process, which send everything
        that is due to anybody, and returns 0 when they are all at it. Safe to run twice and in many processes at once.
        After *seconds* no more is begun.
        """
        until = None if seconds is None else asyncio.get_running_loop().time() + seconds
        if people is None or len(people) > FEW:
            return await self._drain(until)
        handled = 0
        while size := await self._send_batch(people):
            handled += size
            if _over(until):
                break
        return handled

    async def _drain(self, until: float | None) -> int:
        if self._lanes >= LANES:
            self._woken = True
            return 0
        self._lanes += 1
        others: list[asyncio.Task[int]] = []
        handled, more = 0, True
        try:
            while more:
                self._woken = False
                size = await self._send_batch(None)
                handled += size
                if size >= AT_ONCE:
                    # Not before a batch got through: what WeChat refuses to everybody is learned with one.
                    others += [asyncio.create_task(self._drain(until)) for _ in range(LANES - self._lanes)]
                # Whoever found all lanes busy meanwhile has left it to them: what they came for is looked for again.
                more = (size > 0 or self._woken) and not _over(until)
            return handled + sum([await other for other in others])
        finally:
            self._lanes -= 1
            # When this is being stopped, or failed: the others note what they know.
            for other in others:
                other.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    async def sweep(self) -> int:
        """Send what was forgotten: after a crash, after a wait, after a lost job."""
        await self.recover()
        return await self.send(seconds=SWEEP_SECONDS)

    async def recover(self) -> int:
        """Settle what a dead sender left behind: repeat where WeChat knows a repeat, else mark it uncertain."""
        await senders.look()
        left = await claims.abandoned(self._clock.now())
        for item in left:
            if item["state"] == State.UNCERTAIN:
                log.warning("delivery_uncertain", delivery=item["id"])
        return len(left)

    async def latest(self, person_id: int, count: int = 5) -> list[str]:
        """The person's newest messages as words, newest first: their inbox."""
        found = await Delivery.filter(person_id=person_id, state__not_in=_NEVER_CAME).order_by("-id").limit(count)
        notices = await _notice_texts(item.notice_id for item in found)
        said = [
            self._preparing.words(item.id, item.kind, {**item.facts, **notices.get(item.notice_id or 0, {})})
            for item in found
        ]
        return [text for text in said if text is not None]

    async def _send_batch(self, people: Sequence[int] | None) -> int:
        """Claim, send and note one batch; how many rows that were, or 0 when nothing more can be done now."""
        ways = await self._channels.look()
        if ways.pause(ACCOUNT, self._clock.now()) is not None:
            return 0
        taken, batch, told_with = await self._claim(people, ways)
        going = [item for item in batch if item.state is State.SENDING]
        if not going:
            # All of it waits for the next minute: so would the next batch.
            waiting = batch and all(item.state is State.OWED for item in batch) and _only_for_a_minute(ways)
            return 0 if waiting else taken
        within = True
        began = asyncio.get_running_loop().time()
        try:
            within = await self._keep_limits(going)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    leaving = (item for item in going if item.state is State.SENDING)
                    await asyncio.gather(*(self._send_one(item, ways, began) for item in leaving))
        finally:
            # Also when this is being stopped: what has no answer by now may have arrived.
            for item in going:
                if item.state is State.SENDING:
                    stopped = WeChatError(Verdict.LOST_ANSWER, "the sender was stopped before the answer came")
                    settle(item, stopped, self._clock.now())
            gathering.share(told_with)
            await self._mark(going, told_with)
        if ways.probing:
            await self._channels.mended(ways, {item.channel for item in going if _got_through(item)})
        return taken if within else 0

    async def _keep_limits(self, going: Sequence[Sending]) -> bool:
        """Put back what is more than a channel may send in this minute; False when that is all of it."""
        for channel, count in Counter(item.channel for item in going).items():
            wait = await self._channels.take(channel, count)
            if wait:
                now = self._clock.now()
                enough = Pause(Shut.MINUTE, now + timedelta(seconds=wait), _ENOUGH)
                for item in going:
                    if item.channel is channel:
                        put_back(item, enough, now)
        return any(item.state is State.SENDING for item in going)

    async def _claim(
        self, people: Sequence[int] | None, ways: Ways | None = None
    ) -> tuple[int, list[Sending], list[Sending]]:
        """How many rows were taken, those of them that nothing holds back, and those told with one of these."""
        ways = ways or Ways({})
        sender, now = await self._presence.number(), self._clock.now()
        async with transaction():
            taken = await claims.claim(now, self._appid, people, one=bool(ways.probing))
            if not taken:
                return 0, [], []
            going, notices = await through_the_gate(taken, now, self._public_url)
            agreed = await self._subscriptions.agreed([found["person_id"] for found in going])
            batch = [
                self._preparing.prepare(
                    found, notices.get(found["id"], {}), agreed.get(found["person_id"], {}), ways, now
                )
                for found in going
            ]
            told_with = [] if ways.probing else await gathering.gather(batch, self._preparing, sender, now)
            await claims.choose(batch, self._appid, sender, now)
            await self._subscriptions.spend(batch)
        return len(taken) + len(told_with), batch, told_with

    async def _send_one(self, item: Sending, ways: Ways | None = None, began: float | None = None) -> None:
        pause = self._channels.is_shut(item.channel, ways or Ways({}))
        stood_still = began is not None and asyncio.get_running_loop().time() - began > BEGIN_WITHIN
        if pause is not None or stood_still:
            put_back(item, pause, self._clock.now())
            return
        try:
            await self._hand_over(item)
        except WeChatError as error:
            now = self._clock.now()
            settle(item, error, now)
            self._channels.refuse(item.channel, error, now)
        except Exception as error:
            # A fault of ours: whether anything has left is not known.
            log.exception("delivery_broke_off", delivery=item.id)
            settle(item, WeChatError(Verdict.LOST_ANSWER, f"sending broke off: {error!r}"), self._clock.now())
        else:
            item.state, item.reason = State.SENT, ""

    async def _hand_over(self, item: Sending) -> None:
        if item.channel is Channel.CUSTOM:
            await self._wechat.send_text(item.openid, item.text)
        elif item.channel is Channel.TEMPLATE:
            item.msgid = await self._wechat.send_template(
                item.openid,
                item.template_id,
                item.fields,
                client_id=f"wg{item.id}",
                url=str(item.facts.get("url", "")),
            )
        else:
            mini = item.channel is Channel.MINI
            await self._wechat.send_subscription(
                item.openid, item.template_id, item.fields, mini=mini, page=self._mini_page if mini else ""
            )

    async def _mark(self, batch: Sequence[Sending], told_with: Sequence[Sending] = ()) -> None:
        """Note what became of them; a database that is away for a moment must not make sent messages uncertain."""
        if not batch:
            return
        for pause in _MARK_PAUSES:
            try:
                await self._note(batch, told_with)
            except DATABASE_ERRORS as error:
                log.warning("deliveries_not_marked", count=len(batch), reason=type(error).__name__)
                await asyncio.sleep(pause)
            else:
                return
        await self._note(batch, told_with)

    async def _note(self, batch: Sequence[Sending], told_with: Sequence[Sending]) -> None:
        if any(item.channel not in _HOT for item in batch):
            async with transaction():
                await claims.mark([*batch, *told_with], self._appid, self._clock.now())
                await self._subscriptions.note(batch)
        else:
            await claims.mark([*batch, *told_with], self._appid, self._clock.now())
        await self._channels.keep()


def _over(until: float | None) -> bool:
    return until is not None and asyncio.get_running_loop().time() > until


def _only_for_a_minute(ways: Ways) -> bool:
    return any(pause.kind is Shut.MINUTE for pause in ways.shut.values())


def _got_through(item: Sending) -> bool:
    """WeChat has dealt with the message, whatever it thinks of the person."""
    return item.state in {State.SENT, State.INBOX, State.FAILED} or item.closes_window


async def _notice_texts(ids: Iterable[int | None]) -> dict[int, dict[str, object]]:
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    found = await Notice.filter(id__in=wanted).prefetch_related("region")
    return {one.id: {"text": one.text, "headline": one.title, "region": one.region.name} for one in found}
