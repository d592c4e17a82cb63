"""Visits: who is due, what counts, who sees the list, and whom no list can hold."""

from datetime import date, datetime, timedelta

import pytest
from tortoise.exceptions import IntegrityError

from domain.calendar import SHANGHAI
from domain.errors import BadInput, Conflict, NotAllowed, NotFound
from domain.visit import SubjectKind
from models import Leave, Subject, SubjectLook, Visit
from services.access import Actor
from services.drafts import Said
from services.field_work import FieldWork
from services.subjects import NewSubject
from services.transaction import rows
from services.visits import NewVisit, VisitView
from tests.factories import GRID, VILLAGE
from tests.services.conftest import A_DAY, Street, at_once


@pytest.fixture
async def worker(street: Street) -> Actor:
    await street.at("2027-03-01 09:00")
    return await street.actor("worker")


@pytest.fixture
def field(street: Street) -> FieldWork:
    return street.desk.field_work


def granny(**more: object) -> NewSubject:
    given = {"name": "张桂英", "phone": "138 1234 5678", "address": "城西村12号", "agreed": True, **more}
    return NewSubject(SubjectKind.CARE, **given)  # type: ignore[arg-type]


async def listed(field: FieldWork, by: Actor, kind: SubjectKind = SubjectKind.SHOP, title: str = "小店") -> int:
    return (await field.subjects.add(by, NewSubject(kind, title=title))).subject.id


async def due_titles(field: FieldWork, by: Actor, days: int = 0) -> list[tuple[str, int]]:
    return [(one.view.subject.title, one.days_over) for one in (await field.visits.due(by, days=days))[0]]


async def test_the_list_shows_what_is_overdue_first_and_what_was_visited_no_more(
    street: Street, field: FieldWork, worker: Actor
) -> None:
    weekly = await field.subjects.add(worker, NewSubject(SubjectKind.SHOP, title="小店", every_days=7))
    await listed(field, worker, SubjectKind.HAZARD, "危房")
    assert await due_titles(field, worker) == [("危房", 0)]
    await street.advance(8 * A_DAY)
    assert await due_titles(field, worker) == [("危房", 8), ("小店", 2)]
    assert await field.visits.counts(worker) == (2, 0)
    made = await field.visits.record(worker, NewVisit(weekly.subject.id, "电线理好了"))
    assert (made.visit.due_on, made.visit.in_time, made.visit.next_date) == (
        date(2027, 3, 7),
        False,
        date(2027, 3, 16),
    )
    assert await due_titles(field, worker) == [("危房", 8)]
    assert await due_titles(field, worker, days=7) == [("危房", 8), ("小店", -7)]


async def test_two_who_record_the_same_visit_at_once_are_credited_once(field: FieldWork, worker: Actor) -> None:
    hazard = await listed(field, worker, SubjectKind.HAZARD)
    done = await at_once(*(field.visits.record(worker, NewVisit(hazard, "没有问题")) for _ in range(4)))
    assert all(isinstance(one, VisitView) for one in done)
    assert sorted(str(one.visit.due_on) for one in done) == ["2027-03-01", "None", "None", "None"]
    assert await Visit.filter(in_time=True).count() == 1
    assert (await Subject.get(id=hazard)).next_due == date(2027, 3, 2)


async def test_a_visit_written_down_without_signal_is_of_the_day_when_it_was(
    street: Street, field: FieldWork, worker: Actor
) -> None:
    hazard = await listed(field, worker, SubjectKind.HAZARD)
    await street.at("2027-03-02 08:00")
    at = datetime(2027, 3, 1, 17, tzinfo=SHANGHAI)
    made = await field.visits.record(worker, NewVisit(hazard, "没有问题", at=at))
    assert (made.visit.due_on, made.visit.in_time) == (date(2027, 3, 1), True)
    with pytest.raises(BadInput):
        await field.visits.record(worker, NewVisit(hazard, "没有问题", at=at - timedelta(days=2)))


async def test_a_visit_needs_a_result_and_a_subject_that_is_on_the_list(field: FieldWork, worker: Actor) -> None:
    shop = await listed(field, worker)
    for bad in ("", "  ", "长" * 1001):
        with pytest.raises(BadInput):
            await field.visits.record(worker, NewVisit(shop, bad))
    await field.subjects.take_off(worker, shop)
    with pytest.raises(Conflict):
        await field.visits.record(worker, NewVisit(shop, "关门了"))
    assert await Visit.all().count() == 0


async def test_a_worker_sees_the_grids_list_a_chief_the_villages_and_a_stranger_none(
    street: Street, field: FieldWork, worker: Actor
) -> None:
    hazard = await listed(field, worker, SubjectKind.HAZARD)
    await field.visits.record(worker, NewVisit(hazard, "没有问题"))
    for who in ("chief", "secretary", "commander", "inspector"):
        seen = await street.actor(who)
        assert [one.subject.id for one in (await field.subjects.listed(seen))[0]] == [hazard]
        assert [one.visit.subject_id for one in (await field.visits.listed(seen))[0]] == [hazard]
    for stranger in (await street.actor("cover"), await street.resident(), await street.actor("county")):
        assert (await field.subjects.listed(stranger))[0] == []
        assert (await field.visits.listed(stranger))[0] == []
        with pytest.raises(NotFound):
            await field.visits.record(stranger, NewVisit(hazard, "没有问题"))
    with pytest.raises(NotAllowed):
        await field.visits.record(await street.actor("inspector"), NewVisit(hazard, "没有问题"))


