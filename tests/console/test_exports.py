"""导出: the right rows, for the asker only, for a day only, however often a form is sent or a job is killed."""

import asyncio
import csv
import io
import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from urllib.parse import unquote

import pytest

from domain.case import Action
from domain.errors import NotFound, TooMany
from models import Case, Export, HeldDuty, Person
from services.export_rows import streamed
from services.exports import KEPT, MOST_ATTEMPTS
from services.transaction import rows
from tests.console.clerk import Clerk, Page
from tests.console.workbook import cells, sheets
from tests.factories import TOWN, VILLAGE
from tests.services.conftest import Street

ComesIn = Callable[[str], Awaitable[Clerk]]
EAST = "32041210120201"
FORM = "/console/exports"
MARCH = (date(2027, 3, 1), date(2027, 3, 31))


async def march(street: Street) -> list[Case]:
    """Two of March in the village, with words like a formula; one of the east, one of April, one complaint."""
    await street.at("2027-03-02 09:00")
    resident = await street.resident("王阿姨")
    made = [await street.files(resident), await street.files(resident)]
    await Case.filter(id=made[0].id).update(title='=HYPERLINK("http://x","点我")', address="3 幢 402")
    await street.files(resident, grid=EAST)
    await street.desk.cases.complain(resident, "态度不好", number=made[1].number)
    await street.desk.cases.act(await street.actor("worker"), made[1].number or 0, Action.ACCEPT)
    await street.at("2027-04-01 09:00")
    await street.files(resident)
    return made


async def asks(clerk: Clerk, **fields: str) -> Page:
    page = await clerk.opens(FORM)
    given = {"what": "cases", "region": VILLAGE, "month": "2027-03", "format": "csv"}
    return await clerk.sends(FORM, {**page.hidden(FORM), **given, **fields})


async def fetched(clerk: Clerk, which: int) -> tuple[int, bytes, str]:
    async with clerk._session.get(f"{clerk.service}/console/exports/{which}/file") as answer:
        return answer.status, await answer.read(), unquote(answer.headers.get("Content-Disposition", ""))


async def test_a_month_of_cases_arrives_with_its_rows_and_without_formulas_or_residents(
    street: Street, comes_in: ComesIn
) -> None:
    made = await march(street)
    clerk = await comes_in("secretary")
    page = await asks(clerk)
    assert "排着队" in page.words
    await street.work()
    page = await clerk.opens(FORM)
    assert "做好了：2 行" in page.words
    (one,) = await Export.all()
    status, data, name = await fetched(clerk, one.id)
    assert (status, data[:3]) == (200, b"\xef\xbb\xbf")
    assert "诉求-城西村-2027-03-01到2027-03-31.csv" in name
    lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert [line[0] for line in lines] == ["编号", *(str(case.number) for case in made)]
    assert lines[1][5] == '\'=HYPERLINK("http://x","点我")'
    assert (lines[2][1], lines[2][9]) == ("2027-03-02 09:00", "等待受理")
    for secret in ("王阿姨", "3 幢", "态度不好"):
        assert secret not in data.decode("utf-8-sig")


async def test_a_workbook_holds_the_same_and_takes_no_words_for_a_formula(street: Street, comes_in: ComesIn) -> None:
    made = await march(street)
    clerk = await comes_in("commander")
    await asks(clerk, format="xlsx", region=TOWN, since="2027-03-01", until="2027-04-30")
    await street.work()
    (one,) = await Export.all()
    _, data, _ = await fetched(clerk, one.id)
    lines = cells(data)
    assert [line[0] for line in lines[1:3]] == [str(case.number) for case in made]
    assert len(lines) == 5
    assert lines[1][5] == '=HYPERLINK("http://x","点我")'


async def test_assessment_work_log_and_audit_are_for_those_who_may_see_them(street: Street, comes_in: ComesIn) -> None:
    await march(street)
    clerk = await comes_in("commander")
    for what in ("assessment", "work_log", "audit"):
        await asks(clerk, what=what, region=TOWN)
    await street.work()
    texts = {}
    for one in await Export.all().order_by("id"):
        assert (one.state, one.why) == ("done", ""), one.what
        texts[one.what] = (await fetched(clerk, one.id))[1]
    assert sheets(texts["assessment"]) == ["得分", "明细"]
    log, audit = texts["work_log"].decode("utf-8-sig"), texts["audit"].decode("utf-8-sig")
    assert "李卫国" in log
    assert "受理" in audit
    assert [line[1] for line in csv.reader(io.StringIO(audit))] == ["谁", "李卫国"]
    secretary = await comes_in("secretary")
    assert re.findall(
        r'<option value="(\w+)"[^>]*>(?:诉求|考核|工作日志|操作)', (await secretary.opens(FORM)).text
    ) == ["cases"]
    refused = await asks(secretary, what="audit")
    assert (refused.status, "不归您管" in refused.words) == (404, True)


