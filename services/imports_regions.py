"""The rows of ``regions.csv``: what may stand in them, and how they become the tree."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from domain.case import Level
from domain.duty import MAY_BE_AT, Duty
from models import Region
from services.imports_table import Row, Table, shown
from services.transaction import rows

COLUMNS = ("code", "name", "level", "parent_code", "kind")
LEVELS = {level.name.lower(): level for level in Level}
KINDS = ("", "comprehensive", "dedicated")
BATCH = 5000
"""Rows in one statement: well below a second each, so that no time limit on statements is ever near."""

T = TypeVar("T")

_CODE = re.compile(r"\w[\w.-]*")
_SPOILT = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Known:
    """A region as the database has it."""

    id: int
    name: str
    level: Level
    kind: str
    parent_code: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A region as the file wants it."""

    line: int
    code: str
    name: str
    level: Level
    kind: str
    parent_code: str

    def is_like(self, known: Known) -> bool:
        return (self.name, self.level, self.kind, self.parent_code) == (
            known.name,
            known.level,
            known.kind,
            known.parent_code,
        )


_KNOWN = """
SELECT r.id, r.code, r.name, r.level, r.kind, coalesce(p.code, '') AS parent_code
FROM region r LEFT JOIN region p ON p.id = r.parent_id WHERE r.code = ANY ($1)
"""


async def known_regions(codes: Sequence[str]) -> dict[str, Known]:
    """Those of *codes* that the database has."""
    return {
        one["code"]: Known(one["id"], one["name"], Level(one["level"]), one["kind"], one["parent_code"])
        for some in batches(codes)
        for one in await rows(_KNOWN, list(some))
    }


def levels_in(table: Table) -> dict[str, Level | None]:
    """The level of each code in the file; ``None`` where the row does not say a level that exists."""
    return {row.cells["code"]: LEVELS.get(row.cells["level"].casefold()) for row in table.rows if row.cells["code"]}


def check(table: Table, known: Mapping[str, Known]) -> list[Wanted]:
    """The rows that are right; what is wrong with the others is noted in *table*."""
    levels = levels_in(table)
    above = {row.cells["code"]: row.cells["parent_code"] for row in table.rows if row.cells["code"]}
    circling = _circling(above)
    first_at: dict[str, int] = {}
    wanted = []
    for row in table.sound_rows:
        before = len(table.problems)
        code = row.cells["code"]
        check_code(table, row, "code")
        check_text(table, row, "name", Region, "name")
        level = _level(table, row)
        if row.cells["kind"].casefold() not in KINDS:
            table.complain(row.line, "kind", "unknown_kind", value=shown(row.cells["kind"]), known="、".join(KINDS[1:]))
        if code and code in first_at:
            table.complain(row.line, "code", "repeated_code", value=shown(code), first=first_at[code])
        first_at.setdefault(code, row.line)
        if code and code in circling:
            table.complain(row.line, "parent_code", "cycle", value=shown(row.cells["parent_code"]))
        else:
            _check_parent(table, row, level, levels, known)
        if len(table.problems) == before and level is not None:
            kind, parent = row.cells["kind"].casefold(), row.cells["parent_code"]
            wanted.append(Wanted(row.line, code, row.cells["name"], level, kind, parent))
    return wanted


def check_code(table: Table, row: Row, column: str) -> bool:
    """A region's code as it must be written, since people type it in the chat and files are named by it."""
    code = row.cells[column]
    if not code:
        table.complain(row.line, column, "empty")
    elif _SPOILT.fullmatch(code):
        table.complain(row.line, column, "spoilt_by_excel", value=shown(code))
    elif not _CODE.fullmatch(code):
        table.complain(row.line, column, "bad_code", value=shown(code))
    elif len(code) > longest(Region, "code"):
        table.complain(row.line, column, "too_long", longest=longest(Region, "code"), found=len(code))
    else:
        return True
    return False


def check_text(table: Table, row: Row, column: str, model: type, name: str) -> None:
    text = row.cells[column]
    if not text:
        table.complain(row.line, column, "empty")
    elif len(text) > longest(model, name):
        table.complain(row.line, column, "too_long", longest=longest(model, name), found=len(text))


def longest(model: type, name: str) -> int:
    """How many characters the model's column holds."""
    return int(model._meta.fields_map[name].max_length)  # type: ignore[attr-defined]  # noqa: SLF001


def _level(table: Table, row: Row) -> Level | None:
    text = row.cells["level"]
    if not text:
        table.complain(row.line, "level", "empty")
    elif text.casefold() not in LEVELS:
        table.complain(row.line, "level", "unknown_level", value=shown(text), known="、".join(reversed(LEVELS)))
    return LEVELS.get(text.casefold())


def _check_parent(
    table: Table, row: Row, level: Level | None, levels: Mapping[str, Level | None], known: Mapping[str, Known]
) -> None:
    parent = row.cells["parent_code"]
    if not parent:
        if level is Level.GRID:
            # Its cases would have nowhere to be reported up to, and no chief.
            table.complain(row.line, "parent_code", "grid_without_parent")
        return
    if parent not in levels and parent not in known:
        table.complain(row.line, "parent_code", "unknown_parent", value=shown(parent))
        return
    over = levels[parent] if parent in levels else known[parent].level
    if level is not None and over is not None and over <= level:
        table.complain(
            row.line,
            "parent_code",
            "parent_not_above",
            value=shown(parent),
            parent_level=over.name.lower(),
            level=level.name.lower(),
        )


