"""Leaves and vacant posts, field by field."""

import re
from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field, model_validator

from miniprogram_api.schemas import Holder, Line, Moment, Region, Told
from services.leaves import REASON_LENGTH
from web.bodies import WORDS_PATTERN, GivenJson

# Near the calendar's ends a moment cannot be said in another time zone; nothing of ours lies further off than these.
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _moment(given: object) -> object:
    # Only the written form: a number would be taken for seconds since 1970.
    if isinstance(given, str) and _WRITTEN.fullmatch(given):
        return given
    raise ValueError("must be a moment with its offset, such as 2026-05-01T00:00:00+08:00")


GivenMoment = Annotated[
    AwareDatetime,
    Field(strict=False, examples=["2026-05-01T00:00:00+08:00"]),
    AfterValidator(lambda moment: min(max(moment, _FIRST), _LAST)),
    BeforeValidator(_moment),
]
Reason = Annotated[Line, Field(max_length=REASON_LENGTH)]
LeaveState = Literal["asked", "approved", "refused", "cancelled"]


class NewLeave(GivenJson):
    """A leave, from a moment to a moment: the 1st to the 5th of May ends on the 6th at midnight."""

    starts_at: GivenMoment
    ends_at: GivenMoment
    reason: Reason = ""


class LeaveDecision(GivenJson):
    """Yes or no; a no needs an answer that says why."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"approve": {"const": False}}, "required": ["approve"]},
            "then": {"properties": {"answer": {"minLength": 1, "pattern": WORDS_PATTERN}}, "required": ["answer"]},
        }
    )

    approve: bool
    answer: Reason = ""

    @model_validator(mode="after")
    def _no_says_why(self) -> Self:
        if not self.approve and not self.answer:
            raise ValueError("a refusal needs an answer that says why")
        return self


class Leave(Told):
    """A leave of a member of staff."""

    id: int
    person: Holder
    starts_at: Moment
    ends_at: Moment
    reason: str
    state: LeaveState
    cover: Holder | None = Field(description="who gets their new cases meanwhile; null when it is over, or for nobody")
    asked_of: Holder | None = Field(description="who was asked to approve it; null where nobody had to be")
    decided_by: Holder | None
    answer: str = Field(description="why it was refused")


class LeaveList(Told):
    items: list[Leave] = Field(description="at most 50")
    next: str | None = Field(None, description="always null: there are no further pages")


class Vacancy(Told):
    """A region whose own posts nobody holds."""

    region: Region
    level: int = Field(description="1 grid, 2 village, 3 town")
    since: Moment | None = Field(description="since when that is known")
    taken_by: Holder | None = Field(description="who gets its cases meanwhile")


class VacancyPage(Told):
    items: list[Vacancy]
    next: str | None = Field(description="the cursor of the next page; null on the last one")
