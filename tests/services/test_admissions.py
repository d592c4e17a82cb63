"""Admission: three people let a department's work upon the grids, and the workers see just that."""

import pytest

from domain.admission import Every, Move, State, Wish
from domain.errors import Conflict, IllegalMove, NotAllowed, NotFound
from services.access import Actor
from services.admissions import Item
from tests.factories import TOWN, VILLAGE
from tests.services.conftest import NAMES, Street, at_once

STAFF = f"""name,phone,duty,region_code,cover_phone,department
城管小陈,13800000021,department_officer,{TOWN},,城管办
安监小林,13800000022,department_officer,{TOWN},,安监办
二指挥,13800000023,commander,{TOWN},,
县指挥,13800000024,commander,320412,,
"""
WISH = Wish(VILLAGE, "查九小场所", "每季查一遍灭火器", "消防法第六条", Every.QUARTER, "每户 5 元，由城管办出")


@pytest.fixture
async def town(street: Street) -> Street:
    await street.desk.imports.run(None, STAFF.encode())
    NAMES.update(officer="城管小陈", other="安监小林", second="二指挥", above="县指挥")
    return street


async def admitted(street: Street, officer: Actor) -> Item:
    item = await street.desk.admissions.ask(officer, WISH)
    await street.desk.admissions.move(await street.actor("commander"), item.id, Move.REVIEW)
    return await street.desk.admissions.move(await street.actor("above"), item.id, Move.ADMIT)


async def test_a_worker_sees_what_is_admitted_where_they_serve_and_nothing_before(town: Street) -> None:
    admissions, officer, worker = town.desk.admissions, await town.actor("officer"), await town.actor("worker")
    item = await admissions.ask(officer, WISH)
    commander, above = await town.actor("commander"), await town.actor("above")
    for unfit in (worker, await town.actor("other")):
        assert await admissions.listed(unfit) == ([], None)
        with pytest.raises(NotFound):
            await admissions.move(unfit, item.id, Move.REVIEW)
    with pytest.raises(NotAllowed):
        await admissions.move(officer, item.id, Move.REVIEW)
    with pytest.raises(IllegalMove):
        await admissions.move(commander, item.id, Move.ADMIT)
    await admissions.move(commander, item.id, Move.REVIEW)
    with pytest.raises(NotAllowed):
        await admissions.move(commander, item.id, Move.ADMIT)
    done = await admissions.move(above, item.id, Move.ADMIT)
    assert (done.state, done.review_due) == (State.ADMITTED, False)
    assert [one.title for one in (await admissions.listed(worker))[0]] == ["查九小场所"]


async def test_the_same_is_asked_for_once_and_decided_once(town: Street) -> None:
    admissions, officer = town.desk.admissions, await town.actor("officer")
    asked = await at_once(*(admissions.ask(officer, WISH) for _ in range(3)))
    assert sorted(type(one).__name__ for one in asked) == ["Conflict", "Conflict", "Item"]
    (item,) = [one for one in asked if isinstance(one, Item)]
    await admissions.move(await town.actor("commander"), item.id, Move.REVIEW)
    deciders = [await town.actor("second"), await town.actor("above")]
    decided = await at_once(
        admissions.move(deciders[0], item.id, Move.ADMIT), admissions.move(deciders[1], item.id, Move.REFUSE, "太多")
    )
    assert sorted(type(one).__name__ for one in decided) == ["IllegalMove", "Item"]
    with pytest.raises(NotAllowed):
        await admissions.ask(await town.actor("worker"), WISH)
    with pytest.raises(NotFound):
        await admissions.ask(officer, Wish("3204", "a", "b", "c", Every.ONCE, "d"))


async def test_it_is_looked_at_each_year_and_ends_with_a_reason(town: Street) -> None:
    await town.at("2027-03-01 10:00")
    admissions, officer = town.desk.admissions, await town.actor("officer")
    item = await admitted(town, officer)
    await town.at("2028-03-02 10:00")
    assert (await admissions.one(officer, item.id)).review_due
    commander = await town.actor("commander")
    assert not (await admissions.move(commander, item.id, Move.KEEP)).review_due
    ended = await admissions.move(officer, item.id, Move.END, "改由物业做")
    assert (ended.state, ended.answer) == (State.ENDED, "改由物业做")
    assert await admissions.listed(await town.actor("worker")) == ([], None)


async def test_a_worker_reports_what_is_not_admitted_and_the_town_answers_once(town: Street) -> None:
    admissions, worker, commander = town.desk.admissions, await town.actor("worker"), await town.actor("commander")
    sent = await at_once(*(admissions.report(worker, "城管办 要我贴罚单") for _ in range(3)))
    assert len(set(sent)) == 1
    (seen,), _ = await admissions.reports(commander)
    assert (seen.person, seen.text, seen.answer) == (NAMES["worker"], "城管办 要我贴罚单", "")
    assert await admissions.reports(await town.actor("cover")) == ([], None)
    with pytest.raises(NotFound):
        await admissions.answer(worker, seen.id, "自己答")
    answers = await at_once(*(admissions.answer(commander, seen.id, "不用贴，已经告诉城管办") for _ in range(2)))
    assert sorted(type(one).__name__ for one in answers) == ["Conflict", "NoneType"]
    assert isinstance(next(one for one in answers if one is not None), Conflict)
    assert (await admissions.reports(worker))[0][0].answer == "不用贴，已经告诉城管办"
