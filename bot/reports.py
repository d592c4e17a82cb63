"""Events that tell of our own messages: nobody waits for an answer to them."""

import asyncio

import structlog
from aiohttp import web

from bot.incoming import Incoming, counted, listed
from domain.errors import Refusal
from services.desk import Desk
from services.transaction import DATABASE_ERRORS

log = structlog.get_logger(__name__)

_AGREED, _CHANGED, _SENT = "subscribe_msg_popup_event", "subscribe_msg_change_event", "subscribe_msg_sent_event"
_FINISHED, _MASS_FINISHED = "templatesendjobfinish", "masssendjobfinish"
REPORTS = frozenset({_FINISHED, _MASS_FINISHED, _AGREED, _CHANGED, _SENT})


_HIGHEST = 2**63
_NOT_AGREED = "43101"
PATIENCE = 20.0
"""Seconds for which a database that is away is waited for. WeChat hangs up after five and tells it again three times;
an answer, even one of failure, it may take for the end of the matter."""
_AGAIN_SECONDS = 0.3


async def take(desk: Desk, incoming: Incoming, xml: bytes) -> None:
    """Hand an event of :data:`REPORTS` to whom it concerns. A database that stays away makes WeChat tell it again."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    while True:
        try:
            await _hand_over(desk, incoming, xml)
        except DATABASE_ERRORS as error:
            if loop.time() > until:
                log.warning("report_not_noted", kind=incoming.event, reason=type(error).__name__)
                raise web.HTTPServiceUnavailable from None
        else:
            return
        await asyncio.sleep(_AGAIN_SECONDS)


async def _hand_over(desk: Desk, incoming: Incoming, xml: bytes) -> None:
    if incoming.event in {_FINISHED, _MASS_FINISHED}:
        msgid, _, status = incoming.extra.partition("|")
        if not (msgid.isascii() and msgid.isdecimal() and int(msgid) < _HIGHEST):
            return
        if incoming.event == _FINISHED:
            await desk.send_reports.take(incoming.openid, int(msgid), status.strip("|"))
        else:
            sent, failed = (counted(xml, name) for name in ("SentCount", "ErrorCount"))
            await desk.mass_sends.finished(int(msgid), status.strip("|"), sent=sent, failed=failed)
        return

    async def note() -> str:
        await _subscriptions(desk, incoming, listed(xml))
        return ""

    async def never(refusal: Refusal) -> str:
        raise refusal

    # An event that WeChat tells twice must not count twice.
    await desk.inbounds.once(incoming.key(desk.subscriptions.appid), note, never)


async def _subscriptions(desk: Desk, incoming: Incoming, found: list[dict[str, str]]) -> None:
    if incoming.event == _AGREED:
        said = [(one.get("TemplateId", ""), one.get("SubscribeStatusString") == "accept") for one in found]
        await desk.subscriptions.answered(incoming.openid, said)
        return
    # Agreeing again in WeChat's own settings refills nothing; refusing there empties what was left.
    refused = [
        one.get("TemplateId", "")
        for one in found
        if one.get("SubscribeStatusString") == "reject" or one.get("ErrorCode", "0") == _NOT_AGREED
    ]
    await desk.subscriptions.withdrawn(incoming.openid, refused)
