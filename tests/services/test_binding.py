"""Invitations, and the WeChat of a member of staff."""

import pytest

from domain.case import Action
from domain.errors import InviteRefused, TooMany
from models import Case, Identity, Invite, Person
from services.cases import Filing
from tests.factories import GRID, PHONES
from tests.services.conftest import Follower, Street, at_once


async def tries(street: Street, one: Follower, code: str) -> None:
    identity = await street.identity(one)
    try:
        await street.desk.people.bind(identity.id, code)
    except InviteRefused:
        await street.desk.people.count_wrong_code(identity.id)
        raise


async def test_a_code_binds_once_and_only_whoever_has_it(street: Street) -> None:
    worker = await street.binds("worker")
    assert worker.person_id == (await street.actor("worker")).person_id
    invite = await Invite.get(person_id=worker.person_id)
    assert invite.used_at is not None
    code = await street.desk.people.invite(PHONES["chief"])
    await tries(street, await street.follower("路人"), code)
    with pytest.raises(InviteRefused):
        await tries(street, await street.follower("另一个路人"), code)


async def test_two_who_use_one_code_at_once_do_not_both_get_in(street: Street) -> None:
    code = await street.desk.people.invite(PHONES["worker"])
    people = [await street.follower(f"路人{one}") for one in range(4)]
    answers = await at_once(*(tries(street, one, code) for one in people))
    assert [type(answer) for answer in answers].count(InviteRefused) == 3
    assert await Identity.filter(person_id=(await street.actor("worker")).person_id).count() == 1


@pytest.mark.parametrize("written", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} "])
async def test_a_code_may_be_typed_carelessly(street: Street, written) -> None:
    code = await street.desk.people.invite(PHONES["worker"])
    await tries(street, await street.follower("李卫国"), written(code))


async def test_a_phone_number_may_be_written_as_people_write_it(street: Street) -> None:
    assert await street.desk.people.invite("+86 138-0000-0001")


async def test_a_new_invitation_ends_the_one_before(street: Street) -> None:
    old = await street.desk.people.invite(PHONES["worker"])
    new = await street.desk.people.invite(PHONES["worker"])
    one = await street.follower("李卫国")
    with pytest.raises(InviteRefused):
        await tries(street, one, old)
    await tries(street, one, new)


async def test_two_invitations_at_once_leave_one_code_that_works(street: Street) -> None:
    codes = await at_once(*(street.desk.people.invite(PHONES["worker"]) for _ in range(4)))
    assert await Invite.filter(used_at=None).count() == 1
    works = 0
    for number, code in enumerate(codes):
        try:
            await tries(street, await street.follower(f"路人{number}"), code)
        except InviteRefused:
            continue
        works += 1
    assert works == 1


async def test_a_code_is_good_for_seven_days(street: Street) -> None:
    code = await street.desk.people.invite(PHONES["worker"])
    await street.advance(7 * 86400 + 1)
    with pytest.raises(InviteRefused):
        await tries(street, await street.follower("李卫国"), code)


async def test_after_five_wrong_codes_even_the_right_one_waits_an_hour(street: Street) -> None:
    one = await street.follower("路人")
    code = await street.desk.people.invite(PHONES["worker"])
    for number in range(5):
        with pytest.raises(InviteRefused):
            await tries(street, one, f"AAAA-AAA{number}")
    with pytest.raises(TooMany) as refused:
        await tries(street, one, code)
    assert 3500 < int(str(refused.value.facts["retry_after"])) <= 3600
    await tries(street, await street.follower("别人"), await street.desk.people.invite(PHONES["chief"]))
    await street.advance(3601)
    await tries(street, one, code)
    assert (await street.identity(one)).bind_tries == 0


async def test_wrong_codes_that_are_an_hour_apart_are_forgotten(street: Street) -> None:
    one = await street.follower("路人")
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(InviteRefused):
                await tries(street, one, "AAAA-AAAA")
        await street.advance(3601)
    assert (await street.identity(one)).bind_tries == 4


async def test_what_was_filed_from_the_wechat_goes_along(street: Street) -> None:
    one = await street.follower("李卫国")
    filed = await street.desk.cases.file(
        await street.desk.people.actor(one.person_id), Filing(grid=GRID, description="路灯坏了")
    )
    await tries(street, one, await street.desk.people.invite(PHONES["worker"]))
    worker = await street.actor("worker")
    assert (await Case.get(id=filed.id)).resident_id == worker.person_id
    assert not await Person.filter(id=one.person_id).exists()


async def test_binding_again_from_the_same_wechat_changes_nothing(street: Street) -> None:
    worker = await street.binds("worker")
    await tries(street, worker, await street.desk.people.invite(PHONES["worker"]))
    assert await Identity.filter(person_id=worker.person_id).count() == 1


async def test_a_second_wechat_of_a_worker_works_beside_the_first_and_gets_the_messages(street: Street) -> None:
    first = await street.binds("worker")
    await street.advance(60)
    second = await street.binds("worker", wechat="李卫国新号")
    assert second.person_id == first.person_id
    await street.owes(first.person_id, "一")
    await street.work()
    assert (street.shown(first), street.shown(second)) == ([], ["一"])
    await street.speaks(first)
    await street.owes(first.person_id, "二")
    await street.work()
    assert (street.shown(first), street.shown(second)) == (["二"], ["一"])


async def test_a_wechat_that_passes_to_a_colleague_takes_nothing_of_the_others_along(street: Street) -> None:
    worker = await street.binds("worker")
    case = await street.files()
    before = await Person.all().count()
    await tries(street, worker, await street.desk.people.invite(PHONES["cover"]))
    colleague = await street.actor("cover")
    assert (await street.identity(worker)).person_id == colleague.person_id
    assert await Person.all().count() == before
    left = await street.actor("worker")
    assert [held.region_code for held in left.duties] == [GRID]
    assert (await Case.get(id=case.id)).holder_id == left.person_id
    assert len(colleague.duties) == 1
    # And the first can be invited again, with another WeChat.
    assert (await street.binds("worker", wechat="李卫国新号")).person_id == left.person_id


async def test_what_waited_for_a_worker_without_wechat_arrives_when_they_bind(street: Street) -> None:
    case, done = await street.files(), await street.files()
    await street.work()
    worker = await street.actor("worker")
    assert [(row.state, row.reason) for row in await street.rows(worker.person_id)] == [
        ("inbox", "no WeChat is bound")
    ] * 2
    await street.desk.cases.act(await street.actor("chief"), done.number or 0, Action.RESOLVE, note="好了")
    await street.work()
    bound = await street.binds("worker")
    await street.work()
    assert [f"№{case.number}" in text for text in street.shown(bound)] == [True]
    queue = await street.desk.queues.mine(worker)
    assert [line.number for line in queue.items] == [case.number]


async def test_of_much_that_waited_no_more_arrives_than_one_window_takes(street: Street) -> None:
    cases = [await street.files() for _ in range(9)]
    await street.work()
    bound = await street.binds("worker")
    await street.work()
    [shown] = street.shown(bound)
    assert [f"№{case.number}" in shown for case in cases] == [False] * 4 + [True] * 5
    assert street.channels(bound) == ["custom"]
