"""Handing a case on: to a department, down, to another grid, with the help of others, to the town on appeal."""

from datetime import timedelta

import pytest

from domain.case import Action
from domain.errors import BadInput, IllegalMove, NotFound
from models import Case, CaseEvent, CoHandler, Delivery, Department, Leave
from services.access import Actor
from services.queues import Filters
from tests.factories import GRID, TOWN, VILLAGE
from tests.services.conftest import Street
from tests.services.handing import EAST, ELSEWHERE, SECOND, officer, with_departments


@pytest.fixture
async def offices(street: Street) -> Street:
    await street.at("2027-03-01 10:00")
    await with_departments(street)
    return street


async def at_the_town(street: Street) -> tuple[int, Actor, Actor]:
    """A case that lies with the town's commander, and its resident; nobody has been told of anything."""
    resident = await street.resident()
    number = (await street.files(resident)).number or 0
    await street.desk.cases.act(await street.actor("worker"), number, Action.REPORT_UP, note="村")
    await street.desk.cases.act(await street.actor("chief"), number, Action.REPORT_UP, note="镇")
    await Delivery.all().delete()
    return number, await street.actor("commander"), resident


async def kept(number: int) -> Case:
    return await Case.get(number=number)


async def queue(street: Street, who: Actor) -> list[int]:
    return [line.number for line in (await street.desk.queues.mine(who)).items]


async def on_leave(street: Street, who: Actor) -> None:
    now = street.desk.clock.now()
    await Leave.create(person_id=who.person_id, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(days=3))


async def kinds() -> dict[int, str]:
    return dict(await Delivery.all().order_by("id").values_list("person_id", "kind"))


async def test_a_department_gets_it_and_its_officers_share_the_queue(offices: Street) -> None:
    number, commander, resident = await at_the_town(offices)
    he, xu, ma = [await officer(offices, name) for name in ("何队长", "许干事", "马站长")]
    before = await kept(number)
    await offices.advance(60)
    await offices.desk.cases.act(commander, number, Action.DISPATCH, note="请查处", to="城管办")

    case = await kept(number)
    assert (case.status, case.level, case.unit_id) == ("submitted", 3, (await offices.region(TOWN)).id)
    assert (case.department_id, case.holder_id) == ((await Department.get(name="城管办")).id, he.person_id)
    assert (case.accept_due or case.created_at) > (before.accept_due or case.created_at)
    assert await kinds() == {he.person_id: "dispatched_to_you", resident.person_id: "dispatched"}
    facts = (await Delivery.get(person_id=resident.person_id)).facts
    assert (facts["unit"], facts["holder"]) == ("雪堰镇城管办", "何队长")

    assert [await queue(offices, who) for who in (he, xu, ma, commander)] == [[number], [number], [], []]
    with pytest.raises(NotFound):
        await offices.desk.queues.one(ma, number)
    assert [len((await offices.desk.queues.listed(who, Filters())).items) for who in (he, xu, ma)] == [1, 1, 0]
    # A colleague of the same department may take it; the commander still looks over it.
    taken = await offices.desk.cases.act(xu, number, Action.ACCEPT)
    assert (taken.holder_id, taken.department_id) == (xu.person_id, case.department_id)
    await offices.desk.cases.act(commander, number, Action.REMIND)
    assert (await kinds())[xu.person_id] == "reminded"
    with pytest.raises(IllegalMove):
        await offices.desk.cases.act(commander, number, Action.DECLINE, note="不归我们")
    done = await offices.desk.cases.act(xu, number, Action.RESOLVE, note="已查处")
    assert done.status == "resolved"


async def test_a_department_gives_it_back_to_the_queue_of_its_unit_or_reports_it_up_from_there(offices: Street) -> None:
    number, commander, _ = await at_the_town(offices)
    he = await officer(offices, "何队长")
    cases = offices.desk.cases
    for who, action, where, tells in (
        (he, Action.RETURN, (3, "孙指挥"), "back_from_department"),
        (commander, Action.RETURN, (3, "孙指挥"), "back_from_department"),
        (he, Action.REPORT_UP, (4, "周科长"), "came_up"),
    ):
        await cases.act(commander, number, Action.DISPATCH, note="请办", to="雪堰镇城管办")
        await Delivery.all().delete()
        case = await cases.act(who, number, action, note="不归城管")
        assert (case.level, (await offices.desk.queues.place_of(case))["holder"]) == where
        assert case.department_id is None
        assert (await Delivery.filter(person_id=case.holder_id).count()) == (0 if who is commander else 1)
        if who is commander:
            assert await offices.told(he) == ["handed_on"]
        else:
            assert await offices.told(case.holder_id or 0) == [tells]
    assert await queue(offices, he) == []
    with pytest.raises(NotFound):
        await offices.desk.queues.one(he, number)


