"""Cases (诉求): file, list, look at, add to, move on."""

from domain.case import Action, Status
from domain.complaint import CASE
from domain.errors import BadInput, Conflict, IllegalMove, NeedsPhoto, NobodyThere, NotFound, TooMany, UploadRefused
from miniprogram_api import attachments
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import (
    Case,
    CaseFilters,
    CaseLine,
    CasePage,
    Holder,
    NewCase,
    NewMessage,
    Nothing,
    PlaceShown,
    Step,
    Wanted,
)
from miniprogram_api.schemas_actions import NewAction
from services.cases import Filing
from services.drafts import Said
from services.ports import Judgement
from services.queues import CaseView, Filters, Line, Page
from services.safety import PASSED, said

TAG = "Cases"


async def file(call: Call[NewCase, Nothing]) -> Case:
    given = call.body
    filing = Filing(
        grid=given.grid,
        description=given.description,
        title=given.title,
        event_type=given.event_type,
        urgent=given.urgent,
        latitude=given.place.latitude if given.place else None,
        longitude=given.place.longitude if given.place else None,
        address=given.place.address if given.place else "",
        attachments=given.attachments,
        judged=call.prepared if isinstance(call.prepared, Judgement) else PASSED,
    )
    filed = await call.desk.cases.file_named(call.by, filing)
    if given.attachments or filed.case.kind != CASE:
        return shown(await call.desk.queues.view(filed.case, frozenset()))
    return shown(call.desk.queues.filed(filed))


async def looked_at(call: Call[NewCase, Nothing]) -> Judgement:
    """Uploads and words, before the transaction begins: WeChat's look at them takes its time."""
    await uploads(call)
    return await call.desk.safety.judge(call.by.person_id, said(call.body.title, call.body.description))


async def listed(call: Call[Nothing, CaseFilters]) -> CasePage:
    wanted = call.query
    given = searched(wanted)
    if wanted.filter is not None:
        saved = await call.desk.searches.one(call.by, wanted.filter)
        given = Filters.read({**saved.wanted.as_json(), **given.as_json()})
    return page(await call.desk.queues.listed(call.by, given, cursor=wanted.cursor, limit=wanted.limit))


def searched(wanted: Wanted) -> Filters:
    """The names of the API as those of the service: ``status`` may be several, and ``q`` is short for words."""
    given = wanted.model_dump(include={*Wanted.model_fields} - {"status", "q"})
    return Filters(statuses=tuple(map(Status, wanted.status or ())), words=wanted.q, **given)


async def show(call: Call[Nothing, Nothing]) -> Case:
    return shown(await call.desk.queues.one(call.by, call.number))


async def add(call: Call[NewMessage, Nothing]) -> Case:
    said = Said(kind="text", text=call.body.text)
    judged = call.prepared if isinstance(call.prepared, Judgement) else None
    case = await call.desk.cases.add(call.by, call.number, said, call.body.attachments, judged)
    return shown(await call.desk.queues.view(case, frozenset()))


async def words_looked_at(call: Call[NewMessage, Nothing]) -> Judgement | None:
    await uploads(call)
    return await call.desk.safety.judge(call.by.person_id, call.body.text) if call.body.text else None


async def uploads(call: Call[NewCase, Nothing] | Call[NewMessage, Nothing] | Call[NewAction, Nothing]) -> None:
    """Look at what was uploaded before the transaction begins: drawing photos takes its time."""
    if call.body.attachments:
        await call.desk.uploads.settle(call.by, call.body.attachments)


async def act(call: Call[NewAction, Nothing]) -> Case:
    given = call.body
    if given.action == "urgent":
        if given.attachments:
            raise BadInput("no attachments go with urgent", field="attachments", action="urgent")
        marked = await call.desk.cases.mark_urgent(call.by, call.number, note=given.note)
        return shown(await call.desk.queues.after(call.by, marked))
    case = await call.desk.cases.act(
        call.by,
        call.number,
        Action(given.action),
        note=given.note,
        rating=given.rating,
        to=given.to,
        others=given.others,
        into=given.into,
        until=given.until,
        hidden=given.hidden,
        attachments=given.attachments,
    )
    return shown(await call.desk.queues.after(call.by, case))


def page(found: Page) -> CasePage:
    return CasePage(items=[_line(line) for line in found.items], next=found.next)


def _line(line: Line) -> CaseLine:
    return CaseLine(
        number=line.number,
        title=line.title,
        status=line.status,
        level=line.level,
        grid=line.grid or None,
        grid_name=line.grid_name or None,
        unit=line.unit_code or None,
        unit_name=line.unit or None,
        holder=Holder(name=line.holder) if line.holder else None,
        urgent=line.urgent,
        created_at=line.created_at,
        accept_due=line.accept_due,
        resolve_due=line.resolve_due,
        due=line.due,
        overdue=line.overdue,
    )


