"""My work log (工作日志): written by the system, completed by me."""

from typing import Literal

from pydantic import Field

from domain.errors import NotAllowed, NotFound
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Day, Line, Moment, Nothing, Told
from services.work_logs import LONGEST_NOTE, WorkLine
from web.bodies import Given, GivenJson

TAG = "Work log"


class LogAsked(Given):
    """Which day."""

    day: Day | None = Field(None, description="of China's calendar; left out: today")


class NewWorkNote(GivenJson):
    """A line of my own, for one of the last seven days."""

    text: Line = Field(min_length=1, max_length=LONGEST_NOTE)
    day: Day | None = Field(None, description="left out: today")


class WorkLogLine(Told):
    kind: Literal["case", "patrol", "visit", "notice", "leave", "note"]
    at: Moment
    what: str = Field(
        description="the action on a case, the kind of subject visited; else `patrol`, `told_in_person` …"
    )
    number: int | None = Field(
        description="of the case, the metres of a patrol, how many were told of a notice, or the id"
    )
    text: str


class WorkLog(Told):
    items: list[WorkLogLine] = Field(description="in order of time")
    next: str | None = Field(None, description="always null: a day is one page")


async def show(call: Call[Nothing, LogAsked]) -> WorkLog:
    logs = call.desk.work_logs
    return WorkLog(items=[_line(one) for one in await logs.mine(call.by, call.query.day or logs.today())])


async def note(call: Call[NewWorkNote, Nothing]) -> WorkLogLine:
    logs, given = call.desk.work_logs, call.body
    return _line(await logs.note(call.by, given.day or logs.today(), given.text))


async def take_back(call: Call[Nothing, Nothing]) -> None:
    await call.desk.work_logs.take_back(call.by, call.id)


def _line(one: WorkLine) -> WorkLogLine:
    return WorkLogLine(kind=one.kind, at=one.at, what=one.what, number=one.number, text=one.text)


SHOW = Route(
    name="show_work_log",
    method="GET",
    path="/me/work-log",
    tag=TAG,
    summary="What I did on a day, as the system knows it, and what I added",
    body=Nothing,
    query=LogAsked,
    answer=WorkLog,
    handle=show,
)
NOTE = Route(
    name="add_work_note",
    method="POST",
    path="/me/work-log/notes",
    tag=TAG,
    summary="Add a line to my work log",
    body=NewWorkNote,
    query=Nothing,
    answer=WorkLogLine,
    handle=note,
    status=201,
    repeatable=True,
    refusals=(NotAllowed,),
)
TAKE_BACK = Route(
    name="delete_work_note",
    method="DELETE",
    path="/me/work-log/notes/{id}",
    tag=TAG,
    summary="Take back a line that I added",
    body=Nothing,
    query=Nothing,
    answer=None,
    handle=take_back,
    status=204,
    refusals=(NotFound,),
)
EVERY = (SHOW, NOTE, TAKE_BACK)
