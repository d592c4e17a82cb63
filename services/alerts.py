"""Urgent cases 重大紧急 (Y art. 35): the town's queue at once, and everybody in the chain, day or night."""

from datetime import datetime

from domain.case import Level
from domain.duty import Duty
from models import Case, Region
from services.routing import region_at
from services.transaction import rows

_CHAIN = (
    Duty.GRID_WORKER,
    Duty.GRID_CHIEF,
    Duty.VILLAGE_SECRETARY,
    Duty.VILLAGE_AGENT,
    Duty.TOWN_AGENT,
    Duty.COMMANDER,
)
_PEOPLE = """
SELECT DISTINCT d.person_id FROM held_duty d JOIN region r ON r.id = d.region_id
WHERE d.region_id = ANY($1) AND r.level <= $2 AND d.duty = ANY($3)
  AND d.from_date <= ($4::timestamptz AT TIME ZONE 'Asia/Shanghai')::date
  AND (d.to_date IS NULL OR d.to_date >= ($4::timestamptz AT TIME ZONE 'Asia/Shanghai')::date)
ORDER BY d.person_id
"""


async def watch(case: Case) -> None:
    """An urgent case stands in the queue of its grid's town as well; the case is changed in memory only."""
    grid = await Region.get_or_none(id=case.grid_id) if case.urgent and case.grid_id is not None else None
    town = await region_at(grid, Level.TOWN) if grid is not None else None
    case.alert_unit_id = town.id if town is not None else None


async def chain(case: Case, now: datetime) -> list[int]:
    """Grid worker, chief, village, the town's seats and commander: also who is on leave, since it cannot wait."""
    grid = await Region.get(id=case.grid_id)
    line = [int(part) for part in grid.path.strip("/").split("/")]
    found = await rows(_PEOPLE, line, int(Level.TOWN), [str(duty) for duty in _CHAIN], now)
    return [one["person_id"] for one in found]
