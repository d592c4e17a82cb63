"""What goes in and out about notices (通知)."""

from typing import Annotated, Literal, get_args
from uuid import UUID

from pydantic import Field

from domain.duty import Duty
from miniprogram_api.schemas import LONGEST_NAME, Line, Moment, Name, Region, Told, Words
from miniprogram_api.schemas_people import GivenMoment
from services.notices import LONGEST_NOTE
from services.notices_draft import LONGEST, LONGEST_LINK, LONGEST_TITLE
from services.notices_visits import MOST_AT_ONCE
from web.bodies import GivenJson, Whole

NoticeState = Literal[
    "preview",
    "awaiting",
    "scheduled",
    "sending",
    "resting",
    "paused",
    "sent",
    "cancelled",
    "refused",
    "recalled",
    "expired",
]
NoticeActionName = Literal["send", "show_me", "approve", "refuse", "pause", "resume", "cancel", "recall"]
DutyName = Literal[
    "grid_worker",
    "part_time_worker",
    "volunteer",
    "grid_chief",
    "liaison",
    "village_secretary",
    "village_agent",
    "commander",
    "town_agent",
    "department_officer",
    "inspector",
    "admin",
]
assert set(get_args(DutyName)) == {str(duty) for duty in Duty}  # noqa: S101 - a duty that was added is added here

Code = Annotated[Name, Field(min_length=1)]


class Audience(GivenJson):
    """Whom it is for, within the region; left out: every resident."""

    duties: list[DutyName] = Field(
        default_factory=list, max_length=len(Duty), description="staff who hold one of these, instead of residents"
    )
    open_case_of: Annotated[Name, Field(description="only those with an open case of this event type (its code)")] = ""


class NewNotice(GivenJson):
    """A notice, still a preview: nothing is sent."""

    region: Annotated[Code, Field(description="the code of a region of mine; it and everything below")]
    text: Annotated[Words, Field(min_length=1, max_length=LONGEST)]
    title: Annotated[Line, Field(max_length=LONGEST_TITLE)] = ""
    link: Annotated[Line, Field(max_length=LONGEST_LINK, description="begins with https://")] = ""
    picture: Annotated[UUID, Field(strict=False, description="a photo of mine")] | None = None
    urgent: Annotated[bool, Field(description="goes out in quiet hours too")] = False
    starts_at: GivenMoment | None = None
    expires_at: Annotated[GivenMoment, Field(description="what has not gone out then is not sent any more")] | None = (
        None
    )
    audience: Audience = Field(default_factory=Audience)


class Asked(GivenJson):
    """A region and an audience, to ask how many that are."""

    region: Code
    audience: Audience = Field(default_factory=Audience)


class NoticeAction(GivenJson):
    """One step. A refusal needs a note."""

    action: NoticeActionName
    note: Annotated[Line, Field(max_length=LONGEST_NOTE)] = ""


class Visits(GivenJson):
    """Whom I have told in person."""

    recipients: list[Annotated[Whole, Field(ge=1, le=2**63 - 1)]] = Field(min_length=1, max_length=MOST_AT_ONCE)
    photo: (
        Annotated[UUID, Field(strict=False, description="a photo of mine: of the visit, or of the notice on the door")]
        | None
    ) = None


class Estimate(Told):
    """How many it would reach if it went out now, by the channel that is open for each."""

    people: int
    custom: int = Field(description="get the whole text as a message")
    template: int = Field(description="get a template message with a link")
    subscription: int = Field(description="get a subscription message with a link, of the account or the mini program")
    inbox: int = Field(description="find it in their inbox only")
    nothing: int = Field(description="have no WeChat here: somebody must tell them")


class NoticeAudience(Told):
    duties: list[DutyName]
    open_case_of: str


class Notice(Told):
    """A notice as its senders see it."""

    id: int = Field(description="the number that people type")
    state: NoticeState
    title: str
    text: str
    link: str
    picture: UUID | None
    region: Region
    audience: NoticeAudience
    urgent: bool
    author: str
    mine: bool
    reach: int = Field(description="how many people it is for")
    estimate: Estimate | None = Field(description="while it has not begun")
    created_at: Moment
    starts_at: Moment | None
    expires_at: Moment | None
    sent_at: Moment | None = Field(description="when sending began")
    ended_at: Moment | None


class NoticePage(Told):
    items: list[Notice]
    next: str | None = Field(description="the cursor of the next page; null on the last one")


class NewsItem(Told):
    """A notice as community news (社区动态)."""

    id: int
    title: str
    text: str
    link: str
    picture: UUID | None
    urgent: bool
    region: Region
    sent_at: Moment
    expires_at: Moment | None


class News(Told):
    items: list[NewsItem]
    next: str | None = Field(description="the cursor of the next page; null on the last one")


class Figures(Told):
    """How a notice is going. Everybody it is for is in exactly one of `sent` … `left`."""

    id: int
    state: NoticeState
    people: int
    sent: int
    inbox: int = Field(description="no channel was open: it lies in their inbox")
    failed: int
    uncertain: int = Field(description="WeChat's answer got lost: it may have arrived")
    recalled: int
    expired: int
    left: int
    opened: int = Field(description="have opened the link")
    visited: int = Field(description="were told in person")
    unvisited: int = Field(description="reached by no channel, and not told in person yet")
    channels: dict[str, int] = Field(description="those sent, by channel")
    reasons: dict[str, int] = Field(description="those not reached, by reason")
    seconds_left: int | None = Field(description="at the pace of the last minute; null while that is not known")
    sent_at: Moment | None
    ended_at: Moment | None


class ReportLine(Told):
    """One village."""

    code: str = Field(max_length=LONGEST_NAME, description="empty where no village is known")
    village: str
    people: int
    sent: int
    channels: dict[str, int]
    inbox: int
    failed: int
    uncertain: int
    recalled: int
    expired: int
    left: int
    opened: int
    visited: int
    unvisited: int
    reasons: dict[str, int]


class Report(Told):
    """Counts by village, no personal data; the same after the recipients were thinned to counts."""

    id: int
    items: list[ReportLine]


class NotReached(Told):
    """Somebody to tell in person."""

    recipient: int
    name: str = Field(description="masked, or empty")
    grid: str
    why: str = Field(examples=["not_following"])


class NotReachedPage(Told):
    items: list[NotReached]
    next: str | None = Field(description="the cursor of the next page; null on the last one")


class VisitsTold(Told):
    recorded: int = Field(description="of these, how many were still to be told")


class ToldInPerson(Told):
    """Somebody who was told in person."""

    recipient: int
    name: str = Field(description="masked, or empty")
    grid: str
    at: Moment
    by: str
    photo: UUID | None = Field(description="`GET /attachments/{id}` has its address")


class ToldPage(Told):
    items: list[ToldInPerson]
    next: str | None = Field(description="the cursor of the next page; null on the last one")
