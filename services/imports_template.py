"""Empty lists to fill in: a workbook with the line of columns, and a sheet that shows how."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import xlsxwriter

from domain.case import Level
from domain.duty import MAY_BE_AT
from services import imports_regions, imports_staff

_ROWS = 5000
"""Rows of the empty list that are made ready."""
_WIDTH = 22


@dataclass(frozen=True, slots=True)
class Template:
    """*columns* with what each holds; *examples* in their order; *choices* by column."""

    sheet: str
    columns: Mapping[str, str]
    examples: Sequence[Sequence[str]]
    choices: Mapping[str, Sequence[str]]


_LEVELS = [level.name.lower() for level in sorted(Level, reverse=True)]
TEMPLATES: Mapping[str, Template] = {
    "regions": Template(
        "区域表",
        {
            "code": "代码：字母、数字都行，全市不重复",
            "name": "名称",
            "level": "级别：city 市、county 县（区）、town 镇（街道）、village 村（社区）、grid 网格",
            "parent_code": "上级的代码；最上面一级不填",
            "kind": "网格类型：comprehensive 综合、dedicated 专属，或者不填",
        },
        (
            ("320412101201", "城西村", "village", "320412101", ""),
            ("32041210120101", "第一网格", "grid", "320412101201", "comprehensive"),
        ),
        {"level": _LEVELS, "kind": [one for one in imports_regions.KINDS if one]},
    ),
    "staff": Template(
        "人员表",
        {
            "name": "姓名",
            "phone": "手机号，11 位；座机带区号",
            "duty": "岗位：grid_worker 专职网格员、part_time_worker 兼职网格员、volunteer 网格志愿者、"
            "grid_chief 网格长、liaison 网格联络员、village_secretary 村（社区）书记、village_agent 村（社区）坐席员、"
            "commander 网格指挥长、town_agent 坐席员、department_officer 职能部门工作人员、"
            "inspector 督察、admin 管理员",
            "region_code": "在哪里：那个网格、村或镇的代码",
            "cover_phone": "AB 岗：替岗同事的手机号，可以不填",
            "department": "部门名称，只有 department_officer 才填",
        },
        (
            ("李卫国", "13800000001", "grid_worker", "32041210120101", "13800000002", ""),
            ("周科长", "13800000006", "department_officer", "320412101", "", "城管办"),
        ),
        {"duty": [str(duty) for duty in MAY_BE_AT]},
    ),
}
assert [*TEMPLATES["regions"].columns] == [*imports_regions.COLUMNS]  # noqa: S101 - the two are one list
assert [*TEMPLATES["staff"].columns] == [*imports_staff.COLUMNS, *imports_staff.OPTIONAL]  # noqa: S101


def template(kind: str) -> bytes:
    """The empty workbook of a *kind* in :data:`TEMPLATES`.

    Its cells are text, so that Excel leaves codes and numbers alone. The examples stand on the second sheet, which
    an import does not read.
    """
    given, out = TEMPLATES[kind], io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        text = book.add_format({"num_format": "@"})
        bold = book.add_format({"bold": True, "num_format": "@", "bg_color": "#E6EEF7"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        sheet = book.add_worksheet(given.sheet)
        sheet.set_column(0, len(given.columns) - 1, _WIDTH, text)
        sheet.write_row(0, 0, [*given.columns], bold)
        sheet.freeze_panes(1, 0)
        for at, name in enumerate(given.columns):
            if name in given.choices:
                choice = {"validate": "list", "source": [*given.choices[name]], "error_type": "information"}
                sheet.data_validation(1, at, _ROWS, at, choice)
        how = book.add_worksheet("写法和样子")
        how.set_column(0, len(given.columns) - 1, _WIDTH, text)
        how.write_row(0, 0, [*given.columns], bold)
        for number, example in enumerate(given.examples, start=1):
            how.write_row(number, 0, example, text)
        below = len(given.examples) + 2
        for number, (name, says) in enumerate(given.columns.items(), start=below):
            how.write(number, 0, name, bold)
            how.merge_range(number, 1, number, len(given.columns) - 1, says, wrapped)
        how.write(below + len(given.columns) + 1, 0, "导入时只读第一张表，这一页写什么都不要紧。")
    return out.getvalue()
