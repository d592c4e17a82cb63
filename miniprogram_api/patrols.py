"""Patrols (巡查): begun, walked, ended; what is owed; days without, and how far a grid reaches."""

from datetime import UTC, datetime

from domain.coverage import NAMES
from domain.errors import BadInput, Conflict, NotAllowed, NotFound, UploadRefused
from domain.patrol import Judged
from domain.track import Point, Track
from miniprogram_api import attachments
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Holder, Nothing, Region
from miniprogram_api.schemas_patrols import (
    Bound,
    ExemptDay,
    ExemptDays,
    Fix,
    GridCoverage,
    JudgedLine,
    MissingPart,
    NewBoundary,
    NewExemptDay,
    NewPatrol,
    NewPoints,
    Patrol,
    PatrolEnd,
    PatrolFilters,
    PatrolLine,
    PatrolPage,
    PatrolWeek,
    PointsTaken,
    TrackPiece,
)
from services.coverages import GridCovered
from services.patrol_clock import Batch
from services.patrol_days import Exempt
from services.patrol_points import UNKNOWN_ACCURACY
from services.patrols import End, PatrolView, Start

TAG = "Patrols"
LONGEST_BATCH = 256 * 1024
"""Bytes: a thousand points, each with every field and all its digits."""


async def start(call: Call[NewPatrol, Nothing]) -> Patrol:
    given = call.body
    begun = Start(given.region, given.started_at, given.sent_at, given.content)
    return _whole(call, await call.desk.field_work.patrols.start(call.by, begun))


async def add_points(call: Call[NewPoints, Nothing]) -> PointsTaken:
    given = call.body
    points = [
        Point(
            one.at.timestamp(),
            one.latitude,
            one.longitude,
            UNKNOWN_ACCURACY if one.accuracy is None else one.accuracy,
            one.mock,
        )
        for one in given.points
    ]
    batch = Batch(given.batch, points, given.device, given.sent_at)
    new = await call.desk.field_work.patrols.add_points(call.by, call.id, batch)
    return PointsTaken(batch=given.batch, points=len(points), repeated=not new)


async def uploads(call: Call[PatrolEnd, Nothing]) -> None:
    if call.body.attachments:
        await call.desk.uploads.settle(call.by, call.body.attachments)


async def end(call: Call[PatrolEnd, Nothing]) -> Patrol:
    given = call.body
    ended = End(given.ended_at, given.sent_at, given.content, given.result, given.attachments)
    return _whole(call, await call.desk.field_work.patrols.end(call.by, call.id, ended))


async def show(call: Call[Nothing, Nothing]) -> Patrol:
    return _whole(call, await call.desk.field_work.patrols.one(call.by, call.id))


async def listed(call: Call[Nothing, PatrolFilters]) -> PatrolPage:
    wanted = call.query
    items, following = await call.desk.field_work.patrols.listed(
        call.by,
        since=wanted.since,
        until=wanted.until,
        region=wanted.region,
        mine=wanted.mine,
        cursor=wanted.cursor,
        limit=wanted.limit,
    )
    return PatrolPage(items=[PatrolLine(**_line(one)) for one in items], next=following)


async def week(call: Call[Nothing, Nothing]) -> PatrolWeek:
    found = await call.desk.field_work.patrol_days.week(call.by)
    covered = await call.desk.field_work.coverages.mine(call.by)
    return PatrolWeek(
        day=found.day,
        monday=found.monday,
        exempt=found.exempt,
        today=[_judged(one) for one in found.today],
        week=[_judged(one) for one in found.week],
        coverage=[covered_line(one) for one in covered],
    )


async def exempt(call: Call[NewExemptDay, Nothing]) -> ExemptDay:
    given = call.body
    return _exempt(await call.desk.field_work.patrol_days.exempt(call.by, given.region, given.day, given.reason))


async def exempted(call: Call[Nothing, Nothing]) -> ExemptDays:
    return ExemptDays(items=[_exempt(one) for one in await call.desk.field_work.patrol_days.exempted(call.by)])


async def bound(call: Call[NewBoundary, Nothing]) -> Bound:
    ring = [(one[0], one[1]) for one in call.body.ring]
    grid = await call.desk.field_work.patrol_days.bound(call.by, call.code, ring)
    return Bound(grid=Region(code=grid.code, name=grid.name), corners=len(ring))


def covered_line(one: GridCovered) -> GridCoverage:
    return GridCoverage(
        grid=Region(code=one.region, name=one.region_name),
        day=one.day,
        days=one.days,
        share=round(one.share, 4),
        missing=[MissingPart(part=part.value, name=NAMES[part]) for part in one.missing],
    )


def _judged(one: Judged) -> JudgedLine:
    return JudgedLine(owed=one.owed.value, wanted=one.wanted, done=one.done, met=one.met)


def _exempt(one: Exempt) -> ExemptDay:
    return ExemptDay(region=Region(code=one.region, name=one.region_name), day=one.day, reason=one.reason)


