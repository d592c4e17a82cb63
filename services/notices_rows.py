"""The recipients' rows of a notice: released, held back, ended; and the gate through which a sender takes them.

A notice's state is one column, its recipients are a hundred thousand rows. The gate makes a pause or a recall count
from the next batch on; the rows follow piece by piece, each piece in a transaction that holds the notice's row:

    held --release--> owed --claim--> sending --> sent | inbox | uncertain | failed
      ^------hold------'
    held, owed, inbox --end--> recalled | expired      (uncertain, where an answer is still missing)

A row that somebody is sending is never touched: it belongs to its sender until WeChat has answered. When it comes back
as owed, to be tried again, the next claim meets the gate.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.notice import Status
from services.transaction import rows

# Each piece passes over rows that a sender is just claiming: they are not waited for, so nobody waits for us.
_PIECE = """
WITH piece AS MATERIALIZED (
    SELECT id FROM delivery
    WHERE notice_id = $1 AND state IN ('held', 'owed', 'sending', 'inbox') AND state IN ({states})
    ORDER BY id LIMIT {at_once} FOR UPDATE SKIP LOCKED
)
"""
_RELEASE = """
UPDATE delivery SET state = 'owed', created_at = $2, next_at = $2 FROM piece WHERE delivery.id = piece.id
RETURNING person_id
"""
_HOLD = "UPDATE delivery SET state = 'held' FROM piece WHERE delivery.id = piece.id RETURNING delivery.id"
# What may have arrived is never said to have been taken back.
_END = """
UPDATE delivery SET state = CASE WHEN first_claim_at IS NOT NULL THEN 'uncertain' ELSE $2::text END,
       reason = CASE WHEN first_claim_at IS NOT NULL THEN 'the answer got lost before the notice was ' || $2::text
                     ELSE 'the notice was ' || $2::text END
FROM piece WHERE delivery.id = piece.id RETURNING delivery.id
"""
_LEFT = """
SELECT EXISTS (SELECT FROM delivery WHERE notice_id = $1 AND state IN ('held', 'owed', 'sending', 'inbox')
               AND state IN ({states})) AS left
"""

HOLDING = frozenset({Status.PAUSED, Status.RESTING})
ENDING: Mapping[str, str] = {Status.RECALLED: "'held', 'owed', 'inbox'", Status.EXPIRED: "'held', 'owed'"}


async def release(notice_id: int, now: datetime, *, at_once: int) -> list[int]:
    """Owe the next held rows; returns whose they are, in order."""
    sql = _PIECE.format(states="'held'", at_once=at_once) + _RELEASE
    return sorted(one["person_id"] for one in await rows(sql, notice_id, now))


async def hold(notice_id: int, *, at_once: int) -> int:
    return len(await rows(_PIECE.format(states="'owed'", at_once=at_once) + _HOLD, notice_id))


async def end(notice_id: int, status: Status, *, at_once: int) -> int:
    """Take back what has not gone out, or has come too late; *status* is recalled or expired."""
    sql = _PIECE.format(states=ENDING[status], at_once=at_once) + _END
    return len(await rows(sql, notice_id, str(status)))


async def any_left(notice_id: int, states: str) -> bool:
    return bool((await rows(_LEFT.format(states=states), notice_id))[0]["left"])


# The gate.

_NOTICES = """
SELECT n.id, n.state, n.title, n.text, n.link <> '' OR n.picture_id IS NOT NULL AS more, n.rests_at, n.expires_at,
       r.name AS region
FROM notice n JOIN region r ON r.id = n.region_id WHERE n.id = ANY($1::bigint[]) ORDER BY n.id
"""
_STOP = """
UPDATE delivery SET
       state = CASE WHEN s.state = 'held' THEN 'held' WHEN delivery.first_claim_at IS NOT NULL THEN 'uncertain'
                    ELSE s.state END,
       reason = CASE WHEN s.state = 'held' THEN delivery.reason
                     WHEN delivery.first_claim_at IS NULL THEN 'the notice was ' || s.state
                     ELSE 'the answer got lost before the notice was ' || s.state END
FROM unnest($1::bigint[], $2::text[]) AS s (id, state) WHERE delivery.id = s.id RETURNING delivery.id
"""
_TOKENS = "SELECT id, token FROM delivery WHERE id = ANY($1::bigint[]) AND token IS NOT NULL"


async def through_the_gate(
    taken: Sequence[Any], now: datetime, public_url: str = ""
) -> tuple[list[Any], dict[int, dict[str, object]]]:
    """Which of the rows that a sender has just claimed may go, and what each one's notice says (by the row's id).

    Call it in the transaction of the claim. What may not go is held back or ended here, in the same transaction.
    """
    ids = sorted({one["notice_id"] for one in taken if one["notice_id"] is not None})
    if not ids:
        return list(taken), {}
    known = {one["id"]: one for one in await rows(_NOTICES, ids)}
    shut = [one for one in ids if one in known and _stops(known[one], now) is not None]
    if shut:
        # Only now wait for whoever is moving it: a row held back beside a resumption would be forgotten.
        known |= {one["id"]: one for one in await rows(f"{_NOTICES} FOR SHARE OF n", shut)}
    stopped = {
        one["id"]: state
        for one in taken
        if one["notice_id"] in known and (state := _stops(known[one["notice_id"]], now)) is not None
    }
    if stopped:
        await rows(_STOP, list(stopped), list(stopped.values()))
    going = [one for one in taken if one["id"] not in stopped]
    of_notice = [one for one in going if one["notice_id"] in known]
    tokens = await rows(_TOKENS, [one["id"] for one in of_notice]) if public_url else []
    links = {one["id"]: f"{public_url}/n/{shortened(one['token'])}" for one in tokens}
    return going, {one["id"]: _said(known[one["notice_id"]], links.get(one["id"], "")) for one in of_notice}


def _stops(notice: Any, now: datetime) -> str | None:
    """What becomes of a row of *notice* that was claimed now; ``None``: it goes."""
    state = notice["state"]
    if state in {Status.RECALLED, Status.EXPIRED}:
        return str(state)
    if notice["expires_at"] is not None and notice["expires_at"] <= now:
        return str(Status.EXPIRED)
    rests = state == Status.SENDING and notice["rests_at"] is not None and notice["rests_at"] <= now
    return "held" if state in HOLDING or rests else None


def _said(notice: Any, url: str) -> dict[str, object]:
    facts = {"text": notice["text"], "headline": notice["title"], "region": notice["region"]}
    return {**facts, "url": url, "more": notice["more"]}


# The link's last part: a random UUID, in 22 letters.


def shortened(token: UUID) -> str:
    return base64.urlsafe_b64encode(token.bytes).rstrip(b"=").decode()


def lengthened(text: str) -> UUID | None:
    """The UUID that :func:`shortened` made *text* of, or ``None``."""
    try:
        found = UUID(bytes=base64.b64decode(f"{text}==", altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return None
    return found if shortened(found) == text else None
