"""Leaves (请假) of mine, and those that wait for my answer; and the posts below me that nobody holds."""

from domain.errors import Conflict, LeaveRefused, NotAllowed, NotFound
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Holder, Nothing, Region
from miniprogram_api.schemas_people import Leave, LeaveDecision, LeaveList, NewLeave, Vacancy, VacancyPage
from services.leaves import LeaveView
from web.paging import Paging

TAG = "Leaves"


async def ask(call: Call[NewLeave, Nothing]) -> Leave:
    given = call.body
    return _leave(await call.desk.leaves.ask(call.by, given.starts_at, given.ends_at, given.reason))


async def mine(call: Call[Nothing, Nothing]) -> LeaveList:
    return LeaveList(items=[_leave(one) for one in await call.desk.leaves.mine(call.by)])


async def end(call: Call[Nothing, Nothing]) -> Leave:
    return _leave(await call.desk.leaves.end(call.by, call.id))


async def asked(call: Call[Nothing, Nothing]) -> LeaveList:
    return LeaveList(items=[_leave(one) for one in await call.desk.leaves.asked(call.by)])


async def decide(call: Call[LeaveDecision, Nothing]) -> Leave:
    given = call.body
    return _leave(await call.desk.leaves.decide(call.by, call.id, approve=given.approve, answer=given.answer))


async def vacancies(call: Call[Nothing, Paging]) -> VacancyPage:
    items, following = await call.desk.posts.vacant_below(call.by, cursor=call.query.cursor, limit=call.query.limit)
    return VacancyPage(
        items=[
            Vacancy(
                region=Region(code=one.code, name=one.name),
                level=one.level,
                since=one.since,
                taken_by=Holder(name=one.taken_by) if one.taken_by else None,
            )
            for one in items
        ],
        next=following,
    )


def _leave(one: LeaveView) -> Leave:
    return Leave(
        id=one.id,
        person=Holder(name=one.person),
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        reason=one.reason,
        state=one.state,
        cover=Holder(name=one.cover) if one.cover else None,
        asked_of=Holder(name=one.asked_of) if one.asked_of else None,
        decided_by=Holder(name=one.decided_by) if one.decided_by else None,
        answer=one.answer,
    )


ASK = Route(
    name="ask_for_leave",
    method="POST",
    path="/me/leaves",
    tag=TAG,
    summary="Ask for leave",
    body=NewLeave,
    query=Nothing,
    answer=Leave,
    handle=ask,
    status=201,
    repeatable=True,
    refusals=(NotAllowed, LeaveRefused),
    more="Where the town wants leave approved, the answer's `state` is `asked` and whoever is above is told; otherwise "
    "it is `approved`. Days of a leave that is approved already are taken off. `leave_refused` says in "
    "`facts.why`: `past`, `far`, `too_long`, `waiting` (another one waits for its answer), `within` or `around` "
    "another one.",
)
MINE = Route(
    name="list_my_leaves",
    method="GET",
    path="/me/leaves",
    tag=TAG,
    summary="My leaves, the newest first",
    body=Nothing,
    query=Nothing,
    answer=LeaveList,
    handle=mine,
)
END = Route(
    name="end_leave",
    method="POST",
    path="/me/leaves/{id}/end",
    tag=TAG,
    summary="Be back early, or take back what has not begun",
    body=Nothing,
    query=Nothing,
    answer=Leave,
    handle=end,
    refusals=(NotFound, Conflict),
    more="Leaves that follow it without a day between end with it.",
)
ASKED = Route(
    name="list_asked_leaves",
    method="GET",
    path="/leaves/asked",
    tag=TAG,
    summary="The leaves that I may approve or refuse",
    body=Nothing,
    query=Nothing,
    answer=LeaveList,
    handle=asked,
    more="What was asked of me comes first; then those of people below me.",
)
DECIDE = Route(
    name="decide_leave",
    method="POST",
    path="/leaves/{id}/decision",
    tag=TAG,
    summary="Approve or refuse a leave",
    body=LeaveDecision,
    query=Nothing,
    answer=Leave,
    handle=decide,
    refusals=(NotFound, Conflict),
    more="`conflict` means that it was answered or taken back already (`facts.state`), or is over (`over`).",
)
VACANCIES = Route(
    name="list_vacancies",
    method="GET",
    path="/vacancies",
    tag="Queue",
    summary="The posts below me that nobody holds, and who takes their cases meanwhile",
    body=Nothing,
    query=Paging,
    answer=VacancyPage,
    handle=vacancies,
    more="Grids, villages and towns below the regions where I hold a duty with a queue, in the order of their codes.",
)
