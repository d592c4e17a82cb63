"""The files that ``services/exports.py`` makes: their columns and their words, as CSV and as workbooks for Excel.

A CSV begins with a BOM, by which Excel knows UTF-8; a cell that would be a formula becomes words. A workbook is written
row by row with constant memory.
"""

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from app.assessment_xlsx import MOST_ROWS, Sheets
from bot.replies_work_log import line as log_line
from bot.wording import DUTIES, step
from domain.calendar import SHANGHAI
from domain.duty import Duty
from domain.event_list import NAMES
from services.exports import Draft
from services.training_hours import WorkerHours
from services.work_logs import Exported

HEADS = {
    "cases": (
        *("编号", "提出时间", "村（社区）", "网格", "来源", "什么事", "事项", "大类", "办理层级", "办到哪了", "紧急"),
        *("在谁手上", "经办人", "受理时间", "办结期限", "办结时间", "按时", "评分", "重办次数"),
    ),
    "audit": ("时间", "谁", "做了什么", "诉求编号", "哪里", "原因或内容"),
    "work_log": ("日期", "姓名", "岗位所在", "做了什么"),
    "training": ("姓名", "岗位", "网格代码", "网格", "学时", "全年还差学时", "学完的课", "还没过的必修课"),
}
SOURCES = {"chat": "公众号", "mini": "小程序", "phone": "来电", "found": "自主采集"}
STATUSES = {
    "submitted": "等待受理",
    "accepted": "正在办理",
    "suspended": "暂时挂起",
    "resolved": "已办结，等评价",
    "closed": "已结束",
    "declined": "不予受理",
    "withdrawn": "已撤回",
    "merged": "已并入另一件",
}
LEVELS = {1: "网格", 2: "村（社区）", 3: "镇（街道）", 4: "县（区）", 5: "市"}
_DONE = {"look": "查看完整号码", "export": "导出", "download": "下载", "view": "看操作记录"}
_MATTERS = {"admission": "部门准入", "award": "评优申报", "exit": "退出建议"}
_TAKEN = {
    "asked": "申请",
    "reviewed": "初审通过",
    "admitted": "批准",
    "refused": "不通过",
    "kept": "继续",
    "ended": "退出",
    "supported": "村里推荐",
    "approved": "评定",
    "proposed": "提出",
    "objected": "本人说明",
}
_PARTS = {
    "steps": "办件",
    "looks": "查看完整号码",
    "files": "导出文件",
    "downloads": "下载文件",
    "views": "看操作记录",
    "office": "准入、评优、退出",
    "rules": "改清单、日历和设置",
}
"""Of the audit trail."""
FILES = {"cases": "诉求", "assessment": "考核得分", "work_log": "工作日志", "audit": "操作记录", "training": "培训学时"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDTHS = (12, 18, 14, 14, 10, 30)

Cell = str | int


def make(what: str, file_format: str, path: Path) -> Draft:
    """A draft of *what* at *path*."""
    if what == "assessment":
        return Assessment(path)
    return Csv(what, path) if file_format == "csv" else Xlsx(what, path)


class Csv:
    """Fulfils :class:`services.exports.Draft`."""

    def __init__(self, what: str, path: Path) -> None:
        self._what = what
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(HEADS[what])

    def add(self, some: Sequence[Any]) -> None:
        for item in some:
            for cells in cells_of(self._what, item):
                self._writer.writerow([plain(cell) for cell in cells])

    def close(self) -> None:
        self._file.close()


class Xlsx:
    """Fulfils :class:`services.exports.Draft`; beyond a sheet's length goes on on the next."""

    def __init__(self, what: str, path: Path) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._what = what
        self._book = Workbook(str(path), options)
        self._bold = self._book.add_format({"bold": True})
        self._pages, self._row = 0, 0
        self._sheet = self._new()

    def add(self, some: Sequence[Any]) -> None:
        for item in some:
            for cells in cells_of(self._what, item):
                if self._row > MOST_ROWS:
                    self._sheet = self._new()
                for column, cell in enumerate(cells):
                    # Words are never taken for a formula, whatever they begin with.
                    if isinstance(cell, str):
                        self._sheet.write_string(self._row, column, cell)
                    else:
                        self._sheet.write_number(self._row, column, cell)
                self._row += 1

    def close(self) -> None:
        self._book.close()

    def _new(self) -> Worksheet:
        self._pages += 1
        sheet = self._book.add_worksheet(FILES[self._what] + (str(self._pages) if self._pages > 1 else ""))
        sheet.freeze_panes(1, 0)
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        for column, text in enumerate(HEADS[self._what]):
            sheet.write_string(0, column, text, self._bold)
        self._row = 1
        return sheet


class Assessment:
    """Fulfils :class:`services.exports.Draft` with the same workbook as ``wangge export assessment``."""

    def __init__(self, path: Path) -> None:
        self._sheets = Sheets(path)

    def add(self, some: Sequence[Any]) -> None:
        for score in some:
            self._sheets.add(score)

    def close(self) -> None:
        self._sheets.__exit__(None, None, None)


def plain(cell: Cell) -> Cell:
    """Without what a spreadsheet would work out."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def cells_of(what: str, item: Any) -> list[list[Cell]]:
    """The rows that one item makes."""
    if what == "work_log":
        return _days(item)
    if what == "training":
        return [_hours(item)]
    return [_case(item) if what == "cases" else _step(item)]


def _case(one: Any) -> list[Cell]:
    in_time = {True: "是", False: "否", None: ""}
    return [
        *(one["number"], _at(one["submitted_at"]), one["village"] or "", one["grid"]),
        *(SOURCES.get(one["source"], one["source"]), one["title"], one["event_type"] or ""),
        *(dict(NAMES).get(one["category"], one["category"]), LEVELS.get(one["level"], "")),
        *(STATUSES.get(one["status"], one["status"]), "是" if one["urgent"] else ""),
        *(f"{one['unit'] or ''}{one['department'] or ''}", one["holder"] or ""),
        *(_at(one["accepted_at"]), _at(one["resolve_due"]), _at(one["resolved_at"]), in_time[one["in_time"]]),
        *(one["rating"] if one["rating"] is not None else "", one["reopened"]),
    ]


def _step(one: Any) -> list[Cell]:
    matter, _, taken = one["what"].partition(".")
    what = f"{_MATTERS[matter]}：{_TAKEN[taken]}" if taken else _DONE.get(matter) or step(matter)
    why = one["why"] if one["what"] == "look" else {**FILES, **_PARTS}.get(one["why"], one["why"])
    number = one["number"] if one["number"] is not None else ""
    return [_at(one["at"]), one["who"] or "", what, number, one["place"] or "", why]


def _days(one: Exported) -> list[list[Cell]]:
    return [[one.day.isoformat(), one.person, one.region, log_line(each)] for each in one.lines]


def _hours(one: WorkerHours) -> list[Cell]:
    missing = f"{one.missing / 60:.1f}" if one.missing is not None else ""
    return [
        *(one.person, DUTIES.get(Duty(one.duty), one.duty), one.code, one.region, f"{one.minutes / 60:.1f}", missing),
        *("、".join(one.passed), "、".join(one.open)),
    ]


def _at(at: datetime | None) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at is not None else ""
