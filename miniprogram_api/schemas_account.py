"""An account: its phone number, its sign-ins, what is kept of it, and its end."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from miniprogram_api.schemas import LONGEST_WX_CODE, HeldDuty, Moment, SavedFilter, Told, Words
from services.looks import REASON_LENGTH
from web.bodies import GivenJson


class PhoneCode(GivenJson):
    """A phone number that WeChat vouches for."""

    code: Annotated[Words, Field(min_length=1, max_length=LONGEST_WX_CODE, description="what `getPhoneNumber` gave")]
    keep: bool = Field(
        False, description="whoever works my cases may call me: the number is kept, and each look at it is noted"
    )


class EndOfAccount(GivenJson):
    """What must be said to end an account, since nothing brings it back."""

    confirm: Literal["delete my account"]


class LookAtPhone(GivenJson):
    """Why somebody needs the whole number."""

    reason: Annotated[Words, Field(min_length=1, max_length=REASON_LENGTH)]


class PhoneShown(Told):
    phone: str = Field(examples=["13812345678"])


class SignIn(Told):
    """One device that is signed in."""

    id: int
    created_at: Moment
    expires_at: Moment
    current: bool = Field(description="it is the one that asks")


class SignIns(Told):
    items: list[SignIn] = Field(description="newest first")
    next: str | None = Field(None, description="always null: there are no further pages")


class OwnCase(Told):
    number: int
    title: str
    description: str
    status: str
    created_at: Moment
    address: str
    latitude: float | None
    longitude: float | None
    rating: int | None
    rating_note: str
    messages: list[str] = Field(description="my own words, oldest first")


class OwnAttachment(Told):
    id: UUID
    kind: str
    state: str
    size: int = Field(description="bytes")
    created_at: Moment


class OwnLook(Told):
    """Somebody who works a case of mine has looked at my whole number."""

    at: Moment
    reason: str


class OwnAgreement(Told):
    account: str = Field(description="`official` or `mini`")
    template_id: str
    left: int


class OwnData(Told):
    """Everything that is kept of me."""

    id: int
    name: str
    phone: str
    grid: str = Field(description="the grid whose code I scanned, by name")
    duties: list[HeldDuty]
    since: Moment
    wechat_accounts: list[str] = Field(description="`official`: I follow the account; `mini`: the mini program")
    sign_ins: list[SignIn]
    filters: list[SavedFilter]
    cases: list[OwnCase] = Field(description="the newest 1,000 that I filed")
    draft: list[str] = Field(description="what I have said for a case that is not filed yet")
    messages_received: int
    attachments: list[OwnAttachment] = Field(
        description="the newest 1,000 that I sent; `GET /attachments/{id}` has them"
    )
    looks_at_my_number: list[OwnLook] = Field(description="newest first")
    agreed_messages: list[OwnAgreement]
    office_phone: str = Field(description="what a board shows of staff")
