"""Leaves: asked, approved, ended; who is told, and what becomes of the worker's cases."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from domain.calendar import SHANGHAI
from domain.case import Action
from domain.errors import BadInput, Conflict, LeaveRefused, NotAllowed, NotFound
from models import Case, CaseEvent, Delivery, HeldDuty, Leave, Person
from services.by_place import ByPlace
from services.leaves import Leaves, LeaveView, Rules
from services.routing import holder_of
from tests.factories import GRID, VILLAGE
from tests.services.conftest import Street, at_once

MORNING = "2027-03-01 09:00"  # a Monday


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2027, 3, number, hour, tzinfo=SHANGHAI)


async def asks(street: Street, who: str, first: int, last: int, reason: str = "") -> LeaveView:
    """From the beginning of one day of March to the end of another."""
    return await street.desk.leaves.ask(await street.actor(who), day(first), day(last + 1), reason)


def unasked(street: Street) -> Leaves:
    """The same desk in a town that wants no approval."""
    given = street.desk.leaves
    return Leaves(given._clock, given._queue, given._deliveries, ByPlace(Rules(approval=False)))


async def name_of(person_id: int | None) -> str:
    return (await Person.get(id=person_id)).name if person_id is not None else ""


async def test_a_leave_counts_once_the_chief_has_approved_it(street: Street) -> None:
    await street.at(MORNING)
    case, waiting = await street.files(), await street.files()
    await street.desk.cases.act(await street.actor("worker"), case.number or 0, Action.ACCEPT)
    promised = (await Case.get(id=case.id)).resolve_due
    before = street.desk.clock.now()
    asked = await asks(street, "worker", 1, 3, "家里有事")
    assert (asked.state, asked.asked_of, asked.cover) == ("asked", "赵建军", "王秀兰")
    assert before <= asked.starts_at <= street.desk.clock.now()
    chief, worker, cover = [await street.actor(who) for who in ("chief", "worker", "cover")]
    assert await street.told(chief) == ["leave_asked"]
    await street.desk.cases.rehome()
    assert (await Case.get(id=case.id)).holder_id == worker.person_id
    assert [one.id for one in await street.desk.leaves.asked(chief)] == [asked.id]

    given = await street.desk.leaves.decide(chief, asked.id, approve=True)
    assert (given.state, given.decided_by) == ("approved", "赵建军")
    await street.work()
    # Both went to the cover, who is told of each; the one who left has one message for both.
    assert await street.told(cover) == ["you_cover", "new_case", "new_case"]
    assert await street.told(worker) == ["new_case", "new_case", "leave_approved", "handed_over"]
    told = (await Delivery.filter(person_id=worker.person_id).order_by("-id").first()) or Delivery()
    assert told.facts == {"numbers": [case.number, waiting.number], "count": 2, "to": ["王秀兰"]}
    kept = await Case.get(id=case.id)
    assert (kept.holder_id, kept.status, kept.resolve_due) == (cover.person_id, "submitted", promised)
    # What was promised to the resident stays; the new holder has the whole time to accept.
    assert kept.accept_due is not None
    assert kept.accept_due == kept.next_due == kept.sweep_at
    assert [one.action for one in await CaseEvent.filter(case_id=case.id).order_by("id")] == [
        "submit",
        "accept",
        "assign",
    ]
    # New ones go to the cover as well; when the worker is back, new ones are theirs, and the old ones stay.
    assert (await street.files()).holder_id == cover.person_id
    assert (await street.desk.leaves.end(worker)).state == "approved"
    assert (await street.files()).holder_id == worker.person_id
    await street.desk.cases.rehome()
    assert (await Case.get(id=case.id)).holder_id == cover.person_id
    assert (await street.told(chief))[-1] == "leave_ended"


async def test_a_leave_that_begins_later_is_noticed_by_the_sweep(street: Street) -> None:
    await street.at(MORNING)
    case = await street.files()
    leave = await asks(street, "worker", 2, 4)
    await street.desk.leaves.decide(await street.actor("chief"), leave.id, approve=True)
    await street.work()
    assert await street.desk.cases.rehome() == 0
    await street.at("2027-03-02 00:00")
    assert await street.desk.cases.rehome() == 1
    assert await street.desk.cases.rehome() == 0
    assert (await Case.get(id=case.id)).holder_id == (await street.actor("cover")).person_id


async def test_what_cannot_be_a_leave_is_refused_with_the_reason(street: Street) -> None:
    await street.at(MORNING)
    worker, leaves = await street.actor("worker"), unasked(street)

    async def why(first: datetime, until: datetime) -> object:
        with pytest.raises(LeaveRefused) as refused:
            await leaves.ask(worker, first, until)
        return refused.value.facts["why"]

    assert await why(day(1) - timedelta(days=3), day(1)) == "past"
    assert await why(day(1) - timedelta(days=1), day(3)) == "past"
    assert await why(day(2), day(2) + timedelta(days=61)) == "too_long"
    assert await why(day(2) + timedelta(days=400), day(2) + timedelta(days=401)) == "far"
    first = await leaves.ask(worker, day(10), day(12))
    assert (first.state, first.asked_of) == ("approved", "")
    assert await why(day(10), day(11)) == "within"
    assert await why(day(9), day(13)) == "around"
    # One that runs on is joined: only the days beyond count, and together they are no longer than one may be.
    longer = await leaves.ask(worker, day(11), day(15))
    assert (longer.starts_at, longer.ends_at) == (day(12), day(15))
    assert await why(day(15), day(10) + timedelta(days=61)) == "too_long"
    with pytest.raises(BadInput):
        await leaves.ask(worker, day(20), day(20))
    with pytest.raises(NotAllowed):
        await leaves.ask(await street.resident(), day(20), day(21))
    await asks(street, "worker", 20, 21)
    with pytest.raises(LeaveRefused) as refused:
        await asks(street, "worker", 21, 23)
    assert refused.value.facts["why"] == "waiting"


async def test_it_is_answered_once_and_by_nobody_but_those_above(street: Street) -> None:
    await street.at(MORNING)
    leave = await asks(street, "worker", 2, 4)
    for other in ("cover", "worker", "inspector"):
        with pytest.raises(NotFound):
            await street.desk.leaves.decide(await street.actor(other), leave.id, approve=True)
    chief, commander = await street.actor("chief"), await street.actor("commander")
    with pytest.raises(BadInput):
        await street.desk.leaves.decide(chief, leave.id, approve=False)
    answers = await at_once(
        street.desk.leaves.decide(chief, leave.id, approve=False, answer="这几天有检查"),
        street.desk.leaves.decide(commander, leave.id, approve=True),
        street.desk.leaves.decide(chief, leave.id, approve=True),
    )
    refused = [one for one in answers if isinstance(one, Conflict)]
    given = [one for one in answers if isinstance(one, LeaveView)]
    assert (len(refused), len(given)) == (2, 1), answers
    kept = await Leave.get(id=leave.id)
    assert {one.facts["state"] for one in refused} == {kept.state} == {given[0].state}
    worker = await street.actor("worker")
    assert await street.told(worker) == [f"leave_{kept.state}"]
    # Asked of somebody who is away themselves: whoever is further up is asked.
    await Leave.create(person_id=chief.person_id, starts_at=day(1), ends_at=day(9))
    assert (await asks(street, "cover", 2, 3)).asked_of == "钱书记"
    # And where nobody is above, it counts at once.
    await HeldDuty.exclude(duty="grid_worker").delete()
    assert (await asks(street, "worker", 7, 8)).state == "approved"


async def test_leaves_asked_for_at_once_do_not_overlap(street: Street) -> None:
    await street.at(MORNING)
    worker, leaves = await street.actor("worker"), unasked(street)
    await at_once(*(leaves.ask(worker, day(first), day(first + 3)) for first in (2, 3, 4, 5, 2, 3)))
    spans = [(one.starts_at, one.ends_at) for one in await Leave.filter(state="approved").order_by("starts_at")]
    assert spans[0][0] <= day(3)
    assert all(before[1] <= after[0] for before, after in pairwise(spans)), spans


async def test_back_early_ends_what_follows_without_a_gap_and_takes_back_what_waits(street: Street) -> None:
    await street.at(MORNING)
    worker, leaves = await street.actor("worker"), unasked(street)
    now = street.desk.clock.now()
    await leaves.ask(worker, now, day(3))
    await leaves.ask(worker, day(3), day(5))
    later = await leaves.ask(worker, day(8), day(9))
    ended = await leaves.end(worker)
    assert ended.state == "approved"
    assert now <= ended.ends_at <= street.desk.clock.now()
    assert [one.state for one in await Leave.all().order_by("starts_at", "id")] == [
        "approved",
        "cancelled",
        "approved",
    ]
    with pytest.raises(Conflict):
        await leaves.end(worker, ended.id)
    with pytest.raises(NotFound):
        await leaves.end(await street.actor("cover"), later.id)
    assert (await leaves.end(worker)).state == "cancelled"
    with pytest.raises(NotFound):
        await leaves.end(worker)
    asked = await asks(street, "worker", 20, 21)
    await street.desk.leaves.end(worker, asked.id)
    assert await street.told(await street.actor("chief")) == ["leave_asked", "leave_taken_back"]
    with pytest.raises(Conflict) as late:
        await street.desk.leaves.decide(await street.actor("chief"), asked.id, approve=True)
    assert late.value.facts["state"] == "cancelled"


async def test_a_leave_that_is_not_approved_changes_nobodys_cases(street: Street) -> None:
    await street.at(MORNING)
    worker, now = await street.actor("worker"), street.desk.clock.now()
    for state in ("asked", "refused", "cancelled"):
        await Leave.create(person_id=worker.person_id, starts_at=now, ends_at=day(9), state=state)
    assert await name_of(await holder_of(await street.region(GRID), now)) == "李卫国"
    assert (await street.files()).holder_id == worker.person_id
    assert await street.desk.cases.rehome() == 0


async def test_a_chiefs_leave_goes_to_the_town_and_their_queue_to_the_secretary(street: Street) -> None:
    await street.at(MORNING)
    case = await street.files()
    await street.desk.cases.act(await street.actor("worker"), case.number or 0, Action.REPORT_UP, note="大")
    leave = await asks(street, "chief", 1, 3)
    assert leave.asked_of == "孙指挥"
    await street.desk.leaves.decide(await street.actor("commander"), leave.id, approve=True)
    await street.work()
    kept = await Case.get(id=case.id)
    assert (await name_of(kept.holder_id), kept.unit_id) == ("钱书记", (await street.region(VILLAGE)).id)
