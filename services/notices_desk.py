"""Notices as the people of an office see them: the list of those that are theirs, and what one may be sent to."""

from dataclasses import dataclass
from datetime import datetime

from domain.duty import SENDS_NOTICES
from domain.notice import Status
from services.access import Actor
from services.transaction import rows

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