async def test_what_climbs_or_is_opened_again_or_loses_its_officer_is_no_longer_with_the_department(
    offices: Street,
) -> None:
    cases = offices.desk.cases
    number, commander, resident = await at_the_town(offices)
    he = await officer(offices, "何队长")
    await cases.act(commander, number, Action.DISPATCH, note="请办", to="城管办")
    await cases.act(he, number, Action.RESOLVE, note="办了")
    again = await cases.act(resident, number, Action.REOPEN, note="没有")
    assert (again.department_id, again.holder_id, again.level) == (None, he.person_id, 3)
    await cases.act(commander, number, Action.DISPATCH, note="请办", to="水务站")
    await offices.advance(timedelta(days=30).total_seconds())
    await cases.climb_overdue()
    climbed = await kept(number)
    assert (climbed.department_id, climbed.level) == (None, 4)


async def test_down_to_a_village_or_grid_of_ones_own_whoever_has_it(offices: Street) -> None:
    number, commander, resident = await at_the_town(offices)
    cases = offices.desk.cases
    down = await cases.act(commander, number, Action.DISPATCH, note="请村里先看", to="城西村", hidden=False)
    chief = await offices.actor("chief")
    assert (down.level, down.holder_id, down.status) == (2, chief.person_id, "submitted")
    assert (await Delivery.get(person_id=resident.person_id)).facts["note"] == "请村里先看"
    assert await offices.told(chief) == ["dispatched_to_you"]
    # The town looks over it and sends it further down, over the chief's head, who is told.
    await cases.act(commander, number, Action.REMIND)
    with pytest.raises(BadInput):
        await cases.act(commander, number, Action.DISPATCH, note="请办", to=EAST)  # not below 城西村
    grid = await cases.act(commander, number, Action.DISPATCH, note="请办", to="城西村第二网格")
    cover = await offices.actor("cover")
    assert (grid.level, grid.holder_id, grid.grid_id) == (1, cover.person_id, (await offices.region(GRID)).id)
    assert (await offices.told(chief))[-1] == "handed_on"


REFUSED = [
    ("dispatch", "没有的办", BadInput, "unknown"),
    ("dispatch", "一网格", BadInput, "unknown"),
    ("dispatch", "武进区", BadInput, "unknown"),
    ("dispatch", ELSEWHERE, BadInput, "unknown"),
    ("dispatch", "水务站", IllegalMove, "nobody_there"),
    ("dispatch", "城东村", IllegalMove, "nobody_there"),
    ("transfer", ELSEWHERE, IllegalMove, "other_town"),
    ("transfer", GRID, IllegalMove, "same_grid"),
    ("transfer", "第一网格", IllegalMove, "same_grid"),
    ("transfer", "城东村", BadInput, "unknown"),
    ("transfer", "前黄一网格", BadInput, "unknown"),
    ("co_handle", "没有的办", BadInput, "unknown"),
    ("co_handle", "水务站", IllegalMove, "nobody_there"),
    ("co_handle", ELSEWHERE, BadInput, "unknown"),
]


async def test_where_nobody_is_or_no_such_place_nothing_moves(offices: Street) -> None:
    number, commander, _ = await at_the_town(offices)
    await on_leave(offices, await officer(offices, "马站长"))
    before, events = await kept(number), await CaseEvent.all().count()
    for action, to, kind, why in REFUSED:
        given = {"others": [to]} if action == "co_handle" else {"to": to}
        with pytest.raises(kind) as refused:
            await offices.desk.cases.act(commander, number, Action(action), note="请办", **given)  # type: ignore[arg-type]
        assert (refused.value.facts["why"], refused.value.facts["number"]) == (why, number), (action, to)
    for action, field in (("dispatch", "to"), ("transfer", "to"), ("co_handle", "others")):
        with pytest.raises(BadInput) as lacking:
            await offices.desk.cases.act(commander, number, Action(action), note="请办")
        assert lacking.value.facts["field"] == field
    assert dict(await kept(number)) == dict(before)
    assert await CaseEvent.all().count() == events
    assert await Delivery.all().count() == 0
    # A case that is there already is not dispatched to the same department again.
    await offices.desk.cases.act(commander, number, Action.DISPATCH, note="请办", to="城管办")
    with pytest.raises(IllegalMove) as twice:
        await offices.desk.cases.act(commander, number, Action.DISPATCH, note="请办", to="城管办")
    assert twice.value.facts["why"] == "same_place"


