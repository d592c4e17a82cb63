"""The mini program's own callback: what WeChat tells of it. Only what became of a photo that it looked at is heeded.

The way of an event, and what may fail at each step:

1. body read, at most 64 KiB                          -> 413
2. signature, age, key checked, as for the account    -> 403, nothing is said about why
3. XML or JSON read, as WeChat's console was set      -> unreadable, or of something else: ``success``
4. handed over. Not known yet (its trace is about to be written down): waited for, then ``success``; it is asked
   about again later                                  -> database away: 503, WeChat tells it again
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

import structlog
from aiohttp import web

from bot.envelope import Account, Envelope, Forged
from bot.incoming import NOT_IN_XML
from domain.safety import Found
from services.desk import Desk
from services.transaction import DATABASE_ERRORS

log = structlog.get_logger(__name__)

_CHECKED = "wxa_media_check"
_FOUND = {"pass": Found.PASSED, "risky": Found.RISKY, "review": Found.RISKY}
_LONGEST_TRACE = 80
_PATIENCE, _AGAIN = 2.0, 0.2
"""Seconds: WeChat may be faster than our own note of what it was asked."""


class MiniEvents:
    def __init__(self, desk: Desk, account: Account, *, body_bytes: int = 65536) -> None:
        """Raises ValueError for an AES key that is none."""
        self._desk = desk
        self._envelope = Envelope(account, desk.clock)
        self._body_bytes = body_bytes

    def routes(self) -> list[web.RouteDef]:
        path = "/wechat/miniprogram/callback"
        return [web.get(path, self.verify), web.post(path, self.receive)]

    async def verify(self, request: web.Request) -> web.Response:
        try:
            return web.Response(text=self._envelope.greet(request.query))
        except Forged as forged:
            raise _forbidden(forged) from None

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.content.read(self._body_bytes + 1)
        while len(body) <= self._body_bytes and not request.content.at_eof():
            body += await request.content.read(self._body_bytes + 1 - len(body))
        if len(body) > self._body_bytes:
            raise web.HTTPRequestEntityTooLarge(self._body_bytes, len(body))
        try:
            opened = self._envelope.open(request.query, _as_xml(body))
        except Forged as forged:
            raise _forbidden(forged) from None
        event = read(opened.xml)
        if event.get("Event") == _CHECKED:
            await self._checked(event)
        return web.Response(text="success")

    async def _checked(self, event: Mapping[str, Any]) -> None:
        trace, result = event.get("trace_id"), event.get("result")
        result = result if isinstance(result, dict) else {}
        if not isinstance(trace, str) or not 0 < len(trace) <= _LONGEST_TRACE:
            return
        suggest = str(result.get("suggest", ""))
        found = _FOUND.get(suggest, Found.UNCHECKED)
        why = f"wechat {suggest} {result.get('label', '')}".strip()
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE
        try:
            while not await self._desk.media_checks.heard(trace, found, why):
                if loop.time() > until:
                    log.info("media_check_of_nothing")
                    return
                await asyncio.sleep(_AGAIN)
        except DATABASE_ERRORS as error:
            log.warning("media_check_not_noted", reason=type(error).__name__)
            raise web.HTTPServiceUnavailable from None


def read(data: bytes) -> dict[str, Any]:
    """The event's fields, one level of nesting deep; empty for what is none. Never raises."""
    text = NOT_IN_XML.sub("", data.decode("utf-8", "replace")).strip()
    if text.startswith("{"):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}
    if not text.startswith("<xml"):  # nothing can be declared after the root has begun
        return {}
    try:
        root = ET.fromstring(text)  # noqa: S314 - it begins with the root, so nothing is declared
    except (ET.ParseError, ValueError):
        return {}
    return {
        child.tag: {inner.tag: (inner.text or "").strip() for inner in child}
        if len(child)
        else (child.text or "").strip()
        for child in root
    }


def _as_xml(body: bytes) -> bytes:
    """A sealed JSON body as the envelope knows it; all others as they are."""
    if not body.lstrip().startswith(b"{"):
        return body
    try:
        sealed = json.loads(body).get("Encrypt")
    except (ValueError, RecursionError, AttributeError):
        return body
    return f"<xml><Encrypt>{sealed}</Encrypt></xml>".encode() if isinstance(sealed, str) else body


def _forbidden(forged: Forged) -> web.HTTPForbidden:
    log.warning("mini_callback_refused", reason=str(forged))
    return web.HTTPForbidden()
