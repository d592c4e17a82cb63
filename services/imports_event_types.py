"""The rows of ``event_types.csv``: what may stand in them, and how they become the event list 事项清单, and back."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import TypeVar

from domain.case import Level
from domain.event_list import CLASSES, LONGEST_ACCEPT_HOURS, LONGEST_RESOLVE_DAYS, NAMES, Category, Photos, State
from models import EventType
from services.event_list import EventList, Type
from services.imports import BadRows, Counts
from services.imports_regions import LEVELS, check_code, check_text, longest
from services.imports_table import Row, Table, read, shown
from services.transaction import rows, transaction

FILE = "event_types.csv"
COLUMNS = (
    "code", "name", "parent_code", "category", "class", "usual_level", "accept_hours", "resolve_days", "photos",
    "department", "urgent", "keywords", "state",
)  # fmt: skip
LONGEST_KEYWORD = 20
MOST_KEYWORDS = 200

T = TypeVar("T")

_BETWEEN = re.compile(r"[、，,;；|\s]+")
_CATEGORIES = {**{str(one): one for one in Category}, **{NAMES[one]: one for one in Category}}
_LEVELS: Mapping[str, Level] = {"": Level.GRID, **LEVELS, **{str(int(level)): level for level in Level}}
_YES_OR_NO = {"": False, "否": False, "no": False, "0": False, "false": False}
_YES_OR_NO |= {"是": True, "yes": True, "1": True, "true": True}
_PHOTOS = {"": Photos.NONE, **{str(one): one for one in Photos}}
_STATES: Mapping[str, State | None] = {"": None, **{str(one): one for one in State}}
_CLASSES = {"": CLASSES[-1], **{one.casefold(): one for one in CLASSES}}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A type as the file wants it; *state* is ``None`` where the file leaves it as it is (a new one: approved)."""

    line: int
    code: str
    parent_code: str
    state: State | None
    facts: Mapping[str, object]

    def is_like(self, known: Type) -> bool:
        same = all(getattr(known, name) == value for name, value in self.facts.items())
        return same and self.parent_code == known.parent_code and self.state in {None, known.state}


class _DryRun(Exception):  # noqa: N818 - undoes the transaction, never leaves this file
    def __init__(self, counts: Counts) -> None:
        super().__init__()
        self.counts = counts


async def lock() -> None:
    """Until the transaction ends nobody else adds to the list: each would check against what the other changes."""
    await rows("SELECT pg_advisory_xact_lock(hashtextextended('wangge event types', 0))")


async def run(data: bytes, events: EventList, now: datetime, *, dry_run: bool) -> Counts:
    """Take the file: all rows or none. Types are known again by code; one that the file does not name stays.

    Must not be called inside a transaction when *dry_run* is asked for. Raises BadRows: nothing is written then.
    """
    table = read(FILE, data, COLUMNS)
    try:
        async with transaction():
            await lock()
            known = (await events.current()).types
            wanted = check(table, known)
            if table.problems:
                raise BadRows(tuple(sorted(table.problems, key=lambda one: one.line)))
            counts = await _write(wanted, known, now)
            _undo(counts, dry_run=dry_run)
            return counts
    except _DryRun as undone:
        return undone.counts


def _undo(counts: Counts, *, dry_run: bool) -> None:
    if dry_run:
        raise _DryRun(counts)


def check(table: Table, known: Mapping[str, Type]) -> list[Wanted]:
    """The rows that are right; what is wrong with the others is noted in *table*."""
    wanted = [found for row in table.sound_rows if (found := _row(table, row)) is not None]
    _check_names(table, wanted, known)
    _check_parents(table, wanted, known)
    return wanted


def _row(table: Table, row: Row) -> Wanted | None:
    before = len(table.problems)
    check_code(table, row, "code")
    check_text(table, row, "name", EventType, "name")
    department = row.cells["department"]
    if len(department) > longest(EventType, "department"):
        table.complain(
            row.line, "department", "too_long", longest=longest(EventType, "department"), found=len(department)
        )
    facts = {
        "name": row.cells["name"],
        "category": _one_of(table, row, "category", _CATEGORIES, "、".join(NAMES.values())),
        "score_class": _one_of(table, row, "class", _CLASSES, "、".join(CLASSES)),
        "usual_level": _one_of(table, row, "usual_level", _LEVELS, "、".join(reversed(LEVELS))),
        "accept_hours": _number(table, row, "accept_hours", LONGEST_ACCEPT_HOURS),
        "resolve_days": _number(table, row, "resolve_days", LONGEST_RESOLVE_DAYS),
        "photos": _one_of(table, row, "photos", _PHOTOS, "、".join(Photos)),
        "department": department,
        "urgent": _one_of(table, row, "urgent", _YES_OR_NO, "是、否"),
        "keywords": _keywords(table, row),
    }
    state = _one_of(table, row, "state", _STATES, "、".join(State))
    if len(table.problems) > before:
        return None
    return Wanted(row.line, row.cells["code"], row.cells["parent_code"], state, facts)


def _one_of(table: Table, row: Row, column: str, values: Mapping[str, T], known: str) -> T | None:
    text = row.cells[column].casefold()
    if text in values:
        return values[text]
    if text:
        table.complain(row.line, column, "unknown_value", value=shown(row.cells[column]), known=known)
    else:
        table.complain(row.line, column, "empty")
    return None


