"""What the town decides on at the desk: exits, departments' work, applications for awards; each by whom it is up to."""

import html
import re
from collections.abc import Awaitable, Callable

import pytest

from domain.admission import Move
from models import Admission, AwardApplication, HeldDuty, OfficeStep
from tests.console.clerk import Clerk, Page
from tests.console.rows import a_report, an_admission, an_application
from tests.services.conftest import Street
from tests.services.test_exits import two_years

ComesIn = Callable[[str], Awaitable[Clerk]]


async def fills(clerk: Clerk, path: str, to: str, **fields: str) -> Page:
    return await clerk.sends(to, {**(await clerk.opens(path)).hidden(to), **fields})


async def test_an_exit_is_seen_month_by_month_waits_for_the_worker_and_ends_once(
    street: Street, comes_in: ComesIn
) -> None:
    await two_years(street)
    await street.desk.exits.sweep()
    worker, clerk = await street.actor("worker"), await comes_in("commander")
    assert "等您来定： 1 件退出建议" in (await clerk.opens("/console/")).words
    listed = await clerk.opens("/console/exits")
    assert "李卫国 雪堰镇 2026、2027 等决定 听本人说明到 1月18日 00:00" in listed.words
    where = f"/console/exits/{(await street.desk.exits.own(worker)).id}"  # type: ignore[union-attr]
    page = await clerk.opens(where)
    for said in ("2026年：12 个月平均 -5 分，不合格（不到 0 分）", "12月 -5 31 -5 31", "就能在这里定"):
        assert said in page.words, said
    assert f'action="{where}"' not in page.text
    (december,) = re.findall(r'href="([^"]*month=2027-12[^"]*)"', page.text)
    assert "网格员月度考核表" in (await clerk.opens(html.unescape(december))).words
    await street.desk.exits.object_to(worker, "山路最多，巡查一圈要一天")
    page = await clerk.opens(where)
    assert "本人说明 “山路最多，巡查一圈要一天”" in page.words
    assert "还没写" in (await fills(clerk, where, where, decision="end", reason=" ")).words
    given = {**page.hidden(where), "decision": "end", "reason": "商量过了，去做兼职"}
    for _ in range(2):
        done = await clerk.sends(where, given)
        assert (done.status, "岗位到昨天为止" in done.words) == (200, True)
    assert not await HeldDuty.filter(person_id=worker.person_id, to_date=None).exists()
    audit = await clerk.opens("/console/audit?kind=office")
    assert "退出建议 ：退出 雪堰镇 — 雪堰镇" in audit.words
    assert "商量过了" not in audit.words
    assert "系统 退出建议 ：提出" in audit.words
    assert await OfficeStep.filter(step="ended").count() == 1
    secretary = await comes_in("secretary")
    assert [(await secretary.opens(one)).status for one in ("/console/exits", where)] == [403, 404]


async def test_a_department_asks_and_one_commander_cannot_take_two_steps(street: Street, comes_in: ComesIn) -> None:
    number, report = await an_admission(street), await a_report(street)
    where, clerk = f"/console/admissions/{number}", await comes_in("commander")
    assert "等您来定： 1 项部门准入 、 1 条没有准入的任务" in (await clerk.opens("/console/")).words
    officer, secretary = await comes_in("county"), await comes_in("secretary")
    page = await officer.opens(where)
    assert ("这一步不归您来办" in page.words, f'action="{where}"' in page.text) == (True, False)
    assert (await secretary.opens(where)).status == 404
    page = await clerk.opens(where)
    reviewed = {**page.hidden(where), "step": "review", "reason": ""}
    for _ in range(2):
        assert "等批准" in (await clerk.sends(where, reviewed)).words
    again = await clerk.sends(where, {**reviewed, "once": "another", "step": "admit"})
    assert (again.status, "这一步要换一个人来办" in again.words) == (403, True)
    assert [one.step for one in await street.desk.admissions.steps(await street.actor("commander"), number)] == [
        "asked",
        "reviewed",
    ]
    await Admission.filter(id=number).update(reviewed_by_id=(await street.actor("inspector")).person_id)
    admitted = await fills(clerk, where, where, step="admit", reason="")
    assert "网格员的准入清单里有它" in admitted.words
    with pytest.raises(AssertionError, match="no form"):
        (await officer.opens("/console/admissions")).hidden(f"/console/admissions/{report}/answer")
    to = f"/console/admissions/{report}/answer"
    assert "答复好了" in (await fills(clerk, "/console/admissions", to, answer="不用贴")).words
    ended = await fills(officer, where, where, step="end", reason="改由物业做")
    assert "已经退出" in ended.words
    assert Move.END not in (await street.desk.admissions.one(await street.actor("commander"), number)).moves


async def test_an_award_goes_from_village_to_town_and_shows_beside_the_score(street: Street, comes_in: ComesIn) -> None:
    await street.at("2027-03-03 09:00")
    await street.desk.assessments.sweep()
    number = await an_application(street)
    where, chief, clerk = f"/console/awards/{number}", await comes_in("chief"), await comes_in("commander")
    assert "等您来定： 1 件评优申报" in (await chief.opens("/console/")).words
    early = await clerk.opens(where)
    assert ("通过，给分" in early.words, "不通过" in early.words) == (False, True)
    assert "推荐好了" in (await fills(chief, where, where, decision="support")).words
    unsaid = await fills(clerk, where, where, decision="approve", points="", answer="")
    assert (unsaid.status, "给几分要选 1 到 10" in unsaid.words) == (422, True)
    done = await fills(clerk, where, where, decision="approve", points="5", answer="")
    assert "现在公示三天" in done.words
    assert (await AwardApplication.get(id=number)).state == "approved"
    page = await clerk.opens("/console/assessment?month=2027-03")
    assert "第 1 项 李卫国 ，第一网格，抢险，5 分，公示到 3月6日 09:00 公示中" in page.words
    worker = await street.actor("worker")
    await street.at("2027-04-01 00:05")
    await street.desk.assessments.sweep()
    clerk = await comes_in("commander")
    sheet = await clerk.opens(f"/console/assessment/sheet?month=2027-03&person={worker.person_id}&grid=32041210120101")
    assert "2027年的奖励（记在得分旁边，不加进得分里）：抢险 5 分" in sheet.words
