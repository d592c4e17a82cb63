"""Patrols, visits and exempt days as the assessment needs them: one statement on each table."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from services.transaction import row, rows

# A patrol without a way that was walked is no track (X 三(一)).
_TRACKS = """
SELECT DISTINCT person_id, region_id, day FROM patrol
WHERE person_id = ANY($1::bigint[]) AND day >= $2 AND day < $3 AND length_metres > 0 AND ended_at IS NOT NULL
"""
# A service record 服务记录 has a photo (X 三(三)): without one a visit is on its list, and in no score. What was done
# beside the list counts as a record, and for nobody on it.
_VISITS = """
SELECT v.id, v.person_id, v.region_id, CASE WHEN v.due_on IS NOT NULL THEN v.subject_id END AS subject_id, v.at,
       v.due_on, v.in_time
FROM visit v
WHERE v.person_id = ANY($1::bigint[]) AND v.at >= $2 AND v.at < $3
  AND EXISTS (SELECT 1 FROM attachment a WHERE a.visit_id = v.id AND a.kind = 'photo' AND a.state <> 'lost')
"""
_WHOSE_VISIT = "SELECT person_id, region_id FROM visit WHERE id = $1"
_EXEMPT = """
SELECT g.id AS region_id, e.day FROM region g JOIN region above ON g.path LIKE above.path || '%'
JOIN exempt_day e ON e.region_id = above.id
WHERE g.id = ANY($1::int[]) AND e.day >= $2 AND e.day < $3
"""


async def tracks(people: Sequence[int], first: date, until: date) -> list[Any]:
    """``person_id``, ``region_id``, ``day`` of each day from *first*, before *until*, with a patrol track."""
    return await rows(_TRACKS, people, first, until)


async def visits(people: Sequence[int], since: datetime, until: datetime) -> list[Any]:
    """The visits from *since*, before *until*: ``subject_id`` is empty for one that was due on no list."""
    return await rows(_VISITS, people, since, until)


async def exempt(grids: Sequence[int], first: date, until: date) -> list[Any]:
    """``region_id`` and ``day`` of each day that the weather (X 四) keeps everybody of a grid in."""
    return await rows(_EXEMPT, grids, first, until)


async def whose_visit(visit_id: int) -> Any:
    """``person_id`` and ``region_id`` of a visit; ``None`` where there is none."""
    return await row(_WHOSE_VISIT, visit_id)
