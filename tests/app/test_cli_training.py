"""``wangge training``: a clerk's files."""

from datetime import date
from zipfile import ZipFile

from models import HeldDuty, Person, Region
from tests.app.commands import Command
from tests.factories import TOWN

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
孙指挥,13800000005,commander,{TOWN},,
"""


async def test_courses_come_in_and_hours_go_out(command: Command, database: str) -> None:
    del database
    await Region.create(id=1, code="T", name="雪堰镇", level=3, path="/1/")
    person = await Person.create(name="=李卫国")
    await HeldDuty.create(person_id=person.id, duty="commander", region_id=1, from_date=date(2026, 1, 1))
    (command.folder / "courses.toml").write_text(COURSES, "utf-8")
    (command.folder / "bad.toml").write_text(COURSES.replace("8", "0"), "utf-8")
    done = await command.run("training", "add", "T", "bad.toml")
    assert (done.code, done.lines[0]) == (
        1,
        "bad.toml 第 1 行：课程“G1”：学时（hours）写大于 0、不超过 40 的数，例如 2 或 1.5。",
    )
    done = await command.run("training", "add", "T", "courses.toml")
    assert (done.code, done.out) == (0, "导入好了。\n课程：新增 1，更新 0，没有变化 0\n")
    done = await command.run("training", "report", "T", "2026", "-o", "hours.xlsx")
    assert (done.code, done.out) == (0, "写好了：hours.xlsx，共 1 行。里面有姓名，请妥善保管。\n")
    with ZipFile(command.folder / "hours.xlsx") as book:
        assert "=李卫国" in book.read("xl/sharedStrings.xml").decode()
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()