async def test_a_name_that_two_places_have_needs_a_code(offices: Street) -> None:
    await offices.desk.imports.run(
        "code,name,level,parent_code,kind\n32041210120202,第二网格,grid,320412101202,\n".encode(), None
    )
    number, commander, _ = await at_the_town(offices)
    for action in (Action.TRANSFER, Action.DISPATCH):
        with pytest.raises(BadInput) as refused:
            await offices.desk.cases.act(commander, number, action, note="在那边", to="第二网格")
        assert refused.value.facts["why"] == "ambiguous"
        assert refused.value.facts["known"] == [SECOND, "32041210120202"]
    moved = await offices.desk.cases.act(commander, number, Action.TRANSFER, to="城西村第二网格")
    assert moved.grid_id == (await offices.region(SECOND)).id


async def test_another_grid_of_the_town_gets_it_as_if_it_were_new(offices: Street) -> None:
    resident = await offices.resident()
    number = (await offices.files(resident)).number or 0
    worker, cover = await offices.actor("worker"), await offices.actor("cover")
    first = await offices.desk.cases.act(worker, number, Action.ACCEPT)
    await offices.advance(3600)
    await Delivery.all().delete()
    moved = await offices.desk.cases.act(worker, number, Action.TRANSFER, to=SECOND, note="在二网格")
    assert (moved.status, moved.level, moved.holder_id, moved.accepted_at) == ("submitted", 1, cover.person_id, None)
    assert moved.grid_id == moved.unit_id == (await offices.region(SECOND)).id
    assert (moved.resolve_due or moved.created_at) > (first.resolve_due or moved.created_at)
    assert await kinds() == {cover.person_id: "transferred_to_you", resident.person_id: "transferred"}
    # A vacant grid's cases go to whoever is above it.
    east = await offices.desk.cases.act(cover, number, Action.TRANSFER, to="东一网格")
    assert (east.level, east.holder_id) == (1, (await offices.actor("commander")).person_id)


async def test_helpers_say_their_opinion_to_the_lead_and_to_nobody_else(offices: Street) -> None:
    number, commander, resident = await at_the_town(offices)
    he, ma, worker = await officer(offices, "何队长"), await officer(offices, "马站长"), await offices.actor("worker")
    cases = offices.desk.cases
    lead = await cases.act(
        commander, number, Action.CO_HANDLE, note="请会同查看", others=["城管办", "水务站", "城管办", SECOND]
    )
    assert (lead.status, lead.holder_id, lead.department_id) == ("accepted", commander.person_id, None)
    cover = await offices.actor("cover")
    assert await kinds() == {
        **dict.fromkeys((he.person_id, ma.person_id, cover.person_id), "asked_to_help"),
        resident.person_id: "accepted",
    }
    assert await Delivery.all().count() == 4
    await Delivery.all().delete()

    said = await cases.act(he, number, Action.REPLY, note="管线是水务的")
    assert (said.status, said.holder_id) == ("accepted", commander.person_id)
    assert await kinds() == {commander.person_id: "opinion"}
    told = (await Delivery.all().get()).facts
    assert (told["by"], told["note"]) == ("何队长", "管线是水务的")
    answered = {row.person_id: row.answered_at is not None for row in await CoHandler.all()}
    assert answered == {he.person_id: True, ma.person_id: False, cover.person_id: False}
    for action in (Action.ACCEPT, Action.RESOLVE, Action.REPORT_UP, Action.DECLINE):
        with pytest.raises(IllegalMove):
            await cases.act(he, number, action, note="我来")

    seen = [(step.action, step.role, step.note) for step in (await offices.desk.queues.one(ma, number)).timeline]
    assert seen[-2:] == [("co_handle", "holder", "请会同查看"), ("reply", "helper", "管线是水务的")]
    shown = await offices.desk.queues.one(resident, number)
    assert [(step.action, step.note) for step in shown.timeline][-1] == ("co_handle", "")
    # The worker below still sees the case, but was not asked.
    with pytest.raises(IllegalMove):
        await cases.act(worker, number, Action.CO_HANDLE, note="我也要", others=["城管办"])

    await Delivery.all().delete()
    await cases.act(commander, number, Action.RESOLVE, note="修好了")
    assert await kinds() == {
        resident.person_id: "resolved",
        **dict.fromkeys((he.person_id, ma.person_id, cover.person_id), "help_over"),
    }


