"""Visits (走访): what is due, a visit recorded, and the list of whom and what."""

from domain.errors import BadInput, Conflict, NotAllowed, NotFound, UploadRefused
from domain.visit import SubjectKind
from miniprogram_api import attachments
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Holder, Nothing, Region
from miniprogram_api.schemas_visits import (
    DueFilters,
    DuePage,
    DueSubject,
    NewSubject,
    NewVisit,
    Subject,
    SubjectFilters,
    SubjectPage,
    Visit,
    VisitFilters,
    VisitPage,
)
from services import subjects, visits
from services.desk import Desk

TAG = "Visits"


async def due(call: Call[Nothing, DueFilters]) -> DuePage:
    wanted, service = call.query, call.desk.field_work.visits
    items, following = await service.due(call.by, days=wanted.days, cursor=wanted.cursor, limit=wanted.limit)
    overdue, today = await service.counts(call.by)
    return DuePage(
        items=[DueSubject(subject=_subject(one.view), overdue_days=one.days_over) for one in items],
        next=following,
        overdue=overdue,
        today=today,
    )


async def uploads(call: Call[NewVisit, Nothing]) -> None:
    if call.body.attachments:
        await call.desk.uploads.settle(call.by, call.body.attachments)


async def record(call: Call[NewVisit, Nothing]) -> Visit:
    given = call.body
    made = visits.NewVisit(given.subject, given.result, given.at, given.sent_at, given.next_date, given.attachments)
    return _visit(call.desk, await call.desk.field_work.visits.record(call.by, made))


async def listed(call: Call[Nothing, VisitFilters]) -> VisitPage:
    wanted = call.query
    items, following = await call.desk.field_work.visits.listed(
        call.by, subject=wanted.subject, cursor=wanted.cursor, limit=wanted.limit
    )
    return VisitPage(items=[_visit(call.desk, one) for one in items], next=following)


async def add(call: Call[NewSubject, Nothing]) -> Subject:
    given = call.body
    wanted = subjects.NewSubject(
        SubjectKind(given.kind),
        given.grid,
        given.title,
        given.name,
        given.phone,
        given.address,
        given.every_days,
        given.agreed,
    )
    return _subject(await call.desk.field_work.subjects.add(call.by, wanted))


async def subjects_listed(call: Call[Nothing, SubjectFilters]) -> SubjectPage:
    wanted = call.query
    items, following = await call.desk.field_work.subjects.listed(
        call.by, kind=wanted.kind, region=wanted.region, cursor=wanted.cursor, limit=wanted.limit
    )
    return SubjectPage(items=[_subject(one) for one in items], next=following)


async def opened(call: Call[Nothing, Nothing]) -> Subject:
    return _subject(await call.desk.field_work.subjects.opened(call.by, call.id))


async def taken_off(call: Call[Nothing, Nothing]) -> Subject:
    return _subject(await call.desk.field_work.subjects.take_off(call.by, call.id))


def _subject(one: subjects.SubjectView) -> Subject:
    subject = one.subject
    return Subject(
        id=subject.id,
        kind=SubjectKind(subject.kind).value,
        grid=Region(code=one.grid.code, name=one.grid.name),
        title=subject.title,
        name=one.known.get("name", ""),
        phone=one.known.get("phone", ""),
        address=one.known.get("address", ""),
        every_days=subject.every_days,
        next_due=subject.next_due,
        active=subject.active,
    )


def _visit(desk: Desk, one: visits.VisitView) -> Visit:
    visit = one.visit
    return Visit(
        id=visit.id,
        subject=visit.subject_id,
        title=one.title,
        kind=SubjectKind(one.kind).value,
        person=Holder(name=one.person),
        region=Region(code=one.region.code, name=one.region.name),
        at=visit.at,
        due_on=visit.due_on,
        in_time=visit.in_time,
        result=visit.result,
        next_date=visit.next_date,
        attachments=[attachments.shown(photo, desk.uploads.link(photo)) for photo in one.photos],
    )


DUE = Route(
    name="list_due_visits",
    method="GET",
    path="/visits/due",
    tag=TAG,
    summary="Whom and what I should visit, the longest overdue first",
    body=Nothing,
    query=DueFilters,
    answer=DuePage,
    handle=due,
    refusals=(BadInput,),
    more="Of the grids that I see, and of those whose worker I cover while they are on leave.",
)
RECORD = Route(
    name="record_visit",
    method="POST",
    path="/visits",
    tag=TAG,
    summary="Record a visit",
    body=NewVisit,
    query=Nothing,
    answer=Visit,
    handle=record,
    before=uploads,
    status=201,
    repeatable=True,
    refusals=(NotAllowed, NotFound, Conflict, UploadRefused),
    more="A visit in the first half of a cycle is kept and counts for no date. `conflict` with `facts.why` `inactive`: "
    "it was taken off the list; `used`: a photo belongs to something else.",
)
LIST = Route(
    name="list_visits",
    method="GET",
    path="/visits",
    tag=TAG,
    summary="Visits of mine, and of the grids that I see, the newest first",
    body=Nothing,
    query=VisitFilters,
    answer=VisitPage,
    handle=listed,
    refusals=(BadInput,),
)
ADD_SUBJECT = Route(
    name="add_subject",
    method="POST",
    path="/subjects",
    tag=TAG,
    summary="List somebody or something to visit",
    body=NewSubject,
    query=Nothing,
    answer=Subject,
    handle=add,
    status=201,
    repeatable=True,
    refusals=(NotAllowed, NotFound),
    more="People only when they know and agree. Name, phone and address are sealed, and masked in every list.",
)
SUBJECTS = Route(
    name="list_subjects",
    method="GET",
    path="/subjects",
    tag=TAG,
    summary="Whom and what the grids that I see have on their lists",
    body=Nothing,
    query=SubjectFilters,
    answer=SubjectPage,
    handle=subjects_listed,
    refusals=(BadInput,),
)
OPEN_SUBJECT = Route(
    name="show_subject",
    method="GET",
    path="/subjects/{id}",
    tag=TAG,
    summary="One of them, with name and phone in full",
    body=Nothing,
    query=Nothing,
    answer=Subject,
    handle=opened,
    refusals=(NotFound,),
    more="Each look is noted, with who looked and when.",
)
END_SUBJECT = Route(
    name="end_subject",
    method="POST",
    path="/subjects/{id}/end",
    tag=TAG,
    summary="Take somebody or something off the list",
    body=Nothing,
    query=Nothing,
    answer=Subject,
    handle=taken_off,
    refusals=(NotFound, NotAllowed),
    more="Name, phone and address are forgotten at once; the visits stay.",
)
EVERY = (DUE, RECORD, LIST, ADD_SUBJECT, SUBJECTS, OPEN_SUBJECT, END_SUBJECT)
