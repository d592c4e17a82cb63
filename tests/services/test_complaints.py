"""Complaints go past whoever they are about, and leave them nothing to see or to guess from."""

from datetime import timedelta

import pytest

from domain.case import Action
from domain.errors import IllegalMove, NotFound, NothingToFile
from models import Case, CaseEvent, Concerned, Delivery, HeldDuty, Person
from services.access import Actor
from services.drafts import Said
from services.queues import Filters
from tests.factories import GRID
from tests.services.conftest import Street

STAFF = ("worker", "cover", "chief", "secretary", "commander", "county")


async def complained(street: Street) -> tuple[Case, Case, Actor]:
    case = await street.files()
    resident = await street.desk.people.actor(case.resident_id)
    await street.desk.cases.act(await street.actor("worker"), case.number or 0, Action.REPORT_UP, note="大")
    await Delivery.all().delete()
    complaint = await street.desk.cases.complain(resident, "路灯的事推来推去", number=case.number)
    return case, complaint, resident


async def test_a_complaint_goes_to_the_inspector_and_nobody_else_learns_of_it(street: Street) -> None:
    case, complaint, resident = await complained(street)
    inspector, number = await street.actor("inspector"), complaint.number or 0
    assert (complaint.kind, complaint.level, complaint.about_case_id) == ("complaint", 3, case.id)
    assert complaint.holder_id == inspector.person_id
    assert complaint.next_due is not None
    concerned = {one.person_id for one in await Concerned.filter(case_id=complaint.id)}
    assert concerned == {(await street.actor("worker")).person_id, (await street.actor("chief")).person_id}
    assert set(await Delivery.all().values_list("person_id", "kind")) == {(inspector.person_id, "new_complaint")}
    assert await CaseEvent.filter(case_id=case.id, action="complain").count() == 0
    assert (await Case.get(id=case.id)).touched_at == case.touched_at
    for who in STAFF:
        actor = await street.actor(who)
        for attempt in (
            street.desk.queues.one(actor, number),
            street.desk.cases.act(actor, number, Action.ACCEPT),
            street.desk.cases.add(actor, number, Said("text", "x")),
            street.desk.cases.mark_urgent(actor, number),
            street.desk.cases.act(actor, case.number or 0, Action.MERGE, into=number),
        ):
            with pytest.raises(NotFound):
                await attempt
        lists = [
            *(await street.desk.queues.mine(actor, limit=50)).items,
            *(await street.desk.queues.listed(actor, Filters(), limit=50)).items,
            *(await street.desk.queues.listed(actor, Filters(words="推来推去"), limit=50)).items,
        ]
        assert number not in [line.number for line in lists], who
        if who in {"worker", "chief"}:
            assert number not in (await street.desk.queues.one(actor, case.number or 0)).alike
    for actor in (inspector, resident):
        assert [line.number for line in (await street.desk.queues.listed(actor, Filters(words="推来"))).items] == [
            number
        ]
    assert [line.number for line in (await street.desk.queues.mine(inspector)).items] == [number]
    assert (await street.desk.queues.one(inspector, number)).about == case.number


async def test_it_lives_like_a_case_but_cannot_be_handed_down_hidden_or_declined(street: Street) -> None:
    _, complaint, resident = await complained(street)
    act, inspector, number = street.desk.cases.act, await street.actor("inspector"), complaint.number or 0
    for action in ("return", "decline", "merge", "transfer", "dispatch", "co_handle"):
        with pytest.raises((IllegalMove, NotFound)):
            await act(inspector, number, Action(action), note="x", into=1, to=GRID, others=[GRID])
    await act(inspector, number, Action.REPLY, note="在查")
    await act(inspector, number, Action.RESOLVE, note="已处理")
    assert (await act(resident, number, Action.REOPEN, note="没有")).holder_id == inspector.person_id
    await act(inspector, number, Action.RESOLVE, note="已处理")
    assert (await act(resident, number, Action.RATE, rating=4)).status == "closed"


async def test_a_late_complaint_climbs_to_the_next_inspector_and_never_to_whom_it_concerns(street: Street) -> None:
    region = await street.region("320412")
    upper = await Person.create(name="郑督察", created_at=street.desk.clock.now())
    since = (street.desk.clock.now() - timedelta(days=30)).date()
    await HeldDuty.create(person=upper, duty="inspector", region=region, from_date=since)
    _, complaint, resident = await complained(street)
    await street.advance(timedelta(days=4).total_seconds())
    await street.desk.cases.climb_overdue()
    kept = await Case.get(id=complaint.id)
    assert (kept.level, kept.unit_id, kept.holder_id) == (4, region.id, upper.id)
    # About the inspector who had it: to the one above at once; about both: to a commander whom it does not concern.
    about = await street.desk.cases.complain(resident, "吴督察压着不办")
    assert about.holder_id == upper.id
    with pytest.raises(NotFound):
        await street.desk.queues.one(await street.actor("inspector"), about.number or 0)
    # The town's commander has had the case in hand meanwhile, so it concerns him too.
    county = await Person.create(name="何指挥", created_at=street.desk.clock.now())
    await HeldDuty.create(person=county, duty="commander", region=region, from_date=since)
    both = await street.desk.cases.complain(resident, "吴督察和郑督察都不理人")
    assert both.holder_id == county.id
    nobody = await street.desk.cases.complain(resident, "吴督察、郑督察、何指挥都不理人")
    assert (nobody.holder_id, nobody.status) == (None, "submitted")
    await HeldDuty.filter(person=upper).delete()
    late = await Person.create(name="冯督察", created_at=street.desk.clock.now())
    await HeldDuty.create(person=late, duty="inspector", region=region, from_date=since)
    await street.desk.cases.rehome()
    assert (await Case.get(id=nobody.id)).holder_id == late.id


async def test_without_a_case_or_a_grid_nobody_knows_whom_to_keep_it_from(street: Street) -> None:
    with pytest.raises(NothingToFile):
        await street.desk.cases.complain(await street.resident("路人"), "网格员态度差")
    case = await street.files()
    with pytest.raises(IllegalMove):
        await street.desk.cases.complain(await street.actor("worker"), "居民态度差", number=case.number)
    with pytest.raises(NotFound):
        await street.desk.cases.complain(await street.resident("路人"), "x", number=case.number)
