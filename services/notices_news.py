"""Notices as people read them: the community news (社区动态) of a place, one notice's page, and the senders' list."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.duty import SENDS_NOTICES
from domain.errors import BadInput
from domain.notice import PUBLIC, Status
from models import Attachment
from services.access import Actor
from services.notices_rows import lengthened
from services.ports import Clock
from services.transaction import row, rows

_PUBLIC = ", ".join(f"'{state}'" for state in sorted(PUBLIC))
_LAST_ID = 2**62
_DIGITS = 20
KEPT = timedelta(days=365)
"""News that are older are not shown any more."""

# What went to everybody of a place that the person lives or serves in. What was for some only is in their inbox.
_NEWS = f"""
SELECT n.id, n.title, n.text, n.link, n.picture_id, n.urgent, n.state, n.sent_at, n.expires_at,
       r.name AS region, r.code AS region_code
FROM notice n JOIN region r ON r.id = n.region_id
WHERE n.region_id = ANY($1::int[]) AND n.state IN ({_PUBLIC}) AND n.audience = '{{}}' AND n.id < $2
  AND n.sent_at > $4
ORDER BY n.id DESC LIMIT $3
"""
_PLACES = """
SELECT DISTINCT u.id FROM region r JOIN region u ON r.path LIKE u.path || '%'
WHERE r.id = (SELECT grid_id FROM person WHERE id = $1) OR r.id = ANY($2::int[])
"""
_MANAGED = """
SELECT n.id FROM notice n JOIN region r ON r.id = n.region_id
WHERE r.path LIKE ANY($1::text[]) AND (n.state <> 'preview' OR n.author_id = $2) AND n.id < $3
ORDER BY n.id DESC LIMIT $4
"""
_OPENED = "UPDATE delivery SET opened_at = $2 WHERE token = $1 AND opened_at IS NULL RETURNING id"
_PAGE = """
SELECT n.title, n.text, n.link, n.picture_id, n.state, n.sent_at, n.created_at, n.expires_at, r.name AS region
FROM notice n JOIN region r ON r.id = n.region_id
WHERE n.id = coalesce((SELECT notice_id FROM delivery WHERE token = $1), (SELECT id FROM notice WHERE token = $1))
"""
_PICTURE = """
SELECT n.picture_id FROM notice n
WHERE n.state <> 'recalled'
  AND n.id = coalesce((SELECT notice_id FROM delivery WHERE token = $1), (SELECT id FROM notice WHERE token = $1))
"""


@dataclass(frozen=True, slots=True)
class News:
    """One notice as anybody of the place may read it."""

    id: int
    title: str
    text: str
    link: str
    picture: UUID | None
    urgent: bool
    region: str
    region_code: str
    sent_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoticePage:
    """What a link shows. Of a recalled notice nothing is left but that it was one."""

    title: str
    text: str
    link: str
    has_picture: bool
    region: str
    at: datetime
    recalled: bool
    over: bool


class NoticeNews:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def latest(self, by: Actor, *, cursor: str | None, limit: int) -> tuple[list[News], str | None]:
        """The community news of where *by* lives and serves, the newest first. Raises BadInput for a bad cursor."""
        before = _read_cursor(cursor)
        places = await rows(_PLACES, by.person_id, [held.region_id for held in by.duties])
        since = self._clock.now() - KEPT
        found = await rows(_NEWS, [one["id"] for one in places], before, limit + 1, since)
        items = [
            News(
                id=one["id"],
                title=one["title"],
                text=one["text"],
                link=one["link"],
                picture=one["picture_id"],
                urgent=one["urgent"],
                region=one["region"],
                region_code=one["region_code"],
                sent_at=one["sent_at"],
                expires_at=one["expires_at"],
            )
            for one in found[:limit]
        ]
        return items, _next(found, limit)

    async def managed(self, by: Actor, *, cursor: str | None, limit: int) -> tuple[list[int], str | None]:
        """The numbers of the notices that *by* may send or stop, the newest first. Raises BadInput."""
        paths = [f"{path}%" for path in by.paths(SENDS_NOTICES)]
        found = await rows(_MANAGED, paths, by.person_id, _read_cursor(cursor), limit + 1)
        return [one["id"] for one in found[:limit]], _next(found, limit)

    async def page(self, text: str, *, count: bool) -> NoticePage | None:
        """What the link */n/text* shows; ``None`` where it leads nowhere. *count* notes that its owner has opened it.

        Opened once is opened: a second look changes nothing. A preview's link counts nobody.
        """
        token = lengthened(text)
        found = await row(_PAGE, token) if token is not None else None
        if found is None:
            return None
        now = self._clock.now()
        if count:
            await rows(_OPENED, token, now)
        recalled = found["state"] == Status.RECALLED
        return NoticePage(
            title="" if recalled else found["title"],
            text="" if recalled else found["text"],
            link="" if recalled else found["link"],
            has_picture=found["picture_id"] is not None and not recalled,
            region=found["region"],
            at=found["sent_at"] or found["created_at"],
            recalled=recalled,
            over=found["state"] == Status.EXPIRED or (found["expires_at"] is not None and found["expires_at"] <= now),
        )

    async def picture(self, text: str) -> Attachment | None:
        """The picture on the page */n/text*."""
        token = lengthened(text)
        found = await row(_PICTURE, token) if token is not None else None
        if found is None or found["picture_id"] is None:
            return None
        return await Attachment.get_or_none(id=found["picture_id"], kind="photo", state="kept")


def _next(found: Sequence[Any], limit: int) -> str | None:
    if len(found) <= limit:
        return None
    return base64.urlsafe_b64encode(str(found[limit - 1]["id"]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> int:
    if cursor is None:
        return _LAST_ID
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        text = ""
    if not (text.isdigit() and len(text) < _DIGITS):
        raise BadInput("this is no cursor of this list", field="cursor")
    return min(int(text), _LAST_ID)
