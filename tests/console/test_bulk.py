"""一次办几件: one move for the cases that are ticked, each by itself, each once."""

import asyncio
import re
from collections.abc import Awaitable, Callable

from domain.case import Action
from models import Case, CaseEvent
from tests.console.clerk import Clerk, Page
from tests.factories import GRID
from tests.services.conftest import Street

ComesIn = Callable[[str], Awaitable[Clerk]]
BULK = "/console/cases/bulk"
EAST = "32041210120201"


def ticks(*cases: Case | int) -> dict[str, str]:
    return {f"case-{one if isinstance(one, int) else one.number}": "yes" for one in cases}


async def sends(clerk: Clerk, *cases: Case | int, **fields: str) -> Page:
    given = (await clerk.opens("/console/cases")).hidden(BULK)
    return await clerk.sends(BULK, {**given, **ticks(*cases), **fields})


async def steps(case: Case) -> list[str]:
    return [one.action for one in await CaseEvent.filter(case_id=case.id).order_by("id")]


async def with_the_village(street: Street) -> Case:
    case = await street.files()
    await street.desk.cases.act(await street.actor("worker"), case.number or 0, Action.REPORT_UP, note="要村里出面")
    return case


async def test_what_can_be_done_is_done_and_of_the_rest_each_is_told_why(street: Street, comes_in: ComesIn) -> None:
    mine, other = [await with_the_village(street) for _ in range(3)], await street.files()
    await street.desk.cases.act(await street.actor("worker"), other.number or 0, Action.RESOLVE, note="修好了")
    far = await street.files(grid=EAST)
    clerk = await comes_in("chief")
    page = await sends(clerk, *mine, other, far, 999999, action="accept")
    assert (page.status, page.path) == (200, BULK)
    assert "3 件已受理，3 件没有办成" in page.words
    assert f"没有找到 №{far.number}" in page.words
    assert "没有找到 №999999" in page.words
    assert re.findall(r'name="case-(\d+)" value="yes" checked', page.text) == [
        str(other.number),
        str(far.number),
        "999999",
    ]
    assert [(await steps(one))[-1] for one in mine] == ["accept"] * 3
    assert (await steps(other))[-1] == "resolve"
    assert await steps(far) == ["submit"]


async def test_sent_twice_each_counts_once_and_what_failed_is_tried_again(street: Street, comes_in: ComesIn) -> None:
    cases = [await street.files() for _ in range(2)]
    clerk = await comes_in("commander")
    given = {**(await clerk.opens("/console/cases")).hidden(BULK), **ticks(*cases), "action": "transfer"}
    given |= {"to": "城西村第二网格", "note": "地方在那边"}
    await street.desk.cases.act(await street.actor("worker"), cases[1].number or 0, Action.RESOLVE, note="修好了")
    pages = await asyncio.gather(*(clerk.sends(BULK, given) for _ in range(3)))
    assert {page.status for page in pages} == {200}
    assert all("1 件已转派，1 件没有办成" in page.words for page in pages)
    assert await steps(cases[0]) == ["submit", "transfer"]
    await street.desk.cases.act(
        await street.desk.people.actor(cases[1].resident_id), cases[1].number or 0, Action.REOPEN, note="没修好"
    )
    again = await clerk.sends(BULK, given)
    assert "2 件已转派。" in again.words
    assert await steps(cases[0]) == ["submit", "transfer"]
    assert (await steps(cases[1]))[-1] == "transfer"
    changed = await clerk.sends(BULK, {**given, "note": "换了一句话"})
    assert (changed.status, "改过的没有算数" in changed.words) == (409, True)


async def test_each_move_of_the_form_is_taken(street: Street, comes_in: ComesIn) -> None:
    clerk = await comes_in("commander")
    for action, fields in (
        ("remind", {"note": "请抓紧"}),
        ("transfer", {"to": "城西村第二网格"}),
        ("dispatch", {"to": "城西村第一网格", "note": "请去看看"}),
        ("accept", {}),
    ):
        cases = [await street.files() for _ in range(2)]
        if action in {"dispatch", "accept"}:
            for case in cases:
                for who in ("worker", "chief"):
                    await street.desk.cases.act(
                        await street.actor(who), case.number or 0, Action.REPORT_UP, note="请上面协调"
                    )
        else:
            await street.advance(7 * 24 * 3600)
        page = await sends(clerk, *cases, action=action, **fields)
        assert (page.status, "没有办成" in page.words) == (200, False), (action, page.words)
        assert {(await steps(case))[-1] for case in cases} == {action}


async def test_what_nothing_can_be_done_with_is_said_once_and_nothing_typed_is_lost(
    street: Street, comes_in: ComesIn
) -> None:
    case = await street.files()
    clerk = await comes_in("commander")
    for cases, fields, said in (
        ((), {"action": "accept", "note": "写了半天的话"}, "还没有勾选诉求"),
        ((case,), {"action": "dispatch", "note": "请去看看"}, "还没说交给谁"),
        ((case,), {"action": "resolve", "note": "好了"}, "还没说要办什么"),
        ((case,), {"action": "nonsense"}, "还没说要办什么"),
        ((case,), {"action": "dispatch", "to": "城西村", "note": ""}, "还没写说明"),
        (tuple(range(1000, 1051)), {"action": "accept", "note": "都办"}, "最多办 50 件"),
    ):
        page = await sends(clerk, *cases, **fields)
        assert (page.status, said in page.words) == (422, True), (fields, page.words[:300])
        assert fields.get("note", "") in page.text
        for name in ("to", "note") if cases else ():
            assert f'name="{name}" value="{fields.get(name, "")}"' in page.text
    assert await steps(case) == ["submit"]


async def test_a_list_offers_its_cases_for_ticking(street: Street, comes_in: ComesIn) -> None:
    made = [(await street.files()).number for _ in range(3)]
    clerk = await comes_in("secretary")
    page = await clerk.opens(f"/console/cases?list=open&region={GRID}")
    assert re.findall(r'type="checkbox" name="case-(\d+)"', page.text) == [str(one) for one in reversed(made)]
    assert "城西村第二网格" in re.findall(r'<option value="([^"]+)">', page.text)
    assert "case-" not in (await clerk.opens("/console/cases?q=没有这回事")).text
