"""Photos and recordings that residents send from the mini program, looked at by WeChat (``media_check_async``).

The way of one, and what may fail at each step:

1. bound to its case, and *owed* a look, in one transaction (services/attaching.py)     -> both or neither
2. asked about outside any: WeChat gets an address for an hour, we get a trace           -> away: again in 5 min
3. the trace is kept. Killed before: asked once more, the first answer leads nowhere
4. the mini program's callback tells what was found, within half an hour                 -> not told: asked again
5. fine: the row goes. Risky: nobody sees it any more, and the town is told to look       -> once, however often told
6. a person of the town shows it again or does not; its sender hears of a no             -> NotFound, Conflict
7. asked in vain three times, or for a day: *unchecked*, and listed for the town

Meanwhile it is seen: a photo of a fire must not wait for a machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import structlog

from domain.case import Level
from domain.duty import SEES_SUBTREE
from domain.errors import Conflict, NotFound, Unavailable
from domain.safety import Found
from models import Attachment, Case, MediaCheck, Region
from services.access import Actor
from services.case_news import News
from services.ports import Clock, MediaModerator, Storage
from services.routing import holder_of, region_at
from services.transaction import rows, transaction
from services.uploads import Link, link_to

log = structlog.get_logger(__name__)

LINK_SECONDS = 3600
"""WeChat says within 30 minutes what it found; the address must still work when it fetches late."""
_TOLD_AFTER = timedelta(minutes=40)
_AGAIN_AFTER = timedelta(minutes=5)
_FOR = timedelta(hours=24)
MOST_TRIES = 3
_TOWN = int(Level.TOWN)

_DUE = """
SELECT m.id, a.id AS attachment_id, a.kind, a.key, a.media_type, a.state AS kept, m.tries, m.at,
       (SELECT i.openid FROM identity i WHERE i.person_id = a.person_id AND i.appid = $2
        ORDER BY i.id DESC LIMIT 1) AS openid
FROM media_check m JOIN attachment a ON a.id = m.attachment_id
WHERE m.state IN ('owed', 'asked') AND m.next_at <= $1 ORDER BY m.next_at LIMIT $3
"""
# For the town's staff and above: whoever works below sees the rest of the case meanwhile.
_THEIRS = """
FROM media_check m JOIN attachment a ON a.id = m.attachment_id JOIN "case" c ON c.id = m.case_id
JOIN region g ON g.id = c.grid_id
WHERE m.state IN ('held', 'unchecked') AND EXISTS (
    SELECT 1 FROM region u WHERE u.id = ANY($1::int[]) AND u.level >= $2 AND g.path LIKE u.path || '%')
