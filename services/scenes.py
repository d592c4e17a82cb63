"""The codes on the boards: a permanent WeChat scene for each post, and the way back from a scan to its region."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.case import Level
from domain.errors import NotFound, Unavailable
from models import Region
from models import Scene as Row
from qrcodes import scenes as alphabet
from services.ports import Clock, WeChat, WeChatError
from services.transaction import rows, transaction


@dataclass(frozen=True, slots=True)
class Ticket:
    """A scene with what its printed code must hold, letter for letter."""

    scene: str
    url: str
    region_code: str
    region_name: str


class Scenes:
    def __init__(self, clock: Clock, wechat: WeChat) -> None:
        self._clock = clock
        self._wechat = wechat

    async def ticket_for(self, region_code: str) -> Ticket:
        """The permanent scene of the region's post, made the first time it is asked for.

        The row is committed before WeChat is asked, so that a crash in between loses nothing: the next call finds a
        row without a url and asks for the same scene again.

        Raises NotFound; Unavailable when WeChat refuses or does not answer (facts: ``errcode``, ``verdict``). Must not
        be called inside a transaction: nobody should wait for a lock while WeChat thinks.
        """
        region, row = await self._row(region_code)
        if not row.url:
            try:
                answer = await self._wechat.create_scene(row.scene or "")
            except WeChatError as error:
                raise Unavailable(
                    f"WeChat gave no code: {error.reason}",
                    region=region_code,
                    errcode=error.errcode,
                    verdict=str(error.verdict),
                ) from error
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

    async def region_of(self, scene: str) -> Region | None:
        """Where a scanned *scene* belongs; ``None`` for one that is not ours, or was copied wrongly."""
        try:
            alphabet.decode(scene)
        except alphabet.BadScene:
            return None
        found = await Row.get_or_none(scene=scene).select_related("region")
        return found.region if found is not None else None

    async def _row(self, region_code: str) -> tuple[Region, Row]:
        async with transaction():
            # The lock on the region makes two at once find the same row.
            region = await Region.filter(code=region_code).select_for_update(no_key=True).get_or_none()
            if region is None:
                raise NotFound("there is no such region", region=region_code)
            row = await Row.filter(region_id=region.id, scene__isnull=False).order_by("id").first()
            if row is None:
                row = await Row.create(region_id=region.id, created_at=self._clock.now())
                row.scene = alphabet.encode(row.id)
                await row.save(update_fields=["scene"])
        return region, row
