"""统计 and 月报: the numbers of one's own subtree, as charts with tables, and nothing that points at somebody."""

import logging
import re
from collections.abc import Awaitable, Callable

import pytest

from domain.case import Action
from models import Person
from tests.console.clerk import Clerk, Page
from tests.factories import GRID, TOWN, VILLAGE
from tests.services.conftest import Street

ComesIn = Callable[[str], Awaitable[Clerk]]
EAST = "32041210120201"
MOST_STATEMENTS = 12
MOST_BYTES = 150_000


async def a_month(street: Street, resolved: int = 5) -> None:
    """March: *resolved* cases of the first grid done after two hours, and one of the east open."""
    await street.at("2027-03-01 09:00")
    act, worker = street.desk.cases.act, await street.actor("worker")
    for turn in range(resolved):
        resident = await street.resident()
        number = (await street.files(resident)).number or 0
        await street.advance(7200)
        await act(worker, number, Action.RESOLVE, note="修好了")
        await act(resident, number, Action.RATE, rating=4 + turn % 2)
    await street.files(grid=EAST)
    await street.at("2027-03-10 12:00")
    await street.desk.figure_counts.count()


def tiles(page: Page) -> list[str]:
    return [re.sub(r"<[^>]+>", "", one).strip() for one in re.findall(r'<li class="tile[^"]*"><b>(.*?)</b>', page.text)]


async def test_a_page_of_figures_says_what_was_counted(street: Street, comes_in: ComesIn) -> None:
    await a_month(street)
    clerk = await comes_in("commander")
    page = await clerk.opens("/console/statistics?since=2027-03&until=2027-03")
    assert tiles(page) == ["6", "5", "1", "1", "100.0%", "2.0", "0.1", "4.4"]
    for caption in ("各地的数字", "各类事项的数字", "各办理层级的数字", "各月的数字", "看数字：多久办结"):
        assert caption in page.words
    assert page.text.count('role="img"') == page.text.count("</desc>") == page.text.count("</title>") - 1 >= 6
    assert "style=" not in page.text
    assert "城西村 5 5 0 100.0% 2.0 小时 0.1 天 4.4 分" in page.words
    assert "城东村 1 0 0 不显示 不显示 不显示 不显示" in page.words
    half = await clerk.opens("/console/statistics")
    assert tiles(half) == tiles(page)
    assert len(half.text.encode()) < MOST_BYTES


async def test_figures_of_others_are_not_found_and_a_wrong_question_is_told_so(
    street: Street, comes_in: ComesIn
) -> None:
    await a_month(street, resolved=1)
    clerk = await comes_in("secretary")
    nowhere = await clerk.opens("/console/none")
    for path in ("statistics", "statistics/month"):
        assert (await clerk.opens(f"/console/{path}?region={VILLAGE}")).status == 200
        for code in (TOWN, EAST, "%00nowhere"):
            page = await clerk.opens(f"/console/{path}?region={code}")
            assert (page.status, page.words) == (404, nowhere.words), (path, code)
    assert tiles(await clerk.opens("/console/statistics"))[:2] == ["1", "1"]
    bad = await clerk.opens("/console/statistics?since=2027-03&until=2027-01")
    assert (bad.status, "开始的月份要在前" in bad.words) == (422, True)
    assert (await clerk.opens("/console/statistics?since=gestern&until=2027-3")).status == 200
    assert (await clerk.opens("/console/statistics/month?month=2031-01")).status == 422


async def test_a_months_report_says_it_in_sentences(street: Street, comes_in: ComesIn) -> None:
    await a_month(street)
    clerk = await comes_in("commander")
    page = await clerk.opens(f"/console/statistics/month?region={VILLAGE}&month=2027-03")
    assert "2027 年 3 月，城西村共收到诉求 5 件。其中办结 5 件。" in page.words
    assert "居民平均 2.0 小时得到首次答复，平均 0.1 天办结。办结的诉求中，100.0% 没有超过时限。" in page.words
    assert "收到评价 5 份，平均 4.4 分（满分 5 分）。" in page.words
    assert "第一网格 5 5" in page.words
    empty = await clerk.opens(f"/console/statistics/month?region={VILLAGE}&month=2027-02")
    assert "2027 年 2 月，城西村没有收到诉求。" in empty.words


async def test_a_report_of_few_tells_their_number_only(street: Street, comes_in: ComesIn) -> None:
    await a_month(street, resolved=4)
    clerk = await comes_in("secretary")
    page = await clerk.opens("/console/statistics/month?month=2027-03")
    assert "共收到诉求 4 件。其中办结 4 件" in page.words
    assert "不到 5 件，用时和按时率不列出" in page.words
    assert "不到 5 份，平均分不列出" in page.words
    assert "各类事项不分开列" in page.words
    assert not re.search(r"\d(\.\d)?( 分|%| 小时得到| 天办结)", page.words)


async def test_a_page_of_figures_costs_a_dozen_statements_at_most(
    street: Street, comes_in: ComesIn, caplog: pytest.LogCaptureFixture
) -> None:
    await a_month(street)
    await Person.filter(name="王阿姨").update(name="<b>")
    clerk = await comes_in("commander")
    for path in ("statistics", f"statistics?region={GRID}", "statistics/month?month=2027-03"):
        with caplog.at_level(logging.DEBUG, logger="tortoise.db_client"):
            caplog.clear()
            page = await clerk.opens(f"/console/{path}")
        assert page.status == 200
        cost = sum(record.name == "tortoise.db_client" for record in caplog.records)
        assert 2 <= cost <= MOST_STATEMENTS, path
