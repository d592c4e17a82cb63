"""诉求: the list, one case, and everything that may be done to it, once."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

from domain.case import Action
from models import Case, CaseEvent, Look, Person
from services.access import Actor
from tests.console.clerk import Clerk, Page
from tests.factories import GRID, VILLAGE
from tests.services.conftest import NAMES, Street

ComesIn = Callable[[str], Awaitable[Clerk]]
EAST = "32041210120201"


def numbers(page: Page) -> list[int]:
    return [int(one) for one in re.findall(r'<td class="no wide">(\d+)</td>', page.text)]


async def steps(case: Case) -> list[str]:
    return [one.action for one in await CaseEvent.filter(case_id=case.id).order_by("id")]


async def at_the_town(street: Street) -> Case:
    """A case that has come up to the commander."""
    case = await street.files()
    for who in ("worker", "chief"):
        await street.desk.cases.act(await street.actor(who), case.number or 0, Action.REPORT_UP, note="请上面协调")
    return await Case.get(id=case.id)


def fields(move: str, street: Street, other: Case) -> dict[str, str]:
    """What a clerk fills in for *move*."""
    day = (street.desk.clock.now() + timedelta(days=3)).date().isoformat()
    return {
        "to": {"dispatch": "城西村", "transfer": "城西村第二网格"}.get(move, ""),
        "others": "城西村第二网格" if move == "co_handle" else "",
        "into": f"№{other.number}" if move == "merge" else "",
        "until": day if move == "suspend" else "",
        "note": "写清楚了",
    }


async def test_whatever_a_page_offers_can_be_done(street: Street, comes_in: ComesIn) -> None:
    clerk, other = await comes_in("commander"), await street.files()
    done = set()
    for begins, first in (
        (street.files, ()),
        (lambda: at_the_town(street), ()),
        (lambda: at_the_town(street), (Action.ACCEPT,)),
        (lambda: at_the_town(street), (Action.ACCEPT, Action.SUSPEND)),
    ):
        offered: list[str] = [""]
        for turn in range(20):
            case = await begins()
            for action in first:
                until = (street.desk.clock.now() + timedelta(days=3)).date()
                await street.desk.cases.act(
                    await street.actor("commander"), case.number or 0, action, note="等料", until=until
                )
            page = await clerk.opens(f"/console/cases/{case.number}")
            offered = page.offers()
            if turn >= len(offered):
                break
            move = offered[turn]
            page = await clerk.acts(case.number or 0, move, **fields(move, street, other))
            assert (page.status, f"done={move}" in page.path) == (200, True), (first, move, page.words[:400])
            done.add(move)
            assert (await steps(case))[-1] == move
        assert len(offered) >= 3, first
    assert done == {str(one) for one in _OF_STAFF} | {"urgent"}


_OF_STAFF = (
    *(Action.ACCEPT, Action.REPLY, Action.RESOLVE, Action.DISPATCH, Action.REPORT_UP, Action.RETURN, Action.TRANSFER),
    *(Action.CO_HANDLE, Action.SUSPEND, Action.RESUME, Action.MERGE, Action.DECLINE, Action.REMIND),
)


async def test_a_form_that_is_sent_twice_is_one_step(street: Street, comes_in: ComesIn) -> None:
    case = await street.files()
    clerk = await comes_in("commander")
    page = await clerk.opens(f"/console/cases/{case.number}")
    where = f"/console/cases/{case.number}/actions"
    given = {**page.hidden(where, "reply"), "note": "马上去看"}
    answers = await asyncio.gather(*(clerk.sends(where, given) for _ in range(4)))
    assert {(one.status, one.path) for one in answers} == {(200, f"/console/cases/{case.number}?done=reply")}
    assert await steps(case) == ["submit", "reply"]
    changed = await clerk.sends(where, {**given, "note": "马上去看，再补一句"})
    assert (changed.status, "已经提交过一次" in changed.words, "再补一句" in changed.words) == (422, True, True)
    assert await steps(case) == ["submit", "reply"]


async def test_a_forged_or_old_form_changes_nothing_and_loses_no_word(street: Street, comes_in: ComesIn) -> None:
    case = await street.files()
    clerk = await comes_in("commander")
    page = await clerk.opens(f"/console/cases/{case.number}")
    where = f"/console/cases/{case.number}/actions"
    given = {**page.hidden(where, "reply"), "note": "我写了很久的一段话 <b>"}
    without = {name: value for name, value in given.items() if name != "csrf"}
    for body, headers in (({**given, "csrf": "x"}, {}), (without, {}), (given, {"Sec-Fetch-Site": "cross-site"})):
        refused = await clerk.sends(where, body, **headers)
        assert (refused.status, "我写了很久的一段话 <b>" in refused.words) == (403, True)
        assert f'href="/console/cases/{case.number}"' in refused.text
    clerk.forgets()
    ended = await clerk.sends(where, given)
    assert (ended.status, "登录已经到时间了" in ended.words, "我写了很久的一段话" in ended.words) == (401, True, True)
    assert await steps(case) == ["submit"]


async def test_of_another_subtree_nothing_is_found_as_of_what_is_not_there(street: Street, comes_in: ComesIn) -> None:
    case = await street.files(grid=EAST)
    clerk = await comes_in("secretary")
    page = await clerk.opens("/console/")
    csrf = page.hidden("/console/sign-out")
    there, nowhere = await clerk.opens(f"/console/cases/{case.number}"), await clerk.opens("/console/cases/999999")
    assert (there.status, there.words) == (nowhere.status, nowhere.words) == (404, nowhere.words)
    for number in (case.number, 999999, 10**17):
        acted = await clerk.sends(
            f"/console/cases/{number}/actions", {**csrf, "once": "x", "action": "accept", "note": ""}
        )
        assert (acted.status, acted.words) == (404, nowhere.words), number
        looked = await clerk.sends(f"/console/cases/{number}/phone", {**csrf, "reason": "回电"})
        assert looked.status == 404, number
    assert await steps(case) == ["submit"]
    assert numbers(await clerk.opens(f"/console/cases?q={case.number}")) == []
    assert numbers(await clerk.opens(f"/console/cases?region={EAST}")) == []


async def test_a_no_stands_on_the_page_with_the_words_that_were_written(street: Street, comes_in: ComesIn) -> None:
    case = await at_the_town(street)
    clerk = await comes_in("commander")
    number = case.number or 0
    for action, given, said in (
        ("resolve", {"note": " "}, "还没写说明"),
        ("dispatch", {"to": "水利站", "note": "请去看看"}, "没有找到“水利站”"),
        ("suspend", {"until": "2020-01-01", "note": "等材料"}, "日期不合适"),
        ("suspend", {"until": "明天", "note": "等材料"}, "日期不合适"),
        ("merge", {"into": "不知道", "note": ""}, "还没写并到哪一件"),
        ("merge", {"into": "999999", "note": ""}, "没有找到 №999999"),
        ("reply", {"note": "长" * 1001}, "最多 1000 个字"),
    ):
        page = await clerk.acts(number, action, **given)
        assert page.status in {404, 409, 422}, (action, page.status)
        assert said in page.words, (action, given, page.words[:300])
        for text in given.values():
            assert text.strip()[:1000] in page.text, (action, text)
    assert await steps(case) == ["submit", "report_up", "report_up"]
    canned = await clerk.acts(number, "reply", note="", canned="已经收到，今天安排人去看。")
    assert "已经收到，今天安排人去看。" in canned.words


async def test_whoever_was_slower_is_told_so(street: Street, comes_in: ComesIn) -> None:
    case = await street.files()
    clerk = await comes_in("commander")
    where = f"/console/cases/{case.number}/actions"
    old = (await clerk.opens(f"/console/cases/{case.number}")).hidden(where, "transfer")
    await street.desk.cases.act(await street.actor("worker"), case.number or 0, Action.RESOLVE, note="修好了")
    page = await clerk.sends(where, {**old, "to": "城西村第二网格", "note": "请去看"})
    assert (page.status, "可能刚有人办过" in page.words, "修好了" in page.words) == (409, True, True)


async def test_a_list_is_turned_page_by_page_and_a_number_leads_to_its_case(street: Street, comes_in: ComesIn) -> None:
    made = [(await street.files()).number for _ in range(27)]
    clerk = await comes_in("secretary")
    first = await clerk.opens("/console/cases?list=open")
    assert numbers(first) == made[:1:-1]
    following = re.search(r'href="([^"]+)" rel="next"', first.text)
    assert following is not None
    assert numbers(await clerk.opens(following[1].replace("&amp;", "&"))) == made[1::-1]
    assert (await clerk.opens(f"/console/cases?q=№{made[3]}")).path == f"/console/cases/{made[3]}"
    bad = await clerk.opens("/console/cases?cursor=xxx")
    assert (bad.status, "从第一页重新看" in bad.words) == (422, True)
    for odd in ("list=none", "status=none", "since=gestern", "region=%00", "q=" + "长" * 300):
        assert (await clerk.opens(f"/console/cases?{odd}")).status in {200, 422}, odd


async def test_what_people_write_stays_words(street: Street, comes_in: ComesIn) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    worker = await street.actor("worker")
    case = await street.files(address=evil)
    await Case.filter(id=case.id).update(title=evil, description=evil)
    await street.desk.cases.act(worker, case.number or 0, Action.REPLY, note=evil)
    await Person.filter(id=worker.person_id).update(name="<i>李")
    clerk = await comes_in("commander")
    for path in ("/console/", "/console/cases", f"/console/cases/{case.number}"):
        page = await clerk.opens(path)
        assert "&lt;script&gt;" in page.text, path
        assert not re.search(r"<script>|<img|<i>", page.text), path


async def test_the_phone_desk_files_a_case_that_says_where_it_came_from_and_calls_back_with_a_reason(
    street: Street, comes_in: ComesIn
) -> None:
    clerk = await comes_in("secretary")
    page = await clerk.opens("/console/cases/new")
    given = {
        **page.hidden("/console/cases/new"),
        "grid": GRID,
        "words": "楼道灯坏了\r\n老人怕摔",
        "name": "王阿姨",
        "phone": "138 0000 9999",
    }
    filed = [await clerk.sends("/console/cases/new", given) for _ in range(2)]
    assert filed[0].path == filed[1].path
    assert "李卫国来办" in filed[0].words
    case = await Case.get(source="phone")
    assert (case.description, case.status, case.number) == (
        "楼道灯坏了\n老人怕摔",
        "submitted",
        int(filed[0].path[15:19]),
    )
    assert case.taken_by_id == (await Person.get(name=NAMES["secretary"])).id
    caller = await Person.get(id=case.resident_id)
    assert (caller.name, "13800009999" in caller.phone, caller.phone_index) == ("王阿姨", False, None)
    assert "钱书记记的" in filed[0].words
    assert "13800009999" not in filed[0].text
    await street.desk.cases.act(await street.actor("worker"), case.number or 0, Action.REPORT_UP, note="要村里办")
    path = f"/console/cases/{case.number}/phone"
    hidden = (await clerk.opens(f"/console/cases/{case.number}")).hidden(path)
    assert "写一句原因" in (await clerk.sends(path, {**hidden, "reason": ""})).words
    assert "13800009999" in (await clerk.sends(path, {**hidden, "reason": "回电核实地址"})).words
    look = await Look.get()
    assert (look.reason, look.person_id, look.case_id) == ("回电核实地址", caller.id, case.id)
    commander = await comes_in("commander")
    page = await commander.opens(f"/console/cases/{case.number}")
    assert "看居民的电话" not in page.words


async def test_the_phone_desk_refuses_with_the_words_kept(street: Street, comes_in: ComesIn) -> None:
    clerk = await comes_in("secretary")
    for grid, phone, words, said in (
        (EAST, "", "路灯坏了", "请选一个网格"),
        (VILLAGE, "", "路灯坏了", "请选一个网格"),
        (GRID, "12", "路灯坏了", "电话号码不对"),
        (GRID, "", " ", "还没写是什么事"),
    ):
        page = await clerk.opens("/console/cases/new")
        given = {**page.hidden("/console/cases/new"), "grid": grid, "words": words, "phone": phone, "address": "桥头"}
        refused = await clerk.sends("/console/cases/new", given)
        assert (refused.status in {404, 422}, said in refused.words) == (True, True), said
        assert 'value="桥头"' in refused.text
        assert words.strip() in refused.text
    assert await Case.all().count() == 0


async def test_whoever_only_filed_a_case_reads_no_words_of_staff_on_its_page(street: Street, comes_in: ComesIn) -> None:
    secretary = await street.actor("secretary")
    case = await street.files(Actor(secretary.person_id, secretary.name), grid=EAST)
    await street.desk.cases.act(
        await street.actor("commander"), case.number or 0, Action.REPLY, note="别让他知道", hidden=True
    )
    await street.desk.cases.act(await street.actor("commander"), case.number or 0, Action.REPLY, note="明天来看")
    clerk = await comes_in("secretary")
    page = await clerk.opens(f"/console/cases/{case.number}")
    assert ("明天来看" in page.words, "别让他知道" in page.words, page.offers()) == (True, False, [])
