"""A CSV file or a workbook as a clerk's Excel saves it, read into rows that know where they stand."""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from services import workbooks
from services.phones import masked
from services.workbooks import BadWorkbook, Line, Sheet

_UTF8_BOM = b"\xef\xbb\xbf"
_NOT_TEXT = {
    b"\xff\xfe": "is_utf16",
    b"\xfe\xff": "is_utf16",
}
_OTHER_SEPARATORS = "\t;，；|"
_CJK = 0x2E80
_CONTROL = frozenset({"Cc", "Cs", "Zl", "Zp"})
_LOST = ("?", "\ufffd")
"""What stands in place of a rare character after Excel has saved it in an encoding that lacks it."""
_LONGEST_ECHO = 40
_TITLES = 10
"""Lines of a workbook among which the one with the columns is looked for."""
_PHONE = re.compile(r"(?<![0-9])(?:(?:\+?86)?1[3-9]|0)[0-9]{9,10}(?![0-9])")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, and a code with facts out of which the door makes the words."""

    file: str
    line: int
    """Counted as an editor or Excel does, from 1; 0 where it is about the whole file."""
    column: str
    """The column's name, or empty where it is about the whole line."""
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: Mapping[str, str]
    sound: bool = True
    """False: something about this line was complained about already; it only counts as being there, so that others
    which speak of it are not called wrong too."""


@dataclass(slots=True)
class Table:
    """What a file holds, and what is wrong with it."""

    file: str
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    readable: bool = True
    """False: the file as a whole could not be understood, so nothing can be said about what is in it."""
    sheet: str = ""
    """Of a workbook, the sheet that was read."""
    others: Sequence[str] = ()
    """The sheets that were not."""

    @property
    def sound_rows(self) -> list[Row]:
        return [row for row in self.rows if row.sound]

    def complain(self, line: int, column: str, code: str, **facts: object) -> None:
        self.problems.append(Problem(self.file, line, column, code, facts))


def shown(text: str) -> str:
    """As much of a cell as an error message should repeat, on one line, with the phone numbers in it masked."""
    plain = "".join(char if char.isprintable() else "□" for char in _PHONE.sub(lambda it: masked(it[0]), text))
    return plain if len(plain) <= _LONGEST_ECHO else plain[:_LONGEST_ECHO] + "…"


def header_of(data: bytes) -> list[str]:
    """The names of the columns, as far as they can be read; for telling one file from the other."""
    table = Table("")
    if workbooks.is_workbook(data):
        try:
            lines = workbooks.first_sheet(data, most=_TITLES).lines
        except BadWorkbook:
            return []
        return next((names for one in lines if len(names := [cell.casefold() for cell in one.cells if cell]) > 1), [])
    number, line = next(_lines(_decode(data, table) or ""), (1, ""))
    return [cell.casefold() for cell in _split(number, line, table) or []]


def read(
    file: str, data: bytes, columns: Sequence[str], optional: Sequence[str] = (), *, dates: Sequence[str] = ()
) -> Table:
    """Read *data* as UTF-8 (with or without BOM) or GB18030, of which GBK is a part; *file* names it in problems.

    A workbook is read too: its first sheet, for which the line of columns may stand below a title. A cell that Excel
    takes for a day is one in the columns *dates* only; elsewhere it was a code or a name before.

    The first line must name all *columns* and may name the *optional* ones; where it does not, rows lack that cell.

    Cells come without spaces around them and without invisible signs. Lines in which nothing stands are left out: Excel
    likes to add them at the end. No cell here may hold a line break, so one broken quote spoils one line only.
    """
    table = Table(file, readable=False)
    if workbooks.is_workbook(data):
        try:
            _take(table, workbooks.first_sheet(data), columns, optional, dates)
        except BadWorkbook as bad:
            table.complain(0, "", bad.code, **bad.facts)
        return table
    text = _decode(data, table)
    if text is None:
        return table
    lines = _lines(text)
    first = next(lines, None)
    if first is None:
        table.complain(0, "", "empty_file", columns=",".join(columns))
        return table
    names = _header(*first, columns, optional, table)
    if names is None:
        return table
    table.readable = True
    for number, line in lines:
        cells = _split(number, line, table)
        if cells is None:
            guessed = [_clean(cell).strip('"') for cell in line.split(",")]
            table.rows.append(Row(number, _named(names, guessed), sound=False))
        elif any(cells):
            table.rows.append(_row(number, names, cells, [*columns, *optional], table))
    return table


def _take(table: Table, sheet: Sheet, columns: Sequence[str], optional: Sequence[str], dates: Sequence[str]) -> None:
    table.sheet, table.others = sheet.name, sheet.others
    if not sheet.lines:
        table.complain(0, "", "empty_sheet", sheet=shown(sheet.name), columns=",".join(columns))
        return
    at = next((at for at, one in enumerate(sheet.lines[:_TITLES]) if _named_in(one, columns)), 0)
    head = sheet.lines[at]
    for first, last, block in sheet.merged:
        if last >= head.number:
            table.complain(first, "", "merged", block=block)
    names = _columns(head.number, [cell.casefold() for cell in head.cells], columns, optional, table)
    if names is None:
        return
    table.readable = True
    for line in sheet.lines[at + 1 :]:
        table.rows.append(_line(line, names, [*columns, *optional], table, dates))


