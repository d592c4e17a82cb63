"""Whom a notice is for, as SQL: counted before it is sent, and written down piece by piece when it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.notice import Audience
from models import Region
from services.routing import AWAY, TODAY
from services.transaction import row, rows

# $1 path, $2 now, $3 duties, $4 event type. One row for each person, with the grid that they count for.
_RESIDENTS = """
SELECT p.id, p.grid_id FROM person p JOIN region r ON r.id = p.grid_id
WHERE r.path LIKE $1 || '%' AND cardinality($3::text[]) = 0
"""
_STAFF = f"""
SELECT d.person_id AS id, min(d.region_id) AS grid_id FROM held_duty d JOIN region r ON r.id = d.region_id
WHERE r.path LIKE $1 || '%' AND d.duty = ANY($3::text[]) AND d.from_date <= {TODAY}
  AND (d.to_date IS NULL OR d.to_date >= {TODAY})
GROUP BY d.person_id
"""
_REPORTED = """
SELECT c.resident_id AS id, min(c.grid_id) AS grid_id FROM "case" c JOIN region r ON r.id = c.grid_id
WHERE r.path LIKE $1 || '%' AND c.event_type = $4 AND c.kind = 'case'
  AND c.status IN ('submitted', 'accepted', 'suspended', 'resolved')
GROUP BY c.resident_id
"""
_WITH_CASE = f"AND a.id IN (SELECT id FROM ({_REPORTED}) reported)"


def _people(audience: Audience) -> str:
    """The statement that finds them; its parameters are always $1 to $4."""
    if audience.duties:
        return f"SELECT * FROM ({_STAFF}) a WHERE $4::text IS NOT NULL {_WITH_CASE if audience.open_case_of else ''}"
    if audience.open_case_of:
        return f"SELECT * FROM ({_REPORTED}) a WHERE cardinality($3::text[]) = 0 AND $2::timestamptz IS NOT NULL"
    return f"SELECT * FROM ({_RESIDENTS}) a WHERE $4::text IS NOT NULL AND $2::timestamptz IS NOT NULL"


def _given(region: Region, audience: Audience, now: datetime) -> list[Any]:
    return [region.path, now, sorted(audience.duties), audience.open_case_of]


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many people a notice would reach, and how, if it went out now. Windows open and close: it is an estimate."""

    people: int
    custom: int
    """Have written lately: the whole text comes as a message."""
    template: int
    """Follow the account: a template message with a link."""
    subscription: int
    """Have agreed to one more message, of the account or the mini program: it has a link."""
    inbox: int
    """Have bound a WeChat, but no channel is open: it waits in their inbox."""
    nothing: int
    """No WeChat at all: somebody must tell them."""


@dataclass(frozen=True, slots=True)
class Templates:
    """What notices may go out by beside plain words, as template ids; empty: the town has none."""

    template: str = ""
    subscribe: str = ""
    mini: str = ""


_ESTIMATE = """
SELECT count(*) AS people, count(*) FILTER (WHERE open) AS custom,
       count(*) FILTER (WHERE follows AND $6 AND NOT open) AS template,
       count(*) FILTER (WHERE agrees AND NOT open AND NOT (follows AND $6)) AS subscription,
       count(*) FILTER (WHERE NOT bound) AS nothing
FROM ({people}) a CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(i.appid = $5 AND i.subscribed), FALSE) AS follows, count(*) > 0 AS bound,
           coalesce(bool_or(i.appid = $5 AND i.subscribed AND i.window_until > $2 AND i.window_left > 0),
                    FALSE) AS open,
           coalesce(bool_or(EXISTS (
               SELECT 1 FROM subscription s WHERE s.appid = i.appid AND s.openid = i.openid AND s.left_over > 0
               AND ((s.template_id = $7 AND i.subscribed) OR s.template_id = $8))), FALSE) AS agrees
    FROM identity i WHERE i.person_id = a.id
) one
"""


async def estimate(region: Region, audience: Audience, now: datetime, *, appid: str, templates: Templates) -> Estimate:
    """By which channel each would get it now, in the order of :func:`domain.delivery.choose_channel`."""
    found = await row(
        _ESTIMATE.format(people=_people(audience)),
        *_given(region, audience, now),
        appid,
        templates.template != "",
        templates.subscribe or None,
        templates.mini or None,
    )
    people, ways = int(found["people"]), ("custom", "template", "subscription")
    custom, template, subscription = (int(found[name]) for name in ways)
    nothing = int(found["nothing"])
    inbox = people - custom - template - subscription - nothing
    return Estimate(people, custom, template, subscription, inbox, nothing)


_FIX = """
WITH piece AS MATERIALIZED (
    SELECT a.id, a.grid_id FROM ({people}) a WHERE a.id > $5 ORDER BY a.id LIMIT {at_once}
), written AS (
    INSERT INTO delivery (person_id, kind, facts, notice_id, state, reason, openid, attempts, created_at, next_at,
                          grid_id, token)
    SELECT id, 'notice', '{{}}', $6, 'held', '', '', 0, $2, $2, grid_id, gen_random_uuid() FROM piece
    ON CONFLICT (notice_id, person_id) WHERE notice_id IS NOT NULL DO NOTHING
    RETURNING 1
)
SELECT (SELECT count(*) FROM written) AS written, count(*) AS seen, max(id) AS last FROM piece
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one step has written down: how many recipients, up to whom, and whether they were the last."""

    written: int
    last: int
    whole: bool


async def write_down(
    notice_id: int, region: Region, audience: Audience, now: datetime, *, after: int, at_once: int
) -> Piece:
    """Write the next *at_once* recipients after person *after*, in the open transaction. None of them is sent yet."""
    sql = _FIX.format(people=_people(audience), at_once=at_once)
    found = await row(sql, *_given(region, audience, now), after, notice_id)
    return Piece(int(found["written"]), int(found["last"] or after), int(found["seen"]) < at_once)


# Who may agree: whoever may send notices to the region, the nearest level first; not on leave, not the author.
_APPROVERS = f"""
SELECT d.person_id, min(r.level) AS level FROM held_duty d JOIN region r ON r.id = d.region_id
WHERE $1 LIKE r.path || '%' AND d.duty = ANY($3::text[]) AND d.department_id IS NULL AND d.person_id <> $4
  AND d.from_date <= {TODAY} AND (d.to_date IS NULL OR d.to_date >= {TODAY}) AND NOT {AWAY.format(who="d.person_id")}
GROUP BY d.person_id
"""


async def approvers(region: Region, duties: Sequence[str], author: int, now: datetime) -> list[int]:
    """Everybody at the nearest level where there is anybody."""
    found = await rows(f"{_APPROVERS} ORDER BY level, person_id", region.path, now, list(duties), author)
    return [one["person_id"] for one in found if one["level"] == found[0]["level"]]
