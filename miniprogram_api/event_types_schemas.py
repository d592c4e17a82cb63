"""What goes in and out about the event list (事项清单)."""

from typing import Annotated, Literal

from pydantic import Field

from domain.case import Level
from domain.event_list import LONGEST_ACCEPT_HOURS, LONGEST_RESOLVE_DAYS
from miniprogram_api.schemas import LONGEST_NAME, Line, Name, Told, Words
from services.imports_event_types import LONGEST_KEYWORD, MOST_KEYWORDS
from web.bodies import Given, GivenJson, Whole

CategoryName = Literal[
    "public_order",
    "public_safety",
    "city_management",
    "environment",
    "livelihood",
    "general_management",
    "law_enforcement",
    "errands",
]
PhotosName = Literal["none", "after", "both"]
Reason = Annotated[Words, Field(max_length=200)]
_CODE = r"^\w[\w.-]*$"
Code = Annotated[
    Name,
    Field(
        min_length=1,
        pattern=_CODE,
        description="letters, digits, dot, dash, underscore",
        # Checked after the text, the pattern would be lost to the document.
        json_schema_extra={"pattern": _CODE},
    ),
]
LONGEST_LABEL = 60


class ChosenType(GivenJson):
    """The type that a case is of."""

    event_type: Annotated[Name, Field(min_length=1, description="the code of a type on the list")]


class Searched(Given):
    """Words to search by; without them it is what the case says."""

    q: Annotated[Words, Field(max_length=100)] = ""


class NewEventType(GivenJson):
    """A type that somebody proposes for the list."""

    code: Code
    name: Annotated[Line, Field(min_length=1, max_length=LONGEST_LABEL)]
    category: CategoryName
    reason: Annotated[Reason, Field(min_length=1, description="why it is needed")]
    parent: Name = ""
    score_class: Annotated[Literal["A", "B", "C"], Field(description="weight in the monthly score")] = "C"
    usual_level: Annotated[Whole, Field(ge=Level.GRID, le=Level.CITY)] = 1
    accept_hours: Annotated[float, Field(gt=0, le=LONGEST_ACCEPT_HOURS)] | None = None
    resolve_days: Annotated[float, Field(gt=0, le=LONGEST_RESOLVE_DAYS)] | None = None
    photos: PhotosName = "none"
    department: Annotated[Line, Field(max_length=LONGEST_LABEL)] = ""
    urgent: bool = False
    keywords: list[Annotated[Line, Field(min_length=1, max_length=LONGEST_KEYWORD)]] = Field(
        default_factory=list, max_length=MOST_KEYWORDS
    )


class TypeDecision(GivenJson):
    """What becomes of a type. A refusal needs a reason."""

    decision: Literal["approve", "refuse", "retire"]
    reason: Reason = ""


class EventType(Told):
    """A type of the event list."""

    code: str = Field(max_length=LONGEST_NAME)
    name: str
    parent: str | None = Field(description="the code of the type that it belongs to")
    category: CategoryName
    category_name: str = Field(examples=["城市管理"])
    score_class: str = Field(description="`A`, `B` or `C`")
    usual_level: int = Field(description="1 grid, 2 village, 3 town, 4 county, 5 city")
    accept_hours: float | None = Field(description="within which it is accepted; null: the town's usual time")
    resolve_days: float | None = Field(description="within which it is resolved; null: the town's usual time, by level")
    photos: PhotosName = Field(description="what must be there before it is resolved: `after`, or `both` with a before")
    department: str = Field(description="who takes it, or empty")
    urgent: bool = Field(description="its times run around the clock")
    state: str = Field(description="`proposed`, `approved`, `refused` or `retired`")
    reason: str = Field(description="why it was proposed, refused or retired")


class EventTypes(Told):
    """By category, each type before those that belong to it."""

    items: list[EventType]


class Suggested(Told):
    event_type: EventType
    words: list[str] = Field(description="the words that speak for it; empty where it was found by its name")


class Suggestions(Told):
    """The likeliest first; empty where it would be a guess."""

    items: list[Suggested]
