"""Uploads bound to a case, in the case's own transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.complaint import COMPLAINT
from domain.errors import BadInput, Conflict, NotFound, UploadRefused
from models import Attachment, Case, CaseEvent, CaseMessage, MediaCheck
from services.transaction import row
from services.uploads import REFUSED

LOOKED_AT = frozenset({"photo", "voice"})
"""WeChat looks at no videos."""


@dataclass(frozen=True, slots=True)
class Attaching:
    """How many attachments may come at once, and how many a case may have in all."""

    at_once: int = 9
    in_case: int = 60
    looked_at: bool = False
    """Whether WeChat is asked about what residents send (:mod:`services.media_checks`)."""

    async def take(self, person_id: int, ids: Sequence[UUID], case: Case) -> list[Attachment]:
        """Bind *ids* to *case*, whose row the caller has locked: uploads of that person, looked at and not used yet.

        Raises NotFound (also for somebody else's), Conflict (used before), UploadRefused, BadInput (too many).
        """
        if not ids:
            return []
        found = await self.claim(person_id, ids)
        there = (await row("SELECT count(*) AS n FROM attachment WHERE case_id = $1", case.id))["n"]
        if there + len(ids) > self.in_case:
            raise BadInput(
                f"a case may have {self.in_case} attachments", field="attachments", longest=self.in_case, there=there
            )
        await Attachment.filter(id__in=list(ids)).update(case_id=case.id)
        return found

    async def claim(self, person_id: int, ids: Sequence[UUID]) -> list[Attachment]:
        """Lock uploads that nothing uses yet, for whatever is about to. Raises as :meth:`take`."""
        if len(set(ids)) != len(ids):
            raise BadInput("attachments names one twice", field="attachments")
        if len(ids) > self.at_once:
            raise BadInput(f"at most {self.at_once} attachments at once", field="attachments", longest=self.at_once)
        # In one order, so that two who want the same do not wait for each other.
        locked = await Attachment.filter(id__in=list(ids), media_id=None).order_by("id").select_for_update()
        found = {one.id: one for one in locked if one.person_id == person_id}
        for wanted in ids:
            _check(wanted, found.get(wanted))
        return [found[one] for one in ids]

    async def with_words(self, person_id: int, ids: Sequence[UUID], case: Case, now: datetime) -> list[Attachment]:
        """What a resident sends: each is one message of theirs, which the photo rule of the event type goes by."""
        taken = await self.take(person_id, ids, case)
        await CaseMessage.bulk_create(
            [
                CaseMessage(case_id=case.id, person_id=person_id, at=now, kind=one.kind, attachment_id=str(one.id))
                for one in taken
            ]
        )
        if self.looked_at and case.kind != COMPLAINT:  # for the inspector alone
            await MediaCheck.bulk_create(
                [
                    MediaCheck(attachment_id=one.id, case_id=case.id, state="owed", at=now, next_at=now)
                    for one in taken
                    if one.kind in LOOKED_AT
                ]
            )
        return taken

    async def to_step(self, person_id: int, taken: Sequence[Attachment], case: Case) -> None:
        """What staff send with a step belongs to its row in the history."""
        if not taken:
            return
        last = await CaseEvent.filter(case_id=case.id, person_id=person_id).order_by("-id").first()
        if last is not None:
            await Attachment.filter(id__in=[one.id for one in taken]).update(event_id=last.id)


def _check(wanted: UUID, found: Attachment | None) -> None:
    if found is None:
        raise NotFound("there is no such attachment among yours", attachment=str(wanted))
    if (found.case_id, found.patrol_id, found.visit_id) != (None, None, None):
        raise Conflict("this attachment is in use already", attachment=str(wanted), why="used")
    if found.state == "refused":
        raise UploadRefused(REFUSED[found.refused], why=found.refused, attachment=str(wanted))
    if found.state != "kept":
        raise UploadRefused("nothing has been uploaded yet", why="missing", attachment=str(wanted))
