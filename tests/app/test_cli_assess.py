"""``wangge assess``: a workbook for the clerk, a town's rules, and days of bad weather."""

from datetime import UTC, datetime
from zipfile import ZipFile

from domain.month import Month
from models import HeldDuty, Person, Region
from tests.app.commands import Command


async def town() -> None:
    """A town with one grid and its worker, whose name would be a formula if Excel were asked."""
    await Region.create(id=1, code="T", name="雪堰镇", level=3, path="/1/")
    grid = await Region.create(id=2, code="G", name="第一网格", level=1, parent_id=1, path="/1/2/")
    person = await Person.create(name="=李卫国")
    day = datetime.now(UTC).date()
    await HeldDuty.create(person_id=person.id, duty="grid_worker", region_id=grid.id, from_date=day.replace(day=1))


async def test_a_month_becomes_a_workbook_with_names_as_they_are(command: Command, database: str) -> None:
    del database
    await town()
    month = str(Month.of(datetime.now(UTC)))
    done = await command.run("export", "assessment", "T", month, "-o", "out.xlsx")
    assert (done.code, done.out) == (0, "写好了：out.xlsx，共 1 人。里面有姓名，请妥善保管。\n")
    with ZipFile(command.folder / "out.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "xl/worksheets/sheet2.xml" in book.namelist()
    assert "<t>=李卫国</t>" in sheet
    assert "<f>" not in sheet
    assert [one.name for one in command.folder.iterdir() if "xlsx" in one.name] == ["out.xlsx"]
    done = await command.run("assess", "export", "T", "2026-1")
    assert (done.code, done.err) == (1, "月份请写成 2027-03 这样，而且不能是以后的月份。\n")


async def test_a_town_sets_its_rules_and_a_day_of_bad_weather(command: Command, database: str) -> None:
    del database
    await town()
    month = Month.of(datetime.now(UTC))
    done = await command.run("assess", "rules", "T", str(month), "--set", "unqualified=3", "--set", "weights.events=60")
    assert (done.code, done.out.splitlines()[0]) == (0, "改好了，现在的规则：")
    done = await command.run("assess", "rules", "T", str(month.following))
    assert '"unqualified": 3' in done.out
    done = await command.run("assess", "rules", "T", str(month), "--set", "weights.events=70")
    assert (done.code, done.err.startswith("weights 用不了：")) == (1, True)
    done = await command.run("assess", "weather", "T", month.first.isoformat(), "暴雨")
    assert (done.code, done.out) == (0, f"{month.first} 已登记：暴雨，当天没巡查不扣分。\n")
    done = await command.run("assess", "rules", "T", str(month.before), "--set", "unqualified=3")
    assert (done.code, done.err) == (1, "这个月已经结束，规则不能再改。\n")
