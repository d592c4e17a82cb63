"""The codes on the boards: a permanent WeChat scene for each post, and the way back from a scan to its region.

An account has 100,000 permanent scenes and never gets one back. So a retired one is not lost: from four fifths on, one
that has rested long enough, unscanned, becomes the code of another post before a new one is made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.calendar import SHANGHAI
from domain.case import Level
from domain.errors import NotFound, ScenesUsedUp, Unavailable
from models import Region
from models import Scene as Row
from qrcodes import scenes as alphabet
from services.ports import Clock, WeChat, WeChatError
from services.transaction import rows, transaction

MOST = 100_000
"""Permanent scenes that an official account may have (WECHAT.md §1, qrcode/create)."""
NEARLY = 80_000
"""From here on the doctor and the command warn, and rested codes are used again."""
REST = timedelta(days=365)
"""Nobody may have scanned a retired code for so long before it leads to another post: its board may still hang."""

_COUNTING = 0x7363656E
"""The lock under which the last fifth is given out, so that two at once do not pass the limit together."""
_RESTED = """
SELECT s.id FROM scene s
WHERE s.retired_at < $1 AND s.scene IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM scan_count c WHERE c.scene_id = s.id AND c.day >= $2)
ORDER BY s.retired_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_USAGE = """
SELECT count(*) AS used, count(retired_at) AS retired,
       count(*) FILTER (WHERE retired_at < $1 AND NOT EXISTS (
           SELECT 1 FROM scan_count c WHERE c.scene_id = scene.id AND c.day >= $2)) AS rested
FROM scene WHERE scene IS NOT NULL
"""


class State(StrEnum):
    LIVE = "live"
    RETIRED = "retired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scene is, and whose: the region also of a retired one, so that people can be sent to the right place."""

    state: State
    region: Region | None = None
    scene_id: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """How many of the account's scenes are taken; *rested* of the *retired* ones may be used again."""

    used: int
    retired: int
    rested: int

    @property
    def nearly_out(self) -> bool:
        return self.used >= NEARLY


@dataclass(frozen=True, slots=True)
class Ticket:
    """A scene with what its printed code must hold, letter for letter."""

    scene: str
    url: str
    region_code: str
    region_name: str


