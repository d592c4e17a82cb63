"""The assessment as a workbook for Excel: a sheet with a line for each worker, and one with every reason.

Written row by row with constant memory, however many there are.
"""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from domain.assessment import Kind, Line, Missing
from domain.assessment_rules import NAMES, SOURCES, Ground, Part
from domain.calendar import SHANGHAI
from domain.event_list import NAMES as CATEGORIES
from services.assessments import Score

MOST_ROWS = 1_000_000
"""Of a sheet; Excel takes 1,048,576."""
_HEAD = (
    *("网格编码", "网格", "姓名", "月份", "结算", "得分"),
    *(NAMES[part] for part in Part),
    *("退还", "有效事件", "还差", "服务记录", "还差"),
    *(f"{name}（差）" for name in CATEGORIES.values()),
)
_REASONS = ("网格编码", "网格", "姓名", "项目", "分", "原因", "依据", "记录", "编号", "时间", "备注")
_KINDS = {
    Kind.CASE: "诉求 №",
    Kind.VISIT: "走访",
    Kind.BASE: "基础数据变更",
    Kind.DAY: "日期",
    Kind.MONTH: "月份",
}


class Sheets:
    """A workbook that is being written; complete when it is left."""

    def __init__(self, file: Path) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = Workbook(str(file), options)
        self._bold = self._book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._scores = self._sheet("得分", _HEAD, (16, 14, 10))
        self._reasons = self._sheet("明细", _REASONS, (16, 14, 10, 10, 6, 26, 12, 14, 14, 18, 26))
        self._row, self._line, self._pages = 1, 1, 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._book.close()

    def add(self, score: Score) -> None:
        points = [score.got.points[part] for part in Part]
        missing = {one.what: one for one in score.got.missing}
        _write(
            self._scores,
            self._row,
            [
                *(score.code, score.grid, score.person, str(score.month), "已结算" if score.closed else "进行中"),
                *(score.score / 100, *points, score.given_back / 100),
                *_done(missing.get(Part.EVENTS)),
                *_done(missing.get("services")),
                *(missing[what].left if what in missing else 0 for what in CATEGORIES),
            ],
        )
        self._row += 1
        for line in score.got.lines:
            self._add_reason(score, line)

    def _add_reason(self, score: Score, line: Line) -> None:
        if self._line > MOST_ROWS:
            self._pages, self._line = self._pages + 1, 1
            self._reasons = self._sheet(f"明细{self._pages}", _REASONS, (16, 14, 10))
        _write(
            self._reasons,
            self._line,
            [
                *(score.code, score.grid, score.person, NAMES[line.part], line.points),
                *(NAMES[line.reason], SOURCES[line.reason], _KINDS[line.record.kind], line.record.id),
                *(line.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"), _note(line.note)),
            ],
        )
        self._line += 1

    def _sheet(self, name: str, head: Sequence[str], widths: Sequence[int]) -> Worksheet:
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        for column, text in enumerate(head):
            sheet.write_string(0, column, text, self._bold)
        return sheet


def _write(sheet: Worksheet, row: int, values: Sequence[str | float]) -> None:
    for column, value in enumerate(values):
        # Words are never taken for a formula, whatever somebody's name begins with.
        if isinstance(value, str):
            sheet.write_string(row, column, value)
        else:
            sheet.write_number(row, column, value)


def _done(one: Missing | None) -> tuple[int, int]:
    return (one.done, one.left) if one is not None else (0, 0)


def _note(note: str) -> str:
    return NAMES[note] if note in {*Ground} else note
