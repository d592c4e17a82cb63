"""Attachments, field by field."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from web.bodies import GivenJson, Text, Whole

LONGEST_FILENAME = 255
LARGEST_FILE = 1024**3
MOST_IDS = 50
"""Of one body; the town's own limit is a setting, and lower."""
_SHA256 = "^[0-9a-fA-F]{64}$"

AttachmentId = Annotated[UUID, Field(strict=False, examples=["5b0c9f0e-3c7e-4a35-9d5e-0d3f3f6f5a11"])]
AttachmentIds = Annotated[
    list[AttachmentId],
    Field(default_factory=list, max_length=MOST_IDS, description="ids that `POST /attachments` gave, uploaded, unused"),
]


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Attachment(_Told):
    id: str
    kind: str = Field(description="`photo`, `voice` or `video`")
    media_type: str
    state: str = Field(
        description="`asked`: announced, not looked at yet; `pending`: still on its way from WeChat; `kept`; `lost`; "
        "`held`: the town looks at it first; `refused`: the town does not show it"
    )
    size: int = Field(description="bytes")
    url: str = Field(description="where it is read, for ten minutes; empty unless `kept`")
    thumbnail: str = Field(description="a small JPEG of a photo, likewise; may be empty")


class NewAttachment(GivenJson):
    """A file to upload: what it is, to the byte."""

    name: Annotated[
        Text, Field(min_length=1, max_length=LONGEST_FILENAME, description="for the sender only; it is not kept")
    ]
    size: Whole = Field(ge=1, le=LARGEST_FILE, description="bytes")
    sha256: Annotated[
        Text,
        AfterValidator(str.lower),
        Field(
            pattern=_SHA256,
            description="in hex",
            json_schema_extra={"pattern": _SHA256},
            examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
        ),
    ]
    media_type: Annotated[Text, Field(min_length=1, max_length=60, examples=["image/jpeg"])]


class UploadTicket(_Told):
    method: str = Field(description="`PUT`: the bytes, `fields` as headers; `POST`: a form, the file last as `file`")
    url: str
    fields: dict[str, str]


class AnnouncedAttachment(_Told):
    id: str
    upload: UploadTicket
