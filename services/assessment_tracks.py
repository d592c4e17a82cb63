"""Patrols, visits and exempt days as the assessment needs them: one statement on each table."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain.month import Month
from services.transaction import row, rows

# A service record 服务记录 has a photo (X 三(三)): without one a visit is on its list, and in no score. What was done
# beside the list counts as a record, and for nobody on it. Looked up visit by visit (OFFSET 0 keeps it so): as a join,
# all photos of all towns are read for a hundred workers.
_VISITS = """
SELECT v.id, v.person_id, v.region_id, CASE WHEN v.due_on IS NOT NULL THEN v.subject_id END AS subject_id, v.at,
       v.due_on, v.in_time
FROM visit v, LATERAL (
    SELECT 1 FROM attachment a WHERE a.visit_id = v.id AND a.kind = 'photo' AND a.state <> 'lost' LIMIT 1 OFFSET 0
) photo
WHERE v.person_id = ANY($1::bigint[]) AND v.at >= $2 AND v.at < $3
"""
_WHOSE_VISIT = "SELECT person_id, region_id FROM visit WHERE id = $1"
# A patrol without a way that was walked is no track (X 三(一)). The weather (X 四) keeps everybody of a grid in.
_DAYS = """
SELECT DISTINCT 'track' AS what, person_id, NULL::int AS region_id, day, NULL::timestamptz AS starts_at,
       NULL::timestamptz AS ends_at
FROM patrol
WHERE person_id = ANY($1::bigint[]) AND day >= $3 AND day < $4 AND length_metres > 0 AND ended_at IS NOT NULL
UNION ALL
SELECT 'exempt', NULL, g.id, e.day, NULL, NULL FROM region g JOIN region above ON g.path LIKE above.path || '%'
JOIN exempt_day e ON e.region_id = above.id
WHERE g.id = ANY($2::int[]) AND e.day >= $3 AND e.day < $4
UNION ALL
SELECT 'leave', person_id, NULL, NULL, starts_at, ends_at FROM leave
WHERE person_id = ANY($1::bigint[]) AND state = 'approved' AND starts_at < $6 AND ends_at > $5
"""


async def days(people: Sequence[int], grids: Sequence[int], month: Month) -> list[Any]:
    """What excuses or counts by the day in *month*; ``what`` is one of three.

    ``track``: ``person_id`` walked on ``day`` · ``exempt``: nobody of ``region_id`` need walk on ``day`` · ``leave``:
    ``person_id`` has leave from ``starts_at`` to ``ends_at``.
    """
    return await rows(_DAYS, people, grids, month.first, month.following.first, month.starts, month.ends)


async def visits(people: Sequence[int], since: datetime, until: datetime) -> list[Any]:
    """The visits from *since*, before *until*: ``subject_id`` is empty for one that was due on no list."""
    return await rows(_VISITS, people, since, until)


async def whose_visit(visit_id: int) -> Any:
    """``person_id`` and ``region_id`` of a visit; ``None`` where there is none."""
    return await row(_WHOSE_VISIT, visit_id)
