"""Polls and public figures, field by field."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from domain.poll import FEWEST, LONGEST_OPTION, LONGEST_TEXT, LONGEST_TITLE, MOST
from miniprogram_api.schemas import Line, Moment, Name, Region, Told, Words
from miniprogram_api.schemas_people import GivenMoment
from web.bodies import GivenJson, Whole
from web.paging import Paging


class StatisticsAsked(Paging):
    """Which villages, and which month."""

    region: Name | None = Field(None, description="the code of a village, or of what lies above: all villages of it")
    month: str | None = Field(
        None,
        pattern=r"^2[0-9]{3}-(0[1-9]|1[0-2])$",
        description="as 2026-03; left out: this month",
        examples=["2026-03"],
    )


class VillageFigures(Told):
    """One village's month. `null` where there are too few to tell."""

    region: Region
    month: str = Field(description="the month in which the cases were filed, as 2026-03")
    filed: int
    accepted: int
    resolved: int = Field(description="of those filed; resolved or closed by now")
    declined: int
    resolved_in_time: int | None
    accept_hours: float | None = Field(description="until half of them were accepted, nights and Sundays counted")
    resolve_days: float | None = Field(description="until half of them were resolved")
    rated: int
    rating: float | None = Field(description="the mean of 1 to 5")
    categories: dict[str, int] = Field(description="how many of each category")
    counted_at: Moment | None = Field(description="null: nothing was filed")


class VillagePage(Told):
    items: list[VillageFigures]
    next: str | None


class NewPoll(GivenJson):
    """A question to the residents of a region; it is open at once."""

    region: Annotated[Name, Field(min_length=1, description="the code of a region of mine; it and everything below")]
    title: Annotated[Line, Field(min_length=1, max_length=LONGEST_TITLE)]
    text: Annotated[Words, Field(max_length=LONGEST_TEXT)] = ""
    options: Annotated[
        list[Annotated[Line, Field(min_length=1, max_length=LONGEST_OPTION)]],
        Field(min_length=FEWEST, max_length=MOST, description="the answers to choose from, all different"),
    ]
    most: Annotated[Whole, Field(ge=1, le=MOST, description="how many of them one person may choose")] = 1
    closes_at: GivenMoment
    picture: Annotated[UUID, Field(strict=False, description="a photo of mine")] | None = None


class Vote(GivenJson):
    """What I choose, by the numbers of the answers. It cannot be changed: nothing says whose it was."""

    options: Annotated[list[Annotated[Whole, Field(ge=1, le=MOST)]], Field(min_length=1, max_length=MOST)]


class PollAction(GivenJson):
    """`close`: nobody votes any more, and all see the result. `withdraw`: it is gone, with its votes."""

    action: Literal["close", "withdraw"]


class PollOption(Told):
    number: int
    text: str
    votes: int | None = Field(description="null until I have voted, or it is closed")


class Poll(Told):
    id: int
    title: str
    text: str
    picture: UUID | None
    region: Region
    most: int
    options: list[PollOption]
    voters: int
    state: Literal["open", "closed"]
    voted: bool
    may_vote: bool = Field(description="open, I live there, and have not voted")
    in_charge: bool = Field(description="whether I may end it")
    created_at: Moment
    closes_at: Moment


class PollPage(Told):
    items: list[Poll]
    next: str | None


class PollEnded(Told):
    """How it ended; `poll` is null once it is withdrawn."""

    state: Literal["closed", "withdrawn"]
    poll: Poll | None
