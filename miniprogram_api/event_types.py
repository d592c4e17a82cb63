"""The event list 事项清单: look, say what a case is, propose and admit."""

from domain.errors import Conflict, IllegalMove, NotAllowed, NotFound
from domain.event_list import NAMES, Category, Photos
from miniprogram_api import cases
from miniprogram_api.event_types_schemas import (
    ChosenType,
    EventType,
    EventTypes,
    NewEventType,
    Searched,
    Suggested,
    Suggestions,
    TypeDecision,
)
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Case, Nothing
from services.event_types import Proposal, Type

TAG = "Event list"


async def listed(call: Call[Nothing, Nothing]) -> EventTypes:
    return EventTypes(items=[_shown(one) for one in await call.desk.event_types.listed()])


async def proposals(call: Call[Nothing, Nothing]) -> EventTypes:
    return EventTypes(items=[_shown(one) for one in await call.desk.event_types.proposed(call.by)])


async def propose(call: Call[NewEventType, Nothing]) -> EventType:
    given = call.body.model_dump()
    given |= {"category": Category(call.body.category), "photos": Photos(call.body.photos)}
    return _shown(await call.desk.event_types.propose(call.by, Proposal(**given)))


async def decide(call: Call[TypeDecision, Nothing]) -> EventType:
    given = call.body
    return _shown(await call.desk.event_types.decide(call.by, call.code, given.decision, given.reason))


async def suggestions(call: Call[Nothing, Searched]) -> Suggestions:
    found = await call.desk.event_types.suggestions(call.by, call.number, call.query.q)
    return Suggestions(items=[Suggested(event_type=_shown(one.type), words=[*one.words]) for one in found])


async def classify(call: Call[ChosenType, Nothing]) -> Case:
    case = await call.desk.event_types.classify(call.by, call.number, call.body.event_type)
    return cases.shown(await call.desk.queues.view(case, frozenset()))


def _shown(found: Type) -> EventType:
    return EventType(
        code=found.code,
        name=found.name,
        parent=found.parent_code or None,
        category=found.category.value,
        category_name=NAMES[found.category],
        score_class=found.score_class,
        usual_level=found.usual_level,
        accept_hours=found.accept_hours,
        resolve_days=found.resolve_days,
        photos=found.photos.value,
        department=found.department,
        urgent=found.urgent,
        state=found.state.value,
        reason=found.reason,
    )


LIST = Route(
    name="list_event_types",
    method="GET",
    path="/event-types",
    tag=TAG,
    summary="The published event list",
    body=Nothing,
    query=Nothing,
    answer=EventTypes,
    handle=listed,
    signed_in=False,
    more="Open to everybody: what the town takes care of, and within which time. The list is a tree by `parent`.",
)
PROPOSALS = Route(
    name="list_proposed_event_types",
    method="GET",
    path="/event-types/proposed",
    tag=TAG,
    summary="Types that wait to be admitted",
    body=Nothing,
    query=Nothing,
    answer=EventTypes,
    handle=proposals,
    refusals=(NotAllowed,),
)
PROPOSE = Route(
    name="propose_event_type",
    method="POST",
    path="/event-types",
    tag=TAG,
    summary="Propose a type for the list",
    body=NewEventType,
    query=Nothing,
    answer=EventType,
    handle=propose,
    status=201,
    repeatable=True,
    refusals=(NotAllowed, Conflict),
    more="For department officers, seat agents, commanders and administrators. It counts once it is approved.",
)
DECIDE = Route(
    name="decide_event_type",
    method="POST",
    path="/event-types/{code}/decision",
    tag=TAG,
    summary="Approve or refuse a proposed type, or retire one that is on the list",
    body=TypeDecision,
    query=Nothing,
    answer=EventType,
    handle=decide,
    refusals=(NotAllowed, NotFound, Conflict),
    more="For commanders and administrators, and not about their own proposal.",
)
SUGGEST = Route(
    name="suggest_event_types",
    method="GET",
    path="/cases/{number}/event_type/suggestions",
    tag=TAG,
    summary="What type a case may be of, by its words or by mine",
    body=Nothing,
    query=Searched,
    answer=Suggestions,
    handle=suggestions,
    refusals=(NotAllowed, NotFound),
    more="At most four, without the type that it has.",
)
CLASSIFY = Route(
    name="classify_case",
    method="POST",
    path="/cases/{number}/event_type",
    tag=TAG,
    summary="Say what type a case is of",
    body=ChosenType,
    query=Nothing,
    answer=Case,
    handle=classify,
    refusals=(NotAllowed, NotFound, IllegalMove),
    more="For its staff. The type's own times apply, counted from when the case came to whoever holds it.",
)
