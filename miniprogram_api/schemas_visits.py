"""Visits and their subjects, field by field."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from miniprogram_api.schemas import HIGHEST_NUMBER, Day, Holder, Line, Moment, Name, Region, Told, Words
from miniprogram_api.schemas_attachments import Attachment, AttachmentIds
from miniprogram_api.schemas_patrols import SentAt
from miniprogram_api.schemas_people import GivenMoment
from services.subjects import ADDRESS_LENGTH, NAME_LENGTH, TITLE_LENGTH
from services.visits import RESULT_LENGTH
from web.bodies import GivenJson, Whole
from web.paging import Paging

LONGEST_PHONE = 24
MOST_DAYS = 366

KindName = Literal["hazard", "supported", "care", "household", "rental", "shop"]
_KINDS = (
    "`hazard` a place with a serious hazard, `supported` a supported household, `care` somebody cared for, `household`,"
    " `rental`, `shop`. There is none for people because of belief, petitions, views, health or record"
)
Kind = Annotated[KindName, Field(description=_KINDS)]


class NewSubject(GivenJson):
    """Somebody or something to visit. `supported` and `care` need a `name` and `agreed`; the others a `title`."""

    kind: Kind
    grid: Name = Field("", description="a grid's code; left out: my own")
    title: Annotated[Line, Field(max_length=TITLE_LENGTH, description="of a place; people are listed as 「张*」")] = ""
    name: Annotated[Line, Field(max_length=NAME_LENGTH)] = ""
    phone: Annotated[Line, Field(max_length=LONGEST_PHONE)] = ""
    address: Annotated[Line, Field(max_length=ADDRESS_LENGTH)] = ""
    every_days: Annotated[Whole, Field(ge=1, le=MOST_DAYS)] | None = Field(
        None, description="fewer than the town's days for this kind"
    )
    agreed: bool = Field(False, description="they have been told that they are listed, and agree")


class Subject(Told):
    """Whom or what somebody visits. Name and phone are masked, except where one was asked for by its id."""

    id: int
    kind: Kind
    grid: Region
    title: str
    name: str
    phone: str
    address: str
    every_days: int
    next_due: date
    active: bool


class SubjectPage(Told):
    items: list[Subject]
    next: str | None = Field(description="the cursor of the next page; null on the last one")


class SubjectFilters(Paging):
    """Which subjects, and which page."""

    kind: KindName | None = None
    region: Name | None = Field(None, description="the code of a region: those in it and in all below it")


class DueSubject(Told):
    subject: Subject
    overdue_days: int = Field(description="0: due today; negative: still to come")


class DuePage(Told):
    items: list[DueSubject] = Field(description="the longest overdue first")
    next: str | None = Field(description="the cursor of the next page; null on the last one")
    overdue: int = Field(description="so many in all were due before today")
    today: int = Field(description="and so many are due today")


class DueFilters(Paging):
    """By when, and which page."""

    days: int = Field(0, ge=0, le=31, description="also what is due within so many days")


class NewVisit(GivenJson):
    """A visit: what came of it, and when to come next."""

    subject: Annotated[Whole, Field(ge=1, le=HIGHEST_NUMBER)]
    result: Annotated[Words, Field(min_length=1, max_length=RESULT_LENGTH)]
    at: GivenMoment | None = Field(None, description="left out: now; without signal, a day back at most")
    sent_at: SentAt
    next_date: Day | None = Field(None, description="sooner than a cycle later; left out: a cycle later")
    attachments: AttachmentIds


class Visit(Told):
    id: int
    subject: int
    title: str
    kind: Kind
    person: Holder
    region: Region
    at: Moment
    due_on: date | None = Field(description="the date that it was for; null: it came too early to count for one")
    in_time: bool
    result: str
    next_date: date
    attachments: list[Attachment]


class VisitPage(Told):
    items: list[Visit]
    next: str | None = Field(description="the cursor of the next page; null on the last one")


class VisitFilters(Paging):
    """Which visits, and which page."""

    subject: int | None = Field(None, ge=1, le=HIGHEST_NUMBER)
