"""Access tokens: two ways to fetch one, which do not know of each other, and what happens to the old one."""

import secrets
from dataclasses import asdict, dataclass
from typing import Literal

from sandbox.clock import day
from sandbox.refusals import Refused
from sandbox.settings import Account
from sandbox.store import Store

KIND = "token"
LIFE_SECONDS = 7200
OVERLAP_SECONDS = 300
FORCED_A_DAY = 20
FORCED_APART_SECONDS = 30
KEEP = 200

App = Literal["official", "mini"]
Way = Literal["stable", "plain"]

INVALID, MISSING, EXPIRED = 40001, 41001, 42001
BAD_APPID, BAD_SECRET, QUOTA = 40013, 40125, 45009


@dataclass(slots=True)
class Token:
    """One access token; times are epoch seconds of the sandbox's clock."""

    text: str
    app: App
    way: Way
    made_at: float
    expires_at: float
    dead: bool = False


class Tokens:
    """Gives tokens out and checks them."""

    def __init__(self, store: Store, official: Account, mini: Account) -> None:
        self._store = store
        self._accounts: dict[App, Account] = {"official": official, "mini": mini}
        self._all: dict[str, Token] = {}
        self._current: dict[tuple[App, Way], Token] = {}
        self._forced: dict[App, list[float]] = {"official": [], "mini": []}
        found = sorted((Token(**body) for _key, body in store.items(KIND)), key=lambda token: token.made_at)
        for token in found:
            self._all[token.text] = token
            self._current[token.app, token.way] = token

    def login(self, appid: object, secret: object) -> App:
        """Which account this is, or :exc:`Refused` with 40013 (appid) or 40125 (secret)."""
        for app, account in self._accounts.items():
            if account.appid == appid:
                if account.secret != secret:
                    raise Refused(BAD_SECRET)
                return app
        raise Refused(BAD_APPID)

    def stable(self, app: App, now: float, *, force: bool) -> Token:
        """The same token until its last five minutes, in which both the old and the new one work.

        Forced, the old one dies at once: 20 times a day, and not within 30 s of the last time.
        """
        current = self._current.get((app, "stable"))
        fresh = current is not None and not current.dead and current.expires_at - now > OVERLAP_SECONDS
        if force:
            today = [moment for moment in self._forced[app] if day(moment) == day(now)]
            if today and 0 <= now - today[-1] < FORCED_APART_SECONDS and fresh and current is not None:
                return current
            if len(today) >= FORCED_A_DAY:
                raise Refused(QUOTA)
            self._forced[app] = [*today, now]
            if current is not None:
                current.dead = True
                self._keep(current)
        elif fresh and current is not None:
            return current
        if current is not None and not current.dead:
            current.expires_at = max(current.expires_at, now + OVERLAP_SECONDS)
            self._keep(current)
        return self._make(app, "stable", now)

    def plain(self, app: App, now: float) -> Token:
        """A new token each time; the one before lives five minutes more."""
        current = self._current.get((app, "plain"))
        if current is not None:
            current.expires_at = min(current.expires_at, now + OVERLAP_SECONDS)
            self._keep(current)
        return self._make(app, "plain", now)

    def check(self, text: str, now: float) -> App:
        """Whose token this is, or :exc:`Refused` with 41001, 40001 or 42001."""
        if not text:
            raise Refused(MISSING)
        token = self._all.get(text)
        if token is None or token.dead:
            raise Refused(INVALID)
        if now >= token.expires_at:
            raise Refused(EXPIRED)
        return token.app

    def invalidate(self, app: App | None = None) -> int:
        """Kill every living token (of one account); says how many."""
        killed = [token for token in self._all.values() if not token.dead and app in (None, token.app)]
        for token in killed:
            token.dead = True
            self._keep(token)
        return len(killed)

    def _make(self, app: App, way: Way, now: float) -> Token:
        token = Token(f"{secrets.randbelow(90) + 10}_{secrets.token_urlsafe(96)}", app, way, now, now + LIFE_SECONDS)
        self._all[token.text] = token
        self._current[app, way] = token
        self._keep(token)
        while len(self._all) > KEEP:
            oldest = next(iter(self._all))
            del self._all[oldest]
            self._store.drop(KIND, oldest)
        return token

    def _keep(self, token: Token) -> None:
        self._store.put(KIND, token.text, asdict(token))
