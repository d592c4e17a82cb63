"""Grids that nobody looks after: what is filed there goes to somebody further up, or to nobody at all."""

from dataclasses import dataclass
from datetime import date

from domain.case import Level
from domain.duty import HOLDS, Duty
from services.transaction import rows

_EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Vacancies:
    grids: int
    """Grids without a worker or chief of their own and without a chief in their village."""
    examples: tuple[str, ...]
    """The first few of them, ``code name``."""
    unheld: int
    """Those of them where nobody is there in the whole line above either: a case would have no holder."""


# A post whose holder has left still has somebody while a cover is named (DOMAIN §1).
_THERE = "d.from_date <= $1 AND (d.to_date IS NULL OR d.to_date >= $1 OR d.cover_id IS NOT NULL)"
_LINE = " OR ".join(
    f"(a.level = {int(level)} AND d.duty IN ({', '.join(repr(str(duty)) for duty in duties)}))"
    for level, duties in HOLDS.items()
)
_VACANT = f"""
SELECT g.code, g.name, NOT EXISTS (
    SELECT 1 FROM region a JOIN held_duty d ON d.region_id = a.id
    WHERE a.id = ANY (string_to_array(trim(BOTH '/' FROM g.path), '/')::int[]) AND ({_LINE}) AND {_THERE}
) AS unheld
FROM region g
WHERE g.level = {int(Level.GRID)}
  AND NOT EXISTS (SELECT 1 FROM held_duty d WHERE d.region_id = g.id
                  AND d.duty IN ('{Duty.GRID_WORKER}', '{Duty.GRID_CHIEF}') AND {_THERE})
  AND NOT EXISTS (SELECT 1 FROM held_duty d WHERE d.region_id = g.parent_id
                  AND d.duty = '{Duty.GRID_CHIEF}' AND {_THERE})
ORDER BY g.code
"""


async def vacancies(day: date) -> Vacancies:
    """Who is missing on *day* (in China)."""
    found = await rows(_VACANT, day)
    examples = tuple(f"{one['code']} {one['name']}" for one in found[:_EXAMPLES])
    return Vacancies(len(found), examples, sum(one["unheld"] for one in found))
