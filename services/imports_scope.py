"""Which rows of the two import files somebody may take: those of their own subtree, by the rules of appointing."""

from collections.abc import Mapping, Sequence

from domain.duty import IMPORTS_LISTS, Duty
from services import access, imports_regions, imports_staff, phones
from services.access import Actor
from services.imports_regions import Known, batches
from services.imports_table import Row, Table, shown
from services.ports import Cipher
from services.transaction import rows

_PATHS = "SELECT code, path FROM region WHERE code = ANY($1::text[])"
# Staff whose posts all lie elsewhere: a file must not give them another name.
_ELSEWHERE = """
SELECT p.phone_index, p.name FROM person p
WHERE p.phone_index = ANY($1::text[]) AND EXISTS (SELECT 1 FROM held_duty d WHERE d.person_id = p.id)
  AND NOT EXISTS (SELECT 1 FROM held_duty d JOIN region r ON r.id = d.region_id
                  WHERE d.person_id = p.id AND r.path LIKE ANY($2::text[]))
"""


def imports(by: Actor) -> bool:
    """Whether *by* may take lists of regions and staff at all."""
    return bool(by.paths(IMPORTS_LISTS))


async def check(by: Actor, regions: Table, staff: Table, cipher: Cipher) -> None:
    """Complain in the tables of every row that is not for *by* to write.

    A post in somebody else's region is complained of as one in a region that is not there. What is above *by* may stand
    in the file as it is: lists of towns begin with their county.
    """
    named = {row.cells[column] for row in regions.rows for column in ("code", "parent_code")}
    named |= {row.cells["region_code"] for row in staff.rows}
    known = await imports_regions.known_regions(list(named))
    paths = {one["code"]: one["path"] for some in batches(list(named)) for one in await rows(_PATHS, list(some))}
    own = by.paths(IMPORTS_LISTS)
    for row in regions.sound_rows:
        if not _region_is_theirs(by, row, known, paths, own):
            regions.complain(row.line, "code", "not_yours")
    await _check_staff(by, staff, paths, cipher, own)


def _region_is_theirs(
    by: Actor, row: Row, known: Mapping[str, Known], paths: Mapping[str, str], own: Sequence[str]
) -> bool:
    code, parent = row.cells["code"], row.cells["parent_code"]
    if code in known:
        path, was = paths[code], known[code]
        same = (row.cells["name"], row.cells["level"].casefold(), row.cells["kind"].casefold(), parent) == (
            was.name, was.level.name.lower(), was.kind, was.parent_code,
        )  # fmt: skip
        if same and any(one.startswith(path) or path.startswith(one) for one in own):
            return True
        # To change a region is what its administrator does, or whoever appoints there.
        if not access.appoints(by, path, _ANY_BELOW):
            return False
    if parent in paths:
        return any(paths[parent].startswith(one) for one in own)
    # Of a parent that is nowhere the import itself complains; nothing new stands at the root.
    return bool(parent)


_ANY_BELOW = Duty.GRID_WORKER
"""The least of duties: whoever appoints to it at a region may change the region."""


async def _check_staff(by: Actor, staff: Table, paths: Mapping[str, str], cipher: Cipher, own: Sequence[str]) -> None:
    numbers = {cipher.index(number): number for number in imports_staff.numbers_in(staff)}
    names: dict[str, str] = {}
    for some in batches(list(numbers)):
        for one in await rows(_ELSEWHERE, list(some), [f"{path}%" for path in own]):
            names[numbers[one["phone_index"]]] = one["name"]
    duties = {str(duty): duty for duty in Duty}
    makes_admins = Duty.ADMIN in {held.duty for held in by.duties}
    for row in staff.sound_rows:
        duty, code = duties.get(row.cells["duty"].casefold()), row.cells["region_code"]
        if duty is not None:
            there = paths.get(code)
            allowed = access.appoints(by, there, duty) if there is not None else duty is not Duty.ADMIN or makes_admins
            if there is not None and not any(there.startswith(one) or one.startswith(there) for one in own):
                staff.complain(row.line, "region_code", "unknown_region", value=shown(code))
                continue
            if not allowed:
                staff.complain(row.line, "region_code", "not_yours")
                continue
        phone = phones.plain(row.cells["phone"]) or ""
        if phone in names and names[phone] != row.cells["name"]:
            staff.complain(row.line, "phone", "known_elsewhere", phone=phones.masked(phone))
