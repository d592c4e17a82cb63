"""The hot statements find their rows by an index, as PostgreSQL itself plans them over twenty thousand rows."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tortoise.connection import get_connection

from models import Case
from services import delivery_claims, everyday, likeness, overdue, queues, waking
from services.transaction import rows
from tests.services.conftest import Street

COUNT = 20_000
NOW = datetime(2027, 3, 1, tzinfo=UTC)

_CASES = """
INSERT INTO "case" (number, resident_id, status, level, grid_id, unit_id, holder_id, title, description, source,
                    event_type, category, urgent, address, created_at, touched_at, next_due, sweep_at, resolved_at,
                    rating_note, reopened)
SELECT n, 1 + n % $2::int, CASE WHEN n % 20 = 0 THEN 'submitted' WHEN n % 50 = 1 THEN 'resolved' ELSE 'closed' END, 1,
       $3, $3, 1 + n % $2::int, '', '', 'mini', '', '', FALSE, '', $4::timestamptz, $4,
       CASE WHEN n % 20 = 0 THEN $4::timestamptz + n * interval '1 minute' END,
       CASE WHEN n % 20 = 0 THEN $4::timestamptz + n * interval '1 minute' END,
       CASE WHEN n % 50 = 1 THEN $4::timestamptz + n * interval '1 minute' END, '', 0
FROM generate_series(1, $1::int) n RETURNING 1
"""
_SUSPENDED = """
UPDATE "case" SET status = 'suspended', next_due = NULL, sweep_at = NULL,
       suspended_until = $1::timestamptz + id * interval '1 minute'
WHERE id % 23 = 0 AND status IN ('submitted', 'accepted') RETURNING 1
"""
_DELIVERIES = """
INSERT INTO delivery (person_id, kind, facts, state, reason, openid, attempts, created_at, next_at)
SELECT 1 + n % $2::int, 'answer', '{}', CASE WHEN n % 40 = 0 THEN 'owed' ELSE 'sent' END, '', '', 0, $3::timestamptz,
       $3 + (n % 400) * interval '1 minute'
FROM generate_series(1, $1::int) n RETURNING 1
"""


@pytest.fixture
async def full(street: Street) -> Street:
    people = 2000
    await rows(
        "INSERT INTO person (name, phone, created_at) SELECT '', '', $2 FROM generate_series(1, $1::int) RETURNING 1",
        people,
        NOW,
    )
    await rows(_CASES, COUNT, people, (await street.region("32041210120101")).id, NOW)
    await rows(_SUSPENDED, NOW)
    await analyze("delivery")
    await rows(_DELIVERIES, COUNT, people, NOW)
    await rows(
        "INSERT INTO attachment (id, person_id, kind, state, key, media_type, size, sha256, created_at, case_id) "
        "SELECT gen_random_uuid(), 1, 'photo', 'kept', '', '', 0, '', $2, n FROM generate_series(1, $1::int) n "
        "RETURNING 1",
        COUNT,
        NOW,
    )
    await analyze('"case"', "person", "identity", "region", "attachment")
    return street


async def analyze(*tables: str) -> None:
    for table in tables:
        await get_connection("default").execute_script(f"ANALYZE {table}")


async def plan(sql: str, *values: object) -> tuple[set[str], set[str]]:
    """The indexes that the plan uses, and the tables that it reads from end to end."""
    (found,) = await rows(f"EXPLAIN (FORMAT JSON) {sql}", *values)
    (top,) = json.loads(found["QUERY PLAN"])
    used: set[str] = set()
    whole: set[str] = set()

    def look(node: dict[str, Any]) -> None:
        if "Index Name" in node:
            used.add(node["Index Name"])
        if node["Node Type"] == "Seq Scan":
            whole.add(node["Relation Name"])
        for below in node.get("Plans", []):
            look(below)

    look(top["Plan"])
    return used, whole & {"case", "delivery", "case_event", "attachment", "person"}


async def test_right_after_a_large_notice_senders_still_step_along_the_index(full: Street) -> None:
    """The statistics are older than the notice then, and a planner that trusts them reads all that is owed."""
    later = NOW + timedelta(minutes=30)
    due, _ = await plan(delivery_claims.CLAIM_DUE, later, "wx")
    some, _ = await plan(delivery_claims.CLAIM_OF, later, "wx", list(range(1, 201)))
    assert {"delivery_due", "delivery_unfinished"} <= due
    assert "delivery_unfinished" in some
    assert "delivery_due" not in some


async def test_the_hot_statements_walk_along_their_indexes(full: Street) -> None:
    await analyze("delivery")
    later, first = NOW + timedelta(minutes=30), datetime(2020, 1, 1, tzinfo=UTC)
    appid = full.house.settings.wechat.official.appid
    hot: dict[str, tuple[str, tuple[object, ...], set[str]]] = {
        "the queue": (queues._QUEUE, (5, [1, 2], first, 0, 21, [1]), {"case_queue", "case_unit", "case_alert"}),
        "words for the drafts of thirty": (
            everyday._KEEP,
            (appid, *[[f"{what}{n}" for n in range(30)] for what in "kot"], list(range(30)), later, 5, later),
            {"case_draft", "case_resident", "inbound_key_key"},
        ),
        "the sweep of what is late": (overdue._DUE, (later, first, 0, 50), {"case_due"}),
        "the sweep of what is to wake": (waking._DUE, (later, first, 0, 50), {"case_suspended"}),
        "what may be the same": (
            likeness._CANDIDATES,
            (1, "", first, later, 31.5, 120.1, 50, 7, ["submitted"]),
            {"case_alike"},
        ),
        "the sweep of what nobody rated": (overdue._UNRATED, (later, first, 0, 50), {"case_resolved"}),
        "claiming what is due": (delivery_claims.CLAIM_DUE, (later, appid), {"delivery_due", "delivery_unfinished"}),
        "claiming for some people": (
            delivery_claims.CLAIM_OF,
            (later, appid, list(range(1, 201))),
            {"delivery_unfinished"},
        ),
        "finding what a dead sender left": (delivery_claims.ABANDONED, (later,), {"delivery_claimed"}),
        "what waits to be fetched": (
            "SELECT * FROM attachment WHERE state = 'pending' AND created_at < $1 ORDER BY created_at LIMIT 100",
            (later,),
            {"attachment_pending"},
        ),
    }
    for name, (sql, values, wanted) in hot.items():
        used, whole = await plan(sql, *values)
        assert wanted <= used, (name, used)
        assert whole == set(), (name, whole)
    # And what the hand-written statement finds among so many is what the model's own query finds.
    worker = await full.actor("worker")
    found = [line.number for line in (await full.desk.queues.mine(worker, limit=50)).items]
    waiting = Case.filter(status__in=["submitted", "accepted"], unit_id__in=[held.region_id for held in worker.duties])
    assert found == [case.number for case in await waiting.order_by("next_due", "id").limit(50)]
    assert len(found) == 50
