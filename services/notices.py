"""Notices (通知): to each resident of a region's subtree, once."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from domain.errors import BadInput, NotFound
from models import Notice, Region
from services import access
from services.access import Actor
from services.mass_sends import MassSends
from services.ports import Clock, Queue
from services.transaction import row, rows, transaction

log = structlog.get_logger(__name__)

LONGEST = 600
"""Characters; WeChat takes 2,048 bytes in one message, and Chinese has three bytes a character."""
LONGEST_BYTES = 1800
"""The region's name stands before it; an emoji has four bytes and more."""
AT_ONCE = 5000
"""Recipients written in one statement: a whole county takes longer than one statement's time allows."""
BEHIND_OTHERS = -10
"""What concerns one case goes before a notice to thousands."""

_AUDIENCE = """
FROM person p JOIN region r ON r.id = p.grid_id
WHERE r.path LIKE $1 AND EXISTS (SELECT 1 FROM identity i WHERE i.person_id = p.id)
"""

_SPREAD = f"""
INSERT INTO delivery (person_id, kind, facts, notice_id, state, reason, openid, attempts, created_at, next_at)
SELECT p.id, 'notice', '{{}}', $2, 'owed', '', '', 0, $3, $3 {_AUDIENCE}
AND p.id > $4 ORDER BY p.id LIMIT {AT_ONCE}
ON CONFLICT (notice_id, person_id) DO NOTHING
RETURNING person_id
"""


@dataclass(frozen=True, slots=True)
class Preview:
    id: int
    text: str
    region: str
    reach: int


class Notices:
    def __init__(self, clock: Clock, queue: Queue, *, chunk: int = 200, mass: MassSends | None = None) -> None:
        self._clock = clock
        self._queue = queue
        self._chunk = chunk
        self._mass = mass

    async def compose(self, by: Actor, region_code: str, text: str) -> Preview:
        """Keep a notice and say how many people it would reach. Nothing is sent.

        Raises NotFound for a region that is not theirs, BadInput for a text that is empty or too long.
        """
        text = text.strip()
        if not text:
            raise BadInput("a notice needs a text", field="text")
        longest = min(LONGEST, len(text.encode("utf-8", "replace")[:LONGEST_BYTES].decode("utf-8", "ignore")))
        if len(text) > longest:
            raise BadInput(
                f"this notice must have at most {longest} characters", field="text", longest=longest, has=len(text)
            )
        async with transaction():
            region = await access.region_for_notices(by, region_code)
            reach = await self._reach(region)
            notice = await Notice.create(
                author_id=by.person_id, region=region, text=text, state="preview", created_at=self._clock.now()
            )
        return Preview(notice.id, text, region.name, reach)

    async def send(self, by: Actor, notice_id: int) -> Preview:
        """Release a previewed notice. Raises NotFound when it waits no more, or it or its region is not theirs."""
        async with transaction():
            notice = await self._waiting(by, notice_id)
            await access.region_for_notices(by, notice.region.code)
            notice.state, notice.sent_at = "ready", self._clock.now()
            await notice.save()
            await self._queue.defer("spread_notice", {"notice": notice.id})
            return Preview(notice.id, notice.text, notice.region.name, await self._reach(notice.region))

    async def drop(self, by: Actor, notice_id: int) -> None:
        """Discard a previewed notice. Raises NotFound."""
        async with transaction():
            notice = await self._waiting(by, notice_id)
            notice.state = "dropped"
            await notice.save()

    async def _waiting(self, by: Actor, notice_id: int) -> Notice:
        notice = (
            await Notice.filter(id=notice_id, author_id=by.person_id, state="preview").select_for_update().get_or_none()
        )
        if notice is None:
            raise NotFound("there is no such notice waiting to be sent")
        await notice.fetch_related("region")
        return notice

    async def spread(self, notice_id: int) -> int:
        """Fix the recipients, one row each, and wake senders in chunks. Running it twice changes nothing."""
        async with transaction():
            notice = await Notice.filter(id=notice_id, state="ready").select_for_update().get_or_none()
            if notice is None:
                return 0
            region = await Region.get(id=notice.region_id)
            people: list[int] = []
            while found := await self._some(region, notice, after=people[-1] if people else 0):
                people += found
            await self._mass.plan(notice.id) if self._mass is not None else None
            notice.state, notice.reach = "spread", len(people)
            await notice.save()
            chunks = [people[start : start + self._chunk] for start in range(0, len(people), self._chunk)]
            await self._queue.defer("deliver", *({"people": chunk} for chunk in chunks), priority=BEHIND_OTHERS)
        return len(people)

    async def _some(self, region: Region, notice: Notice, *, after: int) -> list[int]:
        found = await rows(_SPREAD, f"{region.path}%", notice.id, self._clock.now(), after)
        return sorted(item["person_id"] for item in found)

    async def release_forgotten(self) -> int:
        """Spread what was released but whose job got lost: the queue is never trusted."""
        late = self._clock.now() - timedelta(minutes=1)
        reached = 0
        for notice in await Notice.filter(state="ready", sent_at__lt=late).order_by("sent_at").limit(10):
            try:
                reached += await self.spread(notice.id)
            except Exception:
                log.exception("notice_stuck", notice=notice.id)
        return reached

    async def _reach(self, region: Region) -> int:
        return int((await row(f"SELECT count(*) AS n {_AUDIENCE}", f"{region.path}%"))["n"])
