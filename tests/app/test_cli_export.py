"""``wangge export``: a notice's report as a file."""

from models import Delivery, Notice, Person, Region
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
