"""Polls (民意征集): asked of the residents of a place; one vote a person, and the vote is secret.

The way of a vote, and what may fail at each step:

1. the poll is found among those of where they live or serve           -> NotFound
2. it is open, they live there, the answers are some of its            -> Conflict, BadInput
3. one transaction: that they have voted is written once               -> Conflict "voted" (also for a second phone)
4. they are counted, if it is still open                               -> Conflict "closed"
5. what was chosen is counted up; no row holds both                    -> all or nothing
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from domain import poll as rules
from domain.duty import SENDS_NOTICES
from domain.errors import BadInput, Conflict, NotFound
from models import Attachment, Poll, PollOption
from services import access
from services.access import Actor
from services.ports import Clock
from services.transaction import rows, transaction

KEPT = timedelta(days=365)
"""Polls that are older are not listed any more."""
_LAST_ID = 2**62

_COLUMNS = """
SELECT p.id, p.title, p.text, p.picture_id, p.most, p.created_at, p.closes_at, p.closed_at, p.author_id,
       r.name AS region, r.code AS region_code, r.path,
       (SELECT json_agg(json_build_array(o.place, o.text, o.votes) ORDER BY o.place) FROM poll_option o
        WHERE o.poll_id = p.id) AS options,
       p.voters,
       EXISTS (SELECT 1 FROM poll_voter v WHERE v.poll_id = p.id AND v.person_id = $1) AS voted,
       EXISTS (SELECT 1 FROM person a JOIN region g ON g.id = a.grid_id
               WHERE a.id = $1 AND g.path LIKE r.path || '%') AS lives_there
FROM poll p JOIN region r ON r.id = p.region_id
"""
# Of where somebody lives, serves, or may ask: the last with all that lies below.
_MINE = """
WHERE p.withdrawn_at IS NULL AND p.id < $2 AND p.created_at > $3 AND (
    p.region_id IN (SELECT u.id FROM region b JOIN region u ON b.path LIKE u.path || '%'
                    WHERE b.id = (SELECT grid_id FROM person WHERE id = $1) OR b.id = ANY($4::int[]))
    OR r.path LIKE ANY($5::text[]))
ORDER BY p.id DESC LIMIT $6
"""
_ONE = """
WHERE p.withdrawn_at IS NULL AND p.id = $2 AND $3::timestamptz IS NOT NULL AND $6::int IS NOT NULL AND (
    p.region_id IN (SELECT u.id FROM region b JOIN region u ON b.path LIKE u.path || '%'
                    WHERE b.id = (SELECT grid_id FROM person WHERE id = $1) OR b.id = ANY($4::int[]))
    OR r.path LIKE ANY($5::text[]))
