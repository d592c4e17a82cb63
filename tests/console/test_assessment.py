"""考核: scores with their reasons on paper, spot checks and who decides on objections, days exempt for the weather."""

import re
from collections.abc import Awaitable, Callable
from datetime import date, datetime

import pytest

from bench.console_pages import MOST_BYTES, MOST_STATEMENTS, statements
from domain.assessment import Kind, Verdict
from domain.assessment_rules import Ground
from domain.calendar import SHANGHAI
from domain.case import Action
from models import Award, Boundary, GridCoverage, HeldDuty, Objection, SpotCheck
from services.records import Kind as RecordKind
from tests.console.clerk import Clerk, Page
from tests.factories import GRID, TOWN, VILLAGE
from tests.services.assessment_tables import walked
from tests.services.conftest import Street

ComesIn = Callable[[str], Awaitable[Clerk]]
ASSESSMENT, CHECKS, DAYS = "/console/assessment", "/console/assessment/checks", "/console/assessment/days"


@pytest.fixture
async def spring(street: Street) -> Street:
    """March 2027: the worker has closed a case, made three visits with photos, walked once, added a household."""
    await street.at("2027-03-01 09:00")
    await HeldDuty.all().update(from_date=date(2026, 1, 1))
    await street.desk.assessments.sweep()
    worker = await street.actor("worker")
    case = await street.files()
    await street.desk.cases.act(worker, case.number or 0, Action.RESOLVE, note="修好了")
    resident = await street.desk.people.actor(case.resident_id)
    await street.desk.cases.act(resident, case.number or 0, Action.RATE, rating=5)
    await walked(worker.person_id, (await street.region(GRID)).id, street.desk.clock.now())
    await street.desk.records.add(worker, GRID, RecordKind.HOUSEHOLD, "3 幢 201", {"head": "王建国"})
    await street.at("2027-03-03 09:00")
    return street


async def sheet_of(street: Street, month: str = "2027-03", who: str = "worker") -> str:
    return f"{ASSESSMENT}/sheet?month={month}&person={(await street.actor(who)).person_id}&grid={GRID}"


async def fills(clerk: Clerk, path: str, to: str, **fields: str) -> Page:
    return await clerk.sends(to, {**(await clerk.opens(path)).hidden(to), **fields})


async def test_a_workers_sheet_names_every_point_and_adds_up_as_by_hand(spring: Street, comes_in: ComesIn) -> None:
    """0.6 × 1 event + 0.2 × 1 visit + 0.2 × 2 base data − 2 for 2 March without a track = −0.8."""
    page = await (await comes_in("commander")).opens(await sheet_of(spring))
    assert "网格员 李卫国 网格 第一网格（32041210120101） 得分 -0.8" in page.words
    for sum_ in ("服务事件 1 60% 0.6", "走访记录 1 20% 0.2", "基础数据 2 20% 0.4", "扣分 -2 全额 -2", "合计 -0.8"):
        assert sum_ in page.words
    for why in ("自办办结 №", "按时走访 走访记录", "走访过了期限，不计分", "新增信息 基础数据变更", "巡查 -2"):
        assert why in page.words, why
    assert "月底前还差：服务事件 79（要求 80，有 1）" in page.words
    for sign in ("网格员签字：", "网格长签字：", "镇（街道）审核：", "日期："):
        assert sign in page.words
    assert "依据：网格工作指导意见三(三)、四；四。" in page.words
    assert "3月2日 当天没有巡查轨迹，也没有批准的请假" in page.words


async def test_how_much_of_a_grid_was_walked_stands_on_the_sheet_and_on_the_pages_of_places(
    spring: Street, comes_in: ComesIn
) -> None:
    commander = await comes_in("commander")
    assert "巡查走到的地方" not in (await commander.opens(await sheet_of(spring))).words
    grid = await spring.region(GRID)
    await Boundary.create(region_id=grid.id, ring=[[120.11, 31.52], [120.12, 31.52], [120.12, 31.53], [120.11, 31.53]])
    await spring.desk.field_work.coverages.sweep()
    await GridCoverage.all().update(share=0.62, missing="north_west east", days=5)
    said = "5 天内走到 62%，没走到：西北角、东边"
    for path in (await sheet_of(spring), f"/console/regions/{GRID}", f"/console/regions/{TOWN}"):
        assert said in (await commander.opens(path)).words, path


