"""A worker's own findings (自主采集, DOMAIN §2): filed on the way, and resolved where it was mended at once."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from domain.case import Action
from domain.errors import NotAllowed
from models import Attachment, Case, Delivery
from services.access import Actor
from services.case_filing import Filing
from services.cases import Cases
from services.ports import Clock
from services.transaction import transaction

SOURCE = "found"


class Findings:
    def __init__(self, clock: Clock, cases: Cases) -> None:
        self._clock = clock
        self._cases = cases

    async def file(self, by: Actor, filing: Filing, *, done: str = "", after: Sequence[UUID] = ()) -> tuple[Case, bool]:
        """File what *by* has found, with photos of before; with *done* it is accepted and resolved in the same step.

        ``done`` says what was done, *after* are the photos of it. Returns the case, and whether it is resolved: it is
        not where somebody else has to look after it (another grid, or urgent and already above); then it waits there,
        and nothing of what was said is lost. All of it is written or nothing. Raises NotAllowed for whoever is no
        staff, and what :meth:`services.cases.Cases.file_named` and :meth:`~services.cases.Cases.act` raise.
        """
        if not by.is_staff:
            raise NotAllowed("only staff file findings; residents file cases")
        async with transaction():
            case = (await self._cases.file_named(by, replace(filing, source=SOURCE))).case
            number = case.number or 0
            if not done or case.holder_id != by.person_id:
                return case, False
            await self._cases.act(by, number, Action.ACCEPT)
            # Uploaded before the acceptance a line above, by which the photo rule goes; taken after the work.
            await Attachment.filter(id__in=list(after), person_id=by.person_id, case_id=None).update(
                created_at=self._clock.now()
            )
            case = await self._cases.act(by, number, Action.RESOLVE, note=done, attachments=after)
            # Nobody needs to be told what they have just done themselves.
            await Delivery.filter(case_id=case.id, person_id=by.person_id, state="owed").delete()
            return case, True
