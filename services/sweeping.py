"""Going through all that is due, in any number of processes at once, each piece in a transaction of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from typing import Any

import structlog

from services.transaction import rows

log = structlog.get_logger(__name__)

AT_ONCE = 4
"""Fewer than half of the pool's connections: people go on being served."""


async def each(sql: str, before: datetime, batch: int, deal_with: Callable[[int], Awaitable[bool]], *more: Any) -> int:
    """Deal with every case that *sql* finds up to *before*, once in this call; returns how many were dealt with.

    *sql* answers with ``id`` and ``due`` of at most ``$4`` cases due until ``$1``, in their order after ``($2, $3)``;
    *more* is what it wants besides, from ``$5`` on.
    *deal_with* says whether the case was still there to be dealt with. One that fails is logged and left, and holds up
    no other. :data:`AT_ONCE` are under way at a time, so that their commits share the disk.
    """
    last_due, last_id, done = before.min.replace(tzinfo=before.tzinfo), 0, 0
    while True:
        found = await rows(sql, before, last_due, last_id, batch, *more)
        waiting = iter([one["id"] for one in found])

        async def take(waiting: Iterator[int] = waiting) -> int:
            return sum([await _guarded(deal_with, case_id) for case_id in waiting])

        done += sum(await asyncio.gather(*(take() for _ in range(min(AT_ONCE, len(found))))))
        if len(found) < batch:
            return done
        last_due, last_id = found[-1]["due"], found[-1]["id"]


async def _guarded(deal_with: Callable[[int], Awaitable[bool]], case_id: int) -> bool:
    try:
        return await deal_with(case_id)
    except Exception:
        log.exception("case_stuck", case=case_id)
        return False
