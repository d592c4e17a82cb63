"""Patrols, field by field."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from domain.coverage import MOST_CORNERS
from miniprogram_api.schemas import Day, Holder, Line, Moment, Name, Region, Told, Words
from miniprogram_api.schemas_attachments import Attachment, AttachmentIds
from miniprogram_api.schemas_people import GivenMoment
from services.patrol_days import REASON_LENGTH
from services.patrol_points import MOST_IN_BATCH
from services.patrols import WORDS_LENGTH
from web.bodies import GivenJson, Whole
from web.paging import Paging

HIGHEST_BATCH = 1_000_000
_SENT = "the phone's own time as it sends this: a clock that is wrong is set right by it"

SentAt = Annotated[GivenMoment | None, Field(default=None, description=_SENT)]
Doubts = Annotated[
    list[Literal["mock", "jumps", "regular", "clock"]],
    Field(description="why a person should look at the track; nothing is taken away by it"),
]


class NewPatrol(GivenJson):
    """A patrol begins."""

    region: Name = Field("", description="a region's code; left out: where my duty is")
    started_at: GivenMoment | None = Field(
        None, description="left out: now; a phone without signal says later when it was"
    )
    sent_at: SentAt
    content: Annotated[Words, Field(max_length=WORDS_LENGTH)] = ""


class NewPoint(GivenJson):
    """A fix, in the coordinates of `wx.onLocationChange` (GCJ-02)."""

    at: GivenMoment
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    accuracy: float | None = Field(None, ge=0, le=100_000, description="metres")
    mock: bool = Field(False, description="the phone says that another program has set the place")


class NewPoints(GivenJson):
    """A batch of points. Sent again with the same `batch`, it is kept once."""

    batch: Annotated[Whole, Field(ge=1, le=HIGHEST_BATCH, description="the phone's own count within the patrol")]
    device: Name = Field("", description="tells apart two phones on one patrol")
    sent_at: SentAt
    points: list[NewPoint] = Field(min_length=1, max_length=MOST_IN_BATCH)


class PointsTaken(Told):
    batch: int
    points: int = Field(description="so many in this batch")
    repeated: bool = Field(description="it was here already")


class PatrolEnd(GivenJson):
    """What was seen, and what came of it (G)."""

    ended_at: GivenMoment | None = Field(None, description="left out: now")
    sent_at: SentAt
    content: Annotated[Words, Field(max_length=WORDS_LENGTH)] = ""
    result: Annotated[Words, Field(max_length=WORDS_LENGTH)] = ""
    attachments: AttachmentIds


class PatrolLine(Told):
    """A patrol in a list."""

    id: int
    person: Holder
    region: Region
    day: date = Field(description="on which it began, in China")
    started_at: Moment
    ended_at: Moment | None
    ended_by: Literal["", "worker", "clock"] = Field(description="`clock`: nobody ended it; empty: it goes on")
    seconds: int
    length_metres: int
    coverage: float | None = Field(description="0 to 1 of the grid; null where no boundary is known")
    doubts: Doubts
    content: str
    result: str


class Fix(Told):
    at: Moment
    latitude: float
    longitude: float


class TrackPiece(Told):
    """A stretch without a gap."""

    points: list[Fix] = Field(description="smoothed, a step of at least 15 metres from one to the next")


class Patrol(PatrolLine):
    attachments: list[Attachment]
    track: list[TrackPiece] = Field(description="empty once the points are no longer kept")


class PatrolPage(Told):
    items: list[PatrolLine]
    next: str | None = Field(description="the cursor of the next page; null on the last one")


class PatrolFilters(Paging):
    """Which patrols, and which page."""

    since: Day | None = Field(None, description="the first day, in China")
    until: Day | None = Field(None, description="the last one")
    region: Name | None = Field(None, description="the code of a region: patrols in it and in all below it")
    mine: bool = Field(False, description="only my own")


class JudgedLine(Told):
    owed: Literal["morning_seconds", "afternoon_seconds", "day_metres", "week_seconds", "week_metres", "week_patrols"]
    wanted: int
    done: int
    met: bool


class MissingPart(Told):
    """A part of the grid of which less than half was covered."""

    part: Literal[
        "north_west", "north", "north_east", "west", "middle", "east", "south_west", "south", "south_east"
    ] = Field(description="by the compass")
    name: str = Field(description="the same for people", examples=["东北角"])


class GridCoverage(Told):
    """What of my grid my patrols have covered together. It takes nothing off the score."""

    grid: Region
    day: date = Field(description="the last day of the cycle")
    days: int = Field(description="of the cycle: 5 for a large grid, 1 for a small one; exempt days are none of it")
    share: float = Field(description="0 to 1 of the grid")
    missing: list[MissingPart]


class PatrolWeek(Told):
    """What I owe and have walked. The day and the week are judged separately."""

    day: date
    monday: date
    exempt: bool = Field(description="the town has excused this day for the weather")
    today: list[JudgedLine]
    week: list[JudgedLine]
    coverage: list[GridCoverage] = Field(description="of each of my grids whose boundary is known")


class NewExemptDay(GivenJson):
    """A day without patrols."""

    region: Annotated[Name, Field(min_length=1, description="for all below it")]
    day: Day
    reason: Annotated[Line, Field(min_length=1, max_length=REASON_LENGTH)]


class ExemptDay(Told):
    region: Region
    day: date
    reason: str


class ExemptDays(Told):
    items: list[ExemptDay] = Field(description="of the last month and to come, the newest first; at most 100")
    next: str | None = Field(None, description="always null: there are no further pages")


class NewBoundary(GivenJson):
    """How far a grid reaches: the corners of one ring, in the order of GeoJSON (longitude, latitude), GCJ-02."""

    ring: list[Annotated[list[float], Field(min_length=2, max_length=2)]] = Field(min_length=3, max_length=MOST_CORNERS)


class Bound(Told):
    grid: Region
    corners: int