"""
# Counting is the check too: whoever ends the poll at the same moment comes before this vote or after it.
_COUNT_VOTER = """
UPDATE poll SET voters = voters + 1
WHERE id = $1 AND withdrawn_at IS NULL AND closed_at IS NULL AND closes_at > $2 RETURNING id
"""
_HAS_VOTED = "INSERT INTO poll_voter (poll_id, person_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id"
_COUNT = "UPDATE poll_option SET votes = votes + 1 WHERE poll_id = $1 AND place = ANY($2::int[]) RETURNING place"


@dataclass(frozen=True, slots=True)
class Option:
    number: int
    text: str
    votes: int | None
    """``None`` while whoever asks can still be swayed by it."""


@dataclass(frozen=True, slots=True)
class PollView:
    id: int
    title: str
    text: str
    picture: UUID | None
    region: str
    region_code: str
    most: int
    options: tuple[Option, ...]
    voters: int
    state: Literal["open", "closed"]
    voted: bool
    may_vote: bool
    in_charge: bool
    created_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class NewPoll:
    region: str
    title: str
    options: Sequence[str]
    closes_at: datetime
    text: str = ""
    most: int = 1
    picture: UUID | None = None


class Polls:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def ask(self, by: Actor, new: NewPoll) -> PollView:
        """Put a question to the residents of a region of theirs. Raises NotFound, BadInput."""
        now = self._clock.now()
        title, options = " ".join(new.title.split()), [" ".join(one.split()) for one in new.options]
        rules.check(title, options, new.most, now, new.closes_at)
        async with transaction():
            region = await access.region_for_notices(by, new.region)
            if new.picture is not None:
                await _check_picture(by, new.picture)
            poll = await Poll.create(
                region=region,
                author_id=by.person_id,
                title=title,
                text=new.text.strip(),
                picture_id=new.picture,
                most=new.most,
                created_at=now,
                closes_at=new.closes_at,
            )
            await PollOption.bulk_create(
                [PollOption(poll_id=poll.id, place=place, text=text) for place, text in enumerate(options, 1)]
            )
            return await self.one(by, poll.id)

    async def listed(self, by: Actor, *, before: int | None, limit: int) -> tuple[list[PollView], int | None]:
        """Those of where *by* lives, serves or may ask, the newest first, and where the next page begins."""
        now = self._clock.now()
        places, paths = _reach(by)
        last = before or _LAST_ID
        found = await rows(_COLUMNS + _MINE, by.person_id, last, now - KEPT, places, paths, limit + 1)
        items = [_view(one, by, now) for one in found[:limit]]
        return items, items[-1].id if len(found) > limit else None

    async def one(self, by: Actor, poll_id: int) -> PollView:
        """Raises NotFound, also where it is not theirs to see, and for one that was withdrawn."""
        now = self._clock.now()
        places, paths = _reach(by)
        found = await rows(_COLUMNS + _ONE, by.person_id, min(poll_id, _LAST_ID), now, places, paths, 1)
        if not found:
            raise _no_such()
        return _view(found[0], by, now)

    async def vote(self, by: Actor, poll_id: int, chosen: Sequence[int]) -> PollView:
        """Vote once. A vote cannot be changed: nothing says whose it was.

        Raises NotFound, BadInput, and Conflict with ``why`` "closed", "voted" or "elsewhere" (they do not live there).
        """
        async with transaction():
            seen = await self.one(by, poll_id)
            if seen.state == "closed":
                raise _over()
            if seen.voted:
                raise _twice()
            if not seen.may_vote:
                raise Conflict("only those who live there vote", why="elsewhere")
            rules.check_choice(chosen, [one.number for one in seen.options], seen.most)
            if not await rows(_HAS_VOTED, poll_id, by.person_id):
                raise _twice()
            if not await rows(_COUNT_VOTER, poll_id, self._clock.now()):
                raise _over()
            await rows(_COUNT, poll_id, list(chosen))
            return await self.one(by, poll_id)

    async def end(self, by: Actor, poll_id: int, action: Literal["close", "withdraw"]) -> PollView | None:
        """Close it before its time, or take it back altogether (a mistake in the question): then nobody finds it.

        ``None`` once it is withdrawn. Raises NotFound, Conflict for closing what is closed.
        """
        now = self._clock.now()
        async with transaction():
            seen = await self.one(by, poll_id)
            if not seen.in_charge:
                raise _no_such()
            if action == "withdraw":
                await Poll.filter(id=poll_id).update(withdrawn_at=now)
                return None
            if seen.state == "closed" or not await Poll.filter(id=poll_id, closed_at=None).update(closed_at=now):
                raise _over()
            return await self.one(by, poll_id)


def _no_such() -> NotFound:
    return NotFound("there is no such poll, or it is not yours to see")


def _over() -> Conflict:
    return Conflict("this poll is over", why="closed")


def _twice() -> Conflict:
    return Conflict("you have voted already; a vote cannot be changed", why="voted")


def _reach(by: Actor) -> tuple[list[int], list[str]]:
    return [held.region_id for held in by.duties], [f"{path}%" for path in by.paths(SENDS_NOTICES)]


def _view(one: Mapping[str, Any], by: Actor, now: datetime) -> PollView:
    over = rules.is_over(now, one["closes_at"], one["closed_at"])
    charge = any(one["path"].startswith(path) for path in by.paths(SENDS_NOTICES))
    shown = over or one["voted"] or charge
    return PollView(
        id=one["id"],
        title=one["title"],
        text=one["text"],
        picture=one["picture_id"],
        region=one["region"],
        region_code=one["region_code"],
        most=one["most"],
        options=tuple(
            Option(place, text, votes if shown else None) for place, text, votes in json.loads(one["options"])
        ),
        voters=one["voters"],
        state="closed" if over else "open",
        voted=one["voted"],
        may_vote=one["lives_there"] and not one["voted"] and not over,
        in_charge=charge,
        created_at=one["created_at"],
        closes_at=one["closed_at"] or one["closes_at"],
    )


async def _check_picture(by: Actor, picture: UUID) -> None:
    if not await Attachment.filter(id=picture, person_id=by.person_id, kind="photo", state="kept").exists():
        raise BadInput("picture is no photo of yours", field="picture")
