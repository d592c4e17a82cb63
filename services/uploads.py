"""Uploads from the mini program: announced, sent straight to the store, looked at when they are used.

The way of an upload, and what may fail at each step:

1. announced: type, size and count checked, a row *asked* written, leave to upload signed   -> 413, 422, 429
2. the client puts the bytes where uploads arrive; the store holds it to the size           -> the store's refusal
3. used: size, sum and type are what was announced; scanned; drawn anew; kept under another
   key, so that nobody can change afterwards what was looked at; the row becomes *kept*     -> *refused* for good
4. what arrived is deleted. Killed before: a day later the sweep of leftovers does it
5. bound to a case in the case's transaction (services/attaching.py)                        -> 404, 409
6. never used: deleted with its row by :meth:`services.media.Medias.forget_loose`
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import structlog

from domain.errors import BadInput, Conflict, NotFound, TooLarge, TooMany, UploadRefused
from models import Attachment
from services import access
from services.access import Actor
from services.media import malware, processed, store, upload_key
from services.media_kinds import ENDINGS, KINDS, kind_of, same_kind, told_by
from services.pictures import BYTES, Unreadable
from services.ports import Clock, Expected, Media, Scanner, Storage, Ticket
from services.transaction import row

log = structlog.get_logger(__name__)

LINK_SECONDS = 600
"""Long enough to look through a case; who saves the address has nothing from it."""
UPLOAD_SECONDS = 900
_ASK_AGAIN = 3600
_AT_ONCE = 2
"""Photos in work at a time in one process: each may need 150 MB while it is drawn."""

# What was announced an hour ago and did not come counts no more.
_WAITING = """
SELECT count(*) AS n FROM attachment
WHERE person_id = $1 AND case_id IS NULL AND patrol_id IS NULL AND visit_id IS NULL AND media_id IS NULL
  AND (state = 'kept' OR state = 'asked' AND created_at > $2)
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes at most."""

    photo: int = 10 * 1024 * 1024
    voice: int = 2 * 1024 * 1024
    video: int = 20 * 1024 * 1024

    def of(self, kind: str) -> int:
        return {"photo": self.photo, "voice": self.voice}.get(kind, self.video)


@dataclass(frozen=True, slots=True)
class Link:
    """Where a client reads an attachment, for ten minutes. Empty where there is nothing to read (yet)."""

    url: str = ""
    thumbnail: str = ""


class Uploads:
    def __init__(self, clock: Clock, storage: Storage, scanner: Scanner, sizes: Sizes, *, waiting: int = 30) -> None:
        """*waiting* is how many one person may have announced or uploaded without using them."""
        self._clock = clock
        self._storage = storage
        self._scanner = scanner
        self._sizes = sizes
        self._waiting = waiting
        self._room = asyncio.Semaphore(_AT_ONCE)

    @property
    def longest_photo(self) -> int:
        """Bytes."""
        return self._sizes.photo

    async def ask(self, by: Actor, expected: Expected) -> tuple[UUID, Ticket]:
        """Announce an upload. Raises BadInput (a type that is not taken), TooLarge, TooMany."""
        kind = kind_of(expected.media_type)
        if not kind:
            raise BadInput(f"media_type must be one of {', '.join(KINDS)}", field="media_type", known=[*KINDS])
        longest = self._sizes.of(kind)
        if expected.size > longest:
            raise TooLarge(f"a {kind} may have {longest} bytes", longest=longest, kind=kind)
        now = self._clock.now()
        waiting = (await row(_WAITING, by.person_id, now - timedelta(hours=1)))["n"]
        if waiting >= self._waiting:
            raise TooMany(f"{waiting} uploads wait to be used: use them first", waiting=waiting, retry_after=_ASK_AGAIN)
        attachment_id = uuid4()
        await Attachment.create(
            id=attachment_id,
            person_id=by.person_id,
            kind=kind,
            state="asked",
            key=f"{now:%Y/%m}/{attachment_id}",
            media_type=expected.media_type,
            size=expected.size,
            sha256=expected.sha256,
            created_at=now,
        )
        return attachment_id, self._storage.ticket(upload_key(attachment_id), expected, seconds=UPLOAD_SECONDS)

    async def check_wanted(self, key: str) -> None:
        """Whether an upload under *key* still waits for its bytes. Raises Conflict, NotFound."""
        try:
            attachment_id = UUID(key.rpartition("/")[2])
        except ValueError:
            raise NotFound("no upload was announced here") from None
        found = await Attachment.get_or_none(id=attachment_id)
        if found is None or upload_key(found.id) != key:
            raise NotFound("no upload was announced here")
        if found.state != "asked":
            raise Conflict("this upload has been used: announce a new one", why="used")

    async def settle(self, by: Actor, ids: Sequence[UUID]) -> None:
        """Look at those of *ids* that *by* has announced and nobody has looked at yet; others are passed over.

        Must be called outside a transaction: it takes as long as the store and the pictures do. May run twice, and at
        the same time. Raises UploadRefused, Unavailable.
        """
        asked = await Attachment.filter(id__in=list(ids), person_id=by.person_id, state="asked", case_id=None)
        done = await asyncio.gather(*(self._settle(one) for one in asked), return_exceptions=True)
        for failure in done:
            if failure is not None:
                raise failure

    async def take(self, by: Actor, data: bytes) -> UUID:
        """A photo that came through one of our own pages: announced, put where uploads arrive, and looked at.

        Raises as :meth:`ask` and :meth:`settle` do; what is no photo is UploadRefused with ``why`` "wrong_type".
        """
        media_type = told_by(data)
        if kind_of(media_type) != "photo":
            raise UploadRefused("this is no photo", why="wrong_type")
        expected = Expected(len(data), await asyncio.to_thread(_sum, data), media_type)
        attachment_id, _ = await self.ask(by, expected)
        await self._storage.put(upload_key(attachment_id), data, media_type)
        await self.settle(by, [attachment_id])
        return attachment_id

    async def _settle(self, found: Attachment) -> None:
        async with self._room:
            arrived = upload_key(found.id)
            try:
                size = await self._storage.size(arrived)
                data = await self._storage.get(arrived) if size == found.size else b""
            except NotFound:
                if await Attachment.filter(id=found.id, state="asked").exists():
                    raise UploadRefused(
                        "nothing has been uploaded yet", why="missing", attachment=str(found.id)
                    ) from None
                return  # somebody else was faster
            if size != found.size:
                await self._refuse(found, "wrong_size")
            if await asyncio.to_thread(_sum, data) != found.sha256:
                await self._refuse(found, "wrong_sum")
            if not same_kind(data, found.media_type):
                await self._refuse(found, "wrong_type")
            infected = await malware(self._scanner, found.kind, data)
            if infected:
                log.warning("upload_infected", attachment=str(found.id), found=infected)
                await self._refuse(found, "infected")
            try:
                kept = await processed(found.kind, Media(data, told_by(data)))
            except Unreadable:
                await self._refuse(found, "unreadable")
            if kept.media.media_type == BYTES:
                await self._refuse(found, "unreadable")
            await store(self._storage, found, kept, found.key, state="asked")
            await self._storage.delete(arrived)

    async def _refuse(self, found: Attachment, why: str) -> None:
        await Attachment.filter(id=found.id, state="asked").update(state="refused", refused=why)
        await self._storage.delete(upload_key(found.id))
        raise UploadRefused(REFUSED[why], why=why, attachment=str(found.id))

    async def one(self, by: Actor, attachment_id: UUID) -> Attachment:
        """An attachment that *by* may see; their own upload is looked at on the way.

        Raises NotFound, UploadRefused, Unavailable.
        """
        found = await access.attachment_for(by, attachment_id)
        if found.state == "asked":
            await self.settle(by, [attachment_id])
            found = await access.attachment_for(by, attachment_id)
        if found.state == "refused":
            raise UploadRefused(REFUSED[found.refused], why=found.refused, attachment=str(found.id))
        return found

    def link(self, found: Attachment) -> Link:
        """Short-lived addresses of the attachment and of its small picture."""
        return link_to(self._storage, found) if found.state == "kept" else Link()


def link_to(storage: Storage, found: Attachment) -> Link:
    """The addresses of what is in the store, whoever may see it."""
    filename = "" if found.kind == "photo" else f"{found.kind}-{found.id}.{ENDINGS.get(found.media_type, 'bin')}"
    url = storage.link(found.key, found.media_type, seconds=LINK_SECONDS, filename=filename)
    if not found.thumb_key:
        return Link(url)
    return Link(url, storage.link(found.thumb_key, "image/jpeg", seconds=LINK_SECONDS))


REFUSED = {
    "wrong_size": "what was uploaded is longer or shorter than was announced",
    "wrong_sum": "what was uploaded does not have the SHA-256 that was announced",
    "wrong_type": "what was uploaded is something else than its media_type says",
    "unreadable": "what was uploaded cannot be opened",
    "content": "the town has looked at it and does not show it",
    "infected": "the scanner found malware in it",
}


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