def _number(table: Table, row: Row, column: str, most: int) -> float | None:
    text = row.cells[column]
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not (isfinite(value) and 0 < value <= most):
        table.complain(row.line, column, "bad_period", value=shown(text), most=most)
        return None
    return value


def _keywords(table: Table, row: Row) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(word for word in _BETWEEN.split(row.cells["keywords"]) if word))
    for word in words:
        if len(word) > LONGEST_KEYWORD:
            table.complain(row.line, "keywords", "long_keyword", value=shown(word), longest=LONGEST_KEYWORD)
    if len(words) > MOST_KEYWORDS:
        table.complain(row.line, "keywords", "many_keywords", found=len(words), most=MOST_KEYWORDS)
    return words


def _check_names(table: Table, wanted: list[Wanted], known: Mapping[str, Type]) -> None:
    """A code stands once; a name stands once among those in use, for people choose by it."""
    first_at: dict[str, int] = {}
    named: dict[str, int] = {}
    given = {one.code for one in wanted}
    kept = {one.name: one.code for one in known.values() if one.state is State.APPROVED and one.code not in given}
    for one in wanted:
        if one.code in first_at:
            table.complain(one.line, "code", "repeated_code", value=shown(one.code), first=first_at[one.code])
            continue
        first_at[one.code] = one.line
        if _state(one, known) is not State.APPROVED:
            continue
        name = str(one.facts["name"])
        if name in named:
            table.complain(one.line, "name", "repeated_name", value=shown(name), first=named[name])
        elif name in kept:
            table.complain(one.line, "name", "known_name", value=shown(name), other=kept[name])
        named.setdefault(name, one.line)


def _state(one: Wanted, known: Mapping[str, Type]) -> State:
    if one.state is not None:
        return one.state
    return known[one.code].state if one.code in known else State.APPROVED


def _check_parents(table: Table, wanted: list[Wanted], known: Mapping[str, Type]) -> None:
    """Each parent is there, of the same category (also for children that the file does not name), and in no circle."""
    # A row that was complained about still counts as being there.
    there = {row.cells["code"] for row in table.rows} | set(known)
    above = {code: one.parent_code for code, one in known.items()} | {one.code: one.parent_code for one in wanted}
    category = {code: one.category for code, one in known.items()} | {
        one.code: Category(str(one.facts["category"])) for one in wanted
    }
    for one in wanted:
        parent = one.parent_code
        if not parent:
            continue
        if parent not in there:
            table.complain(one.line, "parent_code", "unknown_type", value=shown(parent))
        elif parent in category and category[parent] is not category[one.code]:
            name = NAMES[category[parent]]
            table.complain(one.line, "category", "other_category", value=shown(parent), category=name)
        elif _circles(one.code, above):
            table.complain(one.line, "parent_code", "cycle", value=shown(parent))
    given = {one.code: one.line for one in wanted}
    for code, known_one in known.items():
        parent = known_one.parent_code
        if code not in given and parent in given and category[parent] is not known_one.category:
            table.complain(given[parent], "category", "other_child", child=code, category=NAMES[known_one.category])


def _circles(code: str, above: Mapping[str, str]) -> bool:
    seen = {code}
    at = above.get(code, "")
    while at and at not in seen:
        seen.add(at)
        at = above.get(at, "")
    return at == code


async def _write(wanted: list[Wanted], known: Mapping[str, Type], now: datetime) -> Counts:
    changed = [one for one in wanted if one.code in known and not one.is_like(known[one.code])]
    new = [one for one in wanted if one.code not in known]
    for one in new:
        await EventType(code=one.code, created_at=now, **_columns(one, State.APPROVED, now)).save()
    for one in changed:
        before = known[one.code]
        more = _columns(one, before.state, now if one.state not in {None, before.state} else before.decided_at)
        await EventType.filter(code=one.code).update(**more)
    ids = dict(await EventType.all().values_list("code", "id"))
    for one in [*new, *changed]:
        await EventType.filter(code=one.code).update(parent_id=ids.get(one.parent_code))
    return Counts(len(new), len(changed), len(wanted) - len(new) - len(changed))


def _columns(one: Wanted, state: State, decided_at: datetime | None) -> dict[str, object]:
    return {
        **one.facts,
        "keywords": list(one.facts["keywords"]),  # type: ignore[call-overload]
        "state": one.state or state,
        "decided_at": decided_at,
    }


def write_out(types: Iterable[Type]) -> bytes:
    """The file that :func:`run` reads, with a BOM, by which Excel knows UTF-8."""
    return write_cells(cells_of(one) for one in types)


def cells_of(one: Type) -> dict[str, str]:
    """A type as a row of the file, by column."""
    return {
        "code": one.code,
        "name": one.name,
        "parent_code": one.parent_code,
        "category": NAMES[one.category],
        "class": one.score_class,
        "usual_level": Level(one.usual_level).name.lower(),
        "accept_hours": _shown_number(one.accept_hours),
        "resolve_days": _shown_number(one.resolve_days),
        "photos": str(one.photos),
        "department": one.department,
        "urgent": "是" if one.urgent else "",
        "keywords": "、".join(one.keywords),
        "state": str(one.state),
    }


def write_cells(lines: Iterable[Mapping[str, str]]) -> bytes:
    """The file of such rows."""
    text = io.StringIO(newline="")
    written = csv.writer(text)
    written.writerow(COLUMNS)
    for cells in lines:
        written.writerow([cells[name] for name in COLUMNS])
    return text.getvalue().encode("utf-8-sig")


def _shown_number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
