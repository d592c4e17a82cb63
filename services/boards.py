"""The public notice board 公示牌 of a grid (Y art. 22, X 五(三), C): who is there for the people of this place."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.calendar import SHANGHAI
from domain.case import Level
from domain.deadlines import Limits
from domain.duty import Duty
from domain.errors import NotFound
from models import Region
from services import phones
from services.ports import Cipher, Clock
from services.transaction import rows


@dataclass(frozen=True, slots=True)
class BoardPerson:
    """A chief or worker as the board shows them; the phone number is masked, ``138****5678``, or empty."""

    name: str
    duty: Duty
    phone: str


@dataclass(frozen=True, slots=True)
class Board:
    """What everybody may know about a grid. Periods: working hours and working days at the grid's own level."""

    code: str
    grid: str
    kind: str
    village: str
    town: str
    chief: BoardPerson | None
    workers: Sequence[BoardPerson]
    duties: Sequence[str]
    supervision_phone: str
    accept_hours: float
    resolve_days: float


_PEOPLE = """
SELECT p.name, p.phone, d.duty
FROM held_duty d JOIN person p ON p.id = d.person_id JOIN region r ON r.id = d.region_id
WHERE ((r.id = $1 AND d.duty = ANY($2)) OR (r.id = ANY($3) AND d.duty = 'grid_chief'))
  AND d.from_date <= $4 AND (d.to_date IS NULL OR d.to_date >= $4)
ORDER BY array_position($2, d.duty::text), r.level, p.id
"""
# The grid's own chief comes before the village's; part-time workers after the full-time one.
_SHOWN = [str(duty) for duty in (Duty.GRID_WORKER, Duty.PART_TIME_WORKER, Duty.GRID_CHIEF)]


class Boards:
    def __init__(
        self,
        clock: Clock,
        cipher: Cipher,
        *,
        limits: Limits | None = None,
        duties: Sequence[str] = (),
        supervision_phone: str = "",
    ) -> None:
        """*duties*: sentences on what the grid does for people; *supervision_phone*: the number to complain to."""
        self._clock = clock
        self._cipher = cipher
        self._limits = limits or Limits()
        self._duties = tuple(duties)
        self._supervision_phone = supervision_phone

    async def of_grid(self, code: str) -> Board:
        """The board of the grid *code*. Raises NotFound, also for a region that is not a grid."""
        grid = await Region.get_or_none(code=code, level=Level.GRID)
        if grid is None:
            raise NotFound("there is no grid with this code", grid=code)
        above = await Region.filter(id__in=[int(part) for part in grid.path.strip("/").split("/")])
        names = {region.level: region.name for region in above}
        villages = [region.id for region in above if region.level == Level.VILLAGE]
        today = self._clock.now().astimezone(SHANGHAI).date()
        people = [
            BoardPerson(found["name"], Duty(found["duty"]), self._masked(found["phone"]))
            for found in await rows(_PEOPLE, grid.id, _SHOWN, villages, today)
        ]
        return Board(
            code=grid.code,
            grid=grid.name,
            kind=grid.kind,
            village=names.get(Level.VILLAGE, ""),
            town=names.get(Level.TOWN, ""),
            chief=next((person for person in people if person.duty is Duty.GRID_CHIEF), None),
            workers=[person for person in people if person.duty is not Duty.GRID_CHIEF],
            duties=self._duties,
            supervision_phone=self._supervision_phone,
            accept_hours=self._limits.accept_hours,
            resolve_days=self._limits.resolve_days[Level.GRID],
        )

    def _masked(self, sealed: str) -> str:
        return phones.masked(self._cipher.open(sealed)) if sealed else ""
