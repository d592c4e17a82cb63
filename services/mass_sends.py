"""Mass messages (群发) for notices: the same words to up to 10,000 people at once, four a month for each of them.

A chunk goes planned → sending → taken → finished; planned → dropped, when its notice stops. Its rows are "sending"
from the plan on, so that nobody else sends them; WeChat knows a chunk's ``clientmsgid`` again for a day, so it is
simply asked again whenever the answer is not known. What WeChat refuses goes back to be sent one by one. "Taken" is not
yet "sent": WeChat tells so later (MASSSENDJOBFINISH), and since that gets lost sometimes it is also asked
(``mass/get``).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import structlog

from domain.calendar import SHANGHAI
from domain.delivery import State, Verdict, back_off
from models import MassSend, Notice
from services.ports import Clock, Queue, WeChat, WeChatError, Wording
from services.transaction import row, rows, transaction

log = structlog.get_logger(__name__)

Order = Literal["off", "first", "last"]
A_CHUNK = 10_000
FEWEST = 2
"""WeChat refuses a list of one (40130)."""
A_MONTH = 4
KNOWN_AGAIN = timedelta(hours=23)
"""WeChat knows a clientmsgid for a day; the two clocks may differ."""
ASK_AFTER = timedelta(minutes=2)
ASK_UNTIL = timedelta(days=1)
LEASE_SECONDS = 60
_REASON = 200
_DONE, _UNDER_WAY = "SEND_SUCCESS", "SENDING"

# Only whoever waits for nothing else: a mass message must not overtake what was owed before it.
_PICK = f"""
SELECT d.id, i.openid FROM delivery d
JOIN LATERAL (SELECT * FROM identity i WHERE i.person_id = d.person_id AND i.appid = $2 AND i.subscribed
              ORDER BY i.last_inbound_at DESC NULLS LAST LIMIT 1) i ON TRUE
WHERE d.notice_id = $1 AND d.state = 'owed' AND d.first_claim_at IS NULL
  AND ($3 OR NOT coalesce(i.window_until > $4 AND i.window_left > 0, FALSE))
  AND NOT EXISTS (SELECT 1 FROM delivery e WHERE e.person_id = d.person_id AND e.state IN ('owed', 'sending')
                  AND e.id < d.id)
  AND (SELECT count(*) FROM delivery m WHERE m.person_id = d.person_id AND m.channel = 'mass' AND m.state = 'sent'
       AND m.sent_at >= $5) < {A_MONTH}
ORDER BY d.id LIMIT $6 FOR UPDATE OF d SKIP LOCKED
"""
_ASSIGN = """
UPDATE delivery SET state = 'sending', channel = 'mass', openid = p.openid, mass_id = $3, reason = '', sender = NULL
FROM unnest($1::bigint[], $2::text[]) AS p(id, openid) WHERE delivery.id = p.id
RETURNING delivery.id
"""
CLAIM = f"""
UPDATE mass_send SET unsure = unsure OR state = 'sending', state = 'sending', attempts = attempts + 1,
       first_at = coalesce(first_at, $1), claimed_until = clock_timestamp() + interval '{LEASE_SECONDS} seconds'
WHERE id = (SELECT m.id FROM mass_send m JOIN notice n ON n.id = m.notice_id
            WHERE (m.state = 'planned' AND m.next_at <= $1 AND (m.unsure OR n.state = 'sending'))
               OR (m.state = 'sending' AND m.claimed_until < clock_timestamp())
            ORDER BY m.id LIMIT 1 FOR UPDATE OF m SKIP LOCKED)
RETURNING *
"""
_CALL_BACK = """
UPDATE mass_send SET state = 'dropped', claimed_until = NULL
WHERE id IN (SELECT id FROM mass_send WHERE notice_id = $1 AND state = 'planned' AND NOT unsure FOR UPDATE SKIP LOCKED)
RETURNING id
"""
_OPENIDS = "SELECT openid FROM delivery WHERE mass_id = $1 AND state = 'sending' ORDER BY id"
_SETTLE = """
UPDATE delivery SET state = $2::text, reason = $3, sent_at = $4, next_at = coalesce($5, next_at), claimed_until = NULL,
       channel = CASE WHEN $2::text = 'owed' THEN NULL ELSE channel END
