"""A step on a case, and what each needs."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, JsonValue, model_validator

from domain.case import RATINGS
from miniprogram_api.schemas import HIGHEST_NUMBER, LONGEST_PLACE, Day, Line, PlaceName, Words
from miniprogram_api.schemas_attachments import AttachmentIds
from services.case_asked import MOST_OTHERS
from services.cases import NOTE_LENGTH
from web.bodies import GivenJson, Whole

ActionName = Literal[
    "accept",
    "reply",
    "resolve",
    "report_up",
    "return",
    "dispatch",
    "co_handle",
    "transfer",
    "decline",
    "merge",
    "remind",
    "suspend",
    "resume",
    "reopen",
    "withdraw",
    "rate",
    "complain",
    "urgent",
]

_BELONGS: Mapping[str, ActionName] = {"rating": "rate", "into": "merge", "until": "suspend"}
"""What is sent with one action only."""


def _belongs(name: str, action: str) -> dict[str, JsonValue]:
    """The same in JSON Schema: where there is one, the action is this one."""
    given: dict[str, JsonValue] = {"properties": {name: {"not": {"type": "null"}}}, "required": [name]}
    return {"if": given, "then": {"properties": {"action": {"const": action}}}}


_RATE: JsonValue = {
    "if": {"properties": {"action": {"const": "rate"}}, "required": ["action"]},
    "then": {"properties": {"rating": {"type": "integer"}}, "required": ["rating"]},
}


class NewAction(GivenJson):
    """A step, and what it needs.

    `reply`, `resolve`, `report_up`, `return`, `dispatch`, `co_handle`, `decline`, `suspend` and `complain` need a
    note; `dispatch` and `transfer` need `to`, `co_handle` needs `others`, `merge` needs `into`, `suspend` needs
    `until`, `rate` needs `rating`.
    """

    model_config = ConfigDict(
        json_schema_extra={"allOf": [*(_belongs(name, action) for name, action in _BELONGS.items()), _RATE]}
    )

    action: ActionName
    note: Annotated[Words, Field(max_length=NOTE_LENGTH)] = ""
    rating: Annotated[Whole, Field(ge=RATINGS[0], le=RATINGS[-1])] | None = None
    to: Annotated[
        Line,
        Field(
            max_length=LONGEST_PLACE,
            description="with `dispatch` a department of the unit where it lies, or the code or name of a village or "
            "grid below; with `transfer` the code or name of a grid of the same town",
        ),
    ] = ""
    others: list[PlaceName] = Field(
        default_factory=list,
        max_length=MOST_OTHERS,
        description="with `co_handle`: departments, villages or grids asked to help",
    )
    into: Annotated[Whole, Field(ge=1, le=HIGHEST_NUMBER)] | None = Field(
        None, description="with `merge`: the number of the original"
    )
    until: Day | None = Field(None, description="with `suspend`: the day in China on which it goes on")
    hidden: bool | None = Field(
        None,
        description="whether the note is for staff only. Left out, it is hidden with `dispatch`, `co_handle`, "
        "`transfer` and `merge`, and shown with the others; the reason of `decline` cannot be hidden",
    )
    attachments: AttachmentIds

    @model_validator(mode="after")
    def _rating_belongs_to_rate(self) -> Self:
        if self.action == "rate" and self.rating is None:
            raise ValueError("rate needs a rating, a whole number from 1 to 5")
        for name, action in _BELONGS.items():
            if self.action != action and getattr(self, name) is not None:
                raise ValueError(f"{name} belongs to the action {action} only")
        return self
