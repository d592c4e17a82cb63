"""What the event list does to a case: its type when it is filed, another type later, the photos that a type wants."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.case import Action
from domain.errors import BadInput, Conflict, IllegalMove, NeedsPhoto, NotAllowed, NotFound
from domain.event_list import Category, State
from models import Attachment, Case, CaseEvent, CaseMessage, EventType, HeldDuty
from services.access import Actor
from services.cases import Filing
from services.drafts import Said
from services.event_types import Proposal
from tests.factories import GRID
from tests.services.conftest import A_DAY, Street, at_once

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
FIRE, LAMP, LID = "fire", "lamp", "lid"


@pytest.fixture
async def listed(street: Street) -> Street:
    """A short list, and Monday morning."""
    await street.at("2027-03-01 09:00")
    kinds: list[dict[str, object]] = [
        {"code": LAMP, "name": "路灯不亮", "keywords": ["路灯"], "resolve_days": 1, "photos": "after"},
        {"code": LID, "name": "井盖缺损", "keywords": ["井盖"], "accept_hours": 1, "photos": "both"},
        {"code": FIRE, "name": "起火冒烟", "keywords": ["着火"], "urgent": True, "category": "public_safety"},
        {"code": "gone", "name": "以前的", "keywords": ["以前"], "state": "retired"},
        {"code": "idea", "name": "想要的", "keywords": ["想要"], "state": "proposed"},
    ]
    for one in kinds:
        await EventType.create(**{"category": "city_management", "created_at": WHEN, **one})
    return street


async def file(street: Street, words: str, **more: object) -> Case:
    return await street.desk.cases.file(await street.resident(), Filing(GRID, words, **more))  # type: ignore[arg-type]


def day_and_hour(moment: datetime | None) -> str:
    assert moment is not None
    return (moment + timedelta(hours=8)).strftime("%d %H:%M") if moment.tzinfo is UTC else moment.strftime("%d %H:%M")


async def test_a_case_gets_its_type_when_it_is_filed_and_only_one_that_is_in_use(listed: Street) -> None:
    lamp = await file(listed, "门口路灯坏了")
    assert (lamp.event_type, lamp.category, lamp.urgent) == (LAMP, "city_management", False)
    assert day_and_hour(lamp.resolve_due) == "02 09:00"
    fire = await file(listed, "楼道着火了")
    assert (fire.event_type, fire.category, fire.urgent) == (FIRE, "public_safety", True)
    assert day_and_hour(fire.accept_due) == "01 09:15"
    chosen = await file(listed, "路灯坏了", event_type=LID)
    assert (chosen.event_type, chosen.category) == (LID, "city_management")
    for words in ("一点小事", "以前想要", "路灯和井盖"):
        assert (await file(listed, words)).event_type == "", words
    for code in ("gone", "idea", "nothing"):
        with pytest.raises(BadInput):
            await file(listed, "路灯坏了", event_type=code)
    # Another process has changed the list: this one knows with the next case.
    await EventType.filter(code=LAMP).update(keywords=["街灯"], name="灯")
    assert (await file(listed, "门口路灯坏了")).event_type == ""
    assert (await file(listed, "门口街灯坏了")).event_type == LAMP


async def test_another_type_counts_the_deadlines_anew_from_when_the_clocks_began(listed: Street) -> None:
    types, worker = listed.desk.event_types, await listed.actor("worker")
    number = (await file(listed, "门口路灯坏了")).number or 0
    await listed.advance(600)
    lid = await types.classify(worker, number, LID)
    assert [day_and_hour(due) for due in (lid.accept_due, lid.resolve_due)] == ["01 10:00", "04 09:00"]
    assert lid.next_due == lid.sweep_at == lid.accept_due
    fire = await types.classify(worker, number, FIRE)
    assert (fire.urgent, fire.category, day_and_hour(fire.accept_due)) == (True, "public_safety", "01 09:15")
    back = await types.classify(worker, number, LAMP)
    assert (back.urgent, day_and_hour(back.resolve_due)) == (False, "02 09:00")
    await listed.desk.cases.act(worker, number, Action.ACCEPT)
    later = await types.classify(worker, number, LID)
    kept = await Case.get(number=number)
    assert kept.next_due == kept.sweep_at == kept.resolve_due == later.resolve_due
    # Said once more it is no step; each step stands in the history.
    await types.classify(worker, number, LID)
    steps = await CaseEvent.filter(case_id=kept.id, action="classify").order_by("id")
    assert [step.note for step in steps] == ["井盖缺损", "起火冒烟", "路灯不亮", "井盖缺损"]
    assert {(step.person_id, step.role) for step in steps} == {(worker.person_id, "holder")}


async def test_a_type_that_makes_it_urgent_is_told_to_everybody_in_the_chain_at_once(listed: Street) -> None:
    types, worker = listed.desk.event_types, await listed.actor("worker")
    chain = [await listed.actor(who) for who in ("chief", "secretary", "commander")]
    number = (await file(listed, "门口路灯坏了")).number or 0
    await types.classify(worker, number, LID)
    assert [await listed.told(one) for one in chain] == [[], [], []]
    await types.classify(worker, number, FIRE)
    assert [await listed.told(one) for one in chain] == [["urgent_alert"]] * 3
    assert "urgent_alert" not in await listed.told(worker)  # who says it knows it
    await types.classify(worker, number, LAMP)
    assert [len(await listed.told(one)) for one in chain] == [1, 1, 1]


async def test_urgency_that_the_resident_named_outlives_an_ordinary_type(listed: Street) -> None:
    case = await file(listed, "门口路灯坏了", urgent=True)
    lid = await listed.desk.event_types.classify(await listed.actor("worker"), case.number or 0, LID)
    assert (lid.urgent, day_and_hour(lid.accept_due)) == (True, "01 09:15")


async def test_only_staff_of_an_open_case_say_its_type_and_only_one_in_use(listed: Street) -> None:
    types, worker = listed.desk.event_types, await listed.actor("worker")
    case = await file(listed, "井盖边上的路灯坏了")
    number, resident = case.number or 0, await listed.desk.people.actor(case.resident_id)
    assert [(one.type.code, one.words) for one in await types.suggestions(worker, number)] == [
        (LAMP, ("路灯",)),
        (LID, ("井盖",)),
    ]
    assert [one.type.code for one in await types.suggestions(worker, number, "着火")] == [FIRE]
    assert [one.type.code for one in await types.suggestions(worker, number, "盖")] == [LID]
    for who in (resident, await listed.actor("cover")):
        with pytest.raises((NotAllowed, NotFound)):
            await types.suggestions(who, number)
        with pytest.raises((NotAllowed, NotFound)):
            await types.classify(who, number, LAMP)
    for code in ("gone", "idea", "nothing"):
        with pytest.raises(BadInput):
            await types.classify(worker, number, code)
    await types.classify(await listed.actor("commander"), number, FIRE)
    await listed.desk.cases.act(worker, number, Action.RESOLVE, note="好了")
    with pytest.raises(IllegalMove):
        await types.classify(worker, number, LAMP)


async def photo(street: Street, by: Actor, number: int, name: str) -> None:
    await street.advance(60)
    await street.desk.cases.attach(by, number, Said("photo", media_id=name))


async def test_what_wants_a_photo_is_not_resolved_without_one_of_the_work_done(listed: Street) -> None:
    cases, worker = listed.desk.cases, await listed.actor("worker")

    async def missing(number: int) -> object:
        with pytest.raises(NeedsPhoto) as refused:
            await cases.act(worker, number, Action.RESOLVE, note="修好了")
        assert (await Case.get(number=number)).resolved_at is None
        return refused.value.facts["missing"]

    lamp = await file(listed, "门口路灯坏了")
    number = lamp.number or 0
    assert await missing(number) == ["after"]
    # A photo from before it was accepted, and the resident's, show no work.
    await photo(listed, worker, number, "early")
    await listed.advance(60)
    await cases.act(worker, number, Action.ACCEPT)
    resident = await listed.desk.people.actor(lamp.resident_id)
    await cases.add(resident, number, Said("photo", media_id="theirs"))
    assert await CaseMessage.filter(case_id=lamp.id, kind="photo").count() == 1
    assert await missing(number) == ["after"]
    await photo(listed, worker, number, "done")
    await Attachment.filter(media_id="done").update(state="lost")
    assert await missing(number) == ["after"]
    await Attachment.filter(media_id="done").update(state="kept")
    assert (await cases.act(worker, number, Action.RESOLVE, note="修好了")).status == "resolved"
    # Not satisfied: what is done now is shown anew.
    await cases.act(resident, number, Action.REOPEN, note="还是不亮")
    assert await missing(number) == ["after"]


async def test_before_and_after_may_come_from_the_resident_and_from_the_worker(listed: Street) -> None:
    cases, worker = listed.desk.cases, await listed.actor("worker")

    async def refused(number: int) -> object:
        with pytest.raises(NeedsPhoto) as no:
            await cases.act(worker, number, Action.RESOLVE, note="盖好了")
        return no.value.facts["missing"]

    first = (await file(listed, "井盖没了")).number or 0
    assert await refused(first) == ["before", "after"]
    await photo(listed, worker, first, "a1")
    assert await refused(first) == ["before"]
    await photo(listed, worker, first, "a2")
    assert (await cases.act(worker, first, Action.RESOLVE, note="盖好了")).status == "resolved"
    second = await file(listed, "井盖没了")
    resident = await listed.desk.people.actor(second.resident_id)
    await cases.add(resident, second.number or 0, Said("photo", media_id="b1"))
    assert await refused(second.number or 0) == ["after"]
    await photo(listed, worker, second.number or 0, "b2")
    assert (await cases.act(worker, second.number or 0, Action.RESOLVE, note="盖好了")).status == "resolved"


async def test_a_new_type_is_proposed_by_one_and_admitted_by_another(listed: Street) -> None:
    types, officer, commander = listed.desk.event_types, await listed.actor("county"), await listed.actor("commander")
    wish = Proposal("bench", "长椅损坏", Category.CITY_MANAGEMENT, "居民常反映", keywords=("长椅",), parent=LAMP)
    for nobody in (await listed.actor("worker"), await listed.resident("路人")):
        with pytest.raises(NotAllowed):
            await types.propose(nobody, wish)
        with pytest.raises(NotAllowed):
            await types.proposed(nobody)
    made = await at_once(types.propose(officer, wish), types.propose(commander, wish))
    assert sorted(type(one).__name__ for one in made) == ["Conflict", "Type"]
    assert "bench" not in {one.code for one in await types.listed()}
    assert "bench" in {one.code for one in await types.proposed(officer)}
    assert (await file(listed, "长椅坏了")).event_type == ""
    await EventType.filter(code="bench").update(proposed_by_id=commander.person_id)
    with pytest.raises(NotAllowed):
        await types.decide(commander, "bench", "approve")
    await EventType.filter(code="bench").update(proposed_by_id=officer.person_id)
    with pytest.raises(NotAllowed):
        await types.decide(officer, "bench", "approve")
    with pytest.raises(BadInput):
        await types.decide(commander, "bench", "refuse")
    both = await at_once(
        types.decide(commander, "bench", "approve"), types.decide(commander, "bench", "refuse", "不用")
    )
    assert sorted(isinstance(one, Conflict) for one in both) == [False, True]
    await EventType.filter(code="bench").update(state=State.APPROVED)
    kept = await EventType.get(code="bench")
    assert (kept.proposed_by_id, kept.decided_by_id) == (officer.person_id, commander.person_id)
    assert kept.decided_at is not None
    assert (await file(listed, "长椅坏了")).event_type == "bench"
    await types.decide(commander, "bench", "retire", "并到公共设施")
    assert (await file(listed, "长椅坏了")).event_type == ""
    with pytest.raises(NotFound):
        await types.decide(commander, "nothing", "approve")
    await listed.advance(A_DAY)
    await HeldDuty.filter(person_id=commander.person_id).update(to_date=WHEN.date())
    with pytest.raises(NotAllowed):
        await types.decide(await listed.actor("commander"), "idea", "approve")
