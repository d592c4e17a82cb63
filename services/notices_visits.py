"""Whom no channel has reached: for the grid worker, who tells them in person (上门告知) and records it (宣传, G).

A worker sees those of their own grid, a chief and whoever is above those of their subtree. Names are masked; nothing
else of a person is shown. Who could not be reached is found out while the notice is there and kept no longer than its
deliveries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.duty import TELLS_IN_PERSON
from domain.errors import BadInput, NotFound
from domain.notice import masked, why
from models import Attachment
from services.access import Actor
from services.notices_figures import UNVISITED
from services.ports import Clock
from services.transaction import row, rows, transaction

MOST_AT_ONCE = 100
_LAST_ID = 2**63 - 1
_LATELY = timedelta(days=30)

_MINE = f"""
FROM delivery d JOIN region g ON g.id = d.grid_id JOIN notice n ON n.id = d.notice_id
WHERE n.state IN ('sending', 'resting', 'sent', 'expired') AND {UNVISITED} AND g.path LIKE ANY($1::text[])
"""
_OPEN = f"""
SELECT n.id, n.title, n.text, count(*) AS people {_MINE}
AND n.id IN (SELECT id FROM notice WHERE sent_at > $2 ORDER BY id DESC LIMIT 50)
GROUP BY n.id ORDER BY n.id DESC
"""
_LIST = f"""
SELECT d.id, p.name, g.name AS grid, d.reason
FROM (SELECT d.id, d.person_id, d.reason, d.grid_id {_MINE} AND d.notice_id = $2 AND d.id > $3
      ORDER BY d.id LIMIT $4) d
JOIN person p ON p.id = d.person_id JOIN region g ON g.id = d.grid_id ORDER BY d.id
"""
_VISIT = f"""
UPDATE delivery SET visited_at = $3, visited_by_id = $4, visit_photo_id = $6 WHERE id IN (
    SELECT d.id {_MINE} AND d.notice_id = $2 AND d.id = ANY($5::bigint[])
) RETURNING id
"""
_TOLD = """
SELECT d.id, p.name, g.name AS grid, d.visited_at, v.name AS by, d.visit_photo_id
FROM delivery d JOIN person p ON p.id = d.person_id JOIN region g ON g.id = d.grid_id
LEFT JOIN person v ON v.id = d.visited_by_id
WHERE d.notice_id = $2 AND d.visited_at IS NOT NULL AND g.path LIKE ANY($1::text[]) AND d.id > $3
ORDER BY d.id LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class ToTell:
    """A notice with how many of mine it has not reached."""

    notice: int
    title: str
    people: int


@dataclass(frozen=True, slots=True)
class NotReached:
    """Somebody to tell. ``id`` names the recipient in this notice, and nothing else."""

    id: int
    name: str
    grid: str
    why: str


@dataclass(frozen=True, slots=True)
class ToldInPerson:
    """Who was told, when, by whom; the photo only where one was taken."""

    id: int
    name: str
    grid: str
    at: datetime
    by: str
    photo: UUID | None


class NoticeVisits:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def waiting(self, by: Actor) -> list[ToTell]:
        """The notices of the last month that have not reached everybody of mine, the newest first."""
        paths = _paths(by)
        if not paths:
            return []
        found = await rows(_OPEN, paths, self._clock.now() - _LATELY)
        return [ToTell(one["id"], one["title"] or one["text"], one["people"]) for one in found]

    async def of(self, by: Actor, notice_id: int, *, after: int = 0, limit: int = 20) -> list[NotReached]:
        """Those of mine whom notice *notice_id* has not reached, after recipient *after*.

        Raises NotFound where none of it was for mine.
        """
        paths = _paths(by)
        if not await self._concerns(paths, notice_id):
            raise NotFound("there is no such notice", notice=notice_id)
        found = await rows(_LIST, paths, notice_id, after, limit)
        return [NotReached(one["id"], masked(one["name"]), one["grid"], why(one["reason"]) or "other") for one in found]

    async def visited(self, by: Actor, notice_id: int, recipients: Sequence[int], photo: UUID | None = None) -> int:
        """Record that *by* has told these people in person; returns how many of them were still to be told.

        Recording it twice changes nothing. Raises NotFound as :meth:`of`, BadInput for too many or for a *photo* that
        is none of theirs.
        """
        if len(recipients) > MOST_AT_ONCE:
            raise BadInput("too many at once", field="recipients", longest=MOST_AT_ONCE)
        paths = _paths(by)
        async with transaction():
            if not await self._concerns(paths, notice_id):
                raise NotFound("there is no such notice", notice=notice_id)
            if photo is not None and not await _is_unused(photo, by):
                raise BadInput("photo is no photo of yours", field="photo")
            told = await rows(_VISIT, paths, notice_id, self._clock.now(), by.person_id, list(recipients), photo)
        return len(told)

    async def told(self, by: Actor, notice_id: int, *, after: int = 0, limit: int = 20) -> list[ToldInPerson]:
        """Those of mine who were told of notice *notice_id* in person. Raises NotFound as :meth:`of`."""
        paths = _paths(by)
        if not await self._concerns(paths, notice_id):
            raise NotFound("there is no such notice", notice=notice_id)
        return [
            ToldInPerson(
                one["id"], masked(one["name"]), one["grid"], one["visited_at"], one["by"] or "", one["visit_photo_id"]
            )
            for one in await rows(_TOLD, paths, notice_id, after, limit)
        ]

    async def _concerns(self, paths: list[str], notice_id: int) -> bool:
        if not paths or not 0 < notice_id <= _LAST_ID:
            return False
        found = await row(
            "SELECT EXISTS (SELECT FROM delivery d JOIN region g ON g.id = d.grid_id "
            "WHERE d.notice_id = $1 AND g.path LIKE ANY($2::text[])) AS mine",
            notice_id,
            paths,
        )
        return bool(found["mine"])


def _paths(by: Actor) -> list[str]:
    return [f"{path}%" for path in by.paths(TELLS_IN_PERSON)]


async def _is_unused(photo: UUID, by: Actor) -> bool:
    loose = Attachment.filter(id=photo, person_id=by.person_id, kind="photo", state="kept")
    return await loose.filter(case_id=None, visit_id=None, patrol_id=None).exists()
