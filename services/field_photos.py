"""Photos of a patrol or a visit: uploads from the mini program, and what is sent in the chat right after."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from models import Attachment
from services.access import Actor
from services.attaching import Attaching
from services.drafts import Drafts, Said


class FieldPhotos:
    """Whose they are is checked here; which patrol or visit they belong to, by the caller, who has locked it."""

    def __init__(self, attaching: Attaching, drafts: Drafts) -> None:
        self._attaching = attaching
        self._drafts = drafts

    async def take(
        self, by: Actor, ids: Sequence[UUID], *, patrol_id: int | None = None, visit_id: int | None = None
    ) -> None:
        """Bind uploads in the open transaction. Raises NotFound, Conflict, UploadRefused, BadInput."""
        if not ids:
            return
        await self._attaching.claim(by.person_id, ids)
        await Attachment.filter(id__in=list(ids)).update(patrol_id=patrol_id, visit_id=visit_id)

    async def keep(
        self, by: Actor, said: Said, now: datetime, *, patrol_id: int | None = None, visit_id: int | None = None
    ) -> None:
        """A photo out of the chat; WeChat's bytes are fetched by a job."""
        attachment_id = await self._drafts.keep_media(by.person_id, said, now)
        # One that somebody else has sent before, and that was forwarded, stays theirs.
        await Attachment.filter(id=attachment_id, person_id=by.person_id).update(patrol_id=patrol_id, visit_id=visit_id)


async def of_patrol(patrol_id: int) -> list[Attachment]:
    return await Attachment.filter(patrol_id=patrol_id).order_by("created_at", "id")


async def of_visit(visit_id: int) -> list[Attachment]:
    return await Attachment.filter(visit_id=visit_id).order_by("created_at", "id")