class Scenes:
    def __init__(
        self,
        clock: Clock,
        wechat: WeChat,
        *,
        page: str = "",
        env_version: str = "release",
        most: int = MOST,
        nearly: int = NEARLY,
    ) -> None:
        """*page* is the mini program's page behind its codes, *env_version* which version of it they open."""
        self._clock = clock
        self._wechat = wechat
        self._page = page
        self._env_version = env_version
        self._most = most
        self._nearly = nearly

    async def ticket_for(self, region_code: str) -> Ticket:
        """The permanent scene of the region's post, made the first time it is asked for.

        The row is committed before WeChat is asked, so that a crash in between loses nothing: the next call finds a
        row without a url and asks for the same scene again.

        Raises NotFound; ScenesUsedUp; Unavailable when WeChat refuses or does not answer (facts: ``errcode``,
        ``verdict``). Must not be called inside a transaction: nobody should wait for a lock while WeChat thinks.
        """
        region, row = await self._row(region_code)
        if not row.url:
            try:
                answer = await self._wechat.create_scene(row.scene or "")
            except WeChatError as error:
                raise _no_code(error, region_code) from error
            # Two at once asked for the same scene; whoever was first to note the answer is believed by both.
            await Row.filter(id=row.id, url="").update(ticket=answer.ticket, url=answer.url)
            await row.refresh_from_db(fields=["url"])
        return Ticket(row.scene or "", row.url, region.code, region.name)

    async def under(self, region_code: str) -> list[str]:
        """The codes of the grids of a region's subtree (itself, if it is a grid), in order. Raises NotFound."""
        region = await Region.get_or_none(code=region_code)
        if region is None:
            raise NotFound("there is no such region", region=region_code)
        found = await rows(
            "SELECT code FROM region WHERE path LIKE $1 || '%' AND level = $2 ORDER BY code", region.path, Level.GRID
        )
        return [one["code"] for one in found]

    async def missing(self, codes: Sequence[str]) -> list[str]:
        """Those of *codes* that no region has, in their order."""
        there = {one["code"] for one in await rows("SELECT code FROM region WHERE code = ANY ($1)", list(codes))}
        return [code for code in codes if code not in there]

    async def mini_code(self, region_code: str) -> bytes:
        """The mini program's round code of the region's post, as the picture that WeChat draws; same scene as the
        official account's code, so both lead to the same post.

        Raises NotFound; Unavailable.
        """
        ticket = await self.ticket_for(region_code)
        try:
            return await self._wechat.mini_code(ticket.scene, page=self._page, env_version=self._env_version)
        except WeChatError as error:
            raise _no_code(error, region_code) from error

    async def retire(self, region_code: str) -> str:
        """Let the post's code lead nowhere from now on; returns its scene, empty where there was none.

        Raises NotFound.
        """
        async with transaction():
            region = await self._locked(region_code)
            row = await self._live(region)
            if row is None:
                return ""
            row.retired_at = self._clock.now()
            await row.save(update_fields=["retired_at"])
        return row.scene or ""

    async def reissue(self, region_code: str) -> Ticket:
        """Retire the post's code and give it another; raises as :meth:`ticket_for` does.

        When WeChat gives no code now, the old one is retired all the same, and :meth:`ticket_for` tries again.
        """
        await self.retire(region_code)
        return await self.ticket_for(region_code)

    async def usage(self) -> Usage:
        return await usage_at(self._clock.now())

    async def scanned(self, scene: str) -> Scanned:
        """What a *scene* is that somebody scanned or opened."""
        try:
            alphabet.decode(scene)
        except alphabet.BadScene:
            return Scanned(State.UNKNOWN)
        found = await Row.get_or_none(scene=scene).select_related("region")
        if found is None:
            return Scanned(State.UNKNOWN)
        return Scanned(State.RETIRED if found.retired_at is not None else State.LIVE, found.region, found.id)

    async def region_of(self, scene: str) -> Region | None:
        """Where a scanned *scene* belongs; ``None`` for one that is not ours, is retired, or was copied wrongly."""
        found = await self.scanned(scene)
        return found.region if found.state is State.LIVE else None

    async def _row(self, region_code: str) -> tuple[Region, Row]:
        async with transaction():
            region = await self._locked(region_code)
            row = await self._live(region)
            if row is None:
                row = await self._rested(region) or await self._new(region)
        return region, row

    async def _locked(self, region_code: str) -> Region:
        # The lock on the region makes two at once find the same row.
        region = await Region.filter(code=region_code).select_for_update(no_key=True).get_or_none()
        if region is None:
            raise NotFound("there is no such region", region=region_code)
        return region

    async def _live(self, region: Region) -> Row | None:
        return (
            await Row.filter(region_id=region.id, scene__isnull=False, retired_at__isnull=True).order_by("id").first()
        )

    async def _rested(self, region: Region) -> Row | None:
        """A retired code for *region*, once codes get short."""
        [taken] = await rows("SELECT count(*) AS n FROM scene")
        if taken["n"] < self._nearly:
            return None
        await rows("SELECT pg_advisory_xact_lock($1)", _COUNTING)
        rested = self._clock.now() - REST
        found = await rows(_RESTED, rested, rested.astimezone(SHANGHAI).date())
        if found:
            await Row.filter(id=found[0]["id"]).update(region_id=region.id, retired_at=None)
            return await Row.get(id=found[0]["id"])
        [taken] = await rows("SELECT count(*) AS n FROM scene")
        if taken["n"] >= self._most:
            raise ScenesUsedUp("the account has no permanent scene left", most=self._most, region=region.code)
        return None

    async def _new(self, region: Region) -> Row:
        row = await Row.create(region_id=region.id, created_at=self._clock.now())
        row.scene = alphabet.encode(row.id)
        await row.save(update_fields=["scene"])
        return row


async def usage_at(now: datetime) -> Usage:
    """How many of the account's scenes are taken at the moment *now*."""
    [found] = await rows(_USAGE, now - REST, (now - REST).astimezone(SHANGHAI).date())
    return Usage(found["used"], found["retired"], found["rested"])


def _no_code(error: WeChatError, region_code: str) -> Unavailable:
    return Unavailable(
        f"WeChat gave no code: {error.reason}",
        region=region_code,
        errcode=error.errcode,
        verdict=str(error.verdict),
    )
