"""What staff find on their way (自主采集)."""

from typing import Annotated

from pydantic import Field

from domain.errors import Conflict, NeedsPhoto, NotAllowed, NotFound, UploadRefused
from miniprogram_api.cases import shown
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Case, NewCase, Nothing, Words
from miniprogram_api.schemas_attachments import AttachmentIds
from services.cases import NOTE_LENGTH, Filing
from web.bodies import GivenJson


class Done(GivenJson):
    """What was done on the spot, with photos of it."""

    note: Annotated[Words, Field(min_length=1, max_length=NOTE_LENGTH)]
    attachments: AttachmentIds


class NewFinding(NewCase):
    """A finding; `attachments` show how it was before."""

    done: Done | None = Field(None, description="left out: it still has to be seen to")


async def uploads(call: Call[NewFinding, Nothing]) -> None:
    given = call.body
    ids = [*given.attachments, *(given.done.attachments if given.done else [])]
    if ids:
        await call.desk.uploads.settle(call.by, ids)


async def file(call: Call[NewFinding, Nothing]) -> Case:
    given, done = call.body, call.body.done
    filing = Filing(
        grid=given.grid,
        description=given.description,
        title=given.title,
        event_type=given.event_type,
        urgent=given.urgent,
        latitude=given.place.latitude if given.place else None,
        longitude=given.place.longitude if given.place else None,
        address=given.place.address if given.place else "",
        attachments=given.attachments,
    )
    case, _ = await call.desk.findings.file(
        call.by, filing, done=done.note if done else "", after=done.attachments if done else ()
    )
    return shown(await call.desk.queues.after(call.by, case))


FILE = Route(
    name="file_finding",
    method="POST",
    path="/findings",
    tag="Cases",
    summary="File what I found, and what I did about it, in one step",
    body=NewFinding,
    query=Nothing,
    answer=Case,
    handle=file,
    before=uploads,
    status=201,
    repeatable=True,
    refusals=(NotAllowed, NotFound, Conflict, NeedsPhoto, UploadRefused),
    more="With `done` it is accepted and resolved as well, where it is mine to look after; where it is somebody "
    "else's (`status` is then `submitted`) it waits for them. All of it is kept or nothing.",
)