"""
_LISTED = f"""
SELECT a.id, a.kind, a.media_type, a.size, a.key, a.thumb_key, a.state AS kept, c.number, g.name AS grid,
       m.state, m.why, m.at
{_THEIRS} ORDER BY m.state, m.at, m.id LIMIT $3
"""
_ONE = f"SELECT m.id {_THEIRS} AND m.attachment_id = $3 FOR UPDATE OF m"


@dataclass(frozen=True, slots=True)
class HeldMedium:
    attachment: Attachment
    link: Link
    number: int
    grid: str
    state: Literal["held", "unchecked"]
    why: str
    at: datetime


class MediaChecks:
    def __init__(
        self, clock: Clock, moderator: MediaModerator | None, storage: Storage, news: News, *, mini_appid: str
    ) -> None:
        """Without a *moderator* nothing is owed a look, and nothing is asked about."""
        self._clock = clock
        self._moderator = moderator
        self._storage = storage
        self._news = news
        self._appid = mini_appid

    async def ask(self, most: int = 50) -> int:
        """Ask about what is due; returns how many WeChat has taken. Must be called outside a transaction."""
        if self._moderator is None:
            return 0
        taken = 0
        for one in await rows(_DUE, self._clock.now(), self._appid, most):
            taken += await self._ask(self._moderator, one)
        return taken

    async def _ask(self, moderator: MediaModerator, one: Mapping[str, Any]) -> bool:
        now = self._clock.now()
        check = MediaCheck.filter(id=one["id"], state__in=["owed", "asked"])
        if one["kept"] != "kept":  # it is seen by nobody anyway
            await check.delete()
            return False
        if one["openid"] is None or one["tries"] >= MOST_TRIES or now - one["at"] > _FOR:
            log.info("medium_unchecked", check=one["id"], tries=one["tries"])
            await check.update(state="unchecked")
            return False
        url = self._storage.link(one["key"], one["media_type"], seconds=LINK_SECONDS)
        try:
            trace = await moderator.medium(one["openid"], url, one["kind"])
        except Unavailable:
            await check.update(next_at=now + _AGAIN_AFTER)
            return False
        await check.update(state="asked", trace=trace, tries=one["tries"] + 1, next_at=now + _TOLD_AFTER)
        return True

    async def heard(self, trace: str, found: Found, why: str) -> bool:
        """What WeChat found; ``False`` for a trace that is not known (any more, or yet)."""
        async with transaction():
            check = await MediaCheck.filter(trace=trace).select_for_update().get_or_none()
            if check is None:
                return False
            if check.state != "asked":  # told twice
                return True
            if found is Found.PASSED:
                await check.delete()
            elif found is Found.UNCHECKED:  # WeChat could not fetch it: asked again, at once
                await MediaCheck.filter(id=check.id).update(state="owed", trace=None, next_at=self._clock.now())
            else:
                await MediaCheck.filter(id=check.id).update(state="held", why=why[:200])
                await Attachment.filter(id=check.attachment_id, state="kept").update(state="held")
                await self._tell_town(await Case.get(id=check.case_id))
                log.info("medium_held", check=check.id)
        return True

    async def _tell_town(self, case: Case) -> None:
        grid = await Region.get(id=case.grid_id)
        town = await region_at(grid, Level.TOWN) or grid
        holder = await holder_of(town, self._clock.now())
        if holder is not None:
            await self._news.tell(case, {holder: "held_medium"})

    async def held_for(self, by: Actor, most: int = 50) -> list[HeldMedium]:
        """What waits for *by* to look at it, the oldest first; then what nobody could look at."""
        found = await rows(_LISTED, _places(by), _TOWN, most)
        return [self._held(one) for one in found]

    def _held(self, one: Mapping[str, Any]) -> HeldMedium:
        names = ("id", "kind", "media_type", "size", "key", "thumb_key")
        shown = Attachment(**{name: one[name] for name in names}, state=one["kept"])
        link = link_to(self._storage, shown)
        return HeldMedium(shown, link, one["number"], one["grid"], one["state"], one["why"], one["at"])

    async def decide(self, by: Actor, attachment_id: UUID, *, show: bool) -> Attachment:
        """Show it (again), or to nobody; of that its sender is told. Raises NotFound."""
        now = self._clock.now()
        async with transaction():
            found = await rows(_ONE, _places(by), _TOWN, attachment_id)
            if not found:
                raise NotFound("there is no such attachment among what you look at first")
            check = await MediaCheck.get(id=found[0]["id"])
            await MediaCheck.filter(id=check.id).update(
                state="released" if show else "turned_down", decided_by_id=by.person_id, decided_at=now
            )
            attachment = await Attachment.get(id=attachment_id)
            if attachment.state not in {"held", "kept"}:
                raise Conflict("it is there no more", why="gone")
            attachment.state, attachment.refused = ("kept", "") if show else ("refused", "content")
            await attachment.save(update_fields=["state", "refused"])
            if not show:
                case = await Case.get(id=check.case_id)
                await self._news.tell(case, {attachment.person_id: "medium_not_shown"})
            return attachment


def _places(by: Actor) -> list[int]:
    return [held.region_id for held in by.duties if held.duty in SEES_SUBTREE and held.department_id is None]
