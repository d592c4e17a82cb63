"""Photos that staff add to a case on its page: looked at, drawn anew and bound as those out of the mini program are."""

import asyncio
import hashlib
from collections.abc import Sequence

from domain.case import RUNNING, Role, Status
from domain.errors import BadInput, IllegalMove, NotAllowed
from models import Case
from services import access
from services.access import Actor
from services.attaching import Attaching
from services.idempotency import Answer, Idempotencies
from services.uploads import Uploads

_STAFF = frozenset({Role.HOLDER, Role.OVERSEER, Role.HELPER})
WITH_PHOTOS = frozenset({*RUNNING, Status.SUSPENDED, Status.RESOLVED})
"""In which a case can be given photos on its page."""
_ROUTE = "photos"
_DONE = 201
_ROOM = asyncio.Semaphore(2)
"""Forms with photos in work at a time in one process: each holds some 40 MB meanwhile."""


class StaffPhotos:
    def __init__(self, uploads: Uploads, attaching: Attaching, idempotencies: Idempotencies) -> None:
        self._uploads = uploads
        self._attaching = attaching
        self._idempotencies = idempotencies

    async def check(self, by: Actor, number: int) -> None:
        """Whether *by* may add photos to case *number*. Raises NotFound, NotAllowed, IllegalMove once it is over."""
        case, roles = await access.case_for(by, number)
        _refuse(case, roles)

    async def add(self, by: Actor, number: int, photos: Sequence[bytes], *, key: str) -> None:
        """Add *photos* in their order: by it the photo rule tells before from after (services/case_photos.py).

        They belong to the last step of *by* in the case, as photos out of the chat do. The same *key* counts once.
        Raises NotFound, NotAllowed, IllegalMove, BadInput, UploadRefused, TooLarge, TooMany, Unavailable,
        IdempotencyMismatch. Must not be called inside a transaction.
        """
        await self.check(by, number)
        if not photos:
            raise BadInput("no photo is chosen", field="photos", why="none")
        if not key:
            raise BadInput("the form lacks its own number", field="once", why="missing")
        body = " ".join(hashlib.sha256(one).hexdigest() for one in photos)
        where = f"{_ROUTE} {number}"
        if await self._idempotencies.has(by.person_id, where, key):
            await self._idempotencies.once(by.person_id, where, key, body, _nothing)
            return
        async with _ROOM:
            ids = [await self._uploads.take(by, photo) for photo in photos]

        async def work() -> Answer:
            case, roles = await access.case_for(by, number, lock=True)
            _refuse(case, roles)
            taken = await self._attaching.take(by.person_id, ids, case)
            await self._attaching.to_step(by.person_id, taken, case)
            return Answer(_DONE, "")

        # Of two at the same moment one binds its photos; what the other has drawn is forgotten within a week.
        await self._idempotencies.once(by.person_id, where, key, body, work)


def _refuse(case: Case, roles: frozenset[Role]) -> None:
    if not roles & _STAFF:
        raise NotAllowed("photos on this page are for its staff", number=case.number)
    if case.status not in WITH_PHOTOS:
        raise IllegalMove("the case is over", number=case.number, status=case.status, action="photos")


async def _nothing() -> Answer:
    """Never run where the key is known; should it have been forgotten meanwhile, nothing is done either."""
    return Answer(_DONE, "")
