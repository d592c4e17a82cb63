"""What goes in and what comes out, field by field."""

import re
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    StringConstraints,
    model_validator,
)

from domain.calendar import SHANGHAI
from domain.case import Level, Status
from miniprogram_api.schemas_attachments import Attachment, AttachmentIds
from web.bodies import WORDS_PATTERN, Given, GivenJson, Text, Whole
from web.paging import Paging

LONGEST_TEXT = 4000
LONGEST_TITLE = 60
LONGEST_NAME = 40
"""Of a region code and an event type."""
LONGEST_PLACE = 120
"""Of a department or region as people call it: with the name of what is above it."""
LONGEST_ADDRESS = 200
LONGEST_WX_CODE = 128
LONGEST_WORDS = 100
HIGHEST_NUMBER = 2**63 - 1

Moment = Annotated[
    datetime,
    PlainSerializer(lambda moment: moment.astimezone(SHANGHAI).isoformat(timespec="milliseconds"), return_type=str),
    Field(json_schema_extra={"format": "date-time"}, examples=["2026-03-02T08:30:00.000+08:00"]),
]

Words = Annotated[Text, StringConstraints(strip_whitespace=True)]
Line = Annotated[Text, AfterValidator(lambda text: " ".join(text.split()))]
"""Words that stand in one line wherever they are shown."""
Name = Annotated[Line, Field(max_length=LONGEST_NAME)]

StatusName = Literal[
    "draft", "submitted", "accepted", "suspended", "resolved", "closed", "declined", "withdrawn", "merged"
]


class Nothing(Given):
    """No body, or no parameters."""


PlaceName = Annotated[Line, Field(min_length=1, max_length=LONGEST_PLACE)]


_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _day(given: object) -> object:
    # Only the written form: a number would be taken for seconds since 1970. Nothing of ours lies further off than the
    # first and last day, and near the calendar's ends a day has no midnight in another time zone.
    if isinstance(given, str):
        try:
            day = date.fromisoformat(given) if _WRITTEN.fullmatch(given) else None
        except ValueError:
            day = None
        if day is None:
            raise ValueError("must be a day such as 2026-03-09")
        return min(max(day, _FIRST_DAY), _LAST_DAY)
    return given


Day = Annotated[date, BeforeValidator(_day)]


class NewSession(GivenJson):
    """A sign-in."""

    code: Annotated[Words, Field(min_length=1, max_length=LONGEST_WX_CODE, description="what `wx.login` gave")]


class Invitation(GivenJson):
    """An invitation."""

    code: Annotated[Words, Field(min_length=1, max_length=LONGEST_NAME, examples=["ABCD-2345"])]


class Place(GivenJson):
    """Where it is, in the coordinates that `wx.chooseLocation` gives."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    address: Annotated[Line, Field(max_length=LONGEST_ADDRESS)] = ""


class NewCase(GivenJson):
    """A case (诉求) as a resident hands it in."""

    grid: Annotated[Name, Field(min_length=1, description="the grid's code")]
    description: Annotated[Words, Field(min_length=1, max_length=LONGEST_TEXT)]
    title: Annotated[Line, Field(max_length=LONGEST_TITLE, description="made from the description if left out")] = ""
    event_type: Name = ""
    urgent: bool = False
    place: Place | None = None
    attachments: AttachmentIds


_SOMETHING: JsonValue = [
    {"properties": {"text": {"type": "string", "pattern": WORDS_PATTERN}}, "required": ["text"]},
    {"properties": {"attachments": {"type": "array", "minItems": 1}}, "required": ["attachments"]},
]


class NewMessage(GivenJson):
    """A word more on a case, from the resident who filed it: a text, attachments, or both."""

    model_config = ConfigDict(json_schema_extra={"anyOf": _SOMETHING})

    text: Annotated[Words, Field(max_length=LONGEST_TEXT)] = ""
    attachments: AttachmentIds

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.text and not self.attachments:
            raise ValueError("a message needs a text, attachments, or both")
        return self


def _apart(given: object) -> object:
    """A query says several in one parameter: ``status=submitted,accepted``."""
    return given.split(",") if isinstance(given, str) else given


class Wanted(Given):
    """Which cases. What is left out narrows nothing."""

    status: Annotated[list[StatusName], BeforeValidator(_apart), Field(min_length=1, max_length=9)] | None = Field(
        None, description="one or several"
    )
    open: bool | None = Field(
        None, description="somebody still owes something: the holder the work, or the resident a rating"
    )
    overdue: bool | None = None
    urgent: bool | None = None
    level: Annotated[Whole, Field(ge=Level.GRID, le=Level.CITY)] | None = None
    region: Name | None = Field(None, description="the code of a region: cases of it and of all below it")
    event_type: Name | None = Field(None, description="a code of the event list, with all below it")
    category: Name | None = None
    department: Annotated[Line, Field(max_length=LONGEST_TITLE)] | None = Field(None, description="by its name")
    holder: Name | None = Field(None, description="a member of staff by name, as on the notice board")
    mine: Literal["filed", "held"] | None = Field(None, description="what I filed, or what I hold")
    since: Day | None = Field(None, description="the first day on which it was filed, in China")
    until: Day | None = Field(None, description="the last such day")
    q: Annotated[Words, Field(max_length=LONGEST_WORDS)] | None = Field(
        None, description="words of title or text, all of them, each at least one character; or a number"
    )


class CaseFilters(Wanted, Paging):
    """Which cases, and which page."""

    filter: Name | None = Field(None, description="the name of a saved filter; what is given beside it goes before it")


class NewFilter(Wanted, GivenJson):
    """A search to keep: the parameters of `GET /cases`."""


class Told(BaseModel):
    """What we answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Region(Told):
    code: str
    name: str


