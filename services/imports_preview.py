"""What a sound list would change, row by row, for whoever is about to confirm it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services import imports_regions, phones
from services.imports_regions import Known, batches
from services.imports_table import Row, Table
from services.ports import Cipher
from services.transaction import rows

MOST = 100

_POSTS = """
SELECT p.phone_index, p.name, d.duty, r.code, c.phone_index AS cover
FROM person p
LEFT JOIN held_duty d ON d.person_id = p.id AND (d.to_date IS NULL OR d.to_date >= $2)
LEFT JOIN region r ON r.id = d.region_id LEFT JOIN person c ON c.id = d.cover_id
WHERE p.phone_index = ANY($1::text[])
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is ``new`` or ``changed``.

    *details* has columns, what they were (where that is shown) and what they become.
    """

    file: str
    line: int
    kind: str
    name: str
    code: str
    duty: str = ""
    details: Sequence[tuple[str, str, str]] = ()


async def changes(regions: Table, staff: Table, cipher: Cipher, today: date) -> list[Change]:
    """The first :data:`MOST` rows that would change something, in the order of files and lines."""
    found = await _of_regions(regions)
    if len(found) < MOST:
        found += await _of_staff(staff, cipher, today)
    return found[:MOST]


async def _of_regions(table: Table) -> list[Change]:
    known = await imports_regions.known_regions([row.cells["code"] for row in table.rows])
    found = [_region(table.file, row, known) for row in table.sound_rows]
    return [one for one in found if one is not None]


def _region(file: str, row: Row, known: Mapping[str, Known]) -> Change | None:
    code, name = row.cells["code"], row.cells["name"]
    was = known.get(code)
    if was is None:
        return Change(file, row.line, "new", name, code)
    before = {"name": was.name, "level": was.level.name.lower(), "kind": was.kind, "parent_code": was.parent_code}
    after = {**row.cells, "level": row.cells["level"].casefold(), "kind": row.cells["kind"].casefold()}
    details = [(column, old, after[column]) for column, old in before.items() if old != after[column]]
    return Change(file, row.line, "changed", name, code, details=details) if details else None


async def _of_staff(table: Table, cipher: Cipher, today: date) -> list[Change]:
    numbers = {phones.plain(row.cells["phone"]) for row in table.rows}
    index = {number: cipher.index(number) for number in numbers if number}
    names: dict[str, str] = {}
    covers: dict[tuple[str, str, str], str | None] = {}
    for some in batches([*index.values()]):
        for one in await rows(_POSTS, list(some), today):
            names[one["phone_index"]] = one["name"]
            if one["duty"] is not None:
                covers[one["phone_index"], one["duty"], one["code"]] = one["cover"]
    found: list[Change] = []
    for row in table.sound_rows:
        who = index.get(phones.plain(row.cells["phone"]) or "", "")
        duty, code, name = row.cells["duty"].casefold(), row.cells["region_code"], row.cells["name"]
        if (who, duty, code) not in covers:
            found.append(Change(table.file, row.line, "new", name, code, duty))
            continue
        details = []
        if "".join(names[who].split()) != "".join(name.split()):
            details.append(("name", "", name))
        cover = phones.plain(row.cells["cover_phone"])
        if covers[who, duty, code] != (cipher.index(cover) if cover else None):
            details.append(("cover_phone", "", phones.masked(cover) if cover else ""))
        if details:
            found.append(Change(table.file, row.line, "changed", name, code, duty, details))
    return found
