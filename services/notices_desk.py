"""Notices as the people of an office see them: the list of those that are theirs, and what one may be sent to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.duty import SENDS_NOTICES
from domain.notice import Status
from models import Attachment
from services import access
from services.access import Actor
from services.notices import NoticeView
from services.transaction import rows
from services.uploads import Link, Uploads

MOST_PLACES = 400
"""Of a county with more, those of the upper levels."""
_LAST_ID = 2**63 - 1

_LISTED = """
SELECT n.id, n.state, n.title, n.text, n.urgent, n.reach, n.created_at, n.starts_at, n.sent_at, n.ended_at,
       n.author_id, r.name AS region, a.name AS author
FROM notice n JOIN region r ON r.id = n.region_id LEFT JOIN person a ON a.id = n.author_id
WHERE r.path LIKE ANY($1::text[]) AND (n.state <> 'preview' OR n.author_id = $2) AND n.id < $3
ORDER BY n.id DESC LIMIT $4
"""
_PLACES = f"""
SELECT r.code, r.level,
       CASE WHEN r.level > 1 OR starts_with(r.name, p.name) THEN r.name ELSE p.name || r.name END AS name
FROM region r LEFT JOIN region p ON p.id = r.parent_id
WHERE r.path LIKE ANY($1::text[]) ORDER BY r.level DESC, r.code LIMIT {MOST_PLACES}
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list."""

    id: int
    state: Status
    title: str
    region: str
    author: str
    mine: bool
    urgent: bool
    reach: int
    at: datetime
    """When it went out, or will; else when it was written."""


@dataclass(frozen=True, slots=True)
class Place:
    """A region to whose people somebody may send."""

    code: str
    name: str
    level: int


class NoticeDesk:
    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads

    async def listed(self, by: Actor, *, before: int | None, limit: int) -> tuple[list[Listed], int | None]:
        """Those that *by* may send or stop, the newest first, and the number to go on before."""
        paths = [f"{path}%" for path in by.paths(SENDS_NOTICES)]
        found = await rows(_LISTED, paths, by.person_id, before or _LAST_ID, limit + 1) if paths else []
        lines = [
            Listed(
                id=one["id"],
                state=Status(one["state"]),
                title=one["title"] or one["text"][:40],
                region=one["region"],
                author=one["author"] or "",
                mine=one["author_id"] == by.person_id,
                urgent=one["urgent"],
                reach=one["reach"],
                at=one["sent_at"] or one["starts_at"] or one["created_at"],
            )
            for one in found[:limit]
        ]
        return lines, lines[-1].id if len(found) > limit else None

    async def places(self, by: Actor) -> list[Place]:
        """Where *by* may send notices, the upper levels first."""
        paths = [f"{path}%" for path in by.paths(SENDS_NOTICES)]
        return [Place(one["code"], one["name"], one["level"]) for one in await rows(_PLACES, paths)] if paths else []

    async def check_place(self, by: Actor, region_code: str) -> None:
        """Before anything long is done for a notice. Raises NotFound where *by* may send none."""
        await access.region_for_notices(by, region_code)

    async def picture(self, seen: NoticeView) -> Link | None:
        """Where the picture of a notice is read, by whoever sees the notice; ``None``: it has none to show."""
        if seen.picture is None:
            return None
        found = await Attachment.get_or_none(id=seen.picture, kind="photo", state="kept")
        return self._uploads.link(found) if found is not None else None

    async def own_picture(self, by: Actor, picture: UUID | None) -> Link | None:
        """Where *by* reads a photo of their own that a notice may have; ``None``: there is no such photo of theirs."""
        if picture is None:
            return None
        found = await Attachment.get_or_none(id=picture, person_id=by.person_id, kind="photo", state="kept")
        return self._uploads.link(found) if found is not None else None
