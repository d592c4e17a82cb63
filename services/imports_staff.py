"""The rows of ``staff.csv``: what may stand in them, and how they become people and their duties."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.case import Level
from domain.duty import MAY_BE_AT, Duty
from models import Department, Person
from services import phones
from services.imports_regions import batches, check_code, check_text
from services.imports_table import Row, Table, shown
from services.ports import Cipher
from services.transaction import rows

COLUMNS = ("name", "phone", "duty", "region_code", "cover_phone")
OPTIONAL = ("department",)
_DUTIES = {str(duty): duty for duty in Duty}
_SPACE_IN_NAME = re.compile(r"(?<=[\u3400-\u9fff]) +(?=[\u3400-\u9fff])")
_SPOILT = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line: a person holds a duty at a region, and who covers them."""

    line: int
    name: str
    phone: str
    duty: Duty
    region_code: str
    cover_phone: str
    department: str | None
    """Empty: none. ``None``: the file does not speak of departments, so what is there stays."""


@dataclass(frozen=True, slots=True)
class KnownPerson:
    id: int
    name: str
    is_staff: bool


@dataclass(frozen=True, slots=True)
class KnownDuty:
    id: int
    cover_id: int | None
    to_date: date | None
    department_id: int | None


def numbers_in(table: Table) -> set[str]:
    """Every phone number in the file that is one, in its plain form."""
    found = (phones.plain(row.cells[column]) for row in table.rows for column in ("phone", "cover_phone"))
    return {number for number in found if number}


_KNOWN_PEOPLE = """
SELECT p.id, p.name, p.phone_index, EXISTS (
    SELECT 1 FROM held_duty d WHERE d.person_id = p.id AND (d.to_date IS NULL OR d.to_date >= $2)
) AS is_staff
FROM person p WHERE p.phone_index = ANY ($1)
"""


async def known_people(indexes: Sequence[str], today: date) -> dict[str, KnownPerson]:
    """Who the database knows, by the index of their phone, and whether they hold a duty that has not ended."""
    return {
        one["phone_index"]: KnownPerson(one["id"], one["name"], one["is_staff"])
        for some in batches(indexes)
        for one in await rows(_KNOWN_PEOPLE, list(some), today)
    }


def check(table: Table, levels: Mapping[str, Level | None], staff_before: frozenset[str]) -> list[Wanted]:
    """The rows that are right; what is wrong with the others is noted in *table*.

    *levels* has every region there is or will be (``None``: its own row is wrong); *staff_before* the phones of those
    who held a duty already.
    """
    in_file = {phones.plain(row.cells["phone"]) for row in table.rows} - {None}
    names: dict[str, tuple[str, int]] = {}
    first_at: dict[tuple[str, str, str], int] = {}
    wanted = []
    for row in table.sound_rows:
        before = len(table.problems)
        name = _SPACE_IN_NAME.sub("", row.cells["name"])
        check_text(table, row, "name", Person, "name")
        phone = _phone(table, row, "phone")
        if phone and name:
            other, line = names.setdefault(phone, (name, row.line))
            if other != name:
                table.complain(row.line, "name", "other_name", value=shown(name), other=shown(other), first=line)
        duty = _duty(table, row)
        region = row.cells["region_code"]
        _check_region(table, row, duty, levels)
        cover = _phone(table, row, "cover_phone") if row.cells["cover_phone"] else ""
        if cover and cover == phone:
            table.complain(row.line, "cover_phone", "cover_is_self", phone=phones.masked(cover))
        elif cover and cover not in in_file and cover not in staff_before:
            table.complain(row.line, "cover_phone", "unknown_cover", phone=phones.masked(cover))
        _check_department(table, row, duty)
        if phone and duty and region:
            line = first_at.setdefault((phone, duty, region), row.line)
            if line != row.line:
                table.complain(row.line, "", "repeated_duty", phone=phones.masked(phone), first=line)
        if len(table.problems) == before and phone and duty:
            wanted.append(Wanted(row.line, name, phone, duty, region, cover or "", row.cells.get("department")))
    return wanted


