"""``wangge export``: a notice's report and work logs as files."""

from datetime import date, datetime

from domain.calendar import SHANGHAI
from models import Delivery, HeldDuty, Notice, Person, Region, WorkNote
from tests.app.commands import Command


async def test_a_notices_report_becomes_a_file_of_counts(command: Command, database: str) -> None:
    del database
    region = await Region.create(code="1", name="城西村", level=2, path="/1/")
    person = await Person.create(name="王阿姨")
    now = person.created_at
    notice = await Notice.create(author_id=person.id, region_id=region.id, text="停水", state="sent", created_at=now)
    row = {"kind": "notice", "created_at": now, "next_at": now, "notice_id": notice.id, "grid_id": region.id}
    await Delivery.create(person_id=person.id, state="sent", channel="custom", **row)
    done = await command.run("export", "notice", str(notice.id), "-o", "out.csv")
    assert (done.code, done.out) == (0, "写好了：out.csv。只有各村的人数，没有个人信息。\n")
    lines = (command.folder / "out.csv").read_text("utf-8-sig").splitlines()
    assert lines[1:] == ["1,城西村,1,1,0,0,0,0,0,0,0,0,0", ",合计,1,1,0,0,0,0,0,0,0,0,0"]
    done = await command.run("export", "notice", "77")
    assert (done.code, done.err) == (1, "没有 77 号通知。\n")


async def test_work_logs_become_a_file_that_is_whole_or_not_there(command: Command, database: str) -> None:
    del database
    region = await Region.create(code="1", name="城西村", level=2, path="/1/")
    person = await Person.create(name="李卫国")
    day = date(2026, 3, 2)
    await HeldDuty.create(person_id=person.id, duty="grid_worker", region_id=region.id, from_date=date(2026, 1, 1))
    at = datetime(2026, 3, 2, 9, 30, tzinfo=SHANGHAI)
    await WorkNote.create(person_id=person.id, day=day, at=at, text="=看线路")
    asked = ("export", "work-log", "1", "--from", "2026-03-01", "-o", "log.csv")
    done = await command.run(*asked, "--to", "2026-03-31")
    assert (done.code, done.out) == (0, "写好了：log.csv，一共 1 行。里面有姓名，请只给该看的人看。\n"), done.err
    lines = (command.folder / "log.csv").read_text("utf-8-sig").splitlines()
    assert lines == ["日期,姓名,岗位所在,做了什么", "2026-03-02,李卫国,城西村,09:30 补记：=看线路"]
    assert (await command.run(*asked, "--to", "2026-04-30")).code == 1
    missing = await command.run("export", "work-log", "9", "--from", "2026-03-01", "--to", "2026-03-02", "-o", "no.csv")
    assert (missing.code, missing.err) == (1, "没有编码是 9 的区域。\n")
    assert {file.name for file in command.folder.glob("*.csv*")} == {"log.csv"}
