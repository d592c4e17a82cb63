"""``wangge training`` and ``wangge admission``: a clerk's files and steps."""

from zipfile import ZipFile

from models import HeldDuty
from tests.app.commands import Command
from tests.factories import REGIONS, STAFF, TOWN, VILLAGE

COURSES = """
[[course]]
code = "G1"
title = "岗前培训"
hours = 8
form = "classroom"
duties = ["grid_worker"]
induction = true
"""
OFFICERS = f"""name,phone,duty,region_code,cover_phone,department
城管小陈,13800000021,department_officer,{TOWN},,城管办
"""


async def test_courses_come_in_attendance_opens_the_gate_and_hours_go_out(command: Command, database: str) -> None:
    del database
    (command.folder / "regions.csv").write_text(REGIONS, "utf-8")
    (command.folder / "staff.csv").write_text(STAFF, "utf-8")
    (command.folder / "courses.toml").write_text(COURSES, "utf-8")
    (command.folder / "bad.toml").write_text(COURSES.replace("8", "0"), "utf-8")
    (command.folder / "new.csv").write_text(
        "name,phone,duty,region_code,cover_phone\n新来的,13800000099,grid_worker,32041210120201,\n", "utf-8"
    )
    (command.folder / "list.csv").write_text("name,phone\n新来的,13800000099\n", "gbk")
    assert (await command.run("import", "regions.csv", "staff.csv")).code == 0
    done = await command.run("training", "add", TOWN, "bad.toml")
    assert (done.code, done.lines[0]) == (
        1,
        "bad.toml 第 1 行：课程“G1”：学时（hours）写大于 0、不超过 40 的数，例如 2 或 1.5。",
    )
    done = await command.run("training", "add", TOWN, "courses.toml")
    assert (done.code, done.out) == (0, "导入好了。\n课程：新增 1，更新 0，没有变化 0\n")
    done = await command.run("import", "new.csv")
    assert (done.code, "岗前培训还没有合格，不能上岗做专职网格员：岗前培训" in done.err) == (1, True)
    done = await command.run("training", "attended", TOWN, "G1", "list.csv", "--on", "2026-03-05")
    assert (done.code, done.out) == (0, "登记好了：新登记 1 人，原来就有 0 人。\n")
    before = await HeldDuty.all().count()
    assert (await command.run("import", "new.csv")).code == 0
    assert await HeldDuty.all().count() == before + 1
    done = await command.run("training", "report", TOWN, "2026", "-o", "hours.xlsx")
    assert (done.code, done.out) == (0, "写好了：hours.xlsx，共 7 行。里面有姓名，请妥善保管。\n")
    with ZipFile(command.folder / "hours.xlsx") as book:
        assert "新来的" in book.read("xl/sharedStrings.xml").decode()


async def test_a_department_asks_and_the_town_looks_at_it(command: Command, database: str) -> None:
    del database
    (command.folder / "regions.csv").write_text(REGIONS, "utf-8")
    (command.folder / "staff.csv").write_text(STAFF, "utf-8")
    (command.folder / "officers.csv").write_text(OFFICERS, "utf-8")
    assert (await command.run("import", "regions.csv", "staff.csv")).code == 0
    assert (await command.run("import", "officers.csv")).code == 0
    said = ("--task", "查灭火器", "--basis", "消防法第六条", "--every", "quarter", "--support", "每户 5 元")
    done = await command.run("admission", "ask", VILLAGE, "查九小场所", "--by", "13800000021", *said)
    assert (done.code, done.out) == (0, "申请好了，编号 1，等镇里初审。\n")
    done = await command.run("admission", "move", "1", "admit", "--by", "13800000005")
    assert (done.code, done.err) == (
        1,
        "现在不能走这一步：可能已经办过了，或者前一步还没办，或者同样的申请已经有了。\n",
    )
    done = await command.run("admission", "move", "1", "review", "--by", "13800000005")
    assert (done.code, done.out) == (0, "1 城西村 城管办《查九小场所》待批准，依据：消防法第六条\n")
