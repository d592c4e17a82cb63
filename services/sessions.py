"""Sign-ins of the mini program: a ``wx.login`` code becomes a token, the token a person."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from domain.delivery import Verdict
from domain.errors import BadInput, InviteRefused, NotAllowed, NotFound, NotSignedIn, Unavailable
from models import Identity, Session
from services import access
from services.access import Actor
from services.people import MINI, People
from services.ports import Clock, MiniLogin, WeChat, WeChatError
from services.transaction import row, transaction

SESSION_LIFE = timedelta(days=30)
TOKEN_BYTES = 32

_CODE_REFUSED = frozenset({40029, 40163, 42003, 61010})
_PERSON_BLOCKED = 40226

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in that has just been made. The token is told this once; we keep its hash only."""

    token: str = field(repr=False)
    expires_at: datetime
    actor: Actor


@dataclass(frozen=True, slots=True)
class SignedInSince:
    """A device that is signed in."""

    id: int
    created_at: datetime
    expires_at: datetime
    current: bool


class Sessions:
    def __init__(self, clock: Clock, people: People, wechat: WeChat, *, mini_appid: str) -> None:
        self._clock = clock
        self._people = people
        self._wechat = wechat
        self._mini_appid = mini_appid

    async def sign_in(self, code: str) -> SignedIn:
        """Exchange a ``wx.login`` code (single use, five minutes) for a token of 30 days.

        Raises BadInput for a code that WeChat does not take, NotAllowed for a person whom WeChat has blocked,
        Unavailable when WeChat does not answer or the mini program is not set up.
        """
        login = await self._login(code)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._clock.now()
        async with transaction():
            identity = await self._people.known(login.openid, self._mini_appid, MINI, unionid=login.unionid, lock=True)
            await Session.filter(person_id=identity.person_id, expires_at__lte=now).delete()
            session = await Session.create(
                token_hash=_hash(token), person_id=identity.person_id, created_at=now, expires_at=now + SESSION_LIFE
            )
            actor = await self._people.actor(identity.person_id)
        return SignedIn(token, session.expires_at, actor)

    async def who(self, token: str) -> Actor:
        """The person behind *token*, with the duties of this day. Raises NotSignedIn, for an expired one too."""
        actor = await access.actor_of_token(_hash(token), self._clock.now())
        if actor is None:
            raise NotSignedIn("the token is unknown or has expired: sign in again")
        return actor

    async def sign_out(self, token: str) -> None:
        """End the session; nothing happens where there is none."""
        await Session.filter(token_hash=_hash(token)).delete()

    async def every(self, who: Actor, token: str) -> list[SignedInSince]:
        """Where *who* is signed in, newest first; *token* is the one that asks."""
        mine = _hash(token)
        found = await Session.filter(person_id=who.person_id, expires_at__gt=self._clock.now()).order_by("-id")
        return [SignedInSince(one.id, one.created_at, one.expires_at, one.token_hash == mine) for one in found]

    async def end(self, who: Actor, session_id: int) -> None:
        """Sign one of their devices out. Raises NotFound, also for somebody else's."""
        if not await Session.filter(id=session_id, person_id=who.person_id).delete():
            raise NotFound("there is no such sign-in of yours")

    async def bind(self, who: Actor, code: str) -> Actor:
        """Make the mini program's account that of the invited member of staff; the session stays.

        Raises InviteRefused, and TooMany after too many wrong codes.
        """
        identity = await Identity.filter(person_id=who.person_id, appid=self._mini_appid).order_by("id").first()
        if identity is None:
            raise NotSignedIn("the account has just changed: sign in again")
        try:
            return await self._people.bind(identity.id, code)
        except InviteRefused:
            await self._people.count_wrong_code(identity.id)
            raise

    async def forget_old(self) -> int:
        """Delete what has expired; returns how many there were."""
        found = await row(
            "WITH gone AS (DELETE FROM session WHERE expires_at <= $1 RETURNING 1) SELECT count(*) AS n FROM gone",
            self._clock.now(),
        )
        return int(found["n"])

    async def _login(self, code: str) -> MiniLogin:
        try:
            return await self._wechat.login(code)
        except WeChatError as error:
            refused = error
        if refused.errcode in _CODE_REFUSED:
            raise BadInput("WeChat does not take this code: call wx.login again and send the new one", field="code")
        if refused.errcode == _PERSON_BLOCKED:
            raise NotAllowed("WeChat has blocked this person as a risk")
        log.warning("mini_login_failed", reason=refused.reason, errcode=refused.errcode, verdict=str(refused.verdict))
        if refused.verdict is Verdict.MISCONFIGURED:
            raise Unavailable("signing in is not set up on this server", retry_after=300)
        raise Unavailable("WeChat does not answer at the moment: try again shortly", retry_after=10)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
