"""事项清单, 工作日历, 设置, 操作记录: changed by those who may, kept, undone, and seen in one's own subtree only."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path

from bench.console_pages import MOST_STATEMENTS, statements
from domain.case import Action
from models import Case, EventType, Look, RuleChange, TownDay
from tests.console.clerk import Clerk, Page
from tests.services.conftest import Street

ComesIn = Callable[[str], Awaitable[Clerk]]
EAST = "32041210120201"
TYPES = (Path(__file__).parents[2] / "app/demo_town/event_types.csv").read_bytes()
IMPORT, CALENDAR = "/console/event-types-import", "/console/calendar"


async def some_type(street: Street) -> EventType:
    await street.desk.event_types.import_(TYPES)
    found = await EventType.filter(parent_id=None, urgent=False).first()
    assert found is not None
    return found


async def edits(clerk: Clerk, code: str, **fields: str) -> Page:
    where = f"/console/event-types/{code}"
    page = await clerk.opens(where)
    given = dict(re.findall(r'<input id="(\w+)" name="\w+"[^>]*?value="([^"]*)"', page.text))
    chosen = re.findall(r'<select id="(\w+)".*?</select>', page.text, re.DOTALL)
    for name in chosen:
        text = page.text.split(f'<select id="{name}"')[1].split("</select>")[0]
        picked = re.search(r'value="([^"]*)" selected', text) or re.search(r'value="([^"]*)"', text)
        given[name] = picked[1] if picked else ""
    words = re.search(r'<textarea id="keywords"[^>]*>(.*?)</textarea>', page.text, re.DOTALL)
    given["keywords"] = words[1] if words else ""
    return await clerk.sends(where, {**page.hidden(where, "edit"), **given, **fields})


async def test_a_type_is_changed_kept_and_put_back(street: Street, comes_in: ComesIn) -> None:
    kept = await some_type(street)
    before = (kept.resolve_days, kept.department, list(kept.keywords))
    clerk = await comes_in("commander")
    page = await edits(clerk, kept.code, resolve_days="2.5", department="市政所")
    assert (page.status, "改好了" in page.words, "→ 2.5" in page.words) == (200, True, True)
    changed = await EventType.get(code=kept.code)
    assert (changed.resolve_days, changed.department, list(changed.keywords)) == (2.5, "市政所", before[2])
    assert len(await street.jobs("recount_deadlines")) == 1
    wrong = await edits(clerk, kept.code, resolve_days="很快")
    assert (wrong.status, "很快" in wrong.words, "resolve_days 列" in wrong.words) == (422, True, True)
    where = f"/console/event-types/{kept.code}"
    undo = (await clerk.opens(where)).hidden(where, "undo")
    assert "已经改回去了" in (await clerk.sends(where, undo)).words
    put_back = await EventType.get(code=kept.code)
    assert (put_back.resolve_days, put_back.department) == before[:2]
    late = await clerk.sends(where, {**undo, "once": "another"})
    assert (late.status, "后来又改过" in late.words) == (409, True)
    secretary = await comes_in("secretary")
    read = await secretary.opens(where)
    assert (read.status, 'name="resolve_days"' in read.text) == (200, False)
    token = {**read.hidden("/console/sign-out"), "once": "x", "action": "edit", "resolve_days": "1"}
    assert (await secretary.sends(where, token)).status == 403
    assert (await EventType.get(code=kept.code)).resolve_days == before[0]


async def test_a_list_is_tried_and_imported_whole_or_not_and_is_searched(street: Street, comes_in: ComesIn) -> None:
    clerk = await comes_in("commander")
    assert "还没有事项清单" in (await clerk.opens("/console/event-types")).words
    form = (await clerk.opens(IMPORT)).hidden(IMPORT)
    text = TYPES.decode("utf-8-sig")
    tried = await clerk.sends(IMPORT, {**form, "file": text, "mode": "try"})
    assert (tried.status, "没有写入：新加" in tried.words, await EventType.all().count()) == (200, True, 0)
    bad = await clerk.sends(IMPORT, {**form, "file": text.replace(",C,", ",D,", 1), "mode": "take"})
    assert (bad.status, "class 列" in bad.words, await EventType.all().count()) == (422, True, 0)
    done = await clerk.sends(IMPORT, {**form, "file": text, "mode": "take"})
    assert "导入好了" in done.words
    count = await EventType.all().count()
    assert (count, await RuleChange.all().count()) == (text.strip().count("\n"), count)
    one = await EventType.all().first()
    assert one is not None
    assert one.name in (await clerk.opens(f"/console/event-types?q={one.name}")).words
    assert "没有符合的事项" in (await clerk.opens("/console/event-types?q=没有这回事")).words


async def test_a_day_of_the_towns_own_counts_at_once_and_can_be_taken_back(street: Street, comes_in: ComesIn) -> None:
    await street.at("2026-11-26 09:00")
    monday = date(2026, 11, 30)
    case = await street.files()
    due = case.resolve_due
    assert due is not None
    clerk = await comes_in("commander")
    page = await clerk.opens(CALENDAR)
    assert ("国庆" in page.text, "2026 年" in page.words) == (True, True)
    given = {**page.hidden(CALENDAR, "set"), "day": f"{monday}", "works": "no", "why": "镇里停电检修"}
    answers = await asyncio.gather(*(clerk.sends(CALENDAR, given) for _ in range(3)))
    assert {one.status for one in answers} == {200}
    assert (await TownDay.all().count(), await RuleChange.all().count()) == (1, 1)
    await street.work()
    moved = (await Case.get(id=case.id)).resolve_due
    assert moved is not None
    assert moved - due == timedelta(days=1)
    page = await clerk.opens(CALENDAR)
    assert "11月30日（周一）放假：镇里停电检修" in page.words
    assert "记下了" in answers[0].words
    await clerk.sends(CALENDAR, page.hidden(CALENDAR, "remove"))
    await street.work()
    assert (await TownDay.all().count(), (await Case.get(id=case.id)).resolve_due) == (0, due)
    for fields, said in (
        ({"day": "2026-01-01"}, "请选今天或以后"),
        ({"day": "morgen"}, "请选今天或以后"),
        ({"why": " "}, "请写一句原因"),
        ({"works": "yes"}, "本来就是这样"),
    ):
        form = {
            **(await clerk.opens(CALENDAR)).hidden(CALENDAR, "set"),
            **{k: given[k] for k in ("day", "works", "why")},
        }
        refused = await clerk.sends(CALENDAR, {**form, **fields})
        assert (refused.status, said in refused.words) == (422, True), fields
    secretary = await comes_in("secretary")
    form = {**(await secretary.opens(CALENDAR)).hidden("/console/sign-out"), "once": "x", "action": "set"}
    refused = await secretary.sends(CALENDAR, {**form, "day": f"{monday}", "works": "no", "why": "x"})
    assert (refused.status, "管着所有镇" in refused.words, await TownDay.all().count()) == (403, True, 0)


async def test_the_settings_are_shown_without_secrets(street: Street, comes_in: ComesIn) -> None:
    clerk = await comes_in("secretary")
    page = await clerk.opens("/console/settings")
    assert "08:30-12:00，13:30-18:00" in page.words
    assert street.house.settings.wechat.official.secret.get_secret_value() not in page.text
    assert "keys" not in page.text.replace("console.js", "")


async def test_who_did_what_is_found_by_person_case_and_step_in_the_own_subtree(
    street: Street, comes_in: ComesIn
) -> None:
    worker, resident = await street.actor("worker"), await street.resident()
    case, far = await street.files(resident), await street.files(grid=EAST)
    complaint = await street.desk.cases.complain(resident, "态度不好", number=case.number)
    await street.desk.cases.act(worker, case.number or 0, Action.ACCEPT)
    await street.desk.cases.act(worker, case.number or 0, Action.REPLY, note="王阿姨住三楼")
    for number in (case.number, far.number):
        await street.desk.cases.act(await street.actor("commander"), number or 0, Action.REMIND, note="快")
    await Look.create(
        at=street.desk.clock.now(), by_id=worker.person_id, person_id=resident.person_id, case_id=case.id, reason="回电"
    )
    clerk = await comes_in("commander")
    page = await clerk.opens("/console/audit")
    assert len(re.findall(r"<tr><td class=\"at\">", page.text)) == 4
    assert ("王阿姨住三楼" in page.words, f"№{complaint.number}" in page.words) == (False, False)
    assert "李卫国 受理" in (await clerk.opens("/console/audit?who=李卫国&action=accept")).words
    assert "没有符合的记录" in (await clerk.opens("/console/audit?who=李卫")).words
    assert len(re.findall(r"№\d+", (await clerk.opens(f"/console/audit?number=№{far.number}")).words)) == 1
    assert "李卫国 查看完整号码" in (await clerk.opens("/console/audit?kind=looks")).words
    assert "一次最多看 7 天" in (await clerk.opens("/console/audit?since=2020-01-01")).words
    assert (await clerk.opens("/console/audit?cursor=xxx")).status == 422
    secretary = await comes_in("secretary")
    assert "给指挥长、督察和管理员看" in (await secretary.opens("/console/audit")).words
    inspector = await comes_in("inspector")
    assert f"№{far.number}" in (await inspector.opens("/console/audit")).words


async def test_no_page_of_rules_costs_more_than_a_dozen_statements(street: Street, comes_in: ComesIn) -> None:
    one = await some_type(street)
    await street.files()
    clerk = await comes_in("commander")
    cost = {}
    for path in (
        "event-types",
        f"event-types/{one.code}",
        "calendar",
        "settings",
        "audit",
        "audit?kind=rules",
        "exports",
    ):
        with statements() as count:
            page = await clerk.opens(f"/console/{path}")
        assert (page.status, len(page.text.encode()) < 150_000) == (200, True), path
        cost[path] = count[0]
    assert max(cost.values()) <= MOST_STATEMENTS, cost
