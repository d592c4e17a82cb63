"""The reminder before a deadline: when, to whom, and once."""

from datetime import datetime

from domain.calendar import SHANGHAI
from domain.case import Action
from models import Case, Delivery, HeldDuty, Leave
from tests.services.conftest import Street, at_once


def china(moment: datetime | None) -> str:
    return f"{moment.astimezone(SHANGHAI):%m-%d %H:%M}" if moment is not None else ""


async def kept(case: Case) -> Case:
    return await Case.get(id=case.id)


async def soon(person_id: int) -> int:
    return await Delivery.filter(person_id=person_id, kind="due_soon").count()


async def test_each_clock_has_its_reminder_at_three_quarters_and_none_when_nothing_runs(street: Street) -> None:
    await street.at("2027-03-01 10:30")  # a Monday
    calm, urgent = await street.files(), await street.files(urgent=True)
    number, worker, chief = calm.number or 0, await street.actor("worker"), await street.actor("chief")
    assert (china(calm.clock_from), china(calm.remind_at)) == ("03-01 10:30", "03-01 15:00")
    assert urgent.remind_at is not None
    assert urgent.clock_from is not None
    assert (urgent.remind_at - urgent.clock_from).total_seconds() == 11.25 * 60
    await street.at("2027-03-01 11:00")
    act = street.desk.cases.act
    assert china((await act(worker, number, Action.ACCEPT)).remind_at) == "03-03 14:00"
    assert china((await act(worker, number, Action.REPLY, note="在办")).remind_at) == "03-03 14:00"
    up = await act(worker, number, Action.REPORT_UP, note="请协调")
    assert (china(up.clock_from), china(up.remind_at)) == ("03-01 11:00", "03-01 15:30")
    await act(chief, number, Action.RESOLVE, note="好了")
    assert (await kept(calm)).remind_at is None
    resident = await street.desk.people.actor(calm.resident_id)
    again = await act(resident, number, Action.REOPEN, note="又坏了")
    assert china(again.remind_at) == "03-01 15:30"
    await act(resident, number, Action.WITHDRAW, note="不用了")
    await street.at("2027-03-20 10:00")
    await Case.filter(id=urgent.id).update(remind_at=None)
    assert await street.desk.cases.remind_due() == 0


async def test_the_holder_is_told_once_for_each_deadline_with_what_to_type(street: Street) -> None:
    worker = await street.binds("worker")
    await street.at("2027-03-01 10:30")
    await street.speaks(worker)
    case = await street.files()
    await street.work()
    await street.at("2027-03-01 14:59")
    assert await street.desk.cases.remind_due() == 0
    await street.at("2027-03-01 15:01")
    assert [await street.desk.cases.remind_due() for _ in range(3)] == [1, 0, 0]
    await street.work()
    await street.desk.cases.act(await street.actor("worker"), case.number or 0, Action.ACCEPT)
    await street.at("2027-03-03 14:01")
    await street.speaks(worker)
    assert [await street.desk.cases.remind_due() for _ in range(3)] == [1, 0, 0]
    await street.work()
    texts = [text for text in street.shown(worker) if "时限" in text]
    assert len(texts) == 2
    assert all(f"№{case.number}" in text for text in texts)
    assert "请在 3月1日（周一）16:00 前受理" in texts[0]
    assert f"受理 {case.number}" in texts[0]
    assert "请在 3月4日（周四）10:30 前办结" in texts[1]
    assert f"办结 {case.number} 结果" in texts[1]


async def test_two_sweepers_at_once_tell_each_holder_once(street: Street) -> None:
    await street.at("2027-03-01 10:30")
    worker = await street.actor("worker")
    for _ in range(12):
        await street.files()
    await street.at("2027-03-01 15:01")
    remind = street.desk.cases.remind_due
    told = await at_once(remind(batch=5), remind(batch=5), remind(batch=5))
    assert sum(told) == 12
    assert await soon(worker.person_id) == 12


async def test_ordinary_reminders_wait_for_the_morning_and_urgent_ones_do_not(street: Street) -> None:
    await street.at("2027-03-01 22:00")
    worker = await street.actor("worker")
    calm, urgent = await street.files(), await street.files(urgent=True)
    await street.at("2027-03-01 22:12")
    # As where the service stood still over the end of the day.
    await Case.filter(id=calm.id).update(remind_at=street.desk.clock.now())
    assert await street.desk.cases.remind_due() == 2
    assert await soon(worker.person_id) == 1
    assert (await kept(urgent)).remind_at is None
    assert china((await kept(calm)).remind_at) == "03-02 08:30"
    await street.at("2027-03-02 08:31")
    await Case.filter(id=urgent.id).update(remind_at=None)
    assert await street.desk.cases.remind_due() == 1
    assert await soon(worker.person_id) == 2


async def test_nobody_is_reminded_of_what_climbs_at_once_or_has_moved_on(street: Street) -> None:
    await street.at("2027-03-01 09:00")
    worker, chief = await street.actor("worker"), await street.actor("chief")
    late, moved, done = await street.files(), await street.files(), await street.files()
    act = street.desk.cases.act
    await street.at("2027-03-01 11:00")
    await act(worker, moved.number or 0, Action.REPORT_UP, note="请协调")
    await act(worker, done.number or 0, Action.RESOLVE, note="好了")
    await street.at("2027-03-01 14:31")
    assert await street.desk.cases.remind_due() == 1
    assert await soon(worker.person_id) == 0
    assert (await kept(late)).remind_at is None
    await street.at("2027-03-01 15:31")  # three quarters of the four hours from 11:00
    assert await street.desk.cases.remind_due() == 1
    assert (await soon(worker.person_id), await soon(chief.person_id)) == (0, 1)


async def test_a_reminder_goes_to_whoever_is_there_when_the_holder_is_not(street: Street) -> None:
    await street.at("2027-03-01 10:30")
    worker, cover = await street.actor("worker"), await street.actor("cover")
    away = await street.files()
    now = street.desk.clock.now()
    await Leave.create(person_id=worker.person_id, starts_at=now, ends_at=now.replace(month=4))
    await street.at("2027-03-01 15:01")
    assert await street.desk.cases.remind_due() == 1
    assert (await kept(away)).holder_id == cover.person_id
    assert (await soon(worker.person_id), await street.told(cover)) == (0, ["new_case"])
    await street.at("2027-03-02 09:00")
    assert await street.desk.cases.remind_due() == 1
    assert await soon(cover.person_id) == 1
    # Where nobody else is there, the one who has it is told all the same.
    await HeldDuty.exclude(person_id=worker.person_id).delete()
    alone = await street.files()
    await Case.filter(id=alone.id).update(holder_id=worker.person_id)
    await street.at("2027-03-02 14:00")
    await Case.filter(id=away.id).update(remind_at=None)
    assert await street.desk.cases.remind_due() == 1
    assert await soon(worker.person_id) == 1