async def test_only_the_asker_opens_a_file_and_only_while_it_is_kept(street: Street, comes_in: ComesIn) -> None:
    await march(street)
    clerk, other = await comes_in("secretary"), await comes_in("commander")
    await asks(clerk)
    await street.work()
    (one,) = await Export.all()
    assert (await fetched(other, one.id))[0] == 404
    assert (await fetched(clerk, one.id + 1))[0] == 404
    assert "城西村" not in (await other.opens(FORM)).words.split("我的文件")[1]
    await HeldDuty.filter(person__name="钱书记").update(region_id=(await street.region("320412101202")).id)
    assert (await fetched(clerk, one.id))[0] == 404
    await HeldDuty.filter(person__name="钱书记").update(region_id=(await street.region(VILLAGE)).id)
    key = f"exports/{one.id}/1-0"
    assert await street.house.storage.size(key) == one.size
    await street.advance(KEPT.total_seconds() + 60)
    again = await comes_in("secretary")
    assert (await fetched(again, one.id))[0] == 404
    assert await street.desk.exports.sweep() == 1
    with pytest.raises(NotFound):
        await street.house.storage.size(key)
    assert "保留的时间已过" in (await again.opens(FORM)).words


async def test_who_downloads_a_file_and_who_reads_the_trail_is_in_the_trail(street: Street, comes_in: ComesIn) -> None:
    await march(street)
    clerk, secretary = await comes_in("commander"), await comes_in("secretary")
    await asks(clerk)
    await street.work()
    (one,) = await Export.all()
    for who in (clerk, clerk, secretary):
        await fetched(who, one.id)
    assert "给指挥长" in (await secretary.opens("/console/audit?kind=downloads")).words
    page = await clerk.opens("/console/audit?kind=downloads")
    assert re.findall(r"(\S+) 下载 ", page.words) == ["孙指挥", "孙指挥"]  # another's file is not found, and not noted
    assert page.words.count("诉求，2027年3月") == 4  # once for a phone
    inspector = await comes_in("inspector")
    assert "孙指挥 看操作记录 雪堰镇 · 下载文件，" in (await inspector.opens("/console/audit?kind=views")).words
    await HeldDuty.filter(person__name="吴督察").update(region_id=(await street.region("320412101202")).id)
    for kind in ("downloads", "views"):
        assert "孙指挥" not in (await (await comes_in("inspector")).opens(f"/console/audit?kind={kind}")).words
    await asks(clerk, what="audit", region=TOWN, since="2027-03-01", until="2027-04-30")
    await street.work()
    made = (await Export.all().order_by("-id"))[0]
    assert (made.what, made.state) == ("audit", "done")
    status, data, _ = await fetched(clerk, made.id)
    assert status == 200, data.decode()[:300]
    trail = data.decode("utf-8-sig")
    found = [(line[1], line[2], line[5]) for line in csv.reader(io.StringIO(trail))]
    assert found.count(("孙指挥", "下载", "诉求")) == 2
    assert ("吴督察", "看操作记录", "看操作记录") in found


async def test_a_form_sent_twice_is_one_file_and_a_foreign_region_is_none(street: Street, comes_in: ComesIn) -> None:
    await march(street)
    clerk = await comes_in("secretary")
    given = {**(await clerk.opens(FORM)).hidden(FORM), "what": "cases", "region": VILLAGE, "month": "2027-03"}
    pages = await asyncio.gather(*(clerk.sends(FORM, {**given, "format": "csv"}) for _ in range(4)))
    assert {page.status for page in pages} == {200}
    assert await Export.all().count() == 1
    for fields, status, said in (
        ({"region": EAST}, 404, "不归您管"),
        ({"region": "none"}, 404, "不归您管"),
        ({"since": "2027-03-09", "until": "2027-03-01"}, 422, "开始的在前"),
        ({"since": "2026-01-01", "until": "2027-03-01"}, 422, "最多 366 天"),
        ({"month": ""}, 422, "还没选月份"),
    ):
        page = await asks(clerk, **fields)
        assert (page.status, said in page.words) == (status, True), fields
    assert await Export.all().count() == 1
    by = await street.actor("secretary")
    for _ in range(2):
        await street.desk.exports.ask(by, "cases", "csv", VILLAGE, *MARCH)
    with pytest.raises(TooMany):
        await street.desk.exports.ask(by, "cases", "csv", VILLAGE, *MARCH)


