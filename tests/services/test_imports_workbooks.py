"""Lists as workbooks: what Excel makes of numbers, days and formulas comes out right, or is named cell by cell."""

import random
import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter

from models import HeldDuty, Person, Region
from services import workbooks
from services.desk import Desk
from services.imports import STAFF, BadRows, which
from services.imports_table import Table, header_of, read
from services.workbooks import BadWorkbook, first_sheet
from tests.factories import GRID, REGIONS, VILLAGE

HEAD = ["name", "phone", "duty", "region_code", "cover_phone"]
Write = Callable[[xlsxwriter.Workbook, object], None]


def book(write: Write, *more: str, name: str = "人员") -> bytes:
    """A workbook whose first sheet is what *write* makes of it, with empty sheets *more*."""
    out = BytesIO()
    with xlsxwriter.Workbook(out) as made:
        sheet = made.add_worksheet(name)
        for one in more:
            made.add_worksheet(one)
        write(made, sheet)
    return out.getvalue()


def listed(*lines: list[object], title: str = "") -> bytes:
    def write(_: xlsxwriter.Workbook, sheet: object) -> None:
        for at, line in enumerate([[title], HEAD, *lines] if title else [HEAD, *lines]):
            sheet.write_row(at, 0, line)  # type: ignore[attr-defined]

    return book(write)


def staff(data: bytes) -> Table:
    return read(STAFF, data, HEAD)


def repacked(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    out = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, change(part.filename, old.read(part)))
    return out.getvalue()


def complaints(table: Table) -> list[tuple[int, str, str]]:
    return [(one.line, one.column, one.code) for one in table.problems]


async def test_a_town_is_imported_from_workbooks_and_the_csv_of_it_changes_nothing_then(desk: Desk) -> None:
    def regions(made: xlsxwriter.Workbook, sheet: object) -> None:
        for at, line in enumerate(REGIONS.splitlines()):
            # As Excel keeps what a clerk types: codes as numbers.
            cells = [int(cell) if cell.isdigit() else cell for cell in line.split(",")]
            sheet.write_row(at, 0, cells)  # type: ignore[attr-defined]
        sheet.write_blank(500, 0, None, made.add_format({"bold": True}))  # type: ignore[attr-defined]

    given = listed(
        ["李卫国", 13800000001.0, "grid_worker", int(GRID), 13800000002],
        ["王秀兰", "138 0000 0002", "grid_worker", f"{GRID[:-1]}2", None],
        [],
        [None, "  "],
    )
    places = book(regions, name="区域")
    assert (which(places), which(given)) == ("regions.csv", STAFF)
    report = await desk.imports.run(places, given)
    assert (report.regions.new, report.staff.new) == (REGIONS.count("\n") - 1, 2)
    assert (await Region.get(code=GRID)).name == "第一网格"
    worker = await Person.get(name="李卫国")
    assert (await HeldDuty.get(person_id=worker.id)).cover_id == (await Person.get(name="王秀兰")).id
    again = await desk.imports.run(REGIONS.encode(), None)
    assert (again.regions.new, again.regions.changed) == (0, 0)


def test_what_excel_has_changed_is_named_with_its_cell_and_what_it_can_show_is_read() -> None:
    def write(made: xlsxwriter.Workbook, sheet: object) -> None:
        zeros, day = made.add_format({"num_format": "000000"}), made.add_format({"num_format": "yyyy-mm-dd"})
        put = sheet.write  # type: ignore[attr-defined]
        sheet.merge_range("A1:E1", "雪堰镇人员表")  # type: ignore[attr-defined]
        sheet.write_row("A2", HEAD)  # type: ignore[attr-defined]
        put("D3", 519, zeros)
        put("D4", date(2027, 3, 1), day)
        put("D5", 320412101201010123)
        put("E6", "=VLOOKUP(1,F1:F2,1)", None, "#N/A")
        put("B7", "=13800000000+1", None, 13800000001)
        put("A8", 2.5)
        put("G9", "备注")
        put("A10", "甲\n乙")
        put("C11", True)

    found = staff(book(write, "附表", name="名单"))
    assert (found.sheet, found.others, found.readable) == ("名单", ("附表",), True)
    assert complaints(found) == [
        (4, "region_code", "is_day"),
        (5, "region_code", "long_number"),
        (6, "cover_phone", "formula_error"),
        (9, "", "beside"),
        (10, "name", "control"),
    ]
    cells = {row.line: row.cells for row in found.sound_rows}
    assert (cells[3]["region_code"], cells[7]["phone"], cells[8]["name"]) == ("000519", "13800000001", "2.5")
    assert cells[11]["duty"] == "true"


