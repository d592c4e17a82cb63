"""Events that tell of our own messages: nobody waits for an answer to them."""

import asyncio

import structlog
from aiohttp import web

from bot.incoming import Incoming
from services.desk import Desk
from services.transaction import DATABASE_ERRORS

log = structlog.get_logger(__name__)

REPORTS = frozenset({"templatesendjobfinish"})


PATIENCE = 3.5
"""Seconds for which a database that is away is waited for: WeChat tells a thing a few times, and then never again."""
_AGAIN_SECONDS = 0.3


async def take(desk: Desk, incoming: Incoming) -> None:
    """Hand an event of :data:`REPORTS` to whom it concerns. A database that stays away makes WeChat tell it again."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    while True:
        try:
            await _hand_over(desk, incoming)
        except DATABASE_ERRORS as error:
            if loop.time() > until:
                log.warning("report_not_noted", kind=incoming.event, reason=type(error).__name__)
                raise web.HTTPServiceUnavailable from None
        else:
            return
        await asyncio.sleep(_AGAIN_SECONDS)


async def _hand_over(desk: Desk, incoming: Incoming) -> None:
    msgid, _, status = incoming.extra.partition("|")
    if incoming.event == "templatesendjobfinish" and msgid.isdecimal():
        await desk.send_reports.take(incoming.openid, int(msgid), status.strip("|"))
