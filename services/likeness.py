"""Cases that may be the same as this one (DOMAIN §2, merge 合并): a hint for staff, never for residents."""

from datetime import datetime
from typing import Any

from domain.case import OPEN
from domain.likeness import CLOSE_METRES, LIKE_ENOUGH, WITHIN, likeness
from models import Case
from services.transaction import rows

_LOOKED_AT = 50
_SHOWN = 3
# Along the index case_alike: the newest of one grid and one type, however many cases there are. Metres on a flat map
# are good enough for a hint; a centimetre is nothing, and the square of less than 1e-154 degrees is an error.
_CANDIDATES = """
SELECT c.number, c.title, c.description, c.status,
       111320 * sqrt(round((c.latitude - $5::float8)::numeric, 7)::float8 ^ 2
                     + (round((c.longitude - $6::float8)::numeric, 7)::float8 * cos(radians($5::float8))) ^ 2) AS metres
FROM (
    SELECT * FROM "case"
    WHERE grid_id = $1 AND event_type = $2 AND submitted_at IS NOT NULL AND submitted_at > $3 AND submitted_at < $4
    ORDER BY submitted_at DESC LIMIT $7
) c
WHERE c.id <> $8 AND c.kind = 'case' AND c.status = ANY($9)
"""


async def alike(case: Case) -> list[int]:
    """The numbers of what may be the same as *case*, at most three, the likest first.

    Same grid, same type (or both without), filed within 14 days of each other, still open, close in words or within
    150 m. A complaint is like nothing, and nothing is like a complaint.
    """
    if case.kind != "case" or case.grid_id is None or case.submitted_at is None:
        return []
    near: list[tuple[float, int]] = []
    for found in await _candidates(case, case.submitted_at):
        in_words = likeness(case.description or case.title, found["description"] or found["title"])
        in_place = found["metres"] is not None and found["metres"] <= CLOSE_METRES
        if in_words >= LIKE_ENOUGH or in_place:
            near.append((max(in_words, LIKE_ENOUGH if in_place else 0.0), found["number"]))
    return [number for _, number in sorted(near, key=lambda one: (-one[0], one[1]))[:_SHOWN]]


async def _candidates(case: Case, at: datetime) -> list[Any]:
    return await rows(
        _CANDIDATES,
        case.grid_id,
        case.event_type,
        at - WITHIN,
        at + WITHIN,
        case.latitude,
        case.longitude,
        _LOOKED_AT,
        case.id or 0,
        sorted(OPEN),
    )