async def test_a_decline_is_appealed_to_the_town_once(offices: Street) -> None:
    resident = await offices.resident()
    number = (await offices.files(resident)).number or 0
    cases, worker, commander = offices.desk.cases, await offices.actor("worker"), await offices.actor("commander")
    with pytest.raises(BadInput):
        await cases.act(worker, number, Action.DECLINE, note="不归我们", hidden=True)
    declined = await cases.act(worker, number, Action.DECLINE, note="不在清单内")
    assert declined.ended_at is not None
    await Delivery.all().delete()
    with pytest.raises(IllegalMove):
        await cases.act(worker, number, Action.REOPEN, note="再看看")
    appealed = await cases.act(resident, number, Action.REOPEN, note="楼道是公共的")
    assert (appealed.status, appealed.level, appealed.holder_id) == ("submitted", 3, commander.person_id)
    assert (appealed.appealed, appealed.ended_at, appealed.reopened) == (True, None, 0)
    assert appealed.next_due is not None
    assert await kinds() == {commander.person_id: "appealed"}
    await cases.act(commander, number, Action.DECLINE, note="确实不在清单内")
    with pytest.raises(IllegalMove) as final:
        await cases.act(resident, number, Action.REOPEN, note="还是不服")
    assert final.value.facts["why"] == "final"
    assert (await kept(number)).status == "declined"


async def test_an_appeal_goes_past_whoever_declined_and_past_an_empty_town(offices: Street) -> None:
    county = (await offices.actor("county")).person_id
    number, commander, resident = await at_the_town(offices)
    await offices.desk.cases.act(commander, number, Action.DECLINE, note="不在清单内")
    appealed = await offices.desk.cases.act(resident, number, Action.REOPEN)
    # The department's officer is the town's last resort; nobody judges their own decision.
    assert appealed.holder_id not in {commander.person_id, None}
    other = (await offices.files(resident)).number or 0
    await offices.desk.cases.act(await offices.actor("worker"), other, Action.DECLINE, note="不在清单内")
    for who in (commander, *[await officer(offices, name) for name in ("何队长", "许干事", "马站长")]):
        await on_leave(offices, who)
    further = await offices.desk.cases.act(resident, other, Action.REOPEN)
    assert (further.level, further.holder_id) == (4, county)


WITH_OPINIONS = [
    ("reply", {}, True),
    ("resolve", {}, True),
    ("report_up", {}, True),
    ("return", {}, True),
    ("dispatch", {"to": "城管办"}, None),
    ("dispatch", {"to": VILLAGE}, True),
    ("co_handle", {"others": ["城管办"]}, None),
    ("transfer", {"to": SECOND}, None),
    ("accept", {}, True),
]


async def test_a_hidden_opinion_never_reaches_the_resident_and_an_open_one_does(offices: Street) -> None:
    secret = "户主欠费三年"
    for action, more, hidden in WITH_OPINIONS:
        for hide in (hidden, False):
            number, commander, resident = await at_the_town(offices)
            cases = offices.desk.cases
            await cases.act(commander, number, Action(action), note=secret, hidden=hide, **more)  # type: ignore[arg-type]
            step = await CaseEvent.filter(case_id=(await kept(number)).id).order_by("-id").first()
            assert step is not None
            assert (step.note, step.hidden, step.unit_id) == (secret, hide is not False, (await kept(number)).unit_id)
            view = await offices.desk.queues.one(resident, number)
            notes = [one.note for one in view.timeline if one.action == action]
            assert notes[-1] == ("" if step.hidden else secret), action
            owed = await Delivery.filter(person_id=resident.person_id)
            assert any(secret in str(one.facts) for one in owed) == (not step.hidden and action in TELLS), action
            among = await offices.desk.queues.one(commander, number)
            assert among.timeline[-1].note == secret
            after = await offices.desk.queues.after(resident, await kept(number))
            assert (secret in str(after.timeline)) == (not step.hidden)


TELLS = {"accept", "co_handle", "reply", "resolve", "report_up", "return", "dispatch", "transfer"}
"""What the resident is told of at once."""


async def test_a_hidden_word_of_a_colleague_does_not_take_the_case_from_the_lead(offices: Street) -> None:
    number = (await offices.files()).number or 0
    worker, chief = await offices.actor("worker"), await offices.actor("chief")
    await offices.desk.cases.act(worker, number, Action.ACCEPT)
    await Delivery.all().delete()
    said = await offices.desk.cases.act(chief, number, Action.REPLY, note="先别答应", hidden=True)
    assert said.holder_id == worker.person_id
    assert await kinds() == {worker.person_id: "opinion"}
    taken = await offices.desk.cases.act(chief, number, Action.RESOLVE, note="我办好了")
    assert taken.holder_id == chief.person_id
