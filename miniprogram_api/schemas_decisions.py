"""What a town decides on, field by field: departments' work for the grids, applications for awards, exits."""

from typing import Annotated, Literal

from pydantic import Field

from domain.admission import LONGEST_TASK, LONGEST_WORDS
from domain.admission import LONGEST_TITLE as LONGEST_WORK
from miniprogram_api.schemas import Holder, Line, Moment, Name, Region, Told, Words
from services.award_applications import LONGEST_REASON, LONGEST_TITLE, MOST_EVIDENCE
from services.exits import LONGEST
from web.bodies import GivenJson

_RECORD = r"^[0-9]{1,18}$"
EveryName = Literal["once", "daily", "weekly", "monthly", "quarter", "yearly"]
MoveName = Literal["review", "admit", "refuse", "keep", "end"]


class NewAdmission(GivenJson):
    """What a department asks to put upon the grids of a region, with all below (Y art. 17)."""

    region: Name
    title: Annotated[Line, Field(min_length=1, max_length=LONGEST_WORK)]
    task: Annotated[Words, Field(min_length=1, max_length=LONGEST_TASK)]
    basis: Annotated[Words, Field(min_length=1, max_length=LONGEST_WORDS, description="the law or document")]
    every: EveryName
    support: Annotated[Words, Field(min_length=1, max_length=LONGEST_WORDS, description="budget and help")]


class AdmissionMove(GivenJson):
    """The next step; a refusal and an end say why."""

    move: MoveName
    reason: Annotated[Words, Field(max_length=LONGEST_WORDS)] = ""


class Admission(Told):
    id: int
    department: str = Field(examples=["城管办"])
    region: Region
    title: str
    task: str
    basis: str
    every: EveryName
    support: str
    state: Literal["asked", "reviewed", "admitted", "refused", "ended"]
    asked_at: Moment
    review_by: str | None = Field(description="looked at again by this day", examples=["2027-03-02"])
    review_due: bool = Field(description="the yearly look is late")
    answer: str
    moves: list[MoveName] = Field(description="what I may do with it now")


class AdmissionPage(Told):
    items: list[Admission]
    next: str | None = Field(description="the cursor of the next page; null on the last one")


class Evidence(GivenJson):
    """A record of the worker's own: a case's number, or an id."""

    kind: Literal["case", "visit", "patrol", "training"]
    record: Annotated[str, Field(pattern=_RECORD)]


class NewApplication(GivenJson):
    """The worker of the grid applies, or the village on their behalf."""

    grid: Name
    title: Annotated[Line, Field(min_length=1, max_length=LONGEST_TITLE)]
    reason: Annotated[Words, Field(min_length=1, max_length=LONGEST_REASON)]
    evidence: Annotated[list[Evidence], Field(min_length=1, max_length=MOST_EVIDENCE)]


class EvidenceShown(Told):
    kind: Literal["case", "visit", "patrol", "training"]
    record: str


class AwardApplication(Told):
    id: int
    person: Holder
    grid: Region
    title: str
    reason: str
    evidence: list[EvidenceShown]
    state: Literal["asked", "supported", "approved", "refused"]
    asked_at: Moment
    answer: str
    award: Literal["", "public", "final", "withdrawn"] = Field(description="what became of it once approved")
    points: int = Field(description="credited once the award is final")
    public_until: Moment | None


class ApplicationPage(Told):
    items: list[AwardApplication]
    next: str | None = Field(description="the cursor of the next page; null on the last one")


class OpenExit(Told):
    """Two failed years were proposed for an exit, and nobody has decided yet (Y art. 17)."""

    object_until: Moment
    objected: bool = Field(description="I have said what speaks against it")


class OwnExit(Told):
    open: OpenExit | None = Field(description="null: nothing is proposed about me")


class ExitObjection(GivenJson):
    reason: Annotated[Words, Field(min_length=1, max_length=LONGEST)]
