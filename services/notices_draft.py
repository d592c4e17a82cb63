"""What a notice may hold, and what of it is refused before anything is kept."""

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from domain.errors import BadInput
from domain.notice import Audience
from models import Attachment, EventType
from services.access import Actor

LONGEST = 600
"""Characters; WeChat takes 2,048 bytes in one message, and Chinese has three bytes a character."""
LONGEST_BYTES = 1800
"""The region's name stands before it; an emoji has four bytes and more."""
LONGEST_TITLE = 30
LONGEST_LINK = 400


@dataclass(frozen=True, slots=True)
class More:
    """What a notice may hold beside its region and its text."""

    title: str = ""
    link: str = ""
    picture: UUID | None = None
    urgent: bool = False
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    audience: Audience = field(default_factory=Audience)


def check_text(text: str, more: More) -> None:
    if not text:
        raise BadInput("a notice needs a text", field="text")
    if len(more.title) > LONGEST_TITLE:
        raise BadInput(f"a title must have at most {LONGEST_TITLE} characters", field="title", longest=LONGEST_TITLE)
    longest = min(LONGEST, len(text.encode("utf-8", "replace")[:LONGEST_BYTES].decode("utf-8", "ignore")))
    if len(text) > longest:
        raise BadInput(
            f"this notice must have at most {longest} characters", field="text", longest=longest, has=len(text)
        )
    if more.link and (len(more.link) > LONGEST_LINK or not _is_address(more.link.strip())):
        raise BadInput("a link begins with https://", field="link", longest=LONGEST_LINK)


def _is_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and link.isprintable() and " " not in link


async def check_picture(by: Actor, picture: UUID) -> None:
    """Hold a photo of *by*'s own for a notice that is about to have it. Raises BadInput for any other."""
    own = Attachment.filter(id=picture, person_id=by.person_id, kind="photo", state="kept")
    # Locked: what nothing uses may just be about to be forgotten (services/media.py).
    if await own.select_for_update().get_or_none() is None:
        raise BadInput("this is no photo of yours", field="picture")


async def check_parts(by: Actor, more: More) -> None:
    if more.picture is not None:
        await check_picture(by, more.picture)
    code = more.audience.open_case_of
    if code and not await EventType.filter(code=code).exists():
        raise BadInput("there is no such type on the list", field="open_case_of")
