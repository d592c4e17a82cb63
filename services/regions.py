"""Names of places and of who is there."""

from dataclasses import dataclass

from domain.case import Level
from models import Person, Region
from services.ports import Clock
from services.routing import holder_of


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a resident is told who scans a board: the grid, its village, its worker (empty while the post is vacant)."""

    grid: str
    village: str
    worker: str


class Regions:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def greeting(self, region: Region) -> Greeting:
        holder = await holder_of(region, self._clock.now())
        person = await Person.get_or_none(id=holder) if holder is not None else None
        parent = await Region.get_or_none(id=region.parent_id) if region.level == Level.GRID else None
        return Greeting(region.name, parent.name if parent else "", person.name if person else "")
