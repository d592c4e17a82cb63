"""What is looked at first, field by field."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, JsonValue, model_validator

from miniprogram_api.schemas import Moment, Told, Words
from miniprogram_api.schemas_attachments import Attachment
from services.cases import NOTE_LENGTH
from web.bodies import WORDS_PATTERN, GivenJson


class HeldCase(Told):
    number: int
    title: str
    description: str
    grid_name: str | None
    state: Literal["held", "marked", "unchecked"]
    why: str = Field(description="the word of the town's list, or the moderator's label")
    at: Moment


class HeldCases(Told):
    items: list[HeldCase] = Field(description="at most 50; those that wait first, the oldest first")
    next: str | None = Field(None, description="always null: there are no further pages")


class HeldMedium(Told):
    number: int
    grid_name: str
    attachment: Attachment
    state: Literal["held", "unchecked"]
    why: str = Field(description="what WeChat's moderator says, with its label")
    at: Moment


class HeldMedia(Told):
    items: list[HeldMedium] = Field(description="at most 50; those that wait first, the oldest first")
    next: str | None = Field(None, description="always null: there are no further pages")


class MediumDecision(GivenJson):
    """Whether it is shown. A no is told to its sender, in words of ours."""

    show: bool


_NO: dict[str, JsonValue] = {
    "if": {"properties": {"release": {"const": False}}},
    "then": {"properties": {"reason": {"minLength": 1, "pattern": WORDS_PATTERN}}, "required": ["reason"]},
}


class HeldDecision(GivenJson):
    """Yes or no; a no needs a reason, which the resident reads."""

    model_config = ConfigDict(json_schema_extra=_NO)

    release: bool
    reason: Annotated[Words, Field(max_length=NOTE_LENGTH)] = ""

    @model_validator(mode="after")
    def _no_says_why(self) -> Self:
        if not self.release and not self.reason:
            raise ValueError("to turn it down needs a reason that says why")
        return self