WHERE mass_id = $1 AND channel = 'mass' AND state = ANY($6::text[]) RETURNING id
"""
_TAKEN = "SELECT * FROM mass_send WHERE msg_id = $1 AND state = 'taken' FOR UPDATE"
_TO_ASK = """
SELECT * FROM mass_send WHERE state = 'taken' AND taken_at < $1 AND coalesce(polled_at, taken_at) < $1
ORDER BY polled_at NULLS FIRST, id LIMIT 20
"""


class MassSends:
    def __init__(
        self,
        clock: Clock,
        queue: Queue,
        wechat: WeChat,
        wording: Wording,
        *,
        appid: str,
        order: Order = "off",
        has_template: bool = False,
        chunk: int = A_CHUNK,
    ) -> None:
        """*order*: ``first``, everybody who follows; ``last``, whom neither window nor template reaches."""
        self._clock = clock
        self._queue = queue
        self._wechat = wechat
        self._wording = wording
        self._appid = appid
        self._order = order
        self._wanted = order == "first" or (order == "last" and not has_template)
        self._chunk = chunk

    async def plan(self, notice_id: int) -> int:
        """Take the recipients of a notice whom a mass message may reach, in the open transaction; returns how many."""
        if not self._wanted:
            return 0
        planned, chunk = 0, await MassSend.filter(notice_id=notice_id).count()
        while some := await self._pick(notice_id):
            made = await MassSend.create(
                notice_id=notice_id,
                chunk=chunk,
                client_id=f"wgn{notice_id}:{chunk}",
                size=len(some),
                next_at=self._clock.now(),
            )
            await rows(_ASSIGN, [one["id"] for one in some], [one["openid"] for one in some], made.id)
            planned, chunk = planned + len(some), chunk + 1
        if planned:
            await self._queue.defer("send_masses", {})
        return planned

    async def call_back(self, notice_id: int) -> int:
        """Give back to a notice that has stopped what is planned and was never tried; returns how many chunks.

        In the open transaction. What may have been taken already goes on: WeChat alone knows.
        """
        found = await rows(_CALL_BACK, notice_id)
        for one in found:
            await self._settle(one["id"], State.OWED, "", next_at=self._clock.now())
        return len(found)

    async def send(self) -> int:
        """Send what is planned, and ask again for what a dead process had under way; returns how many chunks."""
        handled = 0
        while (found := await row(CLAIM, self._clock.now())) is not None:
            await self._send_one(found)
            handled += 1
        return handled

    async def finished(self, msg_id: int, status: str, *, sent: int, failed: int) -> None:
        """WeChat tells how a mass message ended. Twice the same, or one that is not ours, changes nothing."""
        async with transaction():
            found = await row(_TAKEN, msg_id)
            if found is None:
                return
            if status == "send success":
                await self._end(found, "finished", sent=sent, failed=failed)
            else:
                await self._failed(found, f"WeChat could not send it: {status}")

    async def ask(self) -> int:
        """Ask what has become of those of which nothing was heard; returns how many were settled."""
        now, settled = self._clock.now(), 0
        for found in await rows(_TO_ASK, now - ASK_AFTER):
            try:
                status = await self._wechat.mass_status(found["msg_id"])
            except WeChatError as error:
                log.warning("mass_not_asked", mass=found["id"], errcode=error.errcode)
                status = _UNDER_WAY
            async with transaction():
                if await row(_TAKEN, found["msg_id"]) is None:
                    continue
                if status == _DONE:
                    await self._end(found, "finished")
                elif status != _UNDER_WAY:
                    await self._failed(found, f"WeChat could not send it: {status}")
                elif now - found["taken_at"] > ASK_UNTIL:
                    await self._end(found, "unknown", reason="WeChat has not said for a day what became of it")
                    await self._settle(found["id"], State.UNCERTAIN, "WeChat took the mass message and told no more")
                else:
                    await MassSend.filter(id=found["id"]).update(polled_at=now)
                    continue
            settled += 1
        return settled

    async def _pick(self, notice_id: int) -> list[Any]:
        now = self._clock.now()
        everybody = self._order == "first"
        # Two more than fit: so it shows whether exactly one would be left over for the last chunk.
        found = await rows(_PICK, notice_id, self._appid, everybody, now, _month(now), self._chunk + FEWEST)
        if len(found) < FEWEST:
            return []
        return found[: self._chunk - 1 if len(found) == self._chunk + 1 else self._chunk]

    async def _send_one(self, found: Any) -> None:
        now = self._clock.now()
        if found["unsure"] and now - found["first_at"] > KNOWN_AGAIN:
            await self._refused(found, WeChatError(Verdict.FINAL, "WeChat no longer knows a repeat"), now)
            return
        openids = [one["openid"] for one in await rows(_OPENIDS, found["id"])]
        try:
            text = await self._words(found["notice_id"])
            msg_id = await self._wechat.send_mass(openids, text, client_id=found["client_id"])
        except WeChatError as error:
            await self._not_taken(found, error, self._clock.now())
            return
        now = self._clock.now()
        async with transaction():
            await MassSend.filter(id=found["id"]).update(
                state="taken" if msg_id is not None else "unknown", msg_id=msg_id, taken_at=now, claimed_until=None
            )
            await self._settle(found["id"], State.SENT, "", sent_at=now)
        log.info("mass_taken", mass=found["id"], people=len(openids))

    async def _not_taken(self, found: Any, error: WeChatError, now: datetime) -> None:
        waits = {
            Verdict.RETRY: back_off(found["attempts"]),
            Verdict.LOST_ANSWER: back_off(found["attempts"]),
            Verdict.NEXT_MINUTE: timedelta(minutes=1),
        }.get(error.verdict)
        if waits is None:
            await self._refused(found, error, now)
            return
        await MassSend.filter(id=found["id"]).update(
            state="planned",
            next_at=now + waits,
            claimed_until=None,
            unsure=found["unsure"] or error.verdict is Verdict.LOST_ANSWER,
            reason=str(error)[:_REASON],
        )

    async def _refused(self, found: Any, error: WeChatError, now: datetime) -> None:
        """It goes on one by one; but what may have been taken before, nobody sends again."""
        log.warning("mass_refused", mass=found["id"], errcode=error.errcode, reason=error.reason)
        async with transaction():
            await self._end(found, "refused", reason=str(error))
            if found["unsure"]:
                await self._settle(found["id"], State.UNCERTAIN, f"the answer got lost; then: {error}")
            else:
                await self._settle(found["id"], State.OWED, str(error), next_at=now)

    async def _failed(self, found: Any, reason: str) -> None:
        log.warning("mass_failed", mass=found["id"], reason=reason)
        await self._end(found, "failed", reason=reason)
        await self._settle(found["id"], State.OWED, reason, next_at=self._clock.now())

    async def _end(self, found: Any, state: str, **more: object) -> None:
        if "reason" in more:
            more["reason"] = str(more["reason"])[:_REASON]
        await MassSend.filter(id=found["id"]).update(state=state, claimed_until=None, **more)

    async def _settle(
        self,
        mass_id: int,
        state: State,
        reason: str,
        *,
        sent_at: datetime | None = None,
        next_at: datetime | None = None,
        of: Sequence[State] = (State.SENDING, State.SENT),
    ) -> None:
        await rows(_SETTLE, mass_id, str(state), reason[:_REASON], sent_at, next_at, [str(one) for one in of])

    async def _words(self, notice_id: int) -> str:
        notice = await Notice.get(id=notice_id).prefetch_related("region")
        return self._wording.text(
            "notice", {"text": notice.text, "headline": notice.title, "region": notice.region.name}
        )


def _month(now: datetime) -> datetime:
    """When this calendar month began in Beijing."""
    return now.astimezone(SHANGHAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