def _circling(above: Mapping[str, str]) -> set[str]:
    """The codes that are, by way of their parents, above themselves."""
    found: set[str] = set()
    done: set[str] = set()
    for code in above:
        way: dict[str, None] = {}
        while code in above and code not in done and code not in way:
            way[code] = None
            code = above[code]  # noqa: PLW2901 - we climb from where the loop has put us
        if code in way:
            steps = list(way)
            found.update(steps[steps.index(code) :])
        done.update(way)
    return found


async def check_moved_levels(table: Table, wanted: Sequence[Wanted], known: Mapping[str, Known]) -> None:
    """A region that changes its level must still be above its children and fit the duties that are held there."""
    moved = {one.code: one for one in wanted if one.code in known and known[one.code].level is not one.level}
    if not moved:
        return
    levels = levels_in(table)
    children = await rows(
        "SELECT p.code, c.code AS child, c.level FROM region c JOIN region p ON p.id = c.parent_id "
        "WHERE p.code = ANY ($1) ORDER BY c.code",
        list(moved),
    )
    for found in children:
        one = moved[found["code"]]
        if found["child"] not in levels and found["level"] >= one.level:
            table.complain(one.line, "level", "not_above_child", level=one.level.name.lower(), child=found["child"])
    held = await rows(
        "SELECT DISTINCT r.code, d.duty FROM held_duty d JOIN region r ON r.id = d.region_id WHERE r.code = ANY ($1) "
        "ORDER BY r.code, d.duty",
        list(moved),
    )
    for found in held:
        one = moved[found["code"]]
        if one.level not in MAY_BE_AT[Duty(found["duty"])]:
            table.complain(one.line, "level", "duty_does_not_fit", level=one.level.name.lower(), duty=found["duty"])


_INSERT = """
INSERT INTO region (id, code, name, level, kind, parent_id, path)
SELECT new.id, new.code, new.name, new.level, new.kind, p.id, coalesce(p.path, '/') || new.id || '/'
FROM (
    SELECT nextval(pg_get_serial_sequence('region', 'id')) AS id, wanted.*
    FROM unnest($1::text[], $2::text[], $3::smallint[], $4::text[], $5::text[])
        AS wanted (code, name, level, kind, parent_code)
) AS new
LEFT JOIN region p ON p.code = new.parent_code
RETURNING 1
"""
_UPDATE = """
UPDATE region r SET name = wanted.name, level = wanted.level, kind = wanted.kind, parent_id = p.id
FROM unnest($1::text[], $2::text[], $3::smallint[], $4::text[], $5::text[])
    AS wanted (code, name, level, kind, parent_code)
LEFT JOIN region p ON p.code = wanted.parent_code
WHERE r.code = wanted.code
RETURNING 1
"""
# The whole tree is looked at, not only what has moved: it also finds a path that was ever wrong.
_WRONG_PATHS = """
WITH RECURSIVE tree AS (
    SELECT id, '/' || id || '/' AS path FROM region WHERE parent_id IS NULL
    UNION ALL
    SELECT r.id, tree.path || r.id || '/' FROM region r JOIN tree ON r.parent_id = tree.id
)
SELECT r.id, tree.path FROM region r JOIN tree ON tree.id = r.id WHERE r.path <> tree.path
"""
_MEND_PATHS = """
UPDATE region r SET path = wanted.path FROM unnest($1::int[], $2::text[]) AS wanted (id, path) WHERE r.id = wanted.id
RETURNING 1
"""


async def write(wanted: Sequence[Wanted], known: Mapping[str, Known]) -> AsyncIterator[int]:
    """Write what is new or has changed, and the paths; yields how many rows are done since the last time."""
    new = [one for one in wanted if one.code not in known]
    changed = [one for one in wanted if one.code in known and not one.is_like(known[one.code])]
    yield len(wanted) - len(new) - len(changed)
    # From the top down: a region's path begins with its parent's.
    for level in sorted(Level, reverse=True):
        for some in batches([one for one in new if one.level is level]):
            await rows(_INSERT, *_columns(some))
            yield len(some)
    for some in batches(changed):
        await rows(_UPDATE, *_columns(some))
        yield len(some)
    if any(one.parent_code != known[one.code].parent_code for one in changed):
        for moved in batches(await rows(_WRONG_PATHS)):
            await rows(_MEND_PATHS, [one["id"] for one in moved], [one["path"] for one in moved])


def _columns(some: Sequence[Wanted]) -> list[list[object]]:
    return [[getattr(one, name) for one in some] for name in ("code", "name", "level", "kind", "parent_code")]


def batches(all_of_them: Sequence[T]) -> list[Sequence[T]]:
    return [all_of_them[at : at + BATCH] for at in range(0, len(all_of_them), BATCH)]