async def test_the_cover_has_the_list_for_as_long_as_the_worker_is_away(
    street: Street, field: FieldWork, worker: Actor
) -> None:
    hazard = await listed(field, worker, SubjectKind.HAZARD, "危房")
    cover, now = await street.actor("cover"), street.desk.clock.now()
    leave = await Leave.create(
        person_id=worker.person_id, starts_at=now, ends_at=now + timedelta(days=2), state="asked", asked_at=now
    )
    assert await due_titles(field, cover) == []
    await Leave.filter(id=leave.id).update(state="approved")
    assert await due_titles(field, cover) == [("危房", 0)]
    assert (await field.visits.record(cover, NewVisit(hazard, "没有问题"))).visit.in_time
    await street.advance(3 * A_DAY)
    assert await due_titles(field, cover) == []
    assert await due_titles(field, worker) == [("危房", 2)]


async def test_people_are_listed_only_when_they_agree_and_masked_and_each_look_is_noted(
    street: Street, field: FieldWork, worker: Actor
) -> None:
    with pytest.raises(BadInput):
        await field.subjects.add(worker, granny(agreed=False))
    made = await field.subjects.add(worker, granny())
    assert made.subject.title == "张**"
    assert dict(made.known) == {"name": "张**", "phone": "138****5678", "address": "城西村12号"}
    kept = (await rows("SELECT * FROM subject WHERE id = $1", made.subject.id))[0]
    assert not [value for value in kept.values() if "桂英" in str(value) or "1234" in str(value)]
    assert await SubjectLook.all().count() == 0
    chief = await street.actor("chief")
    opened = await field.subjects.opened(chief, made.subject.id)
    assert dict(opened.known) == {"name": "张桂英", "phone": "13812345678", "address": "城西村12号"}
    assert [(one.by_id, one.subject_id) for one in await SubjectLook.all()] == [(chief.person_id, made.subject.id)]
    with pytest.raises(NotFound):
        await field.subjects.opened(await street.actor("cover"), made.subject.id)
    assert await SubjectLook.all().count() == 1
    await field.subjects.take_off(worker, made.subject.id)
    assert (await Subject.get(id=made.subject.id)).sealed == ""


async def test_no_list_of_people_by_belief_petition_views_health_or_record_can_be_made(
    street: Street, field: FieldWork, worker: Actor
) -> None:
    """DOMAIN 4: not in the code, not in the database, and there is no field that could say why somebody is listed."""
    grid = (await street.region(GRID)).id
    insert = (
        "INSERT INTO subject (grid_id, kind, title, sealed, every_days, next_due, agreed_at, created_at, active) "
        "VALUES ($1, $2, 'x', '', 7, '2027-03-01', now(), now(), TRUE) RETURNING id"
    )
    for kind in ("religion", "petition", "political", "health", "record", "focus", ""):
        with pytest.raises(IntegrityError, match="subject_kind"):
            await rows(insert, grid, kind)
    for kind in SubjectKind:
        assert await rows(insert, grid, kind.value)
    with pytest.raises(IntegrityError, match="subject_agreed"):
        await rows(insert.replace("now(), now()", "NULL, now()"), grid, "care")
    columns = {
        one["column_name"]
        for one in await rows("SELECT column_name FROM information_schema.columns WHERE table_name = 'subject'")
    }
    assert columns == {
        *(
            "id",
            "grid_id",
            "kind",
            "title",
            "sealed",
            "every_days",
            "asked_days",
            "next_due",
            "agreed_at",
            "created_at",
            "active",
        )
    }


async def test_a_place_needs_a_title_and_a_number_must_be_one(field: FieldWork, worker: Actor) -> None:
    for bad in (
        NewSubject(SubjectKind.SHOP),
        granny(name=""),
        granny(phone="12"),
        NewSubject(SubjectKind.SHOP, title="小店", every_days=31),
    ):
        with pytest.raises(BadInput):
            await field.subjects.add(worker, bad)
    for code in (VILLAGE, "32041210120102", "nowhere"):
        with pytest.raises(NotFound):
            await field.subjects.add(worker, NewSubject(SubjectKind.SHOP, code, "小店"))


async def test_lists_go_on_where_their_page_ended(street: Street, field: FieldWork, worker: Actor) -> None:
    made = [await listed(field, worker, SubjectKind.HAZARD) for _ in range(5)]
    await street.advance(A_DAY)
    made += [await listed(field, worker, SubjectKind.HAZARD) for _ in range(2)]
    seen, cursor = [], None
    while True:
        page, cursor = await field.visits.due(worker, cursor=cursor, limit=2)
        seen += [one.view.subject.id for one in page]
        if cursor is None:
            break
    assert seen == made
    for bad in ("AA", "MjAyNy0wMy0wMXx4"):
        with pytest.raises(BadInput):
            await field.visits.due(worker, cursor=bad)


async def test_a_photo_out_of_the_chat_belongs_to_the_visit(street: Street, field: FieldWork, worker: Actor) -> None:
    made = await field.visits.record(worker, NewVisit(await listed(field, worker), "都好"))
    await field.visits.photo(worker, made.visit.id, Said(kind="photo", media_id="m-1"))
    (found,) = (await field.visits.listed(worker))[0]
    assert [(photo.kind, photo.state) for photo in found.photos] == [("photo", "pending")]
    # What belongs to a visit is not swept away with what nobody used.
    await street.advance(30 * A_DAY)
    await street.desk.medias.forget_loose()
    assert len((await field.visits.listed(worker))[0][0].photos) == 1
