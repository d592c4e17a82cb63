"""工作台: what it counts is what its lists hold, and all of it is one's own subtree."""

import logging
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from domain.case import Action
from models import Case
from tests.console.clerk import Clerk, Page
from tests.factories import GRID
from tests.services.conftest import Street

ComesIn = Callable[[str], Awaitable[Clerk]]
EAST = "32041210120201"
MOST_STATEMENTS = 12


def counts(page: Page) -> dict[str, int]:
    found = re.findall(r'href="/console/cases\?list=(\w+)"><b data-count="\w+">(\d+)', page.text)
    return {name: int(count) for name, count in found}


def numbers(page: Page) -> list[int]:
    return [int(one) for one in re.findall(r'<td class="no wide">(\d+)</td>', page.text)]


async def a_day(street: Street) -> dict[str, Case]:
    """Monday to Tuesday morning: one case late, one due, one urgent, one returned, one far away."""
    await street.at("2027-03-01 09:00")
    act, worker, chief = street.desk.cases.act, await street.actor("worker"), await street.actor("chief")
    made = {"late": await street.files(), "returned": await street.files()}
    await act(worker, made["late"].number or 0, Action.ACCEPT)
    await Case.filter(id=made["late"].id).update(next_due=street.desk.clock.now() + timedelta(hours=2))
    await act(worker, made["returned"].number or 0, Action.REPORT_UP, note="要村里出面")
    await act(chief, made["returned"].number or 0, Action.RETURN, note="网格能办")
    await street.at("2027-03-02 09:00")
    made["today"] = await street.files()
    made["urgent"] = await street.files(urgent=True)
    made["east"] = await street.files(grid=EAST)
    return made


async def test_each_count_is_the_length_of_its_list_and_everybody_sees_their_own_subtree_only(
    street: Street, comes_in: ComesIn
) -> None:
    made = await a_day(street)
    number = {name: case.number for name, case in made.items()}
    secretary, commander = await comes_in("secretary"), await comes_in("commander")
    village, town = counts(await secretary.opens("/console/")), counts(await commander.opens("/console/"))
    assert village == {"late": 2, "today": 2, "urgent": 1, "returned": 1, "held": 0}
    assert town == {**village, "today": 3}
    for clerk, told in ((secretary, village), (commander, town)):
        for name, count in told.items():
            assert len(numbers(await clerk.opens(f"/console/cases?list={name}"))) == count, name
    assert numbers(await secretary.opens("/console/cases?list=late")) == [number["returned"], number["late"]]
    assert numbers(await secretary.opens("/console/cases?list=returned")) == [number["returned"]]
    assert numbers(await secretary.opens("/console/cases?list=urgent")) == [number["urgent"]]
    flow = (await secretary.opens("/console/")).words
    assert "新来 2 件" in flow
    assert f"№{number['east']}" not in flow
    assert "新来 3 件" in (await commander.opens("/console/")).words


async def test_complaints_are_counted_for_inspectors_and_shown_to_nobody_whom_they_concern(
    street: Street, comes_in: ComesIn
) -> None:
    resident = await street.resident()
    case = await street.files(resident)
    made = await street.desk.cases.complain(resident, "网格员李卫国态度不好", number=case.number)
    inspector, secretary = await comes_in("inspector"), await comes_in("secretary")
    assert counts(await inspector.opens("/console/"))["complaints"] == 1
    assert numbers(await inspector.opens("/console/cases?list=complaints")) == [made.number]
    assert (await inspector.opens(f"/console/cases/{made.number}")).status == 200
    bench = await secretary.opens("/console/")
    assert "complaints" not in counts(bench)
    assert "态度不好" not in bench.words
    assert numbers(await secretary.opens("/console/cases?list=complaints")) == []
    assert (await secretary.opens(f"/console/cases/{made.number}")).status == 404


async def test_a_case_that_comes_back_and_is_accepted_is_not_returned_any_more(
    street: Street, comes_in: ComesIn
) -> None:
    made = await a_day(street)
    clerk = await comes_in("secretary")
    await street.desk.cases.act(await street.actor("worker"), made["returned"].number or 0, Action.ACCEPT)
    assert counts(await clerk.opens("/console/"))["returned"] == 0


async def test_an_empty_desk_is_a_friendly_one(comes_in: ComesIn) -> None:
    clerk = await comes_in("secretary")
    page = await clerk.opens("/console/")
    assert "喝口水" in page.words
    assert "今天还没有动静" in page.words
    assert "还没有诉求" in (await clerk.opens("/console/cases")).words
    assert "少写一个条件" in (await clerk.opens("/console/cases?q=没有这回事")).words


async def test_no_page_costs_more_than_a_dozen_statements(
    street: Street, comes_in: ComesIn, caplog: pytest.LogCaptureFixture
) -> None:
    made = await a_day(street)
    for _ in range(30):
        await street.files()
    resident = await street.resident()
    complaint = await street.desk.cases.complain(resident, "态度不好", number=(await street.files(resident)).number)
    cost = {}
    for who, number in (
        ("commander", made["today"].number),
        ("secretary", made["late"].number),
        ("inspector", complaint.number),
    ):
        clerk = await comes_in(who)
        for path in (
            "/console/",
            f"/console/cases?list=open&region={GRID}&q=路灯",
            f"/console/cases/{number}",
            "/console/cases/new",
        ):
            with caplog.at_level(logging.DEBUG, logger="tortoise.db_client"):
                caplog.clear()
                page = await clerk.opens(path)
            assert page.status == 200, path
            cost[who, path] = sum(record.name == "tortoise.db_client" for record in caplog.records)
    assert min(cost.values()) >= 2
    assert {where: times for where, times in cost.items() if times > MOST_STATEMENTS} == {}
