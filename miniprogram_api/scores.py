"""The monthly assessment: my score with its reasons, and those of the workers below me."""

from domain.assessment import Line, Missing
from domain.assessment_rules import NAMES, SOURCES, Part
from domain.errors import BadInput, NotAllowed, NotFound
from domain.event_list import NAMES as CATEGORIES
from domain.event_list import Category
from domain.month import Month
from miniprogram_api.patrols import covered_line
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Holder, Nothing, Region
from miniprogram_api.schemas_assessment import (
    MissingLine,
    OwnAward,
    OwnScore,
    Points,
    RecordOf,
    ScoreLine,
    ScoreOf,
    ScorePage,
    ScoreSummary,
)
from services.assessments import Score
from services.awards import Listed
from web.paging import Paging

TAG = "Assessment"


async def mine(call: Call[Nothing, ScoreOf]) -> OwnScore:
    score, grids = await call.desk.assessments.mine(call.by, call.query.month, call.query.grid)
    covered = [] if score.closed else await call.desk.field_work.coverages.mine(call.by)
    return OwnScore(
        **dict(_summary(score)),
        grids=grids,
        lines=[_line(one) for one in score.got.lines],
        missing=[_missing(one) for one in score.got.missing],
        awards=[_award(one) for one in await call.desk.assessments.awards_of(score.person_id, score.month)],
        coverage=next((covered_line(one) for one in covered if one.region == score.code), None),
    )


async def below(call: Call[Nothing, Paging]) -> ScorePage:
    try:
        month = str(Month.read(call.path["month"]))
    except BadInput:
        raise NotFound("there is no such month") from None
    found, following = await call.desk.assessments.below(
        call.by, month, cursor=call.query.cursor, limit=call.query.limit
    )
    return ScorePage(items=[_summary(one) for one in found], next=following)


def _summary(one: Score) -> ScoreSummary:
    return ScoreSummary(
        month=str(one.month),
        closed=one.closed,
        person=Holder(name=one.person),
        grid=Region(code=one.code, name=one.grid),
        score=one.score / 100,
        given_back=one.given_back / 100,
        points=Points(**{part.value: one.got.points[part] for part in Part}),
    )


def _award(one: Listed) -> OwnAward:
    return OwnAward.model_validate(
        {
            "kind": one.kind,
            "period": one.period.isoformat(),
            "title": one.title,
            "points": one.score / 100,
            "state": one.state,
        }
    )


def _line(one: Line) -> ScoreLine:
    return ScoreLine(
        part=one.part.value,
        points=one.points,
        rule=one.reason.value,
        reason=NAMES[one.reason],
        source=SOURCES[one.reason],
        record=RecordOf(kind=one.record.kind.value, id=one.record.id),
        at=one.at,
        note=one.note,
    )


def _missing(one: Missing) -> MissingLine:
    name = NAMES.get(one.what) or CATEGORIES[Category(one.what)]
    return MissingLine(what=one.what, name=name, wanted=one.wanted, done=one.done, left=one.left)


MINE = Route(
    name="show_my_score",
    method="GET",
    path="/me/score",
    tag=TAG,
    summary="My score of the month with every reason, and what is still missing",
    body=Nothing,
    query=ScoreOf,
    answer=OwnScore,
    handle=mine,
    refusals=(NotAllowed, NotFound),
    more="While the month runs, minimums that can still be reached cost nothing yet: they stand in `missing`. Only "
    "full-time grid workers are assessed, `not_allowed` for others.",
)
BELOW = Route(
    name="list_scores",
    method="GET",
    path="/assessments/{month}",
    tag=TAG,
    summary="The scores of a month in the towns that I assess",
    body=Nothing,
    query=Paging,
    answer=ScorePage,
    handle=below,
    refusals=(NotAllowed, NotFound),
    more="For commanders, inspectors and administrators, each for what lies below them. Of a month that is over the "
    "best first; of the one that runs as it stands, in the order of the workers.",
)
EVERY = (MINE, BELOW)
