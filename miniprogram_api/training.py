"""Training (培训): the courses for me, my hours, and the test."""

from domain.errors import BadInput, Conflict, NotFound
from miniprogram_api import schemas_training as told
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Nothing, Region
from miniprogram_api.schemas_training import NewAnswer, TrainingPage, TrainingQuestion, TrainingYear
from services import cursors
from services.training import AttemptView, TrainingView
from web.paging import Paging

TAG = "Training"


async def listed(call: Call[Nothing, Paging]) -> TrainingPage:
    before = cursors.before(call.query.cursor) if call.query.cursor is not None else None
    found, following = await call.desk.trainings.listed(call.by, before=before, limit=call.query.limit)
    year = await call.desk.trainings.year(call.by)
    return TrainingPage(
        items=[told.TrainingLine(**_fields(one)) for one in found],
        next=cursors.written(following) if following is not None else None,
        year=TrainingYear(year=year.year, done=year.done / 60, wanted=year.wanted / 60, missing=year.missing / 60),
    )


async def show(call: Call[Nothing, Nothing]) -> told.Training:
    seen = await call.desk.trainings.one(call.by, call.id)
    return told.Training(**_fields(seen), pages=list(seen.pages), link=seen.link)


async def start(call: Call[Nothing, Nothing]) -> told.TrainingAttempt:
    return _attempt(await call.desk.trainings.start(call.by, call.id))


async def answer(call: Call[NewAnswer, Nothing]) -> told.TrainingAttempt:
    given = call.body
    return _attempt(await call.desk.trainings.answer(call.by, call.id, given.attempt, given.number, given.options))


def _fields(one: TrainingView) -> dict[str, object]:
    same = set(told.TrainingLine.model_fields) - {"region", "hours"}
    return {
        **{name: getattr(one, name) for name in same},
        "region": Region(code=one.region_code, name=one.region),
        "hours": one.minutes / 60,
    }


def _attempt(one: AttemptView) -> told.TrainingAttempt:
    return told.TrainingAttempt(
        attempt=one.attempt,
        questions=[
            TrainingQuestion(
                number=each.number, ask=each.ask.value, text=each.text, options=list(each.options), points=each.points
            )
            for each in one.questions
        ],
        answers=[list(each) for each in one.answers],
        next=one.next.number if one.next is not None else None,
        points=one.points,
        passed=one.passed,
        left=one.left,
    )


LIST = Route(
    name="list_trainings",
    method="GET",
    path="/trainings",
    tag=TAG,
    summary="The courses for me, the newest first, and my hours of this year",
    body=Nothing,
    query=Paging,
    answer=TrainingPage,
    handle=listed,
    refusals=(BadInput,),
)
SHOW = Route(
    name="show_training",
    method="GET",
    path="/trainings/{id}",
    tag=TAG,
    summary="A course with its text",
    body=Nothing,
    query=Nothing,
    answer=told.Training,
    handle=show,
    refusals=(NotFound,),
)
START = Route(
    name="start_training",
    method="POST",
    path="/trainings/{id}/attempts",
    tag=TAG,
    summary="Begin the test, or go on with the attempt that is under way",
    body=Nothing,
    query=Nothing,
    answer=told.TrainingAttempt,
    handle=start,
    status=201,
    repeatable=True,
    refusals=(NotFound, Conflict),
    more="`conflict` with `facts.why`: `passed`, `no_tries` (the organiser can reopen it) or `no_test`.",
)
ANSWER = Route(
    name="answer_training",
    method="POST",
    path="/trainings/{id}/answers",
    tag=TAG,
    summary="Answer the next question",
    body=NewAnswer,
    query=Nothing,
    answer=told.TrainingAttempt,
    handle=answer,
    status=201,
    repeatable=True,
    refusals=(NotFound, Conflict),
    more="`conflict` with `facts.why`: `answered` (otherwise, before) or `not_yet`. With the last answer the attempt "
    "is over and has its points; 80 of 100 pass.",
)
EVERY = (LIST, SHOW, START, ANSWER)
