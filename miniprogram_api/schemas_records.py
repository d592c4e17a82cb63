"""Base data, field by field."""

from typing import Annotated, Literal

from pydantic import Field

from miniprogram_api.schemas import HIGHEST_NUMBER, Line, Moment, Name, Region, Told
from services.own_records import ANSWER_LENGTH
from services.records import LONGEST, REASON_LENGTH
from web.bodies import GivenJson, Whole
from web.paging import Paging

KindName = Literal["household", "rental", "organisation", "facility"]
FieldName = Literal[
    "head",
    "phone",
    "people",
    "registered_address",
    "owner",
    "owner_phone",
    "tenant",
    "tenant_phone",
    "name",
    "contact",
    "keeper",
]
_FIELDS = (
    "`household`: head, phone, people, registered_address · `rental`: owner, owner_phone, tenant, tenant_phone, people "
    "· `organisation`: name, contact, phone · `facility`: name, keeper, phone. There are no others"
)
Value = Annotated[Line, Field(max_length=LONGEST)]
Given = Annotated[dict[FieldName, Value], Field(description=_FIELDS, examples=[{"head": "王建国", "people": "3"}])]
Values = Annotated[dict[str, str], Field(description=_FIELDS, examples=[{"head": "王**", "people": "3"}])]
Version = Annotated[Whole, Field(ge=1, le=HIGHEST_NUMBER)]


class NewRecord(GivenJson):
    """A household, rental, organisation or facility of the grid."""

    grid: Name = Field(description="the code of a grid of mine")
    kind: KindName
    place: Annotated[Line, Field(min_length=1, max_length=LONGEST, description="where it is, without anybody's name")]
    fields: Given
    migrant: bool = Field(False, description="a household of new migrant residents")


class RecordChange(GivenJson):
    """What is different, and of which version."""

    version: Version = Field(description="that was read; an older one is refused with `conflict`")
    fields: Given


class RecordLook(GivenJson):
    """Why it is read in full."""

    reason: Annotated[Line, Field(min_length=1, max_length=REASON_LENGTH)]


class BaseRecord(Told):
    """What the grid keeps. Masked, except where it was asked for with a reason."""

    id: int
    kind: KindName
    place: str
    grid: Region | None = Field(description="in lists")
    fields: Values
    version: int


class BaseRecordPage(Told):
    items: list[BaseRecord]
    next: str | None = Field(description="the cursor of the next page; null on the last one")


class BaseRecordFilters(Paging):
    """Which records, and which page."""

    kind: KindName | None = None


class RecordStep(Told):
    """One change; never the values."""

    at: Moment
    change: str = Field(
        description="`new` `new_rental` `migrant` `key_field` `tenant_changed` `address_changed`, or `withdrawn` by "
        "whom it is about"
    )
    fields: list[str]


class RecordHistory(Told):
    items: list[RecordStep]


class OwnRecord(Told):
    """What is kept of me and my household, in full."""

    id: int
    kind: KindName
    place: str
    fields: Values
    waiting: Values = Field(description="what I have said is right, until the grid's worker has looked")
    voluntary: list[str] = Field(description="the fields that I may withdraw")


class OwnRecordPage(Told):
    items: list[OwnRecord]


class RecordProposal(GivenJson):
    """What is right. An earlier one that waits is forgotten."""

    fields: Given


class Withdrawal(GivenJson):
    field: FieldName


class ProposedRecord(Told):
    """What a resident says of a record, for whoever keeps it."""

    id: int
    at: Moment
    record: int
    kind: KindName
    place: str
    grid: Region
    now: Values
    wished: Values


class ProposedRecordPage(Told):
    items: list[ProposedRecord] = Field(description="the oldest first")


class ProposalDecision(GivenJson):
    take: bool = Field(description="true: the record is changed so")
    answer: Annotated[Line, Field(max_length=ANSWER_LENGTH, description="told to the resident; needed for a no")] = ""
