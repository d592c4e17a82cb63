"""Patrols and visits as the assessment needs them: one statement on each table.

The tables ``patrol`` and ``visit`` belong to the patrols' own room. Where a database has none yet, nobody has walked.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from services.transaction import row, rows

# A patrol without a way that was walked is no track (X 三(一)).
_TRACKS = """
SELECT DISTINCT person_id, region_id, day FROM patrol
WHERE person_id = ANY($1::bigint[]) AND day >= $2 AND day < $3 AND length_metres > 0
"""
_VISITS = """
SELECT id, person_id, region_id, subject_id, at, due_on, in_time FROM visit
WHERE person_id = ANY($1::bigint[]) AND at >= $2 AND at < $3
"""
_WHOSE_VISIT = "SELECT person_id, region_id FROM visit WHERE id = $1"
_EXISTS = "SELECT to_regclass($1) IS NOT NULL AS yes"


async def tracks(people: Sequence[int], first: date, until: date) -> list[Any]:
    """``person_id``, ``region_id``, ``day`` of each day from *first*, before *until*, with a patrol track."""
    return await rows(_TRACKS, people, first, until) if await _exists("patrol") else []


async def visits(people: Sequence[int], since: datetime, until: datetime) -> list[Any]:
    """The visits from *since*, before *until*: ``subject_id`` is empty for whoever is on no list."""
    return await rows(_VISITS, people, since, until) if await _exists("visit") else []


async def _exists(table: str) -> bool:
    return bool((await row(_EXISTS, table))["yes"])


async def whose_visit(visit_id: int) -> Any:
    """``person_id`` and ``region_id`` of a visit; ``None`` where there is none."""
    return await row(_WHOSE_VISIT, visit_id) if await _exists("visit") else None
