"""Callbacks, each worked on once: a retry waits for the first and takes its answer."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from domain.errors import Refusal
from services.ports import Clock
from services.transaction import CLASHES, row, rows, transaction

KEPT = timedelta(days=3)

_CLAIM = "INSERT INTO inbound (key, at, answer) VALUES ($1, $2, '') ON CONFLICT (key) DO NOTHING RETURNING id"
# In portions: a day of a busy account is more than one statement's time allows.
_FORGET = """
WITH old AS (SELECT id FROM inbound WHERE at < $1 ORDER BY at LIMIT 10000),
gone AS (DELETE FROM inbound USING old WHERE inbound.id = old.id RETURNING 1)
SELECT count(*) AS n FROM gone
"""

log = structlog.get_logger(__name__)


class Inbounds:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def once(
        self, key: str, work: Callable[[], Awaitable[str]], refused: Callable[[Refusal], Awaitable[str]]
    ) -> str:
        """Run *work* for *key* and keep its answer with everything it wrote, in one transaction.

        A second call with the same key, in any process, waits on the unique key for the first to commit and returns
        the same answer. When *work* refuses, nothing of it stays, and *refused* makes the answer that is kept instead.
        """
        try:
            return await self._again(key, work)
        except Refusal as refusal:
            said = refusal

        async def refuse() -> str:
            return await refused(said)

        return await self._again(key, refuse)

    async def _again(self, key: str, work: Callable[[], Awaitable[str]]) -> str:
        try:
            return await self._run(key, work)
        except CLASHES as clash:
            log.warning("callback_clashed", reason=type(clash).__name__)
        return await self._run(key, work)

    async def _run(self, key: str, work: Callable[[], Awaitable[str]]) -> str:
        async with transaction():
            claimed = await row(_CLAIM, key, self._clock.now())
            if claimed is None:
                return str((await row("SELECT answer FROM inbound WHERE key = $1", key))["answer"])
            answer = await work()
            await rows("UPDATE inbound SET answer = $2 WHERE id = $1 RETURNING 1", claimed["id"], answer)
        return answer

    async def forget_old(self) -> int:
        """Drop answers that WeChat can no longer ask for again; returns how many."""
        before, forgotten = self._clock.now() - KEPT, 0
        while gone := int((await row(_FORGET, before))["n"]):
            forgotten += gone
        return forgotten
