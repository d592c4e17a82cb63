"""Looking for dead senders, once a second and outside of the queue: its slots may all be taken by what they left."""

import asyncio
from collections.abc import Callable

import structlog

from services.desk import Desk

log = structlog.get_logger(__name__)

EVERY_SECONDS = 1.0
LONGEST = 30.0


async def watch(desk: Callable[[], Desk]) -> None:
    """Settle what dead senders left behind, for as long as this runs. A database that is away is asked again."""
    while True:
        try:
            async with asyncio.timeout(LONGEST):
                await desk().deliveries.recover()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next look must come
            log.warning("recover_failed", reason=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)