def _line(one: PatrolView) -> dict[str, object]:
    patrol = one.patrol
    return {
        "id": patrol.id,
        "person": Holder(name=one.person),
        "region": Region(code=one.region.code, name=one.region.name),
        "day": patrol.day,
        "started_at": patrol.started_at,
        "ended_at": patrol.ended_at,
        "ended_by": patrol.ended_by,
        "seconds": patrol.seconds,
        "length_metres": patrol.length_metres,
        "coverage": round(patrol.coverage, 4) if patrol.coverage is not None else None,
        "doubts": one.doubts,
        "content": patrol.content,
        "result": patrol.result,
    }


def _whole(
    call: Call[NewPatrol, Nothing] | Call[PatrolEnd, Nothing] | Call[Nothing, Nothing], one: PatrolView
) -> Patrol:
    return Patrol.model_validate(
        {
            **_line(one),
            "attachments": [attachments.shown(photo, call.desk.uploads.link(photo)) for photo in one.photos],
            "track": _track(one.track),
        }
    )


def _track(track: Track | None) -> list[TrackPiece]:
    return [
        TrackPiece(
            points=[
                Fix(
                    at=datetime.fromtimestamp(point.at, UTC),
                    latitude=round(point.latitude, 6),
                    longitude=round(point.longitude, 6),
                )
                for point in piece
            ]
        )
        for piece in (track.pieces if track is not None else ())
    ]


START = Route(
    name="start_patrol",
    method="POST",
    path="/patrols",
    tag=TAG,
    summary="Begin a patrol",
    body=NewPatrol,
    query=Nothing,
    answer=Patrol,
    handle=start,
    status=201,
    repeatable=True,
    refusals=(NotAllowed, NotFound, Conflict),
    more="For staff of grids and villages, in their region or below it. `conflict` with `facts.why` `open`: the patrol "
    "`facts.patrol` goes on already (go on with it, or end it); `overlaps`: I was on another one then. A phone "
    "without signal tells `started_at` up to a day later.",
)
POINTS = Route(
    name="add_patrol_points",
    method="POST",
    path="/patrols/{id}/points",
    tag=TAG,
    summary="Send a batch of points of my patrol",
    body=NewPoints,
    query=Nothing,
    answer=PointsTaken,
    handle=add_points,
    longest_body=LONGEST_BATCH,
    refusals=(NotFound, Conflict),
    more="In any order, also after the end, until a day after it could have ended; a batch that may not have arrived "
    "is sent again under its number. `conflict` with `facts.why` `batch`: another batch has this number; `over`: too "
    "late. Everything is measured at the end: inexact fixes and leaps are left out.",
)
END = Route(
    name="end_patrol",
    method="POST",
    path="/patrols/{id}/end",
    tag=TAG,
    summary="End my patrol",
    body=PatrolEnd,
    query=Nothing,
    answer=Patrol,
    handle=end,
    before=uploads,
    repeatable=True,
    refusals=(NotFound, Conflict, UploadRefused),
    more="Once more changes nothing but words that were not there yet. Where the clock had ended it, `ended_at` "
    "counts.",
)
LIST = Route(
    name="list_patrols",
    method="GET",
    path="/patrols",
    tag=TAG,
    summary="My patrols, and those of the regions that I look after, the newest first",
    body=Nothing,
    query=PatrolFilters,
    answer=PatrolPage,
    handle=listed,
    refusals=(BadInput,),
)
SHOW = Route(
    name="show_patrol",
    method="GET",
    path="/patrols/{id}",
    tag=TAG,
    summary="A patrol with its track",
    body=Nothing,
    query=Nothing,
    answer=Patrol,
    handle=show,
    refusals=(NotFound,),
    more="Of one that goes on, what was walked so far. Photos are read under their address for ten minutes.",
)
WEEK = Route(
    name="show_patrol_week",
    method="GET",
    path="/me/patrol-week",
    tag=TAG,
    summary="What I have walked today and this week, what is owed, and how much of my grid is covered",
    body=Nothing,
    query=Nothing,
    answer=PatrolWeek,
    handle=week,
    more="Empty lists for whoever owes none. Exempt days take their share off the week.",
)
EXEMPT = Route(
    name="exempt_day",
    method="POST",
    path="/exempt-days",
    tag=TAG,
    summary="Excuse a region from patrols on a day, for the weather",
    body=NewExemptDay,
    query=Nothing,
    answer=ExemptDay,
    handle=exempt,
    refusals=(NotFound,),
    more="For whoever leads the town or sits in its queue; within a month of today. Said again, the later reason "
    "counts.",
)
EXEMPTED = Route(
    name="list_exempt_days",
    method="GET",
    path="/exempt-days",
    tag=TAG,
    summary="Days without patrols where I serve",
    body=Nothing,
    query=Nothing,
    answer=ExemptDays,
    handle=exempted,
)
BOUND = Route(
    name="set_boundary",
    method="PUT",
    path="/grids/{code}/boundary",
    tag=TAG,
    summary="Say how far a grid reaches, so that coverage is known",
    body=NewBoundary,
    query=Nothing,
    answer=Bound,
    handle=bound,
    longest_body=LONGEST_BATCH,
    refusals=(NotFound,),
    more="For whoever leads the town or sits in its queue. The patrols of the last month are measured anew.",
)
EVERY = (START, LIST, SHOW, POINTS, END, WEEK, EXEMPT, EXEMPTED, BOUND)
