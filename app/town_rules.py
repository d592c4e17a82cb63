"""What a town sets for itself at its desk, and the files that it takes out, put together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from adapters.holidays import holiday_name
from app.export_files import make
from app.policy import deadline_policy
from app.settings import Settings
from services.export_rows import ExportRows
from services.exports import Exports
from services.ports import Clock, Queue, Storage
from services.town_days import OwnDays, TownDays

_EVERY_SECONDS = 1.0
Load = Callable[[], Awaitable[None]]


def exports(clock: Clock, queue: Queue, store: Storage, items: ExportRows) -> Exports:
    return Exports(clock, queue, store, items, make)


def town_days(settings: Settings, clock: Clock, queue: Queue, own: OwnDays) -> TownDays:
    plain = deadline_policy(settings)
    return TownDays(clock, queue, own, (plain.quiet or plain.calendar).works_on, holiday_name)


@asynccontextmanager
async def followed(*loads: Load) -> AsyncIterator[None]:
    """Take over what towns have set from the database, whichever process has changed it, for as long as this is open.

    Commands that are over sooner have read them once.
    """
    await _all(loads)
    following = asyncio.create_task(_follow(loads), name="follow towns' rules")
    try:
        yield
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def _follow(loads: Sequence[Load]) -> None:
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        await _all(loads)


async def _all(loads: Sequence[Load]) -> None:
    for load in loads:
        with contextlib.suppress(Exception):
            await load()
