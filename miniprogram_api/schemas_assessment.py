"""Scores, spot checks and awards, field by field."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from miniprogram_api.schemas import Holder, Line, Moment, Name, Region, Told
from miniprogram_api.schemas_patrols import GridCoverage
from services.spot_checks import LONGEST
from web.bodies import Given, GivenJson

_MONTH = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"
_PERIOD = r"^20[0-9]{2}(-(0[1-9]|1[0-2]))?$"
_RECORD = r"^[0-9]{1,18}$"
Why = Annotated[Line, Field(min_length=1, max_length=LONGEST)]
PartName = Literal["events", "visits", "base_data", "deductions"]
GroundName = Literal["missing", "unclear", "mismatch", "not_on_list", "duplicate", "overdue"]


class ScoreOf(Given):
    """Which month and grid; left out: the month that runs, and the first of my grids."""

    month: Annotated[str, Field(pattern=_MONTH, examples=["2026-03"])] | None = None
    grid: Name | None = Field(None, description="the code of one of my grids")


class Points(Told):
    """Raw points of each part; deductions are below zero."""

    events: int
    visits: int
    base_data: int
    deductions: int


class RecordOf(Told):
    """What a line leads back to."""

    kind: Literal["case", "visit", "base", "day", "month"]
    id: str = Field(description="a case's number, an id, a day or a month")


class ScoreLine(Told):
    """Points, and why."""

    part: PartName
    points: int
    rule: str = Field(description="the rule, by its stable name", examples=["self_handled"])
    reason: str = Field(description="the same in the town's words", examples=["自办办结"])
    source: str = Field(description="where the rule stands in the notices", examples=["X 四"])
    record: RecordOf
    at: Moment
    note: str = Field(description="class of a report, ground of a check, or a count; often empty", examples=[""])


class MissingLine(Told):
    """What is left to do for a minimum of the month."""

    what: str = Field(description="`events`, `services` or one of the eight categories", examples=["events"])
    name: str = Field(description="the same in the town's words", examples=["服务事件"])
    wanted: int
    done: int
    left: int


class ScoreSummary(Told):
    """What a worker has in one grid."""

    month: str = Field(examples=["2026-03"])
    closed: bool = Field(description="the month is over, and this is never computed again")
    person: Holder
    grid: Region
    score: float = Field(description="with what was given back", examples=[46.4])
    given_back: float = Field(description="by objections upheld after the month was closed", examples=[0.0])
    points: Points


class OwnAward(Told):
    """An award of mine of the year; it stands beside the score, never in it."""

    kind: Literal["month", "year", "merit"] = Field(description="merit: applied for, with points of its own")
    period: str = Field(description="the first day of its month or year", examples=["2026-03-01"])
    title: str = Field(description="what it is for, where it was applied for", examples=["第一个到火场"])
    points: float = Field(description="of `merit`, credited once final; else the score", examples=[5.0])
    state: Literal["public", "final"]


class OwnScore(ScoreSummary):
    """My score with all its reasons."""

    grids: list[str] = Field(description="the codes of all my grids in this month", examples=[["32041210120101"]])
    lines: list[ScoreLine]
    missing: list[MissingLine]
    awards: list[OwnAward] = Field(description="mine of the year, those applied for included")
    coverage: GridCoverage | None = Field(
        description="of this grid, in the month that runs; null without a boundary, or where another has the grid"
    )


class ScorePage(Told):
    items: list[ScoreSummary]
    next: str | None = Field(description="the cursor of the next page; null on the last one")


class NewCheck(GivenJson):
    """What an inspector found of a record. Unqualified needs a ground, and nothing else has one."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"verdict": {"const": "unqualified"}}, "required": ["verdict"]},
            "then": {"properties": {"ground": {"type": "string"}}, "required": ["ground"]},
            "else": {"properties": {"ground": {"type": "null"}}},
        }
    )

    kind: Literal["case", "visit", "base"]
    record: Annotated[str, Field(pattern=_RECORD, description="a case's number, or an id")]
    verdict: Literal["qualified", "unqualified", "false"]
    ground: GroundName | None = None
    note: Annotated[Line, Field(max_length=LONGEST)] = ""

    @model_validator(mode="after")
    def _unqualified_says_why(self) -> Self:
        if (self.verdict == "unqualified") != (self.ground is not None):
            raise ValueError("an unqualified record needs a ground, and nothing else has one")
        return self


class NewObjection(GivenJson):
    reason: Why


class ObjectionDecision(GivenJson):
    uphold: bool
    answer: Why


class Objected(Told):
    """An objection to a spot check, and what became of it."""

    id: int
    state: Literal["asked", "upheld", "refused"]
    reason: str
    answer: str


class SpotCheck(Told):
    id: int
    person: Holder
    grid: Region
    kind: str
    record: str
    verdict: str
    ground: str = Field(description="empty unless unqualified")
    note: str
    at: Moment
    withdrawn: bool = Field(description="an objection was upheld")
    objection: Objected | None


class WaitingObjection(Told):
    """An objection that somebody has to decide on."""

    id: int
    about: Literal["check", "award"]
    about_id: int = Field(description="the spot check's or the award's id")
    person: Holder = Field(description="whose record or place it is")
    grid: Region
    reason: str
    at: Moment


class ObjectionPage(Told):
    items: list[WaitingObjection]
    next: str | None = Field(description="the cursor of the next page; null on the last one")


class SpotCheckPage(Told):
    items: list[SpotCheck]
    next: str | None = Field(description="the cursor of the next page; null on the last one")


class AwardsOf(Given):
    """Which list: a month or a year; left out: the month before this one."""

    period: Annotated[str, Field(pattern=_PERIOD, examples=["2026-03"])] | None = None


class Award(Told):
    id: int
    rank: int
    person: Holder
    grid: Region
    score: float
    state: Literal["public", "final", "withdrawn"]
    public_until: Moment = Field(description="until when it takes objections")


class AwardList(Told):
    """A town's list, the first first."""

    kind: Literal["month", "year"]
    period: date = Field(description="its first day", examples=["2026-03-01"])
    items: list[Award] = Field(description="at most ten")
    next: str | None = Field(None, description="always null: there are no further pages")


class ObjectionMade(Told):
    id: int