def shown(view: CaseView) -> Case:
    """A case in full. Staff stand there by name, as on the notice board; nothing says who the resident is."""
    case = view.case
    if case.number is None:
        raise NotFound("there is no such case")
    place = None
    if case.latitude is not None and case.longitude is not None:
        place = PlaceShown(latitude=case.latitude, longitude=case.longitude, address=case.address)
    return Case(
        number=case.number,
        title=case.title,
        description=case.description,
        status=Status(case.status),
        level=case.level,
        grid=view.grid.code if view.grid else None,
        grid_name=view.grid.name if view.grid else None,
        unit=view.unit.code if view.unit else None,
        unit_name=view.unit.name if view.unit else None,
        department=view.department or None,
        holder=Holder(name=view.holder) if view.holder else None,
        event_type=case.event_type or None,
        category=case.category or None,
        urgent=case.urgent,
        place=place,
        attachments=[attachments.shown(found, view.links[found.id]) for found in view.attachments],
        created_at=case.created_at,
        accept_due=case.accept_due,
        resolve_due=case.resolve_due,
        overdue=view.overdue,
        rating=case.rating,
        kind=case.kind,
        suspended_until=case.suspended_until,
        merged_into=view.original.number if view.original is not None else None,
        alike=list(view.alike),
        timeline=[
            Step(
                at=step.at,
                by=step.by or step.role,
                role=step.role,
                action=step.action,
                note=step.note,
                hidden=step.hidden,
                from_level=step.from_level,
                to_level=step.to_level,
            )
            for step in view.timeline
        ],
    )


FILE = Route(
    name="file_case",
    method="POST",
    path="/cases",
    tag=TAG,
    summary="File a case",
    body=NewCase,
    query=Nothing,
    answer=Case,
    handle=file,
    before=looked_at,
    status=201,
    repeatable=True,
    refusals=(NotFound, Conflict, UploadRefused),
    more="It goes to the grid's worker, or to whoever covers for them. `not_found` means that there is no such grid, "
    "or no such attachment among yours (`facts.attachment`).",
)
LIST = Route(
    name="list_cases",
    method="GET",
    path="/cases",
    tag=TAG,
    summary="My cases; for staff, all those that they may see",
    body=Nothing,
    query=CaseFilters,
    answer=CasePage,
    handle=listed,
    refusals=(NotFound,),
    more="Newest first. `not_found` means that there is no such saved filter.",
)
SHOW = Route(
    name="show_case",
    method="GET",
    path="/cases/{number}",
    tag=TAG,
    summary="One case with its timeline",
    body=Nothing,
    query=Nothing,
    answer=Case,
    handle=show,
    refusals=(NotFound,),
)
ADD = Route(
    name="add_to_case",
    method="POST",
    path="/cases/{number}/messages",
    tag=TAG,
    summary="Add a word to a case that I filed",
    body=NewMessage,
    query=Nothing,
    answer=Case,
    handle=add,
    before=words_looked_at,
    status=201,
    repeatable=True,
    refusals=(NotFound, IllegalMove, Conflict, UploadRefused),
    more="It reaches whoever holds the case. The answer is the case as it is now.",
)
ACT = Route(
    name="act_on_case",
    method="POST",
    path="/cases/{number}/actions",
    tag=TAG,
    summary="Take a step on a case",
    body=NewAction,
    query=Nothing,
    answer=Case,
    handle=act,
    before=uploads,
    repeatable=True,
    refusals=(NotFound, IllegalMove, NobodyThere, NeedsPhoto, TooMany, Conflict, UploadRefused),
    more="Staff accept, reply, resolve, report up, return, dispatch, co-handle, transfer, decline, merge, suspend, "
    "resume and mark as urgent; residents remind (once an hour), reopen, withdraw, rate and complain. To complain "
    "about whoever handles it makes a case of its own, which they never see; the answer is that one. Whoever was asked "
    "to co-handle replies to the lead, unseen by the resident. A declined case may be reopened once: the town decides "
    "about the appeal. `illegal_move` tells the present status, and in `facts.why` what stands in the way of handing "
    "it on: `same_place`, `same_grid`, `other_town` (report it up), `nobody_there`, or `final`. `needs_photo` names in "
    "`facts.missing` which photos its type demands: send them as `attachments`, which go with every step but merge, "
    "remind, withdraw, rate and urgent. The answer is the case as it is now.",
)
