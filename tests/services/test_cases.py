"""Filing a case, moving it, who is told, and the history that it leaves."""

import pytest

from domain.case import Action
from domain.errors import BadInput, IllegalMove, NotFound
from models import Case, CaseEvent, Delivery
from services.access import Actor
from services.cases import NOTE_LENGTH, Filing
from services.drafts import Said
from services.transaction import rows
from tests.factories import GRID, VILLAGE
from tests.services.conftest import Street


async def everything() -> dict[str, int]:
    """How many rows there are of whatever a move writes."""
    found = await rows(
        "SELECT (SELECT count(*) FROM case_event) AS events, (SELECT count(*) FROM delivery) AS deliveries, "
        '(SELECT count(*) FROM procrastinate_jobs) AS jobs, (SELECT count(*) FROM "case") AS cases'
    )
    return dict(found[0])


async def test_a_filed_case_has_a_number_a_holder_two_deadlines_and_a_first_step(street: Street) -> None:
    case = await street.files(latitude=31.7, longitude=119.9, address="三号楼", event_type="streetlight")
    kept = await Case.get(id=case.id)
    assert (kept.number, kept.status, kept.level, kept.source) == (1001, "submitted", 1, "mini")
    assert kept.holder_id == (await street.actor("worker")).person_id
    assert (kept.title, kept.address, kept.event_type) == ("路灯坏了", "三号楼", "streetlight")
    assert kept.accept_due is not None
    assert kept.resolve_due is not None
    assert kept.created_at < kept.accept_due < kept.resolve_due
    (step,) = await CaseEvent.filter(case_id=case.id)
    assert (step.action, step.role, step.from_status, step.to_status) == ("submit", "resident", "draft", "submitted")
    assert await street.told(await street.actor("worker")) == ["new_case"]
    assert await street.told(case.resident_id) == []


@pytest.mark.parametrize("grid", ["no-such-grid", VILLAGE, ""])
async def test_a_case_is_filed_in_a_grid_and_nowhere_else(street: Street, grid: str) -> None:
    with pytest.raises(NotFound):
        await street.files(grid=grid)


async def test_a_case_needs_words(street: Street) -> None:
    with pytest.raises(BadInput):
        await street.desk.cases.file(await street.resident(), Filing(grid=GRID, description=" \n "))


async def test_a_worker_who_files_a_case_of_their_own_is_told_that_it_is_theirs(street: Street) -> None:
    worker = await street.actor("worker")
    case = await street.files(worker)
    assert (case.resident_id, case.holder_id) == (worker.person_id, worker.person_id)
    assert await street.told(worker) == ["new_case"]
    await street.desk.cases.add(worker, case.number or 0, Said("text", "三号楼"))
    assert await street.told(worker) == ["new_case"]
    await street.desk.cases.act(worker, case.number or 0, Action.RESOLVE, note="好了")
    rated = await street.desk.cases.act(worker, case.number or 0, Action.RATE, rating=5)
    assert (rated.status, await street.told(worker)) == ("closed", ["new_case"])


# Who does what to a fresh case, and what the others are then told: nobody twice, and never whoever did it.
TOLD = [
    ("worker", Action.ACCEPT, {"resident": "accepted"}),
    ("worker", Action.REPLY, {"resident": "replied"}),
    ("worker", Action.RESOLVE, {"resident": "resolved"}),
    ("worker", Action.REPORT_UP, {"resident": "reported_up", "chief": "came_up"}),
    ("worker", Action.DECLINE, {"resident": "declined"}),
    ("chief", Action.ACCEPT, {"resident": "accepted", "worker": "taken_over"}),
    ("chief", Action.RESOLVE, {"resident": "resolved", "worker": "taken_over"}),
    ("resident", Action.WITHDRAW, {"worker": "withdrawn"}),
    ("resident", Action.REMIND, {"worker": "reminded"}),
    ("commander", Action.REMIND, {"worker": "reminded"}),
]


@pytest.mark.parametrize(("who", "action", "told"), TOLD, ids=str)
async def test_everybody_concerned_is_told_once(street: Street, who: str, action: Action, told: dict[str, str]) -> None:
    case = await street.files()
    await Delivery.all().delete()
    resident = await street.desk.people.actor(case.resident_id)
    by = resident if who == "resident" else await street.actor(who)
    await street.desk.cases.act(by, case.number or 0, action, note="说明")
    ids = {
        (resident.person_id if name == "resident" else (await street.actor(name)).person_id): kind
        for name, kind in told.items()
    }
    assert dict(await Delivery.all().values_list("person_id", "kind")) == ids
    assert await Delivery.all().count() == len(ids)
    for row in await Delivery.all():
        assert row.facts["number"] == case.number
        assert row.case_id == case.id


async def test_a_rating_reaches_the_holder(street: Street) -> None:
    case = await street.files()
    number, resident = case.number or 0, await street.desk.people.actor(case.resident_id)
    await street.desk.cases.act(await street.actor("worker"), number, Action.RESOLVE, note="好了")
    rated = await street.desk.cases.act(resident, number, Action.RATE, note="谢谢" * 400, rating=4)
    assert (rated.status, rated.rating, len(rated.rating_note)) == ("closed", 4, 500)
    assert rated.ended_at is not None
    assert (await street.told(await street.actor("worker")))[-1] == "rated"