class HeldDuty(Told):
    """A duty in force today."""

    duty: str
    region: Region


class Person(Told):
    id: int
    name: str = Field(description="empty for a resident who has not told it")
    duties: list[HeldDuty]


class Session(Told):
    token: str = Field(description="for `Authorization: Bearer …`; shown this once")
    expires_at: Moment
    person: Person


class BoardGrid(Region):
    kind: str = Field(description="`comprehensive`, `dedicated` or empty")
    village: str
    town: str


class BoardPerson(Told):
    name: str
    duty: str
    phone: str = Field(description="masked, or empty", examples=["138****5678"])


class Board(Told):
    """The public notice board of a grid."""

    grid: BoardGrid
    chief: BoardPerson | None
    workers: list[BoardPerson]
    duties: list[str] = Field(description="what the grid does for people, a sentence each")
    supervision_phone: str
    accept_hours: float = Field(description="working hours within which a case is accepted")
    resolve_days: float = Field(description="working days within which a case is resolved on the grid's level")


class PlaceShown(Told):
    latitude: float
    longitude: float
    address: str


class Holder(Told):
    name: str


class Step(Told):
    """One row of the timeline."""

    at: Moment
    by: str = Field(description="a member of staff by name, otherwise the role")
    role: str = Field(description="`resident`, `holder`, `helper`, `overseer` or `system`")
    action: str
    note: str
    hidden: bool = Field(description="the note is for staff only; others get it empty")
    from_level: int
    to_level: int


class CaseLine(Told):
    """A case in a list."""

    number: int
    title: str
    status: Status
    level: int = Field(description="1 grid, 2 village, 3 town, 4 county, 5 city")
    grid: str | None = Field(description="the grid's code")
    grid_name: str | None
    unit: str | None = Field(description="the code of the region whose queue it lies in")
    unit_name: str | None
    holder: Holder | None
    urgent: bool
    created_at: Moment
    accept_due: Moment | None
    resolve_due: Moment | None
    due: Moment | None = Field(description="the deadline that runs now")
    overdue: bool


class CasePage(Told):
    items: list[CaseLine]
    next: str | None = Field(description="the cursor of the next page; null on the last one")


class SavedFilter(Told):
    """A search under a name."""

    name: str
    wanted: dict[str, object] = Field(description="parameters of `GET /cases`")


class SavedFilters(Told):
    items: list[SavedFilter]


class Case(Told):
    """A case (诉求) in full."""

    number: int
    title: str
    description: str
    status: Status
    level: int = Field(description="1 grid, 2 village, 3 town, 4 county, 5 city")
    grid: str | None = Field(description="the grid's code")
    grid_name: str | None
    unit: str | None = Field(description="the code of the region whose queue it lies in")
    unit_name: str | None
    department: str | None = Field(description="the department of that region with which it lies")
    holder: Holder | None
    event_type: str | None
    category: str | None
    urgent: bool
    place: PlaceShown | None
    attachments: list[Attachment]
    created_at: Moment
    accept_due: Moment | None
    resolve_due: Moment | None
    overdue: bool
    rating: int | None
    kind: str = Field(
        description="`case`; `complaint` about staff; `held`: a person of the town looks at its words first"
    )
    suspended_until: Moment | None = Field(description="when the clock goes on by itself")
    merged_into: int | None = Field(description="the number of the original that this one follows")
    alike: list[int] = Field(description="for staff only: numbers of what may be the same, to be merged")
    timeline: list[Step] = Field(description="oldest first")


class Fault(Told):
    field: str
    detail: str


class Problem(Told):
    """What went wrong (RFC 9457). Programs go by `code`, which never changes; `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    facts: dict[str, object]
    errors: list[Fault] | None = Field(None, description="with `bad_input`: every field that is wrong")