async def test_a_closed_month_is_printed_as_it_was_and_its_list_takes_an_objection_once(
    spring: Street, comes_in: ComesIn
) -> None:
    worker = await spring.actor("worker")
    clerk = await comes_in("commander")
    await spring.at("2027-04-01 00:05")
    await spring.desk.assessments.sweep()
    clerk = await comes_in("commander")
    page = await clerk.opens(f"{ASSESSMENT}?month=2027-03")
    assert "已经结算，得分高的在前" in page.words
    assert "李卫国 第一网格" in page.words
    assert "制表：" in page.words
    sheet = await clerk.opens(await sheet_of(spring))
    assert "没有达到的件数：服务事件 79（要求 80，有 1）" in sheet.words
    assert "有效事件不够数 差 79 -79" in sheet.words
    award = await Award.create(
        town_id=(await spring.region(TOWN)).id,
        kind="month",
        period=date(2027, 3, 1),
        person_id=worker.person_id,
        region_id=(await spring.region(GRID)).id,
        rank=1,
        score=4640,
        public_until=datetime(2027, 4, 4, tzinfo=SHANGHAI),
    )
    where, to = f"{ASSESSMENT}?month=2027-03", f"{ASSESSMENT}/{award.id}"
    assert "月度优秀（公示到 4月4日 00:00 ）" in (await clerk.opens(where)).words
    assert "还没写原因" in (await fills(clerk, where, to, reason=" ")).words
    given = {**(await clerk.opens(where)).hidden(to), "reason": "三月只来过一次"}
    for _ in range(2):
        assert "异议记下了" in (await clerk.sends(to, given)).words
    assert [one.reason for one in await Objection.all()] == ["三月只来过一次"]
    inspector = await comes_in("inspector")
    asked = await inspector.opens(CHECKS)
    assert "的评优名次，有人提了异议" in asked.words
    number = (await Objection.all())[0].id
    done = await fills(inspector, CHECKS, f"{CHECKS}/{number}", decision="uphold", answer="核实过，确实如此")
    assert "申诉成立" in done.words
    assert (await Award.get(id=award.id)).state == "withdrawn"


async def test_an_inspector_marks_a_record_and_somebody_else_decides_on_the_objection(
    spring: Street, comes_in: ComesIn
) -> None:
    inspector = await comes_in("inspector")
    sheet = await inspector.opens(await sheet_of(spring))
    (number,) = re.findall(r"/console/cases/(\d+)", sheet.text)
    where = f"{CHECKS}?kind=case&record={number}"
    assert f'value="{number}"' in (await inspector.opens(where)).text
    wrong = await fills(inspector, where, CHECKS, kind="case", record=number, verdict="unqualified", note="没照片")
    assert (wrong.status, "判不合格要选一条" in wrong.words, "没照片" in wrong.text) == (422, True, True)
    given = {**wrong.hidden(CHECKS), "kind": "case", "record": f"№{number}", "verdict": "unqualified"}
    given |= {"ground": "missing", "note": "没照片"}
    for _ in range(2):
        assert "判定记下了，李卫国会收到消息" in (await inspector.sends(CHECKS, given)).words
    check = (await SpotCheck.all())[0]
    assert (check.verdict, check.ground, await SpotCheck.all().count()) == ("unqualified", "missing", 1)
    assert "不合格记录：信息不全，或者缺前后照片" in (await inspector.opens(await sheet_of(spring))).words
    await spring.desk.spot_checks.object_to(await spring.actor("worker"), check.id, "照片在第二条消息里")
    assert "照片在第二条消息里" not in (await inspector.opens(CHECKS)).words
    commander = await comes_in("commander")
    objection = (await Objection.all())[0].id
    to = f"{CHECKS}/{objection}"
    assert "督察一条记录" not in (await commander.opens(CHECKS)).words
    unsaid = await fills(commander, CHECKS, to, answer="看到了")
    assert (unsaid.status, "还没选：申诉成立，还是不成立" in unsaid.words) == (422, True)
    assert "看到了</textarea>" in unsaid.text
    told = await commander.sends(to, {**unsaid.hidden(to), "decision": "uphold", "answer": "看到了"})
    assert "申诉成立，这一条不再算数" in told.words
    assert "申诉成立，不算数" in told.words
    assert (await Objection.get(id=objection)).state == "upheld"


