"""Exit (Y art. 17): two failed years are one proposal, the worker is heard, and a commander decides."""

from datetime import date, timedelta

import pytest

from domain.errors import Conflict, NotAllowed, NotFound
from domain.month import Month
from models import AssessmentMonth, AssessmentScore, ExitProposal, HeldDuty, Leave, Objection, OfficeStep, Region
from services.exits import Proposal
from services.transaction import rows
from tests.factories import GRID, TOWN
from tests.services.conftest import Street, at_once


async def two_years(street: Street, *, bad: int = -500) -> None:
    """2026 and 2027 are closed: the worker had *bad* each month, the neighbour 30 points."""
    await street.at("2028-01-02 09:00")
    await HeldDuty.all().update(from_date=date(2025, 12, 1))
    town, grid = await street.region(TOWN), await street.region(GRID)
    some = {"events": 0, "visits": 0, "base_data": 0, "deductions": 0, "lines": [], "missing": []}
    for year in (2026, 2027):
        for number in range(1, 13):
            month = await AssessmentMonth.create(
                town_id=town.id, month=date(year, number, 1), rules={}, state="closed", exits_at=None
            )
            for who, score in (("worker", bad), ("cover", 3000)):
                person = (await street.actor(who)).person_id
                await AssessmentScore.create(
                    month_id=month.id, person_id=person, region_id=grid.id, score=score, **some
                )
    await AssessmentMonth.filter(month=date(2026, 12, 1)).update(exits_at=street.desk.clock.now())


async def proposed(street: Street) -> Proposal:
    await two_years(street)
    await street.desk.exits.sweep()
    ((one,), _) = await street.desk.exits.listed(await street.actor("commander"))
    return one


async def test_two_sweeps_at_once_make_one_proposal_and_tell_the_worker_once(street: Street) -> None:
    await two_years(street)
    december = AssessmentMonth.filter(month=date(2027, 12, 1))
    await december.update(state="open")
    assert await street.desk.exits.sweep() == 0
    await december.update(state="closed")
    assert sum(await at_once(*(street.desk.exits.sweep() for _ in range(3)))) == 1
    assert await street.desk.exits.sweep() == 0
    worker, cover, commander = [await street.actor(who) for who in ("worker", "cover", "commander")]
    assert (await street.told(worker), await street.told(cover)) == (["exit_proposed"], [])
    ((one,), _) = await street.desk.exits.listed(commander)
    assert (one.person_id, one.year, one.state, one.ripe) == (worker.person_id, 2027, "open", False)
    assert (await street.desk.exits.sheet(commander, one.id)).years[1].mean == -500
    assert await HeldDuty.filter(person_id=worker.person_id, to_date=None).exists()
    for unfit in (worker, cover, await street.actor("chief"), await street.actor("inspector")):
        with pytest.raises(NotAllowed):
            await street.desk.exits.listed(unfit)
        with pytest.raises(NotFound):
            await street.desk.exits.decide(unfit, one.id, end=True, reason="不行")


