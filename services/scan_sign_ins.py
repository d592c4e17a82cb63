"""Signing in to the console by scanning a code with the WeChat that one's duty is bound to.

The way of one, and what may fail at each step:

1. a browser asks: a scene of two minutes, tied to that browser by a token of its own        -> Unavailable
2. whoever scans it is told from where and when it was asked for, and asked whether it is them   -> NotAllowed, expired
3. they answer yes in the chat: a code that somebody else has sent on is answered no
4. the browser that asked, and no other, comes in, once                                       -> refused, expired
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from domain.errors import NotAllowed, Unavailable
from models import SignInScene
from services.access import Actor
from services.ports import Clock, WeChat, WeChatError
from services.staff_logins import uses_console
from services.transaction import row, rows

LIFE = timedelta(minutes=2)
PREFIX = "in-"
_FOLLOWED = "qrscene_"
_KEPT = timedelta(days=1)
_LONGEST_FROM = 80

_SCANNED = """
UPDATE sign_in_scene SET person_id = $2
WHERE scene = $1 AND asked_at > $3 AND confirmed_at IS NULL AND refused_at IS NULL AND used_at IS NULL
  AND (person_id IS NULL OR person_id = $2) RETURNING asked_at, asked_from
"""
_ANSWERED = """
UPDATE sign_in_scene SET confirmed_at = CASE WHEN $4 THEN $3::timestamptz END,
                         refused_at = CASE WHEN $4 THEN NULL ELSE $3::timestamptz END
WHERE scene = $1 AND person_id = $2 AND asked_at > $5 AND confirmed_at IS NULL AND refused_at IS NULL
  AND used_at IS NULL RETURNING 1
"""
_COLLECT = """
UPDATE sign_in_scene SET used_at = $2
WHERE browser = $1 AND confirmed_at IS NOT NULL AND used_at IS NULL AND asked_at > $3 RETURNING person_id
"""

log = structlog.get_logger(__name__)


class State(StrEnum):
    WAITING = "waiting"
    SCANNED = "scanned"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page shows; *until* when it is good."""

    state: State
    url: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the chat tells whoever has scanned: where and when somebody has asked."""

    asked_at: datetime
    asked_from: str


class ScanSignIns:
    def __init__(self, clock: Clock, wechat: WeChat) -> None:
        self._clock = clock
        self._wechat = wechat

    async def ask(self, asked_from: str) -> str:
        """A new code for the browser *asked_from*; returns the token by which that browser is known again.

        Must not be called inside a transaction. Raises Unavailable when WeChat gives no code.
        """
        token, scene, now = secrets.token_urlsafe(32), PREFIX + secrets.token_urlsafe(16), self._clock.now()
        try:
            made = await self._wechat.create_passing_scene(scene, seconds=int(LIFE.total_seconds()))
        except WeChatError as error:
            raise Unavailable(f"WeChat gave no code: {error.reason}", errcode=error.errcode) from error
        await SignInScene.filter(asked_at__lt=now - _KEPT).delete()
        await SignInScene.create(
            scene=scene, browser=_hash(token), url=made.url, asked_at=now, asked_from=asked_from[:_LONGEST_FROM]
        )
        return token

    async def of(self, token: str) -> Asked:
        """How the code of the browser with *token* stands."""
        kept = await SignInScene.get_or_none(browser=_hash(token)) if token else None
        if kept is None or kept.used_at is not None or self._clock.now() >= kept.asked_at + LIFE:
            return Asked(State.OVER)
        state = State.WAITING if kept.person_id is None else State.SCANNED
        if kept.refused_at is not None:
            state = State.REFUSED
        elif kept.confirmed_at is not None:
            state = State.CONFIRMED
        return Asked(state, kept.url, kept.asked_at + LIFE)

    async def scanned(self, scene: str, by: Actor) -> Seen | None:
        """Whoever scans first is asked; ``None`` for a code that is over, answered, or in somebody else's hands.

        Raises NotAllowed for whoever has no duty that uses the console.
        """
        if not uses_console(by):
            raise NotAllowed("no duty of theirs uses the console")
        found = await row(_SCANNED, scene, by.person_id, self._clock.now() - LIFE)
        return Seen(found["asked_at"], found["asked_from"]) if found is not None else None

    async def answer(self, scene: str, by: Actor, *, yes: bool) -> bool:
        """They say whether it is them; whether that came in time, and for the first time."""
        now = self._clock.now()
        found = await rows(_ANSWERED, scene, by.person_id, now, yes, now - LIFE)
        if found:
            log.info("console_scan_answered", person=by.person_id, yes=yes)
        return bool(found)

    async def collect(self, token: str) -> int | None:
        """Who has confirmed the code of the browser with *token*: told once, and to that browser alone."""
        now = self._clock.now()
        found = await row(_COLLECT, _hash(token), now, now - LIFE) if token else None
        return int(found["person_id"]) if found is not None else None


def from_event_key(key: str) -> str | None:
    """The scene in the EventKey of a subscribe or SCAN event, ``None`` where it is none of these."""
    scene = key.removeprefix(_FOLLOWED)
    return scene if scene.startswith(PREFIX) else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
