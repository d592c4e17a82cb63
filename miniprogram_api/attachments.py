"""Attachments: announced here, uploaded straight to the store, read from it by short-lived addresses."""

from uuid import UUID

from domain.errors import BadInput, NotFound, TooLarge, UploadRefused
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Nothing
from miniprogram_api.schemas_attachments import AnnouncedAttachment, Attachment, NewAttachment, UploadTicket
from models import Attachment as Row
from services.access import Actor
from services.desk import Desk
from services.ports import Expected
from services.uploads import Link

TAG = "Attachments"


async def announce(call: Call[NewAttachment, Nothing]) -> AnnouncedAttachment:
    given = call.body
    announced, ticket = await call.desk.uploads.ask(call.by, Expected(given.size, given.sha256, given.media_type))
    upload = UploadTicket(method=ticket.method, url=ticket.url, fields=dict(ticket.fields))
    return AnnouncedAttachment(id=str(announced), upload=upload)


async def show(call: Call[Nothing, Nothing]) -> Attachment:
    found = await call.desk.uploads.one(call.by, call.attachment)
    return shown(found, call.desk.uploads.link(found))


def shown(found: Row, link: Link) -> Attachment:
    return Attachment(
        id=str(found.id),
        kind=found.kind,
        media_type=found.media_type,
        state=found.state,
        size=found.size,
        url=link.url,
        thumbnail=link.thumbnail,
    )


async def settle_picture(by: Actor, desk: Desk, picture: UUID | None) -> None:
    """Have the picture of a notice or poll looked at before the transaction begins. Raises UploadRefused."""
    if picture is not None:
        await desk.uploads.settle(by, [picture])


ANNOUNCE = Route(
    name="announce_attachment",
    method="POST",
    path="/attachments",
    tag=TAG,
    summary="Announce a photo, recording or video, and get leave to upload it",
    body=NewAttachment,
    query=Nothing,
    answer=AnnouncedAttachment,
    handle=announce,
    status=201,
    repeatable=True,
    refusals=(TooLarge, BadInput),
    more="Types: JPEG, PNG, WebP; MP3, AAC, M4A, AMR; MP4. The upload goes straight to the store, once, within 15 "
    "minutes. The store, or the first use, refuses what is not what was announced, to the byte; the type is told from "
    "the content. Photos are drawn anew, upright and without the place where they were taken. What nobody uses is "
    "deleted after a week. `too_many` means that too many uploads wait to be used.",
)
SHOW = Route(
    name="show_attachment",
    method="GET",
    path="/attachments/{attachment}",
    tag=TAG,
    summary="An attachment, with addresses to read it from",
    body=Nothing,
    query=Nothing,
    answer=Attachment,
    handle=show,
    refusals=(NotFound, UploadRefused),
    more="For whoever may see its case, for whom the notice or poll is that it is the picture of, and for its sender "
    "before it belongs to one. Its sender's first look has the "
    "upload checked: `upload_refused` says in `facts.why` what is wrong with it: `missing` (nothing has arrived yet), "
    "`wrong_size`, `wrong_sum`, `wrong_type`, `unreadable` or `infected`. The addresses work for ten minutes.",
)
