"""Photos, voices and videos from the chat: fetched before WeChat forgets them, stripped of their place, kept."""

import asyncio
import hashlib
import re
from datetime import timedelta
from uuid import UUID

import structlog

from domain.delivery import Verdict
from domain.errors import Unavailable
from models import Attachment
from services.media_kinds import ENDINGS
from services.pictures import BYTES, Drawn, Unreadable, drawn, without_place
from services.ports import UPLOADS, Clock, Media, Scanner, Storage, TryLater, WeChat, WeChatError
from services.scanning import NoScanner
from services.transaction import row, transaction

__all__ = ["Medias", "TryLater", "processed"]

log = structlog.get_logger(__name__)

_GONE = frozenset({Verdict.FINAL, Verdict.CHANNEL_CLOSED})
_KEPT_TYPES = re.compile(r"(?:audio|video)/[a-z0-9.+-]{1,40}")
"""What a browser may be told that a voice or a video is; anything else is plain bytes to it."""
_LIFE_AT_WECHAT = timedelta(days=3)
_LOOSE_FOR = timedelta(days=7)
_ASKED_FOR = timedelta(days=1)

# One at a time and locked: whoever is just about to use it either comes first, or finds it gone.
_LOOSE = """
SELECT a.id, a.key, a.thumb_key, a.state FROM attachment a
WHERE a.case_id IS NULL AND a.created_at < $2 AND (a.state IN ('asked', 'refused') OR a.created_at < $1)
  AND NOT EXISTS (SELECT 1 FROM case_message m JOIN "case" c ON c.id = m.case_id
                  WHERE c.resident_id = a.person_id AND m.attachment_id = a.id::text)
  AND a.patrol_id IS NULL AND a.visit_id IS NULL
  AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.picture_id = a.id)
  AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.visit_photo_id = a.id)
  AND NOT EXISTS (SELECT 1 FROM poll p WHERE p.picture_id = a.id)
ORDER BY a.created_at LIMIT 1 FOR UPDATE OF a SKIP LOCKED
"""


class Medias:
    def __init__(self, clock: Clock, wechat: WeChat, storage: Storage, scanner: Scanner | None = None) -> None:
        self._clock = clock
        self._wechat = wechat
        self._storage = storage
        self._scanner = scanner or NoScanner()

    async def fetch(self, attachment_id: str) -> None:
        """Copy one medium from WeChat into the store. May run twice.

        Raises TryLater when WeChat does not hand it out this time, Unavailable when the store does not take it.
        """
        found = await Attachment.get_or_none(id=UUID(attachment_id))
        if found is None or found.state != "pending" or not found.media_id:
            return
        try:
            media = await self._wechat.download(found.media_id)
            infected = await malware(self._scanner, found.kind, media.data)
            if infected:
                await self._lose(found, f"it holds {infected}")
                return
            kept = await processed(found.kind, media)
        except WeChatError as error:
            if error.verdict not in _GONE:
                raise TryLater(str(error)) from error
            await self._lose(found, error.reason)
            return
        except Unreadable as error:
            await self._lose(found, str(error))
            return
        key = f"{found.created_at:%Y/%m}/{found.id}.{ENDINGS.get(kept.media.media_type, 'bin')}"
        await store(self._storage, found, kept, key, state="pending")

    async def _lose(self, attachment: Attachment, reason: str) -> None:
        log.warning("medium_lost", attachment=str(attachment.id), reason=reason)
        await Attachment.filter(id=attachment.id, state="pending").update(state="lost")

    async def fetch_forgotten(self, most: int = 100) -> int:
        """Fetch what still waits after an hour: the queue is never trusted. After three days WeChat has it no more."""
        now = self._clock.now()
        waiting = (
            await Attachment.filter(state="pending", media_id__isnull=False, created_at__lt=now - timedelta(hours=1))
            .limit(most)
            .order_by("created_at")
        )
        for one in waiting:
            if now - one.created_at > _LIFE_AT_WECHAT:
                await self._lose(one, "WeChat keeps a medium for three days")
                continue
            try:
                await self.fetch(str(one.id))
            except (TryLater, Unavailable) as error:
                log.warning("medium_waits", attachment=str(one.id), reason=str(error))
        return len(waiting)

    async def forget_loose(self, most: int = 500) -> int:
        """Delete what was not used for a week; after a day, uploads that never came or were refused.

        And what has stayed behind in the store itself. The bytes go before the row does: after a crash in between, the
        next run finds the row again.
        """
        done = 0
        now = self._clock.now()
        while done < most:
            async with transaction():
                found = await row(_LOOSE, now - _LOOSE_FOR, now - _ASKED_FOR)
                if found is None:
                    break
                for key in keys_of(found["id"], found["key"], found["thumb_key"], found["state"]):
                    await self._storage.delete(key)
                await Attachment.filter(id=found["id"]).delete()
            done += 1
        await self._storage.forget_leftovers()
        return done

    async def read(self, attachment: Attachment) -> bytes:
        """The bytes of a kept medium. Raises NotFound."""
        return await self._storage.get(attachment.key)


async def malware(scanner: Scanner, kind: str, data: bytes) -> str:
    """What was found in *data*, or empty. Raises Unavailable; not for a photo, of which no byte is kept as it came."""
    try:
        return await scanner.scan(data)
    except Unavailable as error:
        if kind != "photo":
            raise
        log.warning("photo_not_scanned", reason=str(error))
        return ""


async def processed(kind: str, media: Media) -> Drawn:
    """What is kept of *media*. Raises Unreadable."""
    if kind == "photo":
        return await asyncio.to_thread(drawn, media)
    kept = _KEPT_TYPES.fullmatch(media.media_type) is not None
    return Drawn(await asyncio.to_thread(without_place, media if kept else Media(media.data, BYTES)), b"")


async def store(storage: Storage, found: Attachment, kept: Drawn, key: str, *, state: str) -> None:
    """Put what was made of an attachment under *key* and note it, if it is still in *state*. May run twice."""
    await storage.put(key, kept.media.data, kept.media.media_type)
    if kept.thumb:
        await storage.put(f"{key}.thumb", kept.thumb, "image/jpeg")
    await Attachment.filter(id=found.id, state=state).update(
        state="kept",
        key=key,
        thumb_key=f"{key}.thumb" if kept.thumb else "",
        media_type=kept.media.media_type,
        size=len(kept.media.data),
        sha256=hashlib.sha256(kept.media.data).hexdigest(),
    )


def keys_of(attachment_id: UUID, key: str, thumb_key: str, state: str) -> list[str]:
    """Every key under which something of an attachment may lie."""
    found = [one for one in (key, thumb_key) if one]
    if state in {"asked", "refused"}:
        # Whoever was killed between keeping it and noting that has left both behind.
        found = [upload_key(attachment_id), key, f"{key}.thumb"]
    return found


def upload_key(attachment_id: UUID) -> str:
    """Where the bytes of an upload arrive."""
    return f"{UPLOADS}{attachment_id}"
