"""What the base data says of a resident: found by their number, corrected by the worker, withdrawn by themselves."""

from datetime import timedelta

import pytest

from domain.errors import BadInput, Conflict, NotFound
from models import BaseRecord, Leave, Person, RecordChange, RecordLook, RecordProposal
from services.access import Actor
from services.records import Kind, Shown
from tests.factories import GRID
from tests.services.conftest import A_DAY, Street, at_once

HOUSEHOLD = {"head": "王建国", "phone": "138 1111 2222", "people": "3", "registered_address": "城西村 12 号"}
EAST = "32041210120102"


async def lives_there(street: Street, phone: str = "13811112222", grid: str = GRID) -> Actor:
    one = await street.follower("王阿姨", grid=grid)
    sealed = street.desk.own_records._cipher.seal(phone)
    await Person.filter(id=one.person_id).update(phone=sealed)
    return await street.desk.people.actor(one.person_id)


async def kept(street: Street) -> Shown:
    return await street.desk.records.add(await street.actor("worker"), GRID, Kind.HOUSEHOLD, "3 幢 201", HOUSEHOLD)


async def test_a_worker_reads_one_with_a_reason_and_writes_the_version_that_they_read(street: Street) -> None:
    worker, other, records = await street.actor("worker"), await street.actor("cover"), street.desk.records
    record = await kept(street)
    assert dict(record.fields)["head"] == "王**"
    (listed,), following = await records.listed(worker)
    assert (listed.fields, following) == (record.fields, None)
    assert await records.listed(other) == ([], None)
    with pytest.raises(BadInput):
        await records.look(worker, record.id, " ")
    with pytest.raises(NotFound):
        await records.look(other, record.id, "看看")
    assert await RecordLook.all().count() == 0
    assert (await records.look(worker, record.id, "上门核对")).fields == HOUSEHOLD
    assert [one.reason for one in await RecordLook.all()] == ["上门核对"]
    assert (await records.change(worker, record.id, {"people": "4"}, version=1)).version == 2
    with pytest.raises(Conflict):
        await records.change(worker, record.id, {"people": "5"}, version=1)
    last = await RecordChange.all().order_by("-id").first()
    assert last is not None
    assert records.opened_values(last.before) == {"people": "3"}


async def test_a_resident_sees_their_own_and_nobody_elses(street: Street) -> None:
    await kept(street)
    records = street.desk.own_records
    (own,) = await records.mine(await lives_there(street))
    assert own.fields == HOUSEHOLD
    for name, phone, grid in (("老李", "13811112223", GRID), ("老张", "13811112222", EAST), ("老周", "", GRID)):
        one = await street.follower(name, grid=grid)
        await Person.filter(id=one.person_id).update(phone=records._cipher.seal(phone) if phone else "")
        stranger = await street.desk.people.actor(one.person_id)
        assert await records.mine(stranger) == []
        for act in (records.propose(stranger, own.id, {"people": "1"}), records.withdraw(stranger, own.id, "phone")):
            with pytest.raises(NotFound):
                await act


async def test_landlord_and_tenant_each_see_their_part_of_a_rental(street: Street) -> None:
    given = {"owner": "陈芳", "owner_phone": "13833334444", "tenant": "刘强", "tenant_phone": "13855556666"}
    await street.desk.records.add(await street.actor("worker"), GRID, Kind.RENTAL, "4 幢 101", given)
    tenant = await lives_there(street, "13855556666")
    (part,) = await street.desk.own_records.mine(tenant)
    assert part.fields == {"tenant": "刘强", "tenant_phone": "13855556666"}
    with pytest.raises(BadInput):
        await street.desk.own_records.propose(tenant, part.id, {"owner": "刘强"})


