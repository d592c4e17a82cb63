"""What a town shows of itself: figures per village and month, checked against a plain count, with nobody in them."""

from datetime import date, timedelta
from statistics import median_low

import pytest

from domain.case import Action
from domain.errors import BadInput, NotFound
from models import Case, VillageMonth
from services.statistics import Figures
from tests.factories import GRID, TOWN, VILLAGE
from tests.services.conftest import Street

OTHER = "32041210120201"
MARCH = date(2027, 3, 1)


async def shown(street: Street, region: str = VILLAGE, month: date = MARCH) -> Figures:
    (one,), following = await street.desk.statistics.public(region, month, after="", limit=20)
    assert following is None
    return one


async def worked(street: Street, hours: int, stars: int) -> None:
    worker, resident = await street.actor("worker"), await street.resident()
    number = (await street.files(resident)).number or 0
    await street.advance(hours * 3600)
    await street.desk.cases.act(worker, number, Action.ACCEPT)
    await street.desk.cases.act(worker, number, Action.RESOLVE, note="修好了")
    await street.desk.cases.act(resident, number, Action.RATE, rating=stars)


async def test_a_villages_month_is_what_a_plain_count_of_its_cases_gives(street: Street) -> None:
    await street.at("2027-03-01 09:00")
    for hours, stars in ((1, 5), (2, 4), (3, 5), (1, 3), (2, 5)):
        await worked(street, hours, stars)
    resident = await street.resident("李大爷")
    open_one = await street.files(resident)
    gone = await street.files(resident)
    await street.desk.cases.act(resident, gone.number or 0, Action.WITHDRAW)
    await street.desk.cases.complain(resident, "态度不好", number=open_one.number)
    await street.files(resident, grid=OTHER)
    await Case.filter(id=open_one.id).update(category="environment")
    await street.desk.statistics.count()
    one = await shown(street)
    cases = await Case.filter(kind="case", grid__code=GRID).exclude(status="withdrawn")
    done = [(case.resolved_at - case.submitted_at).total_seconds() for case in cases if case.resolved_at]
    assert (one.filed, one.accepted, one.resolved, one.declined) == (len(cases), 5, len(done), 0) == (6, 5, 5, 0)
    assert (one.resolved_in_time, one.rated, one.rating) == (5, 5, 4.4)
    assert one.resolve_days == round(median_low(done) / 86400, 1)
    assert (one.accept_hours, one.categories) == (2.0, {"environment": 1})


async def test_where_there_are_few_nothing_is_told_that_points_at_one_of_them(street: Street) -> None:
    await street.at("2027-03-01 09:00")
    for _ in range(4):
        await worked(street, 1, 1)
    await street.desk.statistics.count()
    one = await shown(street)
    assert (one.filed, one.resolved, one.rated) == (4, 4, 4)
    assert (one.rating, one.accept_hours, one.resolve_days, one.resolved_in_time) == (None,) * 4
    assert one.categories == {}


async def test_what_is_withdrawn_after_it_was_counted_leaves_the_count(street: Street) -> None:
    await street.at("2027-03-01 09:00")
    resident = await street.resident()
    case = await street.files(resident)
    await street.desk.statistics.count()
    assert (await shown(street)).filed == 1
    await street.desk.cases.act(resident, case.number or 0, Action.WITHDRAW)
    await street.desk.statistics.count()
    assert (await shown(street)).filed == 0
    assert await VillageMonth.all().count() == 0


async def test_a_month_is_the_one_of_chinas_calendar_and_stays_once_it_is_old(street: Street) -> None:
    await street.at("2027-03-31 23:59")
    await street.files()
    await street.at("2027-04-01 00:01")
    await street.files()
    await street.desk.statistics.count()
    assert [(await shown(street, month=month)).filed for month in (MARCH, date(2027, 4, 1))] == [1, 1]
    await street.at("2027-06-01 00:01")
    await Case.all().update(kind="complaint")
    await street.desk.statistics.count()
    assert [(await shown(street, month=month)).filed for month in (MARCH, date(2027, 4, 1))] == [1, 0]


async def test_every_village_is_listed_page_by_page_and_a_bad_question_is_told_so(street: Street) -> None:
    await street.at("2027-03-01 09:00")
    first, after = await street.desk.statistics.public(TOWN, None, after="", limit=1)
    rest, end = await street.desk.statistics.public("", None, after=after or "", limit=1)
    assert ([one.name for one in (*first, *rest)], end) == (["城西村", "城东村"], None)
    for region in ("nowhere", GRID):
        with pytest.raises(NotFound):
            await street.desk.statistics.public(region, None, after="", limit=1)
    for month in (MARCH + timedelta(days=1), date(2027, 4, 1), date(2022, 2, 1)):
        with pytest.raises(BadInput):
            await street.desk.statistics.public("", month, after="", limit=1)
