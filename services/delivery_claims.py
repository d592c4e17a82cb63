"""The statements behind :mod:`services.deliveries`: claim, choose, mark, and settle what was left behind.

They are written in SQL because they are hot, and because their order is the promise: a row says "sending", by whom, on
which channel and to which account, in a committed transaction before anything leaves.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tortoise.connection import get_connection

from domain.delivery import CLIENT_ID_LIFE, Channel, State
from services.delivery_senders import DEAD
from services.transaction import rows

AT_ONCE = 64
LEASE_SECONDS = 45
"""Longer than any send may take (:data:`services.deliveries.PATIENCE`): for a sender that lives and has forgotten."""


@dataclass(slots=True)
class Sending:
    """One claimed row, what is known of the person's window, and what has become of it."""

    id: int
    person_id: int
    kind: str
    facts: dict[str, object]
    attempts: int
    created_at: datetime
    openid: str
    channel: Channel
    state: State
    heard_at: datetime | None = None
    """The person's last word when the row was claimed: a window that has opened since is not ours to close."""
    first_claim_at: datetime | None = None
    unsure: bool = False
    """An earlier attempt may have arrived."""
    text: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    template_id: str = ""
    reason: str = ""
    next_at: datetime | None = None
    gives_back: bool = False
    closes_window: bool = False
    unfollowed: bool = False
    not_arrived: bool = False
    """WeChat has said for certain that nothing arrived, so the client id is free again."""
    msgid: int | None = None
    told_with: "Sending | None" = None
    """The message whose words tell of this one too (services.delivery_gathering)."""


# Only the first unfinished row of a person may be taken, so one person's messages keep their order whoever sends them.
# The lease runs on the database's own clock: moving the sandbox's clock must not make a living sender look dead.
#
# Each statement looks up the head of a person as one step along an index, in a form that leaves the planner no choice:
# joined freely, it would read all that is owed whenever its statistics are older than the last large notice. (So does
# the odd comparison of the state: to the planner it is no longer the condition of a partial index.)
#
# A row is only locked here: it is written once, by :func:`choose` in the same transaction, when it is known where it
# goes. Each state that it passes costs an entry in every index.
_CLAIM = """
WITH taken AS (
    {head} LIMIT {at_once} FOR UPDATE OF d SKIP LOCKED
)
SELECT t.id, t.person_id, t.kind, t.facts, t.notice_id, t.attempts + 1 AS attempts, t.created_at, t.first_claim_at,
       t.reason, t.channel AS last_channel, t.openid AS last_openid,
       i.openid, i.subscribed, i.window_until, i.window_left, i.last_inbound_at
FROM taken t
LEFT JOIN LATERAL (SELECT * FROM identity i WHERE i.person_id = t.person_id AND i.appid = $2
                   ORDER BY i.subscribed DESC, i.last_inbound_at DESC NULLS LAST LIMIT 1) i ON TRUE
ORDER BY t.id
"""
_COLUMNS = """
d.id, d.person_id, d.kind, d.facts, d.notice_id, d.attempts, d.created_at, d.first_claim_at, d.reason, d.channel,
d.openid
"""
_FIRST = """
SELECT e.id FROM delivery e WHERE e.person_id = {person} AND e.state IN ('owed', 'sending')
ORDER BY e.person_id, e.id LIMIT 1
"""
_HEAD_DUE = f"""
SELECT {_COLUMNS} FROM delivery d
WHERE d.state = 'owed' AND d.next_at <= $1 AND d.id = ({_FIRST.format(person="d.person_id")})
ORDER BY d.next_at, d.id
"""
_HEAD_OF = f"""
SELECT {_COLUMNS} FROM unnest($3::bigint[]) AS who (person_id)
CROSS JOIN LATERAL ({_FIRST.format(person="who.person_id")}) first
JOIN delivery d ON d.id = first.id
WHERE d.state || '' = 'owed' AND d.next_at <= $1
ORDER BY d.id
"""
CLAIM_DUE = _CLAIM.format(head=_HEAD_DUE, at_once=AT_ONCE)
CLAIM_OF = _CLAIM.format(head=_HEAD_OF, at_once=AT_ONCE)
_CLAIM_DUE_ONE = _CLAIM.format(head=_HEAD_DUE, at_once=1)
_CLAIM_OF_ONE = _CLAIM.format(head=_HEAD_OF, at_once=1)

