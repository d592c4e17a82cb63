"""Whom no channel has reached, and who was told in person (上门告知)."""

from domain.errors import BadInput, UploadRefused
from miniprogram_api.attachments import settle_picture
from miniprogram_api.notices import TAG
from miniprogram_api.notices_schemas import NotReached, NotReachedPage, ToldInPerson, ToldPage, Visits, VisitsTold
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Nothing
from web.paging import Paging


def _after(call: Call[Nothing, Paging]) -> int:
    after = call.query.cursor or "0"
    if not after.isdigit():
        raise BadInput("cursor is not one that this list gave out", field="cursor")
    return min(int(after), 2**62)


async def told_in_person(call: Call[Nothing, Paging]) -> ToldPage:
    limit = call.query.limit
    found = await call.desk.notices.visits.told(call.by, call.id, after=_after(call), limit=limit + 1)
    return ToldPage(
        items=[
            ToldInPerson(recipient=one.id, name=one.name, grid=one.grid, at=one.at, by=one.by, photo=one.photo)
            for one in found[:limit]
        ],
        next=str(found[limit - 1].id) if len(found) > limit else None,
    )


async def not_reached(call: Call[Nothing, Paging]) -> NotReachedPage:
    limit = call.query.limit
    found = await call.desk.notices.visits.of(call.by, call.id, after=_after(call), limit=limit + 1)
    return NotReachedPage(
        items=[NotReached(recipient=one.id, name=one.name, grid=one.grid, why=one.why) for one in found[:limit]],
        next=str(found[limit - 1].id) if len(found) > limit else None,
    )


async def visit(call: Call[Visits, Nothing]) -> VisitsTold:
    given = call.body
    told = await call.desk.notices.visits.visited(call.by, call.id, given.recipients, given.photo)
    return VisitsTold(recorded=told)


async def visit_photo(call: Call[Visits, Nothing]) -> None:
    await settle_picture(call.by, call.desk, call.body.photo)


NOT_REACHED = Route(
    name="list_not_reached",
    method="GET",
    path="/notices/{id}/not-reached",
    tag=TAG,
    summary="Whom no channel has reached in my grids",
    body=Nothing,
    query=Paging,
    answer=NotReachedPage,
    handle=not_reached,
)
VISIT = Route(
    name="record_visits",
    method="POST",
    path="/notices/{id}/visits",
    tag=TAG,
    summary="Record that I have told people in person (上门告知)",
    body=Visits,
    query=Nothing,
    answer=VisitsTold,
    handle=visit,
    before=visit_photo,
    refusals=(UploadRefused,),
    more="Recording somebody twice changes nothing; who is not in my grids is passed over.",
)
TOLD_IN_PERSON = Route(
    name="list_told_in_person",
    method="GET",
    path="/notices/{id}/visits",
    tag=TAG,
    summary="Who of mine was told in person, by whom, with the photo",
    body=Nothing,
    query=Paging,
    answer=ToldPage,
    handle=told_in_person,
)
ROUTES = (NOT_REACHED, VISIT, TOLD_IN_PERSON)