async def test_a_crash_half_way_leaves_nothing_and_the_next_run_finds_it(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    await two_years(street)

    async def dies(*_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as broken:
        broken.setattr(type(street.desk.deliveries), "owe", dies)
        assert await street.desk.exits.sweep() == 0
    assert (await ExitProposal.all().count(), await OfficeStep.all().count()) == (0, 0)
    assert await street.desk.exits.sweep() == 1


async def test_the_worker_is_heard_and_an_ended_duty_takes_its_open_cases_along(street: Street) -> None:
    one = await proposed(street)
    case, exits = await street.files(), street.desk.exits
    worker, commander = await street.actor("worker"), await street.actor("commander")
    assert case.holder_id == worker.person_id
    with pytest.raises(Conflict) as early:
        await exits.decide(commander, one.id, end=True, reason="太早")
    assert early.value.facts["why"] == "waits"
    said = await at_once(*(exits.object_to(worker, "照顾住院的母亲") for _ in range(3)))
    assert sorted(type(each).__name__ for each in said) == ["Conflict", "Conflict", "NoneType"]
    decided = await at_once(*(exits.decide(commander, one.id, end=True, reason="两年都差得远") for _ in range(3)))
    assert sorted(type(each).__name__ for each in decided) == ["Conflict", "Conflict", "Proposal"]
    assert not await HeldDuty.filter(person_id=worker.person_id, to_date=None).exists()
    await case.refresh_from_db()
    assert case.holder_id == (await street.actor("cover")).person_id
    assert [each.state for each in await Objection.all()] == ["refused"]
    steps = (await exits.sheet(commander, one.id)).steps
    assert [(each.step, each.by) for each in steps] == [
        ("proposed", ""),
        ("objected", worker.name),
        ("ended", commander.name),
    ]
    assert (await street.told(worker))[-1] == "exit_decided"
    assert len((await ExitProposal.get(id=one.id)).reckoned) == 2


async def test_after_the_time_a_commander_may_keep_somebody_who_said_nothing(street: Street) -> None:
    one = await proposed(street)
    await street.work()
    assert (await street.desk.exits.sheet(await street.actor("commander"), one.id)).unreached  # they have no WeChat
    await street.at("2028-01-18 00:01")
    kept = await street.desk.exits.decide(await street.actor("commander"), one.id, end=False, reason="山路多")
    assert (kept.state, kept.answer) == ("kept", "山路多")
    worker = await street.actor("worker")
    assert worker.duties
    assert await street.desk.exits.own(worker) is None
    with pytest.raises(NotFound):
        await street.desk.exits.object_to(worker, "太晚了")


async def test_what_is_given_back_later_or_still_open_keeps_a_duty_from_ending(street: Street) -> None:
    """Twelve months of −5 are −5; 61 points given back to one of them make them +0.08."""
    one, commander = await proposed(street), await street.actor("commander")
    worker, inspector = await street.actor("worker"), await street.actor("inspector")
    await street.at("2028-01-18 00:01")
    check = await rows(
        "INSERT INTO spot_check (person_id, region_id, record_kind, record, verdict, ground, note, by_id, at) "
        "SELECT $1, r.id, 'case', '1', 'false', '', '', $2, now() FROM region r WHERE r.code = $3 RETURNING id",
        worker.person_id,
        inspector.person_id,
        GRID,
    )
    score = await AssessmentScore.filter(person_id=worker.person_id, month__month=date(2027, 12, 1)).get()
    given = {"reason": "有照片", "at": street.desk.clock.now(), "by_id": worker.person_id}
    objection = await Objection.create(spot_check_id=check[0]["id"], score_id=score.id, given_back=6100, **given)
    with pytest.raises(Conflict) as open_:
        await street.desk.exits.decide(commander, one.id, end=True, reason="差")
    assert open_.value.facts["why"] == "checks"
    await Objection.filter(id=objection.id).update(state="upheld")
    with pytest.raises(Conflict) as passed:
        await street.desk.exits.decide(commander, one.id, end=True, reason="差")
    assert passed.value.facts["why"] == "passed"
    assert (await street.desk.exits.sheet(commander, one.id)).holds is False


async def test_long_leave_and_who_has_come_back_are_not_judged(street: Street) -> None:
    await two_years(street)
    worker, now = await street.actor("worker"), street.desk.clock.now()
    from_march, to_november = (Month(2026, 3).starts, Month(2026, 10).ends)
    leave = await Leave.create(person_id=worker.person_id, starts_at=from_march, ends_at=to_november)
    assert await street.desk.exits.sweep() == 0
    await leave.delete()
    await AssessmentMonth.all().update(exits_at=None)
    await HeldDuty.filter(person_id=worker.person_id).update(from_date=now.date() - timedelta(days=200))
    assert await street.desk.exits.sweep() == 0
    await HeldDuty.filter(person_id=worker.person_id).update(from_date=date(2025, 1, 1), to_date=date(2027, 12, 31))
    await AssessmentMonth.all().update(exits_at=None)
    assert await street.desk.exits.sweep() == 0
    assert await Region.filter(code=TOWN).count() == 1
