"""Photos, voices and videos: fetched from WeChat before it forgets them, stripped of where they were taken, kept."""

import asyncio
import hashlib
import io
import re
import struct
from datetime import timedelta
from uuid import UUID

import structlog
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from domain.delivery import Verdict
from domain.errors import Unavailable
from models import Attachment
from services.ports import Clock, Media, Storage, TryLater, WeChat, WeChatError
from services.transaction import rows

__all__ = ["Medias", "TryLater", "without_metadata"]

log = structlog.get_logger(__name__)

LONGEST_EDGE = 2560
MOST_PIXELS = 120_000_000
"""A phone's largest photos have 108 million; a small file can pretend to have far more."""
MOST_PIXELS_AT_ONCE = 40_000_000
"""Of a format that cannot be read at a smaller scale."""
_BYTES = "application/octet-stream"
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "audio/amr": "amr", "audio/mpeg": "mp3", "video/mp4": "mp4"}
_GONE = frozenset({Verdict.FINAL, Verdict.CHANNEL_CLOSED})


_KEPT_TYPES = re.compile(r"(?:audio|video)/[a-z0-9.+-]{1,40}")
"""What a browser may be told that a voice or a video is; anything else is plain bytes to it."""
_LIFE_AT_WECHAT = timedelta(days=3)
_LOOSE_FOR = timedelta(days=7)

# One cut short on its way is still worth having.
ImageFile.LOAD_TRUNCATED_IMAGES = True
Image.MAX_IMAGE_PIXELS = MOST_PIXELS

_LOOSE = """
SELECT a.id, a.key FROM attachment a
WHERE a.case_id IS NULL AND a.created_at < $1
  AND NOT EXISTS (SELECT 1 FROM case_message m JOIN "case" c ON c.id = m.case_id
                  WHERE c.resident_id = a.person_id AND m.attachment_id = a.id::text)
  AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.picture_id = a.id)
ORDER BY a.created_at LIMIT $2
"""


class Unreadable(Exception):  # noqa: N818 - a plain fact; never leaves this file
    """It says that it is a picture, and cannot be opened; where it was taken may stand in it all the same."""


class Medias:
    def __init__(self, clock: Clock, wechat: WeChat, storage: Storage) -> None:
        self._clock = clock
        self._wechat = wechat
        self._storage = storage

    async def fetch(self, attachment_id: str) -> None:
        """Copy one medium from WeChat into the store. May run twice.

        Raises TryLater when WeChat does not hand it out this time, Unavailable when the store does not take it.
        """
        found = await Attachment.get_or_none(id=UUID(attachment_id))
        if found is None or found.state != "pending" or not found.media_id:
            return
        try:
            media = await self._wechat.download(found.media_id)
            media = await asyncio.to_thread(without_metadata, media) if found.kind == "photo" else _plain(media)
        except WeChatError as error:
            if error.verdict not in _GONE:
                raise TryLater(str(error)) from error
            await self._lose(found, error.reason)
            return
        except Unreadable as error:
            await self._lose(found, str(error))
            return
        key = f"{found.created_at:%Y/%m}/{found.id}.{_ENDINGS.get(media.media_type, 'bin')}"
        await self._storage.put(key, media.data, media.media_type)
        await Attachment.filter(id=found.id, state="pending").update(
            state="kept",
            key=key,
            media_type=media.media_type,
            size=len(media.data),
            sha256=hashlib.sha256(media.data).hexdigest(),
        )

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
        """Delete what was sent and then dropped, or uploaded and never used, a week ago."""
        found = await rows(_LOOSE, self._clock.now() - _LOOSE_FOR, most)
        for one in found:
            if one["key"]:
                await self._storage.delete(one["key"])
            await Attachment.filter(id=one["id"], case_id=None).delete()
        return len(found)

    async def read(self, attachment: Attachment) -> bytes:
        """The bytes of a kept medium. Raises NotFound."""
        return await self._storage.get(attachment.key)


def _plain(media: Media) -> Media:
    kept = _KEPT_TYPES.fullmatch(media.media_type) is not None
    return media if kept else Media(media.data, _BYTES)


def without_metadata(media: Media) -> Media:
    """The picture upright, at most 2,560 pixels long, without EXIF: where a photo was taken stays with its sender.

    What is not a picture at all is kept as it is, as plain bytes that no browser will run. Raises Unreadable.
    """
    try:
        with Image.open(io.BytesIO(media.data)) as picture:
            return _redrawn(picture)
    except UnidentifiedImageError:
        return Media(media.data, _BYTES)
    except _BROKEN as error:
        raise Unreadable(f"the picture cannot be opened: {error}") from error


_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


def _redrawn(picture: Image.Image) -> Media:
    kind = picture.format
    width, height = picture.size
    if width * height > (MOST_PIXELS if kind == "JPEG" else MOST_PIXELS_AT_ONCE):
        raise ValueError("it has too many pixels")
    picture.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
    mode = "RGBA" if kind == "PNG" and picture.has_transparency_data else "RGB"
    upright = ImageOps.exif_transpose(picture).convert(mode)
    upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    # Comments and other notes would be written out again; only the picture is to stay.
    upright.info.clear()
    out = io.BytesIO()
    if kind == "PNG":
        upright.save(out, "PNG")
        return Media(out.getvalue(), "image/png")
    upright.save(out, "JPEG", quality=85)
    return Media(out.getvalue(), "image/jpeg")