async def test_a_correction_waits_for_the_worker_and_keeps_what_was_there(street: Street) -> None:
    record, resident, worker = await kept(street), await lives_there(street), await street.actor("worker")
    records = street.desk.own_records
    for wrong in ({"people": "3"}, {"phone": "12"}, {}):
        with pytest.raises(BadInput):
            await records.propose(resident, record.id, wrong)
    await records.propose(resident, record.id, {"people": "9"})
    assert (await records.propose(resident, record.id, {"people": "4"})).waiting == {"people": "4"}
    assert (await records.mine(resident))[0].fields["people"] == "3"
    assert await records.asked(await street.actor("cover")) == []
    (asked,) = await records.asked(worker)
    assert (asked.now, asked.wished) == ({"people": "3"}, {"people": "4"})
    with pytest.raises(NotFound):
        await records.decide(await street.actor("cover"), asked.id, take=True)
    with pytest.raises(BadInput):
        await records.decide(worker, asked.id, take=False)
    await records.decide(worker, asked.id, take=True)
    with pytest.raises(Conflict):
        await records.decide(worker, asked.id, take=True)
    (own,) = await records.mine(resident)
    assert (own.fields["people"], own.waiting) == ("4", {})
    last = await RecordChange.all().order_by("-id").first()
    assert last is not None
    assert (last.by_id, street.desk.records.opened_values(last.before)) == (worker.person_id, {"people": "3"})
    assert (await RecordProposal.get(id=asked.id)).sealed == ""
    assert (await street.told(resident))[-1] == "own_record_decided"


async def test_of_two_who_accept_at_once_one_does_and_the_cover_only_while_they_cover(street: Street) -> None:
    record, resident = await kept(street), await lives_there(street)
    worker, cover, records = await street.actor("worker"), await street.actor("cover"), street.desk.own_records
    await records.propose(resident, record.id, {"people": "4"})
    now = street.desk.clock.now()
    leave = await Leave.create(
        person_id=worker.person_id, starts_at=now, ends_at=now + timedelta(days=1), state="asked"
    )
    assert await records.asked(cover) == []
    await Leave.filter(id=leave.id).update(state="approved")
    (asked,) = await records.asked(cover)
    assert [one.id for one in (await street.desk.records.listed(cover))[0]] == [record.id]
    done = await at_once(*(records.decide(who, asked.id, take=True) for who in (worker, cover, worker, cover)))
    assert sorted(type(one).__name__ for one in done) == ["Conflict", "Conflict", "Conflict", "NoneType"]
    assert await RecordChange.filter(change="key_field").count() == 1
    assert (await street.told(resident)).count("own_record_decided") == 1
    assert (await street.desk.records.look(cover, record.id, "替岗上门")).fields["people"] == "4"
    await street.desk.records.change(cover, record.id, {"people": "5"})
    await street.advance(A_DAY + 60)
    assert await street.desk.records.listed(cover) == ([], None)
    assert await street.desk.records.at(cover, "3幢") == []
    for act in (
        street.desk.records.change(cover, record.id, {"people": "6"}),
        records.decide(cover, asked.id, take=True),
    ):
        with pytest.raises(NotFound):
            await act


async def test_what_is_withdrawn_is_gone_at_once_and_from_the_past_and_earns_nobody_a_point(street: Street) -> None:
    record, resident, worker = await kept(street), await lives_there(street), await street.actor("worker")
    records, base = street.desk.own_records, street.desk.records
    await base.change(worker, record.id, {"people": "4", "head": "王建华"})
    with pytest.raises(BadInput):
        await records.withdraw(resident, record.id, "head")
    await records.propose(resident, record.id, {"people": "6"})
    await records.withdraw(resident, record.id, "people")
    kept_now = base.opened_values((await BaseRecord.get(id=record.id)).sealed)
    assert "people" not in kept_now
    assert [base.opened_values(one.before) for one in await RecordChange.exclude(before="")] == [{"head": "王建国"}]
    assert await records.asked(worker) == []
    assert [one.change for one in await base.history(worker, record.id)] == ["new", "key_field", "withdrawn"]
    await records.withdraw(resident, record.id, "phone")
    assert await records.mine(resident) == []


async def test_who_has_looked_is_forgotten_after_the_towns_own_time(street: Street) -> None:
    worker, record = await street.actor("worker"), await kept(street)
    await street.desk.records.look(worker, record.id, "上门核对")
    days = street.house.settings.privacy.look_days
    await RecordLook.all().update(at=street.desk.clock.now() - timedelta(days=days + 1))
    await street.desk.records.look(worker, record.id, "又核对")
    await street.desk.records.forget_looks()
    assert [one.reason for one in await RecordLook.all()] == ["又核对"]
