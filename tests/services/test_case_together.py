"""Several people act on one case at the same moment."""

from datetime import timedelta

from domain.case import Action
from domain.errors import IllegalMove
from models import Case, CaseEvent, Delivery
from services.drafts import Said
from tests.services.conftest import Street, at_once


async def test_of_two_who_accept_at_once_one_has_it_and_the_other_learns_how_it_stands(street: Street) -> None:
    case = await street.files()
    chief, worker = await street.actor("chief"), await street.actor("worker")
    answers = await at_once(
        street.desk.cases.act(worker, case.number or 0, Action.ACCEPT),
        street.desk.cases.act(chief, case.number or 0, Action.ACCEPT),
    )
    refused = [answer for answer in answers if isinstance(answer, IllegalMove)]
    assert len(refused) == 1
    assert refused[0].facts == {"status": "accepted", "action": "accept"}
    winner = next(answer for answer in answers if isinstance(answer, Case))
    kept = await Case.get(id=case.id)
    assert (kept.status, kept.holder_id) == ("accepted", winner.holder_id)
    assert await CaseEvent.filter(case_id=case.id, action="accept").count() == 1


async def test_a_word_of_the_resident_and_a_move_at_once_both_stay(street: Street) -> None:
    resident, worker = await street.resident(), await street.actor("worker")
    for _ in range(5):
        case = await street.files(resident)
        number = case.number or 0
        answers = await at_once(
            street.desk.cases.add(resident, number, Said("text", "就在三号楼下")),
            street.desk.cases.act(worker, number, Action.ACCEPT),
            street.desk.cases.add(resident, number, Said("text", "有小孩摔了")),
        )
        assert not [answer for answer in answers if isinstance(answer, BaseException)]
        kept = await Case.get(id=case.id)
        assert (kept.status, kept.holder_id) == ("accepted", worker.person_id)
        assert kept.accepted_at is not None
        assert await CaseEvent.filter(case_id=case.id).count() == 4
        assert kept.touched_at > case.touched_at


async def test_many_moves_at_once_leave_one_unbroken_history(street: Street) -> None:
    case = await street.files()
    number = case.number or 0
    worker, chief, secretary = [await street.actor(who) for who in ("worker", "chief", "secretary")]
    await at_once(
        *(
            street.desk.cases.act(by, number, action, note="意见")
            for by in (worker, chief, secretary)
            for action in Action
        )
    )
    events = await CaseEvent.filter(case_id=case.id).order_by("id")
    assert [event.from_status for event in events[1:]] == [event.to_status for event in events[:-1]]
    assert [event.from_level for event in events[1:]] == [event.to_level for event in events[:-1]]
    kept = await Case.get(id=case.id)
    assert (kept.status, kept.level, kept.holder_id) == (
        events[-1].to_status,
        events[-1].to_level,
        events[-1].holder_id,
    )


async def test_many_sweeps_at_once_move_each_late_case_once_and_tell_everybody_once(street: Street) -> None:
    residents = [await street.resident(f"居民{one}") for one in range(12)]
    cases = [await street.files(one) for one in residents]
    await street.advance(timedelta(days=3).total_seconds())
    counts = await at_once(*(street.desk.cases.climb_overdue(batch=5) for _ in range(4)))
    assert sum(counts) == len(cases)
    for case, resident in zip(cases, residents, strict=True):
        assert await CaseEvent.filter(case_id=case.id, action="climb").count() == 1
        assert await street.told(resident) == ["climbed"]
        kept = await Case.get(id=case.id)
        assert (kept.level, kept.holder_id) == (2, (await street.actor("chief")).person_id)
    assert await Delivery.filter(kind="climbed_to_you").count() == len(cases)
    assert await Delivery.filter(kind="climbed_from_you").count() == len(cases)


async def test_a_move_by_hand_and_the_sweep_at_once_do_not_both_move_it(street: Street) -> None:
    worker = await street.actor("worker")
    for _ in range(5):
        case = await street.files()
        await street.advance(timedelta(days=3).total_seconds())
        await at_once(
            street.desk.cases.climb_overdue(),
            street.desk.cases.act(worker, case.number or 0, Action.REPORT_UP, note="大"),
        )
        await street.desk.cases.climb_overdue()
        kept = await Case.get(id=case.id)
        assert kept.level == 2
        assert await CaseEvent.filter(case_id=case.id).count() == 2


async def test_two_submits_at_once_file_one_case(street: Street) -> None:
    one = await street.follower("王阿姨", grid="32041210120101")
    await street.desk.drafts.add(await street.desk.people.hear(one.openid), Said("text", "路灯坏了"))
    answers = await at_once(*(street.desk.cases.submit(one.person_id) for _ in range(3)))
    assert len([answer for answer in answers if isinstance(answer, Case)]) == 1
    assert await Case.all().count() == 1


async def test_numbers_are_never_given_twice(street: Street) -> None:
    answers = await at_once(*(street.files() for _ in range(10)))
    numbers = [answer.number for answer in answers]
    assert len(set(numbers)) == 10
    assert min(number or 0 for number in numbers) == 1001