def test_merged_cells_and_formulas_that_nobody_worked_out_are_named() -> None:
    def write(_: xlsxwriter.Workbook, sheet: object) -> None:
        sheet.write_row("A1", HEAD)  # type: ignore[attr-defined]
        sheet.merge_range("D2:D3", GRID)  # type: ignore[attr-defined]
        sheet.write("B2", "=1+1", None, 13800000001)  # type: ignore[attr-defined]
        sheet.write("C2", '=""', None, "x")  # type: ignore[attr-defined]

    data = book(write)
    assert complaints(staff(data)) == [(2, "", "merged")]

    def without(name: str, text: bytes) -> bytes:
        # A formula that was worked out to nothing, as Excel keeps it, is an empty cell.
        text = text.replace(b"<v>x</v>", b"<v></v>")
        return re.sub(rb"</f><v>13\d+</v>", b"</f>", text) if "sheet1" in name else text

    raw = repacked(data, without)
    assert complaints(staff(raw)) == [(2, "", "merged"), (2, "phone", "formula_empty")]
    merged = book(lambda _, sheet: sheet.merge_range("A1:B1", "name"))  # type: ignore[attr-defined]
    assert ("merged" in {code for _, _, code in complaints(staff(merged))}, staff(merged).readable) == (True, False)
    assert complaints(staff(book(lambda _, __: None))) == [(0, "", "empty_sheet")]
    hidden = book(lambda made, sheet: (made.worksheets()[1].activate(), sheet.hide()), "看得见")  # type: ignore[attr-defined]
    assert first_sheet(hidden).name == "看得见"


def test_bombs_are_refused_before_they_go_off(monkeypatch: pytest.MonkeyPatch) -> None:
    good = listed(["甲", 13800000001, "volunteer", GRID, ""])
    far = book(lambda _, sheet: (sheet.write("A1", "name"), sheet.write("XFD2", "x")))  # type: ignore[attr-defined]
    assert first_sheet(far).lines[0].cells == ["name"]

    def padded(name: str, text: bytes) -> bytes:
        return text + b" " * workbooks.MOST_UNPACKED if "sheet1" in name else text

    def declared(name: str, text: bytes) -> bytes:
        bomb = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        return text.replace(b"?>", b"?>" + bomb, 1) if "sharedStrings" in name else text

    def wide(name: str, text: bytes) -> bytes:
        return text.decode().replace("UTF-8", "UTF-16").encode("utf-16") if "sharedStrings" in name else text

    def other(name: str, text: bytes) -> bytes:
        return text.replace(b"UTF-8", b"cp037", 1) if "sharedStrings" in name else text

    bad = {padded: "large_workbook", declared: "broken_workbook", wide: "broken_workbook", other: "broken_workbook"}
    for change, code in bad.items():
        packed = repacked(good, change)
        assert len(packed) < 60_000
        with pytest.raises(BadWorkbook) as refused:
            first_sheet(packed)
        assert refused.value.code == code, change.__name__
        assert header_of(packed) == []
    monkeypatch.setattr(workbooks, "MOST_ROWS", 1)
    with pytest.raises(BadWorkbook, match="many_rows"):
        first_sheet(good)


async def test_a_workbook_with_broken_bytes_is_one_problem_and_never_a_crash(desk: Desk) -> None:
    good, dice = listed(["甲", 13800000001, "volunteer", GRID, ""], title="名单"), random.Random(7)
    assert header_of(good) == HEAD
    assert staff(good).rows[0].line == 3
    for _ in range(60):
        data = bytearray(good)
        for _ in range(dice.randrange(1, 30)):
            data[dice.randrange(4, len(data))] = dice.randrange(256)
        staff(bytes(data))
    for cut in range(4, len(good), 577):
        assert complaints(staff(good[:cut])) == [(0, "", "broken_workbook")]
    with pytest.raises(BadRows):
        await desk.imports.run(None, good[:2000])
    inside = repacked(good, lambda name, text: text.replace(b"<row ", b"<row <", 2) if "sheet1" in name else text)
    assert complaints(staff(inside)) == [(0, "", "broken_workbook")]
    assert await Region.filter(code=VILLAGE).exists() is False
