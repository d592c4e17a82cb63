"""What a town decides on: departments' work for the grids, applications for awards, and one's own exit."""

from domain.admission import Every, Move, Wish
from domain.errors import Conflict, IllegalMove, NotAllowed, NotFound
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Holder, Nothing, Region
from miniprogram_api.schemas_decisions import (
    Admission,
    AdmissionMove,
    AdmissionPage,
    ApplicationPage,
    AwardApplication,
    EvidenceShown,
    ExitObjection,
    NewAdmission,
    NewApplication,
    OpenExit,
    OwnExit,
)
from services.admissions import Item
from services.award_applications import Application
from web.paging import Paging

TAG = "Decisions"


async def admissions(call: Call[Nothing, Paging]) -> AdmissionPage:
    found, following = await call.desk.admissions.listed(call.by, cursor=call.query.cursor, limit=call.query.limit)
    return AdmissionPage(items=[_item(one) for one in found], next=following)


async def ask(call: Call[NewAdmission, Nothing]) -> Admission:
    given = call.body
    wish = Wish(given.region, given.title, given.task, given.basis, Every(given.every), given.support)
    return _item(await call.desk.admissions.ask(call.by, wish))


async def move(call: Call[AdmissionMove, Nothing]) -> Admission:
    return _item(await call.desk.admissions.move(call.by, call.id, Move(call.body.move), call.body.reason))


async def applications(call: Call[Nothing, Paging]) -> ApplicationPage:
    found, following = await call.desk.award_applications.listed(
        call.by, cursor=call.query.cursor, limit=call.query.limit
    )
    return ApplicationPage(items=[_application(one) for one in found], next=following)


async def apply(call: Call[NewApplication, Nothing]) -> AwardApplication:
    given = call.body
    evidence = [(one.kind, one.record) for one in given.evidence]
    made = await call.desk.award_applications.apply(call.by, given.grid, given.title, given.reason, evidence)
    return _application(made)


async def own_exit(call: Call[Nothing, Nothing]) -> OwnExit:
    found = await call.desk.exits.own(call.by)
    return OwnExit(open=OpenExit(object_until=found.until, objected=found.objected) if found is not None else None)


async def object_to_exit(call: Call[ExitObjection, Nothing]) -> OwnExit:
    await call.desk.exits.object_to(call.by, call.body.reason)
    return await own_exit(Call(call.desk, Nothing(), Nothing(), {}, call.actor))


def _item(one: Item) -> Admission:
    same = ("id", "department", "title", "task", "basis", "support", "asked_at", "review_due", "answer")
    return Admission(
        **{name: getattr(one, name) for name in same},
        region=Region(code=one.code, name=one.region),
        every=one.every.value,
        state=one.state.value,
        review_by=one.review_by.isoformat() if one.review_by is not None else None,
        moves=[step.value for step in one.moves],
    )


def _application(one: Application) -> AwardApplication:
    same = ("id", "title", "reason", "state", "asked_at", "answer", "award", "points", "public_until")
    return AwardApplication(
        **{name: getattr(one, name) for name in same},
        person=Holder(name=one.person),
        grid=Region(code=one.code, name=one.grid),
        evidence=[EvidenceShown.model_validate({"kind": kind, "record": record}) for kind, record in one.evidence],
    )


EVERY = (
    Route(
        name="list_admissions",
        method="GET",
        path="/admissions",
        tag=TAG,
        summary="What departments may ask of the grids where I serve, and what I ask for or decide on",
        body=Nothing,
        query=Paging,
        answer=AdmissionPage,
        handle=admissions,
    ),
    Route(
        name="ask_admission",
        method="POST",
        path="/admissions",
        tag=TAG,
        summary="Ask for a department's work to be admitted",
        body=NewAdmission,
        query=Nothing,
        answer=Admission,
        handle=ask,
        status=201,
        repeatable=True,
        refusals=(NotAllowed, NotFound, Conflict),
        more="For officers of a department, for a region below it. `conflict` for what waits or is admitted already.",
    ),
    Route(
        name="move_admission",
        method="POST",
        path="/admissions/{id}/moves",
        tag=TAG,
        summary="Review, admit, refuse, keep for another year, or end it",
        body=AdmissionMove,
        query=Nothing,
        answer=Admission,
        handle=move,
        refusals=(NotFound, NotAllowed, IllegalMove),
        more="By commanders and administrators at or above its region; its department may end it, too. Whoever asks, "
        "who reviews and who admits are three people. `refuse` and `end` need a reason.",
    ),
    Route(
        name="list_award_applications",
        method="GET",
        path="/award-applications",
        tag=TAG,
        summary="My applications for awards, and those from below that I support or decide on; the newest first",
        body=Nothing,
        query=Paging,
        answer=ApplicationPage,
        handle=applications,
    ),
    Route(
        name="apply_for_award",
        method="POST",
        path="/award-applications",
        tag=TAG,
        summary="Apply for an award with records that speak for it",
        body=NewApplication,
        query=Nothing,
        answer=AwardApplication,
        handle=apply,
        status=201,
        repeatable=True,
        refusals=(NotFound, Conflict),
        more="For the grid's worker, or the village on their behalf. The village supports it, the town gives points; "
        "both do so in the console. It is public for some days before the points are credited.",
    ),
    Route(
        name="show_my_exit",
        method="GET",
        path="/me/exit",
        tag=TAG,
        summary="Whether the town thinks of ending my full-time duty after two failed years",
        body=Nothing,
        query=Nothing,
        answer=OwnExit,
        handle=own_exit,
    ),
    Route(
        name="object_to_exit",
        method="POST",
        path="/me/exit/objections",
        tag=TAG,
        summary="Say what speaks against it, before a commander decides",
        body=ExitObjection,
        query=Nothing,
        answer=OwnExit,
        handle=object_to_exit,
        status=201,
        repeatable=True,
        refusals=(NotFound, Conflict),
        more="Once; `conflict` the second time.",
    ),
)