async def test_what_is_cancelled_stops_and_leaves_nothing(street: Street, comes_in: ComesIn) -> None:
    await march(street)
    clerk = await comes_in("secretary")
    page = await asks(clerk)
    (one,) = await Export.all()
    where = f"{FORM}/{one.id}/cancel"
    assert "不要了，没有做完" in (await clerk.sends(where, page.hidden(where))).words
    await street.work()
    assert (await Export.get(id=one.id)).state == "cancelled"
    assert (await fetched(clerk, one.id))[0] == 404
    other = await comes_in("commander")
    assert (
        await other.sends(where, {**(await other.opens(FORM)).hidden("/console/sign-out"), "once": "x"})
    ).status == 404


async def test_a_killed_job_begins_anew_and_after_a_few_times_the_file_says_that_it_failed(
    street: Street, comes_in: ComesIn
) -> None:
    await march(street)
    clerk = await comes_in("secretary")
    await asks(clerk)
    (one,) = await Export.all()
    await rows("DELETE FROM procrastinate_jobs WHERE task_name = 'make_export' RETURNING 1")
    # As a job leaves it that was killed with a part in the store.
    await street.house.storage.put(f"exports/{one.id}/1-0", b"half", "text/csv")
    await rows(
        "UPDATE export SET state = 'running', attempt = 1, parts = 1, beat_at = now() - interval '3 minutes' "
        "WHERE id = $1 RETURNING 1",
        one.id,
    )
    assert await street.desk.exports.sweep() == 1
    await street.work()
    done = await Export.get(id=one.id)
    assert (done.state, done.attempt, done.done_rows) == ("done", 2, 2)
    with pytest.raises(NotFound):
        await street.house.storage.size(f"exports/{one.id}/1-0")
    await Export.filter(id=one.id).update(state="running", attempt=MOST_ATTEMPTS)
    await rows("UPDATE export SET beat_at = now() - interval '3 minutes' WHERE id = $1 RETURNING 1", one.id)
    await street.desk.exports.sweep()
    assert "做了几次都被打断" in (await clerk.opens(FORM)).words


async def test_whoever_has_lost_the_duty_meanwhile_gets_no_file(street: Street, comes_in: ComesIn) -> None:
    await march(street)
    clerk = await comes_in("secretary")
    await asks(clerk)
    await HeldDuty.filter(person__name="钱书记").update(region_id=(await street.region("320412101202")).id)
    await street.work()
    (one,) = await Export.all()
    assert (one.state, one.why, one.parts) == ("failed", "not_found", 0)
    assert "现在不归您管了" in (await clerk.opens(FORM)).words


async def test_rows_come_through_a_cursor_some_at_a_time_and_whoever_stops_reading_leaves_no_transaction(
    street: Street,
) -> None:
    for turn in range(25):
        await Person.create(name=f"第 {turn} 个")
    seen = [len(some) async for some in streamed("SELECT id FROM person WHERE name LIKE $1", "第 %", batch=10)]
    assert seen == [10, 10, 5]
    broken = streamed("SELECT id FROM person WHERE name LIKE $1", "第 %", batch=1)
    async for _ in broken:
        break
    await broken.aclose()  # type: ignore[attr-defined]
    left = await rows("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in tr%'")
    assert left == []
    with pytest.raises(Exception, match="nowhere"):
        [some async for some in streamed("SELECT 1 FROM nowhere")]
    assert timedelta(hours=24) == KEPT
    del street


async def test_files_of_other_columns_come_one_after_the_other_through_the_same_connection(street: Street) -> None:
    del street
    for turn in range(4):
        for sql in ("SELECT 1 AS one", "SELECT 1 AS one, 2 AS two"):
            found = [list(dict(line)) for some in [some async for some in streamed(sql)] for line in some]
            assert found == [["one", "two"][: sql.count("AS")]], turn