# What is put off unsent was no attempt.
_CHOOSE = f"""
WITH chosen AS (SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $8::timestamptz[])
                AS c(id, channel, state, reason, openid, next_at)),
spent AS (UPDATE identity SET window_left = greatest(window_left - 1, 0)
          FROM chosen c WHERE identity.appid = $6 AND identity.openid = c.openid AND c.channel = 'custom'
            AND c.state = 'sending')
UPDATE delivery SET state = c.state, reason = c.reason, next_at = coalesce(c.next_at, delivery.next_at),
       channel = CASE WHEN c.state = 'owed' THEN delivery.channel ELSE c.channel END,
       openid = CASE WHEN c.state = 'owed' THEN delivery.openid ELSE c.openid END,
       attempts = delivery.attempts + (c.state <> 'owed')::int,
       first_claim_at = CASE WHEN c.state = 'owed' THEN delivery.first_claim_at
                             WHEN c.channel = 'template' THEN coalesce(delivery.first_claim_at, $7) END,
       sender = $9,
       claimed_until = CASE WHEN c.state = 'sending' THEN clock_timestamp() + interval '{LEASE_SECONDS} seconds' END
FROM chosen c WHERE delivery.id = c.id
"""

# The everyday case of the same, by one channel: half of the arrays, which cost more to send than to read.
_CHOOSE_SENDING = f"""
WITH chosen AS (SELECT * FROM unnest($1::bigint[], $2::text[]) AS c(id, openid)),
spent AS (UPDATE identity SET window_left = greatest(window_left - 1, 0)
          FROM chosen c WHERE $3::text = 'custom' AND identity.appid = $4 AND identity.openid = c.openid)
UPDATE delivery SET state = 'sending', reason = '', channel = $3::text, openid = c.openid,
       attempts = delivery.attempts + 1, sender = $6,
       first_claim_at = CASE WHEN $3::text = 'template' THEN coalesce(delivery.first_claim_at, $5) END,
       claimed_until = clock_timestamp() + interval '{LEASE_SECONDS} seconds'
FROM chosen c WHERE delivery.id = c.id
"""

# A sender whose row was taken from it meanwhile has no say in it any more, but for one thing: that it did arrive.
_SENT = """
UPDATE delivery SET state = 'sent', reason = '', sent_at = $3, claimed_until = NULL
FROM unnest($1::bigint[], $2::smallint[]) AS d(id, attempts)
WHERE delivery.id = d.id AND delivery.attempts = d.attempts AND delivery.state IN ('sending', 'uncertain')
"""
_MARK = """
WITH done AS (SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[], $5::text[],
                                   $6::timestamptz[], $7::smallint[], $8::boolean[], $9::boolean[], $10::boolean[],
                                   $13::smallint[], $14::bigint[])
              AS d(id, state, reason, next_at, openid, heard_at, gives_back, closes_window, unfollowed, not_arrived,
                   attempts, msgid)),
ledger AS (UPDATE identity SET
               window_left = CASE WHEN d.closes_window THEN 0 ELSE window_left + d.gives_back END,
               subscribed = subscribed AND NOT d.unfollowed
           FROM done d WHERE identity.appid = $11 AND identity.openid = d.openid
             AND identity.last_inbound_at IS NOT DISTINCT FROM d.heard_at
             AND (d.closes_window OR d.unfollowed OR d.gives_back > 0))
UPDATE delivery SET state = d.state, reason = d.reason, next_at = coalesce(d.next_at, delivery.next_at),
       sent_at = CASE WHEN d.state = 'sent' THEN $12 ELSE sent_at END, claimed_until = NULL,
       first_claim_at = CASE WHEN NOT d.not_arrived THEN first_claim_at END, msgid = coalesce(d.msgid, delivery.msgid)
FROM done d WHERE delivery.id = d.id AND delivery.attempts = d.attempts
  AND (delivery.state = 'sending' OR (delivery.state = 'uncertain' AND d.state = 'sent'))
"""

ABANDONED = f"""
UPDATE delivery SET claimed_until = NULL,
    state = CASE WHEN channel = 'template' AND first_claim_at > $1 THEN 'owed' ELSE 'uncertain' END,
    reason = 'the sender stopped before the answer was noted'
WHERE state = 'sending' AND channel IS DISTINCT FROM 'mass' AND (claimed_until < clock_timestamp() OR {DEAD})
RETURNING id, person_id, state
"""

