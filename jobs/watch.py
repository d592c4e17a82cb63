"""Looking for dead senders, twice a second and outside of the queue: its slots may all be taken by what they left."""

import asyncio
from collections.abc import Callable

import structlog

from services.desk import Desk

log = structlog.get_logger(__name__)

EVERY_SECONDS = 0.5
LONGEST = 30.0


async def watch(desk: Callable[[], Desk]) -> None:
    """Settle what dead senders left behind, for as long as this runs. A database that is away is asked again.

    What may be sent again is sent at once: the next sweep may be five seconds away.
    """
    sending: asyncio.Task[None] | None = None
    try:
        while True:
            try:
                async with asyncio.timeout(LONGEST):
                    left = await desk().deliveries.recover()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look must come
                log.warning("recover_failed", reason=type(error).__name__)
            else:
                if left and (sending is None or sending.done()):
                    sending = asyncio.create_task(_send(desk()))
            await asyncio.sleep(EVERY_SECONDS)
    finally:
        if sending is not None:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


async def _send(desk: Desk) -> None:
    try:
        await desk.deliveries.send(seconds=LONGEST)
    except Exception as error:  # noqa: BLE001 - the sweeps find it again
        log.warning("recovered_not_sent", reason=type(error).__name__)
