"""The public notice board 公示牌 of a grid (Y art. 22, X 五(三), C): who is there for the people of this place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from domain.calendar import SHANGHAI
from domain.case import Level
from domain.duty import Duty
from domain.errors import NotFound
from models import Region
from services import phones
from services.by_place import ByPlace
from services.case_places import Periods
from services.ports import Cipher, Clock
from services.transaction import rows


@dataclass(frozen=True, slots=True)
class BoardPerson:
    """A chief or worker as the board shows them.

    *phone* is the office phone or, where there is none, their own masked, ``138****5678``, or empty; *office_phone* is
    the office phone alone, for what is printed: a masked number helps nobody on a wall.
    """

    name: str
    duty: Duty
    phone: str
    office_phone: str = ""
    photo: str = ""
    """Key in the store."""


@dataclass(frozen=True, slots=True)
class Board:
    """What everybody may know about a grid. Periods: working hours and working days at the grid's own level."""

    code: str
    grid: str
    kind: str
    village: str
    town: str
    area: str
    chief: BoardPerson | None
    workers: Sequence[BoardPerson]
    duties: Sequence[str]
    supervision_phone: str
    accept_hours: float
    resolve_days: float


_PEOPLE = f"""
SELECT g.id AS grid_id, p.name, p.phone, d.duty, b.office_phone, b.photo
FROM region g
JOIN region r ON r.id = g.id OR (
    r.level = {int(Level.VILLAGE)} AND r.id = ANY (string_to_array(trim(BOTH '/' FROM g.path), '/')::int[])
)
JOIN held_duty d ON d.region_id = r.id AND ((r.id = g.id AND d.duty = ANY($2)) OR d.duty = 'grid_chief')
JOIN person p ON p.id = d.person_id LEFT JOIN board_person b ON b.person_id = p.id
WHERE g.id = ANY($1) AND d.from_date <= $3 AND (d.to_date IS NULL OR d.to_date >= $3)
ORDER BY g.id, array_position($2, d.duty::text), r.level, p.id
"""
# The grid's own chief comes before the village's; part-time workers after the full-time one.
_SHOWN = [str(duty) for duty in (Duty.GRID_WORKER, Duty.PART_TIME_WORKER, Duty.GRID_CHIEF)]


class Boards:
    def __init__(
        self,
        clock: Clock,
        cipher: Cipher,
        *,
        periods: ByPlace[Periods] | None = None,
        duties: Sequence[str] = (),
        supervision_phone: str = "",
    ) -> None:
        """*duties*: sentences on what the grid does for people; *supervision_phone*: the number to complain to."""
        self._clock = clock
        self._cipher = cipher
        self._periods = periods or ByPlace(Periods())
        self._duties = tuple(duties)
        self._supervision_phone = supervision_phone

    async def of_grid(self, code: str) -> Board:
        """The board of the grid *code*. Raises NotFound, also for a region that is not a grid."""
        found = await self.of_grids([code])
        if not found:
            raise NotFound("there is no grid with this code", grid=code)
        return found[0]

    async def of_grids(self, codes: Sequence[str]) -> list[Board]:
        """The boards of *codes* in their order, in three questions however many; what is no grid is left out."""
        grids = {one.code: one for one in await Region.filter(code__in=list(codes), level=Level.GRID)}
        above = {int(part) for grid in grids.values() for part in grid.path.strip("/").split("/")}
        names = {one.id: one for one in await Region.filter(id__in=above)}
        people = await self._people([grid.id for grid in grids.values()], self._today())
        return [
            self._board(grids[code], names, people.get(grids[code].id, []))
            for code in dict.fromkeys(codes)
            if code in grids
        ]

    def _today(self) -> date:
        return self._clock.now().astimezone(SHANGHAI).date()

    async def _people(self, grids: Sequence[int], today: date) -> Mapping[int, list[BoardPerson]]:
        found: dict[int, list[BoardPerson]] = {}
        for one in await rows(_PEOPLE, list(grids), _SHOWN, today):
            office = one["office_phone"] or ""
            person = BoardPerson(
                one["name"], Duty(one["duty"]), office or self._masked(one["phone"]), office, one["photo"] or ""
            )
            found.setdefault(one["grid_id"], []).append(person)
        return found

    def _board(self, grid: Region, names: Mapping[int, Region], people: Sequence[BoardPerson]) -> Board:
        limits = self._periods.at(grid.path).limits
        above = [names[int(part)] for part in grid.path.strip("/").split("/")]
        by_level = {region.level: region.name for region in above}
        return Board(
            code=grid.code,
            grid=grid.name,
            kind=grid.kind,
            village=by_level.get(Level.VILLAGE, ""),
            town=by_level.get(Level.TOWN, ""),
            area=grid.area,
            chief=next((person for person in people if person.duty is Duty.GRID_CHIEF), None),
            workers=[person for person in people if person.duty is not Duty.GRID_CHIEF],
            duties=self._duties,
            supervision_phone=self._supervision_phone,
            accept_hours=limits.accept_hours,
            resolve_days=limits.resolve_days[Level.GRID],
        )

    def _masked(self, sealed: str) -> str:
        return phones.masked(self._cipher.open(sealed)) if sealed else ""