def _phone(table: Table, row: Row, column: str) -> str | None:
    text = row.cells[column]
    number = phones.plain(text)
    if not text:
        table.complain(row.line, column, "empty")
    elif _SPOILT.fullmatch(text):
        table.complain(row.line, column, "spoilt_by_excel", value=shown(text))
    elif number is None:
        table.complain(row.line, column, "bad_phone", phone=shown(phones.masked(text)))
    return number


def _duty(table: Table, row: Row) -> Duty | None:
    text = row.cells["duty"].casefold()
    if not text:
        table.complain(row.line, "duty", "empty")
    elif text not in _DUTIES:
        table.complain(row.line, "duty", "unknown_duty", value=shown(row.cells["duty"]), known="、".join(_DUTIES))
    return _DUTIES.get(text)


def _check_region(table: Table, row: Row, duty: Duty | None, levels: Mapping[str, Level | None]) -> None:
    if not check_code(table, row, "region_code"):
        return
    code = row.cells["region_code"]
    if code not in levels:
        table.complain(row.line, "region_code", "unknown_region", value=shown(code))
        return
    level = levels[code]
    if duty is not None and level is not None and level not in MAY_BE_AT[duty]:
        table.complain(
            row.line,
            "duty",
            "wrong_level",
            duty=str(duty),
            level=level.name.lower(),
            region=code,
            allowed="、".join(one.name.lower() for one in sorted(MAY_BE_AT[duty])),
        )


def _check_department(table: Table, row: Row, duty: Duty | None) -> None:
    name = row.cells.get("department")
    if not name:
        return
    check_text(table, row, "department", Department, "name")
    if duty is not None and duty is not Duty.DEPARTMENT_OFFICER:
        table.complain(row.line, "department", "not_an_officer", value=shown(name), duty=str(duty))


_INSERT_PEOPLE = """
INSERT INTO person (name, phone, phone_index, created_at)
SELECT name, phone, phone_index, $4 FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (name, phone, phone_index)
ON CONFLICT (phone_index) DO NOTHING
RETURNING id, phone_index
"""
_LOCK_PEOPLE = "SELECT id FROM person WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE"
_NAME_PEOPLE = """
UPDATE person p SET name = wanted.name FROM unnest($1::bigint[], $2::text[]) AS wanted (id, name)
WHERE p.id = wanted.id RETURNING 1
"""
_KNOWN_DUTIES = """
SELECT id, person_id, duty, region_id, cover_id, to_date, department_id FROM held_duty WHERE person_id = ANY ($1)
"""
_INSERT_DUTIES = """
INSERT INTO held_duty (person_id, duty, region_id, cover_id, department_id, from_date)
SELECT person_id, duty, region_id, cover_id, department_id, $6
FROM unnest($1::bigint[], $2::text[], $3::int[], $4::bigint[], $5::int[])
    AS wanted (person_id, duty, region_id, cover_id, department_id)
ON CONFLICT (person_id, duty, region_id) DO NOTHING
RETURNING 1
"""
# A duty that had ended begins anew; one that still runs keeps its first day and, where one is set, its last.
_UPDATE_DUTIES = """
UPDATE held_duty d SET cover_id = wanted.cover_id, department_id = wanted.department_id,
    from_date = CASE WHEN d.to_date < $4 THEN $4 ELSE d.from_date END,
    to_date = CASE WHEN d.to_date < $4 THEN NULL ELSE d.to_date END
FROM unnest($1::bigint[], $2::bigint[], $3::int[]) AS wanted (id, cover_id, department_id)
WHERE d.id = wanted.id RETURNING 1
"""
_INSERT_DEPARTMENTS = """
INSERT INTO department (region_id, name)
SELECT region_id, name FROM unnest($1::int[], $2::text[]) AS wanted (region_id, name)
ON CONFLICT (region_id, name) DO NOTHING RETURNING 1
"""
_DEPARTMENTS = "SELECT id, region_id, name FROM department WHERE region_id = ANY ($1)"


