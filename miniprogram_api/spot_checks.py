"""Spot checks 督察 and objections; the public lists of awards."""

from domain.assessment import Kind, Verdict
from domain.assessment_rules import Ground
from domain.errors import Conflict, NotAllowed, NotFound
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Holder, Nothing, Region
from miniprogram_api.schemas_assessment import (
    Award,
    AwardList,
    AwardsOf,
    NewCheck,
    NewObjection,
    Objected,
    ObjectionDecision,
    ObjectionMade,
    ObjectionPage,
    SpotCheck,
    SpotCheckPage,
    WaitingObjection,
)
from services.spot_checks import Found
from web.paging import Paging

TAG = "Assessment"


async def mark(call: Call[NewCheck, Nothing]) -> SpotCheck:
    given = call.body
    ground = Ground(given.ground) if given.ground is not None else None
    found = await call.desk.spot_checks.mark(
        call.by, Kind(given.kind), given.record, Verdict(given.verdict), ground, given.note
    )
    return _shown(found)


async def listed(call: Call[Nothing, Paging]) -> SpotCheckPage:
    found, following = await call.desk.spot_checks.listed(call.by, cursor=call.query.cursor, limit=call.query.limit)
    return SpotCheckPage(items=[_shown(one) for one in found], next=following)


async def asked(call: Call[Nothing, Paging]) -> ObjectionPage:
    found, following = await call.desk.spot_checks.asked(call.by, cursor=call.query.cursor, limit=call.query.limit)
    items = [
        WaitingObjection(
            id=one.id,
            about=one.about,
            about_id=one.about_id,
            person=Holder(name=one.person),
            grid=Region(code=one.code, name=one.grid),
            reason=one.reason,
            at=one.at,
        )
        for one in found
    ]
    return ObjectionPage(items=items, next=following)


async def object_(call: Call[NewObjection, Nothing]) -> SpotCheck:
    return _shown(await call.desk.spot_checks.object_to(call.by, call.id, call.body.reason))


async def decide(call: Call[ObjectionDecision, Nothing]) -> None:
    given = call.body
    await call.desk.spot_checks.decide(call.by, call.id, uphold=given.uphold, answer=given.answer)


async def awards(call: Call[Nothing, AwardsOf]) -> AwardList:
    kind, period, found = await call.desk.assessments.awards(call.code, call.query.period)
    items = [
        Award(
            id=one.id,
            rank=one.rank,
            person=Holder(name=one.person),
            grid=Region(code=one.code, name=one.grid),
            score=one.score / 100,
            state=one.state,
            public_until=one.public_until,
        )
        for one in found
    ]
    return AwardList(kind=kind, period=period, items=items)


async def object_to_award(call: Call[NewObjection, Nothing]) -> ObjectionMade:
    return ObjectionMade(id=await call.desk.spot_checks.object_to_award(call.by, call.id, call.body.reason))


def _shown(one: Found) -> SpotCheck:
    objection = None
    if one.objection_id is not None:
        objection = Objected(id=one.objection_id, state=one.objection, reason=one.objected, answer=one.answer)
    return SpotCheck(
        id=one.id,
        person=Holder(name=one.person),
        grid=Region(code=one.code, name=one.grid),
        kind=one.kind,
        record=one.record,
        verdict=one.verdict,
        ground=one.ground,
        note=one.note,
        at=one.at,
        withdrawn=one.withdrawn,
        objection=objection,
    )


MARK = Route(
    name="check_record",
    method="POST",
    path="/spot-checks",
    tag=TAG,
    summary="Say of a record that it is unqualified, false, or in order",
    body=NewCheck,
    query=Nothing,
    answer=SpotCheck,
    handle=mark,
    status=201,
    repeatable=True,
    refusals=(NotAllowed, NotFound, Conflict),
    more="For inspectors. It counts in the month in which it is said, for whoever last handled the record. The verdict "
    "on a record may be changed within the month, until the worker objects; `conflict` after that.",
)
LIST = Route(
    name="list_spot_checks",
    method="GET",
    path="/spot-checks",
    tag=TAG,
    summary="Spot checks of my own records and, for inspectors and commanders, of those below; the newest first",
    body=Nothing,
    query=Paging,
    answer=SpotCheckPage,
    handle=listed,
)
OBJECT = Route(
    name="object_to_check",
    method="POST",
    path="/spot-checks/{id}/objections",
    tag=TAG,
    summary="Object to a spot check of my own record",
    body=NewObjection,
    query=Nothing,
    answer=SpotCheck,
    handle=object_,
    status=201,
    repeatable=True,
    refusals=(NotFound, Conflict),
    more="Once; `conflict` the second time.",
)
ASKED = Route(
    name="list_objections",
    method="GET",
    path="/objections",
    tag=TAG,
    summary="The objections that I may decide on, the oldest first",
    body=Nothing,
    query=Paging,
    answer=ObjectionPage,
    handle=asked,
)
DECIDE = Route(
    name="decide_objection",
    method="POST",
    path="/objections/{id}/decision",
    tag=TAG,
    summary="Uphold an objection or refuse it, with a word why",
    body=ObjectionDecision,
    query=Nothing,
    answer=None,
    handle=decide,
    status=204,
    refusals=(NotFound, NotAllowed, Conflict),
    more="For inspectors and commanders above, but never for whoever made the check. What a closed month has deducted "
    "is given back beside its score; a place on a list of awards is withdrawn.",
)
AWARDS = Route(
    name="list_awards",
    method="GET",
    path="/towns/{code}/awards",
    tag=TAG,
    summary="A town's list of awards of a month (月度优秀) or a year (年度十佳)",
    body=Nothing,
    query=AwardsOf,
    answer=AwardList,
    handle=awards,
    refusals=(NotFound,),
)
OBJECT_TO_AWARD = Route(
    name="object_to_award",
    method="POST",
    path="/awards/{id}/objections",
    tag=TAG,
    summary="Object to a place on a list while it is public",
    body=NewObjection,
    query=Nothing,
    answer=ObjectionMade,
    handle=object_to_award,
    status=201,
    repeatable=True,
    refusals=(NotFound, Conflict),
)
EVERY = (MARK, LIST, OBJECT, ASKED, DECIDE, AWARDS, OBJECT_TO_AWARD)