_OWE = """
INSERT INTO delivery (person_id, kind, facts, case_id, notice_id, state, reason, openid, attempts, created_at, next_at)
SELECT o.person_id, o.kind, o.facts, o.case_id, o.notice_id, 'owed', '', '', 0, $6, $6
FROM unnest($1::bigint[], $2::text[], $3::jsonb[], $4::bigint[], $5::bigint[]) WITH ORDINALITY
     AS o(person_id, kind, facts, case_id, notice_id, place)
ORDER BY o.place
"""


async def owe(owed: Sequence[Any], now: datetime) -> None:
    """One row for each of *owed* (:class:`services.deliveries.Owed`), in their order."""
    await _run(
        _OWE,
        [item.person_id for item in owed],
        [item.kind for item in owed],
        [json.dumps(dict(item.facts), ensure_ascii=False) for item in owed],
        [item.case_id for item in owed],
        [item.notice_id for item in owed],
        now,
    )


async def claim(now: datetime, appid: str, people: Sequence[int] | None, *, one: bool = False) -> list[Any]:
    """Lock up to :data:`AT_ONCE` rows that are due (or *one*), each with the person's account and window.

    Call :func:`choose` in the same transaction; nobody else can take them meanwhile.
    """
    if people is None:
        return await rows(_CLAIM_DUE_ONE if one else CLAIM_DUE, now, appid)
    return await rows(_CLAIM_OF_ONE if one else CLAIM_OF, now, appid, list(people))


async def choose(batch: Sequence[Sending], appid: str, sender: int, now: datetime) -> None:
    """Write down where each row goes, by whom, and take it off the person's window, before anything is sent."""
    going: dict[Channel, list[Sending]] = {}
    rest = []
    for item in batch:
        if item.state is State.SENDING and not item.reason and item.next_at is None:
            going.setdefault(item.channel, []).append(item)
        else:
            rest.append(item)
    for channel, items in going.items():
        ids, openids = [item.id for item in items], [item.openid for item in items]
        await _run(_CHOOSE_SENDING, ids, openids, channel.value, appid, now, sender)
    if rest:
        await _choose(rest, appid, sender, now)


async def _choose(batch: Sequence[Sending], appid: str, sender: int, now: datetime) -> None:
    await _run(
        _CHOOSE,
        [item.id for item in batch],
        [item.channel.value for item in batch],
        [item.state.value for item in batch],
        [item.reason for item in batch],
        [item.openid for item in batch],
        appid,
        now,
        [item.next_at for item in batch],
        sender,
    )


async def mark(batch: Sequence[Sending], appid: str, now: datetime) -> None:
    """Write down what became of each row."""
    sent = [item for item in batch if item.state is State.SENT and item.msgid is None]
    if sent:
        await _run(_SENT, [item.id for item in sent], [item.attempts for item in sent], now)
    if len(sent) < len(batch):
        await _mark([item for item in batch if item.state is not State.SENT or item.msgid is not None], appid, now)


async def _mark(batch: Sequence[Sending], appid: str, now: datetime) -> None:
    await _run(
        _MARK,
        [item.id for item in batch],
        [str(item.state) for item in batch],
        [item.reason for item in batch],
        [item.next_at for item in batch],
        [item.openid for item in batch],
        [item.heard_at for item in batch],
        [int(item.gives_back and item.channel is Channel.CUSTOM) for item in batch],
        [item.closes_window and item.channel is Channel.CUSTOM for item in batch],
        [item.unfollowed for item in batch],
        [item.not_arrived for item in batch],
        appid,
        now,
        [item.attempts for item in batch],
        [item.msgid for item in batch],
    )


async def abandoned(now: datetime) -> list[Any]:
    """Take the rows of dead senders, and those whose lease has run out: owed again where WeChat knows a repeat."""
    return await rows(ABANDONED, now - CLIENT_ID_LIFE)


async def _run(sql: str, *values: object) -> None:
    # Through execute_query_dict nothing would come back from a statement without RETURNING; this one counts rows only.
    await get_connection("default").execute_query(sql, list(values))