class Staff:
    """Writes people and duties inside the transaction that is open, and counts what it did."""

    def __init__(self, cipher: Cipher, now: datetime, today: date) -> None:
        self._cipher = cipher
        self._now = now
        self._today = today
        self.new = self.changed = 0

    async def write(self, wanted: Sequence[Wanted], regions: Mapping[str, int]) -> AsyncIterator[int]:
        """*regions* has the id of each code; yields how many rows are done since the last time."""
        ids, renamed = await self._people(wanted)
        yield 0
        for some in batches(wanted):
            await self._duties(some, ids, renamed, regions)
            yield len(some)

    async def _people(self, wanted: Sequence[Wanted]) -> tuple[dict[str, int], set[str]]:
        """Everybody's id by phone, and the phones of those who were there under another name."""
        names = {one.phone: one.name for one in wanted}
        index = {one: self._cipher.index(one) for row in wanted for one in (row.phone, row.cover_phone) if one}
        known = await known_people(list(index.values()), self._today)
        for some in batches([phone for phone in names if index[phone] not in known]):
            await rows(
                _INSERT_PEOPLE,
                [names[phone] for phone in some],
                [self._cipher.seal(phone) for phone in some],
                [index[phone] for phone in some],
                self._now,
            )
        renamed = {phone for phone in names if index[phone] in known and known[index[phone]].name != names[phone]}
        if renamed:
            named = {known[index[phone]].id: names[phone] for phone in renamed}
            # In one order, as everybody takes these rows, so that nobody waits for each other in a ring.
            for some_ids in batches(sorted(named)):
                await rows(_LOCK_PEOPLE, some_ids)
                await rows(_NAME_PEOPLE, some_ids, [named[one] for one in some_ids])
        now_known = await known_people(list(index.values()), self._today)
        return {phone: now_known[index[phone]].id for phone in index}, renamed

    async def _duties(
        self, some: Sequence[Wanted], ids: Mapping[str, int], renamed: set[str], regions: Mapping[str, int]
    ) -> None:
        held = {
            (found["person_id"], found["duty"], found["region_id"]): KnownDuty(
                found["id"], found["cover_id"], found["to_date"], found["department_id"]
            )
            for found in await rows(_KNOWN_DUTIES, list({ids[one.phone] for one in some}))
        }
        departments = await _departments(some, regions)
        new, changed = [], []
        for one in some:
            key = (ids[one.phone], str(one.duty), regions[one.region_code])
            cover_id = ids.get(one.cover_phone)
            before = held.get(key)
            department_id = departments.get((regions[one.region_code], one.department or ""))
            if before is None:
                new.append((*key, cover_id, department_id))
                continue
            if one.department is None:
                department_id = before.department_id
            ended = before.to_date is not None and before.to_date < self._today
            if ended or (before.cover_id, before.department_id) != (cover_id, department_id):
                changed.append((before.id, cover_id, department_id))
            elif one.phone in renamed:
                self.changed += 1
        if new:
            await rows(_INSERT_DUTIES, *(list(column) for column in zip(*new, strict=True)), self._today)
        if changed:
            await rows(_UPDATE_DUTIES, *(list(column) for column in zip(*changed, strict=True)), self._today)
        self.new += len(new)
        self.changed += len(changed)


async def _departments(some: Sequence[Wanted], regions: Mapping[str, int]) -> dict[tuple[int, str], int]:
    """The departments that *some* speak of, by region and name; those that are new are made."""
    named = sorted({(regions[one.region_code], one.department) for one in some if one.department})
    if not named:
        return {}
    await rows(_INSERT_DEPARTMENTS, [region for region, _ in named], [name for _, name in named])
    found = await rows(_DEPARTMENTS, sorted({region for region, _ in named}))
    return {(one["region_id"], one["name"]): one["id"] for one in found}
