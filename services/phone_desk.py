"""The phone desk (坐席, DOMAIN §2): staff write a case down for somebody who has phoned."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.case import Level
from domain.duty import SEES_SUBTREE
from domain.errors import BadInput, NotFound
from models import Person, Region
from services import phones
from services.access import Actor
from services.case_filing import Filed, Filing
from services.cases import Cases
from services.ports import Cipher
from services.transaction import rows, transaction

LONGEST_NAME, LONGEST_WORDS, LONGEST_ADDRESS = 40, 4000, 200
SOURCE = "phone"

_GRIDS = """
SELECT g.code, g.name, coalesce(v.name, '') AS village FROM region g LEFT JOIN region v ON v.id = g.parent_id
WHERE g.level = 1 AND g.path LIKE ANY($1::text[]) ORDER BY v.code, g.code LIMIT 2000
"""


@dataclass(frozen=True, slots=True)
class Grid:
    code: str
    name: str
    village: str


@dataclass(frozen=True, slots=True)
class Call:
    """What somebody says on the phone. Their name and number are kept only where they give them."""

    grid: str
    words: str
    name: str = ""
    phone: str = ""
    address: str = ""
    urgent: bool = False


class PhoneDesk:
    def __init__(self, cipher: Cipher, cases: Cases) -> None:
        self._cipher = cipher
        self._cases = cases

    async def grids(self, by: Actor) -> Sequence[Grid]:
        """Where *by* may write cases down: the grids of their subtree."""
        paths = [f"{path}%" for path in by.paths(SEES_SUBTREE)]
        return [Grid(**one) for one in await rows(_GRIDS, paths)] if paths else []

    async def file(self, by: Actor, call: Call) -> Filed:
        """File it for the caller, who becomes its resident: nobody that we know, for a number proves nobody's identity.

        Raises BadInput with ``field`` ("words", "phone", "name", "address") and ``why``, NotFound for a grid that is
        not theirs.
        """
        words, name, address = call.words.strip(), call.name.strip(), call.address.strip()
        if not words:
            raise BadInput("words must say what is wrong", field="words", why="missing")
        for field, given, longest in (
            ("words", words, LONGEST_WORDS),
            ("name", name, LONGEST_NAME),
            ("address", address, LONGEST_ADDRESS),
        ):
            if len(given) > longest:
                raise BadInput(f"{field} is longer than {longest} characters", field=field, why="long", longest=longest)
        phone = phones.plain(call.phone) if call.phone.strip() else ""
        if phone is None:
            raise BadInput("this is not a phone number of China", field="phone", why="unknown")
        region = await Region.get_or_none(code=call.grid, level=int(Level.GRID))
        if region is None or not any(region.path.startswith(path) for path in by.paths(SEES_SUBTREE)):
            raise NotFound("there is no such grid among yours", region=call.grid)
        async with transaction():
            # Of no grid: whoever phones twice would count twice among those whom a notice is for.
            caller = await Person.create(name=name, phone=self._cipher.seal(phone) if phone else "")
            filing = Filing(
                grid=region.code,
                description=words,
                address=address,
                urgent=call.urgent,
                source=SOURCE,
                taken_by=by.person_id,
            )
            return await self._cases.file_named(Actor(caller.id, name), filing)
