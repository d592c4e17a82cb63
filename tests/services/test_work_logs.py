"""The work log: read from what was done, each day's own, completed by whoever did it and by nobody else."""

from datetime import date, timedelta

import pytest

from bot.replies_work_log import line
from domain.case import Action
from domain.errors import BadInput, NotAllowed, NotFound
from domain.visit import SubjectKind
from models import Delivery, Leave
from services.patrols import End, Start
from services.subjects import NewSubject
from services.visits import NewVisit
from services.work_logs import MOST_NOTES, WorkLine
from tests.factories import GRID, TOWN
from tests.services.conftest import Street, at_once
from tests.services.notices import out

MONDAY = date(2027, 3, 1)


def said(lines: list[WorkLine]) -> list[tuple[str, str, int | None, str]]:
    return [(one.kind, one.what, one.number, one.text) for one in lines]


async def test_a_day_is_what_was_done_in_it_and_what_its_owner_added(street: Street) -> None:
    await street.at("2027-03-01 09:00")
    worker, resident = await street.actor("worker"), await street.resident()
    case = await street.files(resident)
    number = case.number or 0
    await street.desk.cases.act(worker, number, Action.ACCEPT)
    await street.advance(60)
    note = await street.desk.work_logs.note(worker, MONDAY, " 陪供电所\n看线路 ")
    await street.advance(60)
    await street.desk.cases.act(worker, number, Action.REPLY, note="明天修")
    await street.at("2027-03-02 00:00")
    await street.desk.cases.act(worker, number, Action.RESOLVE, note="修好了")
    monday = await street.desk.work_logs.mine(worker, MONDAY)
    assert said(monday) == [
        ("case", "accept", number, "路灯坏了"),
        ("note", "note", note.number, "陪供电所 看线路"),
        ("case", "reply", number, "路灯坏了"),
    ]
    assert said(await street.desk.work_logs.mine(worker, MONDAY + timedelta(days=1))) == [
        ("case", "resolve", number, "路灯坏了")
    ]
    assert await street.desk.work_logs.mine(resident, MONDAY) == []


async def test_notices_told_in_person_and_each_day_of_a_leave_stand_in_it(street: Street) -> None:
    await street.at("2027-03-01 09:00")
    worker = await street.actor("worker")
    for name in ("王阿姨", "李大爷"):
        one = await street.follower(name, grid=GRID, speaks=False)
        await street.desk.people.unfollow(one.openid)
    notice = await out(street, who="commander", code=TOWN)
    await street.work()
    await Delivery.filter(notice_id=notice).update(state="inbox")
    waiting = await street.desk.notices.visits.of(worker, notice)
    assert await street.desk.notices.visits.visited(worker, notice, [one.id for one in waiting]) == len(waiting) == 2
    (told,) = await street.desk.work_logs.mine(worker, MONDAY)
    assert (told.kind, told.what, told.number) == ("notice", "told_in_person", 2)
    starts, ends = await street.at("2027-03-02 12:00"), await street.at("2027-03-04 00:00")
    await Leave.create(person_id=worker.person_id, starts_at=starts, ends_at=ends)
    await street.at("2027-03-05 09:00")
    days = [MONDAY + timedelta(days=ahead) for ahead in range(4)]
    kinds = [[one.kind for one in await street.desk.work_logs.mine(worker, day)] for day in days]
    assert kinds == [["notice"], ["leave"], ["leave"], []]


async def test_what_was_done_about_a_complaint_stands_there_without_its_words(street: Street) -> None:
    resident, inspector = await street.resident(), await street.actor("inspector")
    case = await street.files(resident)
    complaint = await street.desk.cases.complain(resident, "网格员态度不好", number=case.number)
    await street.desk.cases.act(inspector, complaint.number or 0, Action.ACCEPT)
    logs = street.desk.work_logs
    assert said(await logs.mine(inspector, logs.today())) == [("case", "accept", complaint.number, "")]


async def test_only_staff_add_to_it_within_a_week_so_much_a_day_and_take_back_only_their_own(street: Street) -> None:
    worker, cover = await street.actor("worker"), await street.actor("cover")
    logs = street.desk.work_logs
    today = logs.today()
    with pytest.raises(NotAllowed):
        await logs.note(await street.resident(), today, "看线路")
    for day, text in (
        (today, " "),
        (today, "x" * 501),
        (today + timedelta(days=1), "x"),
        (today - timedelta(days=8), "x"),
    ):
        with pytest.raises(BadInput):
            await logs.note(worker, day, text)
    for number in range(MOST_NOTES - 1):
        await logs.note(worker, today - timedelta(days=7), f"第{number}件")
    last = await at_once(*(logs.note(worker, today - timedelta(days=7), "同时") for _ in range(4)))
    assert sum(isinstance(one, WorkLine) for one in last) == 1
    mine = await logs.note(worker, today, "写错了")
    with pytest.raises(NotFound):
        await logs.take_back(cover, mine.number or 0)
    await logs.take_back(worker, mine.number or 0)
    assert await logs.mine(worker, today) == []
    with pytest.raises(BadInput):
        await logs.mine(worker, today + timedelta(days=1))


async def test_an_export_has_everybody_who_served_there_day_by_day_and_nobody_else(street: Street) -> None:
    await street.at("2027-03-01 09:00")
    for who in ("worker", "cover", "chief"):
        await street.desk.work_logs.note(await street.actor(who), MONDAY, f"{who} 的事")
    region = await street.region(GRID)
    found = [one async for one in street.desk.work_logs.exported(region.path, MONDAY, MONDAY + timedelta(days=1))]
    assert [(one.person, one.region, one.day, one.lines[0].text) for one in found] == [
        ("李卫国", "第一网格", MONDAY, "worker 的事")
    ]
    with pytest.raises(BadInput):
        async for _ in street.desk.work_logs.exported(region.path, MONDAY, MONDAY + timedelta(days=31)):
            pass


async def test_patrols_and_visits_stand_in_it_and_of_a_visit_only_the_kind_of_subject(street: Street) -> None:
    await street.at("2027-03-01 09:00")
    worker, field = await street.actor("worker"), street.desk.field_work
    view = await field.patrols.start(worker, Start(content="查消防"))
    await street.advance(3600)
    await field.patrols.end(worker, view.patrol.id, End(result="通道畅通"))
    granny = NewSubject(SubjectKind.CARE, name="张桂英", phone="138 1234 5678", address="城西村12号", agreed=True)
    subject = (await field.subjects.add(worker, granny)).subject
    await street.at("2027-03-20 10:00")
    await field.visits.record(worker, NewVisit(subject.id, "身体都好"))
    logs = street.desk.work_logs
    assert said(await logs.mine(worker, MONDAY)) == [("patrol", "patrol", 0, "查消防 通道畅通")]
    (visit,) = await logs.mine(worker, date(2027, 3, 20))
    assert (visit.kind, visit.what, visit.text) == ("visit", "care", "身体都好")
    assert line(visit) == "10:00 走访关爱对象：身体都好"