def _named_in(line: Line, columns: Sequence[str]) -> bool:
    return {*columns} <= {cell.casefold() for cell in line.cells}


def _line(line: Line, names: Sequence[str], columns: list[str], table: Table, dates: Sequence[str]) -> Row:
    cells = [_clean(cell) for cell in line.cells]
    beside = [at for at, cell in enumerate(cells) if at >= len(names) and (cell or at in line.faults)]
    for at in beside[:1]:
        table.complain(line.number, "", "beside", letter=workbooks.letter(at))
    bad = bool(beside)
    for at, name in enumerate(names[: len(cells)]):
        fault = line.faults.get(at)
        if fault is not None:
            table.complain(line.number, name, fault.code, **fault.facts)
        elif at in line.days and name not in dates:
            table.complain(line.number, name, "is_day", value=cells[at])
        else:
            continue
        bad = True
    cells = [*cells[: len(names)], *[""] * (len(names) - len(cells))]
    if bad:
        return Row(line.number, _named(names, cells), sound=False)
    return _row(line.number, names, cells, columns, table)


def _row(number: int, names: Sequence[str], cells: list[str], columns: Sequence[str], table: Table) -> Row:
    while len(cells) > len(names) and not cells[-1]:
        cells.pop()
    named = _named(names, cells)
    if len(cells) != len(names):
        table.complain(number, "", "wrong_count", found=len(cells), expected=len(names))
        return Row(number, named, sound=False)
    if _is_plain("".join(cells)):
        return Row(number, named)
    bad = {name: code for name in columns if (code := _unfit(named.get(name, "")))}
    for name, code in bad.items():
        table.complain(number, name, code, value=shown(named[name]))
    return Row(number, named, sound=not bad)


def _named(names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    if len(names) == len(cells):
        return dict(zip(names, cells, strict=True))
    return dict(zip_longest(names, cells[: len(names)], fillvalue=""))


def _is_plain(text: str) -> bool:
    return text.isprintable() and not any(sign in text for sign in _LOST)


def _unfit(cell: str) -> str | None:
    """Why *cell* holds signs that no name, number or code can hold."""
    if "\0" in cell:
        return "nul"
    if any(unicodedata.category(char) in _CONTROL for char in cell):
        return "control"
    return "lost_sign" if any(sign in cell for sign in _LOST) else None


def _decode(data: bytes, table: Table) -> str | None:
    for mark, code in _NOT_TEXT.items():
        if data.startswith(mark):
            table.complain(0, "", code)
            return None
    body = data.removeprefix(_UTF8_BOM)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        utf8_at = error.start
    looks_utf8 = data.startswith(_UTF8_BOM) or _mostly_utf8(body)
    try:
        if not looks_utf8:
            return body.decode("gb18030")
        at = utf8_at
    except UnicodeDecodeError as error:
        at = error.start
    line = max(body.count(end, 0, at) for end in (b"\n", b"\r")) + 1
    table.complain(line, "", "undecodable", byte=f"0x{body[at]:02X}", encoding="UTF-8" if looks_utf8 else "GBK")
    return None


def _mostly_utf8(body: bytes) -> bool:
    """Whether this is UTF-8 with a few broken bytes, rather than GBK: Chinese in GBK seldom makes whole UTF-8 signs."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return sum(ord(char) >= _CJK and char != "\ufffd" for char in text) > broken


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if line.strip():
            yield number, line


def _split(number: int, line: str, table: Table) -> list[str] | None:
    try:
        cells = next(csv.reader((line,), strict=True))
        return [cell.strip() for cell in cells] if line.isprintable() else [_clean(cell) for cell in cells]
    except (csv.Error, StopIteration):
        table.complain(number, "", "broken_quote", value=shown(line))
        return None


def _clean(cell: str) -> str:
    """Without spaces around it, and without the signs that cannot be seen and come along when one copies a number."""
    kinds = [(char, unicodedata.category(char)) for char in cell]
    return "".join(" " if kind == "Zs" else char for char, kind in kinds if kind != "Cf").strip(" \t")


def _header(number: int, line: str, columns: Sequence[str], optional: Sequence[str], table: Table) -> list[str] | None:
    """The columns' names in the file's order, ``None`` where rows could not be understood with them."""
    cells = _split(number, line, table)
    if cells is None:
        return None
    names = [cell.casefold() for cell in cells]
    if len(names) == 1 and any(sign in names[0] for sign in _OTHER_SEPARATORS):
        table.complain(number, "", "not_commas", columns=",".join(columns))
        return None
    return _columns(number, names, columns, optional, table)


def _columns(
    number: int, names: list[str], columns: Sequence[str], optional: Sequence[str], table: Table
) -> list[str] | None:
    while names and not names[-1]:
        names.pop()  # Excel saves a column that was once touched
    missing = [name for name in columns if name not in names]
    for name in missing:
        table.complain(number, name, "missing_column", columns=",".join(columns))
    known = [*columns, *optional]
    for name in dict.fromkeys(name for name in names if name not in known):
        table.complain(number, shown(name), "extra_column", columns=",".join(known))
    repeated = [name for name in known if names.count(name) > 1]
    for name in repeated:
        table.complain(number, name, "repeated_column")
    return None if missing or repeated else names
