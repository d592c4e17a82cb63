"""When several things wait for one member of staff, one message tells of them all; what is urgent comes alone.

Whoever comes back to five new cases has five messages in a row otherwise, and the customer-service window of WeChat
holds no more than five. The rows stay one for each thing, in the inbox as in the figures: the first of them is sent,
with the words for all, and what becomes of it becomes of the others.

A message that may or may not have arrived is repeated only where WeChat knows it again, which is the first row's
alone: the others are then uncertain.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.delivery import FEWEST_GATHERED, GATHERED, MOST_GATHERED, Channel, State
from services.delivery_claims import LEASE_SECONDS, Sending
from services.delivery_preparing import Preparing, facts_of
from services.transaction import rows

KIND = "gathered"
"""The kind of which :class:`services.ports.Wording` makes the words; its facts are ``items``, pairs of kind and facts.
No row is of it."""

# What stands behind the first row of a person, in order. What somebody else holds locked (two people are being merged)
# ends the row of things that may be told together: nothing overtakes.
_BEHIND = """
WITH behind AS MATERIALIZED (
    SELECT h.first, d.id FROM unnest($1::bigint[], $2::bigint[]) AS h(first, person_id)
    CROSS JOIN LATERAL (SELECT d.id FROM delivery d
                        WHERE d.person_id = h.person_id AND d.state IN ('owed', 'sending') AND d.id > h.first
                        ORDER BY d.person_id, d.id LIMIT $3) d
), locked AS (
    SELECT d.* FROM delivery d WHERE d.id IN (SELECT id FROM behind) AND d.state = 'owed' FOR UPDATE SKIP LOCKED
)
SELECT b.first, b.id, l.person_id, l.kind, l.facts, l.attempts + 1 AS attempts, l.created_at, l.first_claim_at,
       l.next_at <= $4 AS due
FROM behind b LEFT JOIN locked l ON l.id = b.id ORDER BY b.id
"""
_TAKE = f"""
UPDATE delivery SET state = 'sending', reason = '', channel = t.channel, openid = t.openid, sender = $4,
       attempts = delivery.attempts + 1, claimed_until = clock_timestamp() + interval '{LEASE_SECONDS} seconds'
FROM unnest($1::bigint[], $2::text[], $3::text[]) AS t(id, channel, openid) WHERE delivery.id = t.id
RETURNING delivery.id
"""


async def gather(batch: Sequence[Sending], preparing: Preparing, sender: int, now: datetime) -> list[Sending]:
    """Take what waits behind the messages of *batch* and goes with them, in the transaction of their claim.

    Returns those that were taken, each with its ``told_with``, and puts the words for all on the first.
    """
    first = {item.id: item for item in batch if _may_go_together(item.kind, item.facts) and _leaves(item)}
    if not first:
        return []
    ids, people = list(first), [item.person_id for item in first.values()]
    behind: dict[int, list[Sending]] = {}
    ended = set()
    for found in await rows(_BEHIND, ids, people, MOST_GATHERED - 1, now):
        head = first[found["first"]]
        if head.id in ended or not _fits(found):
            ended.add(head.id)
        else:
            behind.setdefault(head.id, []).append(_with(head, found))
    taken = []
    for head_id, others in behind.items():
        head = first[head_id]
        told = {"items": [[item.kind, item.facts] for item in (head, *others)]}
        if len(others) + 1 >= FEWEST_GATHERED and preparing.put_into_words(head, KIND, told):
            taken += others
    if taken:
        ids, openids = [item.id for item in taken], [item.openid for item in taken]
        await rows(_TAKE, ids, [item.channel.value for item in taken], openids, sender)
    return taken


def share(taken: Sequence[Sending]) -> None:
    """What has become of each first message becomes of those told with it."""
    for item in taken:
        head = item.told_with
        assert head is not None  # noqa: S101 - gather has set it
        item.state, item.reason, item.next_at, item.not_arrived = (
            head.state,
            head.reason,
            head.next_at,
            head.not_arrived,
        )
        if head.state is State.OWED and not head.not_arrived:
            item.state, item.next_at = State.UNCERTAIN, None


def _may_go_together(kind: str, facts: Mapping[str, object]) -> bool:
    return kind in GATHERED and facts.get("urgent") is not True


def _leaves(item: Sending) -> bool:
    return item.state is State.SENDING and item.channel is not Channel.INBOX and not item.unsure


def _fits(found: Any) -> bool:
    return (
        found["person_id"] is not None
        and found["due"]
        and found["first_claim_at"] is None
        and _may_go_together(found["kind"], facts_of(found["facts"]))
    )


def _with(head: Sending, found: Any) -> Sending:
    return Sending(
        id=found["id"],
        person_id=found["person_id"],
        kind=found["kind"],
        facts=facts_of(found["facts"]),
        attempts=found["attempts"],
        created_at=found["created_at"],
        openid=head.openid,
        channel=head.channel,
        state=State.SENDING,
        heard_at=head.heard_at,
        told_with=head,
    )
