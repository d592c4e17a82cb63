"""统计: figures of every region, against a small town that was counted by hand."""

from datetime import date, timedelta

import pytest

from domain.case import Action
from domain.errors import BadInput, NotFound
from models import Case, FigureDay, FigureMonth
from services.access import Actor
from services.figures import FigurePages, Figures
from tests.factories import GRID, TOWN, VILLAGE
from tests.services.conftest import Street

EAST = "32041210120201"
FEBRUARY, MARCH = date(2027, 2, 1), date(2027, 3, 1)


async def shown(street: Street, who: str = "commander", code: str = TOWN, since: date = MARCH) -> Figures:
    return await FigurePages(street.desk.clock).of(await street.actor(who), code, since, MARCH)


async def resolved(street: Street, hours: int, stars: int, *, grid: str = GRID) -> Case:
    """Answered after one hour, resolved after *hours*, and rated."""
    act, resident = street.desk.cases.act, await street.resident()
    case = await street.files(resident, grid=grid)
    number, staff = case.number or 0, await street.actor("worker" if grid == GRID else "commander")
    await street.advance(3600)
    await act(staff, number, Action.REPLY, note="马上来")
    await street.advance((hours - 1) * 3600)
    await act(staff, number, Action.RESOLVE, note="修好了")
    await act(resident, number, Action.RATE, rating=stars)
    return case


async def a_town(street: Street) -> Actor:
    """Five of the first grid resolved within a day, one declined, one open for nine days; one of the east."""
    await street.at("2027-03-01 09:00")
    resident = await street.resident("李大爷")
    declined, old = await street.files(resident), await street.files(resident)
    await street.desk.cases.act(await street.actor("worker"), declined.number or 0, Action.DECLINE, note="不归我们")
    for hours, stars in ((2, 5), (2, 4), (3, 5), (3, 3), (30, 5)):
        await resolved(street, hours, stars)
    await Case.filter(id=old.id).update(event_type="lamp", level=2)
    await resolved(street, 2, 1, grid=EAST)
    withdrawn = await street.files(resident)
    await street.desk.cases.act(resident, withdrawn.number or 0, Action.WITHDRAW)
    complaint = await street.desk.cases.complain(resident, "态度不好", number=old.number)
    assert complaint.kind == "complaint"
    await street.at("2027-03-10 12:00")
    assert await street.desk.figure_counts.count() == 3
    return resident


async def test_the_figures_of_a_town_are_what_somebody_counts_by_hand(street: Street) -> None:
    await a_town(street)
    town = await shown(street)
    whole = town.whole
    assert (whole.filed, whole.answered, whole.resolved, whole.declined, whole.rated) == (8, 7, 6, 1, 6)
    assert (whole.in_time_share, whole.rating) == (100.0, round((5 + 4 + 5 + 3 + 5 + 1) / 6, 1))
    assert whole.answer_hours == round((6 * 1 + 0) / 7, 1)
    assert whole.resolve_days == round((2 + 2 + 3 + 3 + 30 + 2) / 6 / 24, 1)
    assert (whole.answers, whole.resolutions) == ([7, 0, 0, 0, 0], [5, 1, 0, 0, 0])
    assert [(one.name, one.filed) for one in town.below] == [("城西村", 7), ("城东村", 1)]
    assert [(one.key, one.filed) for one in town.types] == [("", 7), ("lamp", 1)]
    assert [(one.key, one.filed) for one in town.levels] == [("1", 7), ("2", 1)]
    assert (town.open.open, town.open.late, town.open.spans) == (1, 1, [0, 0, 0, 1, 0])


async def test_each_day_says_what_came_what_went_and_what_was_left(street: Street) -> None:
    await a_town(street)
    town = await shown(street)
    days = {one.day.day: (one.filed, one.resolved, one.open) for one in town.flow}
    # 2 + 4 and the long one came on Monday, whose last was resolved on Wednesday, when the east's came and went.
    assert sum(one.filed for one in town.flow) == 8
    assert sum(one.resolved for one in town.flow) == 6
    for day, (filed, gone, left) in days.items():
        made = await Case.filter(kind="case", status__not_in=["withdrawn"])
        end = (await street.at(f"2027-03-{day:02d} 23:59")) + timedelta(seconds=59)
        came = [one for one in made if one.submitted_at and one.submitted_at <= end]
        went = [one for one in came if one.ended_at and one.ended_at <= end]
        assert left == len(came) - len(went), day
        assert filed == sum(one.submitted_at is not None and one.submitted_at > end - timedelta(days=1) for one in came)
        assert gone <= len(went)
    assert town.by_day
    assert len(days) == 10


async def test_under_five_only_the_number_is_told(street: Street) -> None:
    await street.at("2027-03-01 09:00")
    for _ in range(4):
        await resolved(street, 2, 1)
    await street.desk.figure_counts.count()
    whole = (await shown(street)).whole
    assert (whole.filed, whole.resolved, whole.told) == (4, 4, False)
    assert (whole.in_time_share, whole.answer_hours, whole.resolve_days, whole.rating) == (None,) * 4
    assert (whole.answers, whole.resolutions) == (None, None)


async def test_a_subtree_of_others_is_not_found_and_the_own_is_all_there_is_to_choose(street: Street) -> None:
    await street.at("2027-03-01 09:00")
    pages, secretary = FigurePages(street.desk.clock), await street.actor("secretary")
    assert [one.name for one in await pages.places(secretary)] == ["城西村"]
    assert [one.level for one in await pages.places(await street.actor("inspector"))] == [3, 2, 2]
    for code in (TOWN, EAST, "nowhere"):
        with pytest.raises(NotFound):
            await pages.of(secretary, code, MARCH, MARCH)
    assert await pages.places(await street.resident()) == []
    assert (await pages.of(secretary, GRID, MARCH, MARCH)).whole.filed == 0
    for since, until in ((MARCH, FEBRUARY), (date(2027, 3, 2), MARCH), (date(2020, 1, 1), MARCH)):
        with pytest.raises(BadInput):
            await pages.of(secretary, VILLAGE, since, until)


async def test_what_changes_is_counted_anew_what_is_old_once_and_nothing_twice(street: Street) -> None:
    await street.at("2026-11-20 09:00")
    resident = await street.resident()
    old = await street.files(resident)
    await street.at("2027-02-28 23:30")
    await street.files(resident)
    await street.at("2027-03-01 00:30")
    fresh = await street.files(resident)
    assert await street.desk.figure_counts.count() == 5
    assert await street.desk.figure_counts.count() == 3
    months = {(one.month, one.filed) for one in (await shown(street, since=date(2026, 11, 1))).months}
    assert months == {(date(2026, 11, 1), 1), (FEBRUARY, 1), (MARCH, 1)}
    longest = await shown(street, since=date(2026, 10, 1))
    assert [(one.day.month, one.filed, one.open) for one in longest.flow] == [
        *((10, 0, 0), (11, 1, 1), (12, 0, 1), (1, 0, 1), (2, 1, 2), (3, 1, 3))
    ]
    for case in (old, fresh):
        await street.desk.cases.act(resident, case.number or 0, Action.WITHDRAW)
    await street.desk.figure_counts.count()
    assert await FigureMonth.filter(month=MARCH).count() == 0
    assert await FigureDay.filter(day=MARCH).count() == 0
    assert await FigureMonth.filter(month=date(2026, 11, 1)).exists()
