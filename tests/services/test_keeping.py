"""Suspending and waking, merging and following, urgent matters, reminders: the rows that they leave."""

from datetime import date, datetime, timedelta

import pytest

from domain.calendar import SHANGHAI
from domain.case import Action
from domain.errors import BadInput, IllegalMove, NotFound, TooMany
from models import Case, CaseEvent, Delivery
from services.access import Actor
from services.cases import Filing
from services.drafts import Said
from services.queues import Filters
from tests.factories import GRID
from tests.services.conftest import Street, at_once


def china(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


async def tells(street: Street, text: str, by: Actor | None = None, *, urgent: bool = False, **more: object) -> Case:
    filing = Filing(grid=GRID, description=text, urgent=urgent, **more)  # type: ignore[arg-type]
    return await street.desk.cases.file(by or await street.resident(), filing)


async def test_a_suspended_case_keeps_what_was_left_of_its_clock(street: Street) -> None:
    act = street.desk.cases.act
    worker = await street.actor("worker")
    for urgent, left, woken_due in (
        # Three working days from Monday 10:00 are 24 hours; two of them are gone at noon.
        (False, 22 * 3600, china("2027-03-10 16:00")),
        # A day around the clock, of which two hours are gone.
        (True, 22 * 3600, china("2027-03-09 06:30")),
    ):
        await street.at("2027-03-01 10:00")
        case = await tells(street, "路灯坏了", urgent=urgent)
        number = case.number or 0
        await street.at("2027-03-01 12:00")
        await Delivery.all().delete()
        held = await act(worker, number, Action.SUSPEND, note="等配件", until=date(2027, 3, 6))
        assert (held.status, held.paused_seconds, held.holder_id) == ("suspended", left, worker.person_id)
        assert (held.next_due, held.sweep_at, held.remind_at) == (None, None, None)
        assert held.accepted_at is not None
        assert await street.told(case.resident_id) == ["suspended"]
        # The 6th is a Saturday: it goes on on Monday.
        assert held.suspended_until == china("2027-03-08 08:30")
        again = await act(worker, number, Action.SUSPEND, note="还要等", until=date(2027, 3, 5))
        assert (again.suspended_until, again.paused_seconds) == (china("2027-03-05 08:30"), left)
        await act(worker, number, Action.SUSPEND, note="再等", until=date(2027, 3, 8))
        assert await street.desk.queues.suspended(worker) == 1
        await street.at("2027-03-08 08:29")
        assert await street.desk.cases.wake_suspended() == 0
        await street.at("2027-03-08 08:30")
        counts = await at_once(*(street.desk.cases.wake_suspended() for _ in range(4)))
        assert sorted(counts) == [0, 0, 0, 1]
        woken = await Case.get(id=case.id)
        assert (woken.status, woken.suspended_until) == ("accepted", None)
        due = woken.resolve_due
        assert due is not None
        assert abs(due - woken_due) < timedelta(minutes=1)
        assert due == woken.next_due == woken.sweep_at
        assert (await street.told(case.resident_id))[-1] == "resumed"
        assert (await street.told(worker))[-1] == "woken"
        assert (await CaseEvent.filter(case_id=case.id).order_by("-id").first()).role == "system"  # type: ignore[union-attr]
        await act(worker, number, Action.RESOLVE, note="好了")


async def test_what_was_late_has_an_hour_left_and_days_out_of_reach_are_refused(street: Street) -> None:
    await street.at("2027-03-01 10:00")
    worker, case = await street.actor("worker"), await street.files()
    number = case.number or 0
    for until in (None, date(2027, 3, 1), date(2027, 2, 28), date(2027, 4, 1)):
        with pytest.raises(BadInput) as refused:
            await street.desk.cases.act(worker, number, Action.SUSPEND, note="等", until=until)
        assert refused.value.facts["field"] == "until"
    await street.at("2027-03-20 10:00")
    held = await street.desk.cases.act(worker, number, Action.SUSPEND, note="等", until=date(2027, 4, 19))
    assert held.paused_seconds == 3600
    resolved = await street.desk.cases.act(worker, number, Action.RESOLVE, note="好了")
    assert (resolved.status, resolved.suspended_until, resolved.next_due) == ("resolved", None, None)


async def test_a_case_whose_holder_has_left_stays_suspended_and_wakes_with_somebody_there(street: Street) -> None:
    await street.at("2027-03-01 10:00")
    worker, case = await street.actor("worker"), await street.files()
    await street.desk.cases.act(worker, case.number or 0, Action.SUSPEND, note="等", until=date(2027, 3, 3))
    await Case.filter(id=case.id).update(holder_id=case.resident_id)
    await street.at("2027-03-03 09:00")
    await street.desk.cases.wake_suspended()
    assert (await Case.get(id=case.id)).holder_id == worker.person_id


async def test_merging_both_ways_at_once_leaves_one_original(street: Street) -> None:
    worker, chief = await street.actor("worker"), await street.actor("chief")
    for _ in range(8):
        one, other, third = [await street.files(await street.resident(name)) for name in ("甲", "乙", "丙")]
        await street.desk.cases.act(worker, third.number or 0, Action.MERGE, into=one.number)
        answers = await at_once(
            street.desk.cases.act(worker, one.number or 0, Action.MERGE, into=other.number),
            street.desk.cases.act(chief, other.number or 0, Action.MERGE, into=one.number),
            street.desk.cases.act(worker, third.number or 0, Action.MERGE, into=other.number),
        )
        lost = [answer for answer in answers if isinstance(answer, BaseException)]
        assert [type(answer) for answer in lost] == [IllegalMove, IllegalMove], answers
        kept = {case.id: case for case in await Case.filter(id__in=[one.id, other.id, third.id])}
        original = one if kept[one.id].status == "submitted" else other
        assert kept[original.id].status == "submitted"
        # Nobody follows a follower.
        assert {case.merged_into_id for case in kept.values()} == {None, original.id}


async def test_merging_and_withdrawing_at_once_lose_nobody(street: Street) -> None:
    worker = await street.actor("worker")
    for _ in range(8):
        resident = await street.resident("甲")
        original, one, other = await street.files(resident), await street.files(), await street.files()
        await street.desk.cases.act(worker, one.number or 0, Action.MERGE, into=original.number)
        answers = await at_once(
            street.desk.cases.act(resident, original.number or 0, Action.WITHDRAW),
            street.desk.cases.act(worker, other.number or 0, Action.MERGE, into=original.number),
            street.desk.cases.act(worker, one.number or 0, Action.MERGE, into=original.number),
        )
        assert isinstance(answers[0], Case), answers
        assert all(isinstance(answer, Case | IllegalMove) for answer in answers), answers
        for case in (one, other):
            kept = await Case.get(id=case.id)
            assert (kept.status, kept.merged_into_id, kept.holder_id) == ("submitted", None, worker.person_id)
            assert kept.next_due is not None
        assert (await street.told(one.resident_id))[-1] == "released"


async def test_what_cannot_be_an_original_is_refused_and_nothing_moves(street: Street) -> None:
    act, worker = street.desk.cases.act, await street.actor("worker")
    case, over, elsewhere = await street.files(), await street.files(), await street.files(grid="32041210120201")
    await act(worker, over.number or 0, Action.DECLINE, note="不归我们")
    for into, refusal in (
        (None, BadInput),
        (case.number, BadInput),
        (over.number, IllegalMove),
        (elsewhere.number, NotFound),
        (999999, NotFound),
        (2**70, NotFound),
    ):
        with pytest.raises(refusal):
            await act(worker, case.number or 0, Action.MERGE, into=into)
    assert (await Case.get(id=case.id)).merged_into_id is None
    resident = await street.desk.people.actor(case.resident_id)
    with pytest.raises(IllegalMove):
        await act(resident, case.number or 0, Action.MERGE, into=over.number)


async def test_followers_hear_of_every_end_and_add_to_the_original(street: Street) -> None:
    act, worker = street.desk.cases.act, await street.actor("worker")
    for action, kind in ((Action.RESOLVE, "follow_resolved"), (Action.DECLINE, "follow_declined")):
        original, duplicate = await street.files(await street.resident("甲")), await street.files()
        await act(worker, duplicate.number or 0, Action.MERGE, into=original.number)
        follower = await street.desk.people.actor(duplicate.resident_id)
        await street.desk.cases.add(follower, duplicate.number or 0, Said("text", "还漏电"))
        assert (await street.told(worker))[-1] == "follower_added"
        await act(worker, original.number or 0, action, note="说明")
        assert (await street.told(follower))[-1] == kind
        last = await Delivery.filter(person_id=follower.person_id).order_by("-id").first()
        assert last is not None
        assert (last.facts["number"], last.facts["original"]) == (duplicate.number, original.number)
        if action is Action.RESOLVE:
            await street.advance(8 * 86400)
            await street.desk.cases.close_unrated()
            assert (await street.told(follower))[-1] == "follow_closed"


async def test_what_may_be_the_same_is_shown_to_staff_only(street: Street) -> None:
    worker, resident = await street.actor("worker"), await street.resident("甲")
    first = await tells(street, "小区门口路灯坏了", resident)
    near = await tells(street, "没水了", latitude=31.7001, longitude=119.9)
    same = await tells(street, "路灯坏了好几天了，晚上走路看不见", latitude=31.7, longitude=119.9)
    for other in (
        await tells(street, "垃圾没人收", latitude=31.71, longitude=119.9),
        await tells(street, "路灯坏了", event_type="streetlight"),
    ):
        assert (await street.desk.queues.one(worker, other.number or 0)).alike == []
    assert (await street.desk.queues.one(worker, same.number or 0)).alike == [first.number, near.number]
    assert (await street.desk.queues.one(resident, first.number or 0)).alike == ()
    told = await Delivery.filter(case_id=same.id, kind="new_case").get()
    assert told.facts["alike"] == [first.number, near.number]
    await street.desk.cases.act(worker, near.number or 0, Action.DECLINE, note="不归我们")
    await street.advance(15 * 86400)
    late = await tells(street, "路灯坏了好几天了")
    assert (await street.desk.queues.one(worker, late.number or 0)).alike == []


async def test_a_case_is_reminded_of_once_an_hour_whoever_asks(street: Street) -> None:
    case, commander = await street.files(), await street.actor("commander")
    resident, number = await street.desk.people.actor(case.resident_id), case.number or 0
    await street.advance(7200)
    await street.desk.cases.act(resident, number, Action.REMIND)
    last = await Delivery.filter(kind="reminded").get()
    assert 7200 <= int(str(last.facts["waited"])) < 7260
    for by in (resident, commander):
        with pytest.raises(TooMany) as refused:
            await street.desk.cases.act(by, number, Action.REMIND)
        assert 3500 < int(str(refused.value.facts["retry_after"])) <= 3600
    await street.advance(3600)
    await street.desk.cases.act(commander, number, Action.REMIND)
    assert await Delivery.filter(kind="reminded").count() == 2


async def test_an_urgent_case_stands_in_the_towns_queue_and_everybody_in_the_chain_knows(street: Street) -> None:
    await street.at("2027-03-06 23:00")
    commander, cover = await street.actor("commander"), await street.actor("cover")
    plain, urgent = await tells(street, "路灯坏了"), await tells(street, "护栏塌了", urgent=True)
    for who in ("chief", "secretary", "commander"):
        assert await street.told(await street.actor(who)) == ["urgent_alert"], who
    assert await street.told(cover) == []
    assert [line.number for line in (await street.desk.queues.mine(commander)).items] == [urgent.number]
    marked = await street.desk.cases.mark_urgent(await street.actor("worker"), plain.number or 0, note="漏电")
    assert marked.accept_due is not None
    assert marked.clock_from is not None
    assert marked.accept_due - marked.clock_from == timedelta(minutes=15)
    assert len((await street.desk.queues.mine(commander)).items) == 2
    with pytest.raises(IllegalMove):
        await street.desk.cases.mark_urgent(commander, plain.number or 0)
    taken = await street.desk.cases.act(commander, urgent.number or 0, Action.ACCEPT)
    assert taken.holder_id == commander.person_id
    await street.advance(16 * 60)
    await street.desk.cases.climb_overdue()
    assert (await Case.get(id=plain.id)).level == 2
    with pytest.raises(NotFound):
        await street.desk.queues.one(cover, urgent.number or 0)


async def test_a_reply_keeps_the_resident_with_the_case(street: Street) -> None:
    case, worker = await street.files(), await street.actor("worker")
    await street.advance(3 * 86400)
    replied = await street.desk.cases.act(worker, case.number or 0, Action.REPLY, note="是哪一盏？")
    assert street.desk.clock.now() - replied.touched_at < timedelta(minutes=1)
    assert (await street.desk.queues.listed(worker, Filters(words="路灯"))).items