async def test_a_day_of_bad_weather_is_registered_and_taken_back(spring: Street, comes_in: ComesIn) -> None:
    clerk = await comes_in("commander")
    given = {"region": VILLAGE, "day": "2027-03-02", "reason": ""}
    refused = await fills(clerk, DAYS, DAYS, **given)
    assert (refused.status, "还没写原因，比如" in refused.words, "2027-03-02" in refused.text) == (422, True, True)
    far = await fills(clerk, DAYS, DAYS, **{**given, "day": "2027-09-02", "reason": "大雨"})
    assert "只能选今天前后一个月" in far.words
    done = await fills(clerk, DAYS, DAYS, **{**given, "reason": "大雨"})
    assert "登记好了" in done.words
    assert "3月2日 城西村：大雨" in done.words
    assert "得分 1.2" in (await clerk.opens(await sheet_of(spring))).words
    back = {**done.hidden(DAYS, "back")}
    for _ in range(2):
        assert "取消了，这一天照常要巡查" in (await clerk.sends(DAYS, back)).words
    assert "得分 -0.8" in (await clerk.opens(await sheet_of(spring))).words
    other = await fills(clerk, DAYS, DAYS, **{**given, "region": "3204", "reason": "大雨"})
    assert (other.status, "从列表里选" in other.words) == (404, True)


async def test_nobody_sees_or_changes_what_is_not_below_them(spring: Street, comes_in: ComesIn) -> None:
    secretary = await comes_in("secretary")
    for path in (ASSESSMENT, CHECKS, await sheet_of(spring)):
        page = await secretary.opens(path)
        assert (page.status, "李卫国" in page.words) == (403, False), path
    clerk = await comes_in("commander")
    for path in (
        f"{ASSESSMENT}/sheet?month=2027-03&person=999999&grid={GRID}",
        await sheet_of(spring, "2031-01"),
        await sheet_of(spring, "2026-12"),
        await sheet_of(spring, who="cover"),
        f"{ASSESSMENT}/sheet?person=%00",
    ):
        assert (await clerk.opens(path)).status == 404, path
    token = (await clerk.opens(CHECKS)).hidden("/console/sign-out")["csrf"]
    mark = {"csrf": token, "once": "abc", "kind": "case", "record": "1", "verdict": "false"}
    assert "督察只由督察员来做" in (await clerk.sends(CHECKS, mark)).words
    assert (await clerk.sends(f"{CHECKS}/77", {**mark, "decision": "uphold", "answer": "好"})).status == 404
    assert (await clerk.sends(f"{ASSESSMENT}/77", {**mark, "reason": "不公平"})).status == 404
    for path in (CHECKS, f"{CHECKS}/77", DAYS, f"{ASSESSMENT}/77"):
        forged = await clerk.sends(path, {**mark, "csrf": "x", "reason": "下大雨了"})
        assert (forged.status, "下大雨了" in forged.text) == (403, True), path
        assert (await clerk.sends(path, mark, **{"Sec-Fetch-Site": "cross-site"})).status == 403
    assert await SpotCheck.all().count() == 0


async def test_its_pages_cost_a_dozen_statements_at_most_and_are_small(spring: Street, comes_in: ComesIn) -> None:
    inspector = await spring.actor("inspector")
    worker = await spring.actor("worker")
    case = await spring.files()
    await spring.desk.cases.act(worker, case.number or 0, Action.RESOLVE, note="修好了")
    checks = spring.desk.spot_checks
    check = await checks.mark(inspector, Kind.CASE, str(case.number), Verdict.UNQUALIFIED, Ground.UNCLEAR)
    await checks.object_to(worker, check.id, "写得很清楚")
    cost = {}
    for now in ("2027-03-03 09:05", "2027-04-01 00:05"):
        await spring.at(now)
        await spring.desk.assessments.sweep()
        for who in ("commander", "inspector"):
            clerk = await comes_in(who)
            for path in (f"{ASSESSMENT}?month=2027-03", await sheet_of(spring), CHECKS, DAYS):
                with statements() as count:
                    page = await clerk.opens(path)
                assert (page.status, len(page.text.encode()) < MOST_BYTES) == (200, True), path
                cost[now, who, path] = count[0]
    assert min(cost.values()) >= 2
    assert {where: times for where, times in cost.items() if times > MOST_STATEMENTS} == {}