LACKING: list[tuple[str, dict[str, object], str]] = [
    *((action, {"note": " \n"}, "note") for action in ("reply", "resolve", "report_up", "return", "decline")),
    ("accept", {"note": "一" * (NOTE_LENGTH + 1)}, "note"),
    *(("rate", {"rating": rating}, "rating") for rating in (None, 0, 6, -1)),
    *((action, {"note": "x"}, "action") for action in ("climb", "close", "assign", "submit", "add")),
]


async def test_a_move_that_lacks_something_or_is_not_a_persons_writes_nothing(street: Street) -> None:
    case = await street.files()
    worker = await street.actor("worker")
    before = await everything()
    for action, more, field in LACKING:
        with pytest.raises(BadInput) as refused:
            await street.desk.cases.act(worker, case.number or 0, Action(action), **more)  # type: ignore[arg-type]
        assert refused.value.facts["field"] == field, action
    assert await everything() == before


async def test_a_refused_move_writes_nothing(street: Street) -> None:
    case = await street.files()
    before = await everything()
    with pytest.raises(IllegalMove):
        await street.desk.cases.act(await street.actor("worker"), case.number or 0, Action.REOPEN)
    with pytest.raises(IllegalMove):
        await street.desk.cases.act(
            await street.desk.people.actor(case.resident_id), case.number or 0, Action.RESOLVE, note="好了"
        )
    assert await everything() == before
    assert (await Case.get(id=case.id)).status == "submitted"


async def test_a_number_that_does_not_exist_is_not_found(street: Street) -> None:
    worker = await street.actor("worker")
    for number in (0, -1, 999, 2**63, 10**30):
        with pytest.raises(NotFound):
            await street.desk.cases.act(worker, number, Action.ACCEPT)


async def test_a_stranger_learns_nothing_from_a_number(street: Street) -> None:
    case = await street.files()
    strangers: list[Actor] = [
        await street.resident("路人"),
        await street.actor("cover"),
        await street.actor("inspector"),
    ]
    for stranger in strangers:
        with pytest.raises(NotFound) as there:
            await street.desk.cases.act(stranger, case.number or 0, Action.ACCEPT)
        with pytest.raises(NotFound) as not_there:
            await street.desk.cases.act(stranger, 999, Action.ACCEPT)
        assert str(there.value) == str(not_there.value)
        with pytest.raises(NotFound):
            await street.desk.queues.one(stranger, case.number or 0)
        with pytest.raises(NotFound):
            await street.desk.cases.add(stranger, case.number or 0, Said("text", "我来看看"))


async def test_the_history_tells_the_whole_way_in_order(street: Street) -> None:
    case = await street.files()
    number, resident = case.number or 0, await street.desk.people.actor(case.resident_id)
    worker, chief = await street.actor("worker"), await street.actor("chief")
    cases = street.desk.cases
    await cases.add(resident, number, Said("text", "三号楼下"))
    await cases.act(worker, number, Action.ACCEPT)
    await cases.act(worker, number, Action.REPORT_UP, note="要修线路")
    await cases.act(chief, number, Action.REPLY, note="已联系电工")
    await cases.act(chief, number, Action.RESOLVE, note="修好了")
    await cases.act(resident, number, Action.REOPEN, note="又坏了")
    await street.advance(86400 * 20)
    await cases.climb_overdue()
    view = await street.desk.queues.one(resident, number)
    assert [(step.action, step.by, step.note, step.from_level, step.to_level) for step in view.timeline] == [
        ("submit", "", "", 1, 1),
        ("add", "", "三号楼下", 1, 1),
        ("accept", "李卫国", "", 1, 1),
        ("report_up", "李卫国", "要修线路", 1, 2),
        ("reply", "赵建军", "已联系电工", 2, 2),
        ("resolve", "赵建军", "修好了", 2, 2),
        ("reopen", "", "又坏了", 2, 2),
        ("climb", "", "", 2, 3),
    ]
    moments = [step.at for step in view.timeline]
    assert moments == sorted(moments)
    assert view.holder == "孙指挥"


async def test_a_photo_after_a_move_belongs_to_that_step(street: Street) -> None:
    case = await street.files()
    worker = await street.actor("worker")
    await street.desk.cases.act(worker, case.number or 0, Action.RESOLVE, note="好了")
    await street.desk.cases.attach(worker, case.number or 0, Said("photo", media_id="m1"))
    view = await street.desk.queues.one(worker, case.number or 0)
    step = await CaseEvent.get(case_id=case.id, action="resolve")
    assert [(one.event_id, one.kind) for one in view.attachments] == [(step.id, "photo")]


async def test_a_colleague_of_the_same_queue_who_answers_has_it_from_then_on(street: Street) -> None:
    case = await street.files()
    number = case.number or 0
    await street.desk.cases.act(await street.actor("worker"), number, Action.REPORT_UP, note="大")
    secretary = await street.actor("secretary")
    taken = await street.desk.cases.act(secretary, number, Action.ACCEPT)
    assert taken.holder_id == secretary.person_id
    await street.desk.cases.act(await street.actor("chief"), number, Action.REPORT_UP, note="更大")
