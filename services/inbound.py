"""Callbacks, each worked on once: a retry waits for the first and takes its answer."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from domain.errors import Refusal
from services.ports import Clock
from services.transaction import CLASHES, row, rows, transaction

KEPT = timedelta(days=3)
_STEPS_BACK = (0.05, 0.25)
"""Seconds, drawn between these, for which a message that clashed waits before it is worked on once more."""

_CLAIM = "INSERT INTO inbound (key, at, answer) VALUES ($1, $2, '') ON CONFLICT (key) DO NOTHING RETURNING id"
_ANSWER = "UPDATE inbound SET answer = $2 WHERE id = $1 RETURNING 1"
_GIVE_AGAIN = "UPDATE inbound SET repeated_at = $2 WHERE key = $1 AND answer <> '' RETURNING answer"
_TAKE_OVER = """
UPDATE inbound SET answer = '' FROM (
    SELECT id, answer FROM inbound WHERE key = $1 AND answer <> '' AND (repeated_at IS NULL OR $2) FOR UPDATE
) kept
WHERE inbound.id = kept.id RETURNING kept.answer
"""
# In portions: a day of a busy account is more than one statement's time allows.
_FORGET = """
WITH old AS (SELECT id FROM inbound WHERE at < $1 ORDER BY at LIMIT 10000),
gone AS (DELETE FROM inbound USING old WHERE inbound.id = old.id RETURNING 1)
SELECT count(*) AS n FROM gone
"""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Waiter:
    """Whoever waits at the other end for an answer, and what they have been told meanwhile."""

    late: bool = False
    """They could not wait any longer, and were promised a message."""
    repeat: bool = False
    """They came again, and were given the answer that was kept."""


class Inbounds:
    """What was answered, and who tells it: the answer to WeChat's call, or a message later on, never both.

    An answer that is kept may be given to a repeat (:meth:`once` notes that) until a message takes it over
    (:meth:`hand_over` takes it out). Both do so on the locked row, so whoever comes second finds out.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def once(
        self,
        key: str,
        work: Callable[[], Awaitable[str]],
        refused: Callable[[Refusal], Awaitable[str]],
        waiter: Waiter | None = None,
    ) -> str:
        """Run *work* for *key* and keep its answer with everything it wrote, in one transaction.

        A second call with the same key, in any process, waits on the unique key for the first to commit and returns
        the same answer; empty when a message carries it. When *work* refuses, nothing of it stays, and *refused* makes
        the answer that is kept instead.
        """
        waiter = waiter or Waiter()
        try:
            return await self._again(key, work, waiter)
        except Refusal as refusal:
            said = refusal

        async def refuse() -> str:
            return await refused(said)

        return await self._again(key, refuse, waiter)

    async def _again(self, key: str, work: Callable[[], Awaitable[str]], waiter: Waiter) -> str:
        try:
            return await self._run(key, work, waiter)
        except CLASHES as clash:
            log.warning("callback_clashed", reason=type(clash).__name__)
        # The other one gets its turn first: whoever begins again at once may be in its way again.
        await asyncio.sleep(random.uniform(*_STEPS_BACK))  # noqa: S311 - not for keeping secrets
        return await self._run(key, work, waiter)

    async def _run(self, key: str, work: Callable[[], Awaitable[str]], waiter: Waiter) -> str:
        async with transaction():
            claimed = await row(_CLAIM, key, self._clock.now())
            if claimed is None:
                return await self._given_again(key, waiter)
            answer = await work()
            await rows(_ANSWER, claimed["id"], answer)
        return answer

    async def _given_again(self, key: str, waiter: Waiter) -> str:
        if waiter.late:
            return ""
        kept = await row(_GIVE_AGAIN, key, self._clock.now())
        waiter.repeat = kept is not None
        return str(kept["answer"]) if kept else ""

    async def hand_over(self, key: str, owe: Callable[[str], Awaitable[None]], waiter: Waiter) -> None:
        """For a *waiter* who was promised a message: let *owe* note the kept answer as one, unless it was told already.

        It was told when another's repeat was given it, or when its own work had owed it by then.
        """
        async with transaction():
            kept = await row(_TAKE_OVER, key, waiter.repeat)
            if kept is not None:
                await owe(str(kept["answer"]))

    async def forget_old(self) -> int:
        """Drop answers that WeChat can no longer ask for again; returns how many."""
        before, forgotten = self._clock.now() - KEPT, 0
        while gone := int((await row(_FORGET, before))["n"]):
            forgotten += gone
        return forgotten
