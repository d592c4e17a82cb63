"""A workbook (.xlsx) as a clerk's Excel saves it: the words in its first visible sheet, and which cells hold none.

It comes from outside and is unpacked here, so it is measured first. What its directory says that it holds is at most
:data:`MOST_UNPACKED`, and ``zipfile`` unpacks no byte more than that of any part; no part has a document type, in which
an XML bomb would be, nor an encoding that could hide one. The sheet is read row by row: a cell far out costs nothing.
One workbook is read at a time in a process, so that several at once need no more memory than one.
"""

import io
import re
import threading
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zipfile import ZipFile

import structlog

MOST_UNPACKED = 32 * 1024 * 1024
"""Bytes of all parts together: some 150,000 rows of a staff list."""
MOST_PARTS = 1000
MOST_ROWS = 100_000
MOST_COLUMNS = 60
WIDE, MOST_WIDE = 256, 1000
"""Columns of a row that costs time to walk along, and how many such rows there may be."""
MOST_LINES_OF_EXCEL = 1_048_576
_DIGITS_KEPT = 15
"""Of a number; Excel turns the rest into zeros."""

ZIPPED, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"

_ZEROS = re.compile(r"0{2,}")
_WIDE = frozenset({b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"})
"""How a part in UTF-16 begins, which Excel never writes."""
_ENCODING = re.compile(rb"""<\?xml[^<>]{0,100}?encoding\s{0,9}=\s{0,9}["']([^"'<>]{0,40})["']""")
_PLAIN = frozenset({b"utf-8", b"us-ascii", b"ascii"})
# Whoever made the file chose its bytes: no part of these may run on for long.
_MERGED = re.compile(rb'<(?:\w{1,9}:)?mergeCell\s[^<>]{0,200}?\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_FORMULA = re.compile(
    rb'<(?:\w{1,9}:)?c\s(?P<what>[^<>]{0,200}?\br="(?P<column>[A-Z]{1,3})(?P<line>\d{1,7})"[^<>]{0,200})>\s{0,9}'
    rb"<(?:\w{1,9}:)?f(?:\s[^<>]{0,200})?(?:/>|>[^<]{0,9000}</(?:\w{1,9}:)?f>)\s{0,9}"
    rb"(?P<value><(?:\w{1,9}:)?v\s{0,9}/>|<(?:\w{1,9}:)?v>\s{0,9}</(?:\w{1,9}:)?v>)?\s{0,9}</(?:\w{1,9}:)?c>"
)
_OF_TEXT = re.compile(rb'\bt="str"')

warnings.filterwarnings("ignore", category=UserWarning, module=r"openpyxl\.")
"""It warns of what it does not keep of a workbook, such as drop-down lists: nothing is written back here."""
_one_at_a_time = threading.Lock()

log = structlog.get_logger(__name__)


class BadWorkbook(Exception):  # noqa: N818 - a plain fact
    """It cannot be read at all: a code of ``services/imports_words.py`` with its facts."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell holds no words: a code of ``services/imports_words.py`` with its facts."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """A row as Excel counts it, from 1, with its cells from column A on; what cannot be read of it, by column."""

    number: int
    cells: list[str]
    faults: Mapping[int, Fault]
    days: frozenset[int]
    """Columns whose cell Excel takes for a day; it stands among *cells* as ``2027-03-05``."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first sheet that is not hidden; *others* are those that nobody looked at."""

    name: str
    others: tuple[str, ...]
    lines: list[Line]
    """Those in which anything stands."""
    merged: tuple[tuple[int, int, str], ...]
    """First and last row of each block of merged cells, and its name, as ``A2:A5``."""


def is_workbook(data: bytes) -> bool:
    return data.startswith((ZIPPED, OLE))


def first_sheet(data: bytes, *, most: int | None = None) -> Sheet:
    """Read it, or only its first *most* lines that hold anything. Raises BadWorkbook."""
    if data.startswith(OLE):
        raise BadWorkbook("old_excel")
    try:
        with _one_at_a_time, ZipFile(io.BytesIO(data)) as archive:
            _measure(archive)
            return _read(data, archive, most)
    except BadWorkbook:
        raise
    except Exception as error:
        # A parser of a dozen formats over bytes from outside: whatever it stumbles over, the file cannot be read.
        log.info("workbook_unreadable", error=type(error).__name__)
        raise BadWorkbook("broken_workbook") from error


def _measure(archive: ZipFile) -> None:
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED:
        raise BadWorkbook("large_workbook", longest=MOST_UNPACKED // 1024 // 1024)
    for part in parts:
        # By what it holds and not by its name, for any part may be called a sheet.
        text = archive.read(part)
        if text[:2] in _WIDE:
            raise BadWorkbook("broken_workbook")
        body = text.removeprefix(b"\xef\xbb\xbf").lstrip()
        named = _ENCODING.match(body[:200]) if body.startswith(b"<") else None
        odd = named is not None and named[1].lower() not in _PLAIN
        if odd or (body.startswith(b"<") and (b"<!DOCTYPE" in body or b"<!ENTITY" in body)):
            raise BadWorkbook("broken_workbook")


def _read(data: bytes, archive: ZipFile, most: int | None) -> Sheet:
    from openpyxl import load_workbook  # here, so that only whoever reads a workbook waits for it and holds it

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        sheets = [one for one in book.worksheets if one.sheet_state == "visible"] or book.worksheets
        if not sheets:
            raise BadWorkbook("broken_workbook")
        sheet: Any = sheets[0]
        sheet.reset_dimensions()  # what it says of its own size is nobody's business
        text = archive.read(sheet._worksheet_path)  # noqa: SLF001 - merged cells are told nowhere else when reading
        lines: list[Line] = []
        for line in _lines(sheet, dict(_unreckoned(text))):
            if line.number > MOST_ROWS:
                raise BadWorkbook("many_rows", longest=MOST_ROWS)
            lines.append(line)
            if most is not None and len(lines) >= most:
                break
        others = tuple(str(one.title) for one in book.worksheets if one is not sheet)
        return Sheet(str(sheet.title), others, lines, tuple(_merged(text)))
    finally:
        book.close()


def _lines(sheet: Any, unreckoned: Mapping[tuple[int, int], Fault]) -> Iterator[Line]:
    wide = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        wide += len(row) > WIDE
        if number > MOST_LINES_OF_EXCEL or wide > MOST_WIDE:
            raise BadWorkbook("broken_workbook" if wide <= MOST_WIDE else "wide_sheet")
        cells: list[str] = []
        faults: dict[int, Fault] = {}
        for at, cell in enumerate(row[:MOST_COLUMNS]):
            found = _words(cell) if cell.value is not None else unreckoned.get((number, at), "")
            if isinstance(found, Fault):
                faults[at] = found
            cells.append(found if isinstance(found, str) else "")
        while cells and not cells[-1] and len(cells) - 1 not in faults:
            cells.pop()
        if cells:
            days = frozenset(at for at, cell in enumerate(row[: len(cells)]) if isinstance(cell.value, date))
            yield Line(number, cells, faults, days)


def _words(cell: Any) -> str | Fault:  # noqa: PLR0911 - one answer for each kind of cell
    """What a clerk sees in the cell, as they would have written it into a CSV file."""
    value = cell.value
    if cell.data_type == "e":
        return Fault("formula_error", {"value": str(value)[:20]})
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"{value.date()}" if value.time() == time() else Fault("is_time")
    if isinstance(value, date):
        return f"{value}"
    if isinstance(value, time | timedelta):
        return Fault("is_time")
    if isinstance(value, int | float):
        return _number(value, str(cell.number_format or ""))
    return str(value).strip()


def _number(value: float, shown_as: str) -> str | Fault:
    if abs(value) >= 10**_DIGITS_KEPT:
        return Fault("long_number", {"kept": _DIGITS_KEPT})
    if value != int(value):
        return f"{value:.{_DIGITS_KEPT}g}"
    whole = str(int(value))
    # 「0519」 as a number that is shown with its zero.
    return whole.zfill(len(shown_as)) if _ZEROS.fullmatch(shown_as) else whole


def _unreckoned(text: bytes) -> Iterator[tuple[tuple[int, int], Fault]]:
    """Cells whose formula no program has worked out yet, by line and column."""
    from openpyxl.utils import column_index_from_string

    for found in _FORMULA.finditer(text):
        if found["value"] is None or not _OF_TEXT.search(found["what"]):
            at = int(found["line"]), column_index_from_string(found["column"].decode()) - 1
            yield at, Fault("formula_empty")


def _merged(text: bytes) -> Iterator[tuple[int, int, str]]:
    for found in _MERGED.finditer(text):
        left, first, right, last = (one.decode() for one in found.groups())
        yield int(first), int(last), f"{left}{first}:{right}{last}"


def letter(at: int) -> str:
    """What Excel calls the column *at*, counted from 0."""
    from openpyxl.utils import get_column_letter

    return get_column_letter(at + 1)
