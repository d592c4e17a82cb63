"""The second step of signing in to the console (RFC 6238): a code that an app on one's own phone shows.

A code counts once: whoever looks over a shoulder has nothing from it. Ten codes on paper help where the phone is lost;
each of them counts once, too, and only their slow hashes are kept. The secret is sealed like personal data.
"""

import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyotp
import structlog

from domain.duty import Duty
from domain.errors import BadInput, Conflict, NotFound
from models import SecondFactor
from services.access import Actor
from services.by_place import ByPlace
from services.ports import Cipher, Clock
from services.staff_logins import Passwords
from services.transaction import row, transaction

ISSUER = "网格通"
STEP_SECONDS = 30
RECOVERY_CODES = 10
_DRIFT = 1
"""Steps that a phone's clock may be early or late (RFC 6238 §5.2)."""
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_RECOVERY_LENGTH = 10
_SAME_FORM = timedelta(minutes=2)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class State:
    """How somebody's second step stands; *uri* is what the code on the page says while it is being set up."""

    on: bool = False
    since: datetime | None = None
    codes_left: int = 0
    uri: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)


class SecondFactors:
    def __init__(
        self, clock: Clock, cipher: Cipher, passwords: Passwords, wanted: ByPlace[frozenset[Duty]] | None = None
    ) -> None:
        """*wanted*: of which duties a place demands it; nobody's without."""
        self._clock = clock
        self._cipher = cipher
        self._passwords = passwords
        self._wanted = wanted or ByPlace(frozenset())

    def is_wanted(self, by: Actor) -> bool:
        """Whether a duty of theirs demands it, where they hold that duty."""
        return any(held.duty in self._wanted.at(held.path) for held in by.duties)

    async def owes(self, by: Actor) -> bool:
        """Whether they have to set it up before anything else. Whoever no place demands it of costs no statement."""
        return self.is_wanted(by) and not await self.is_on(by.person_id)

    async def is_on(self, person_id: int) -> bool:
        return await SecondFactor.filter(person_id=person_id, confirmed_at__not_isnull=True).exists()

    async def of(self, by: Actor) -> State:
        kept = await SecondFactor.get_or_none(person_id=by.person_id)
        if kept is None:
            return State()
        if kept.confirmed_at is not None:
            return State(on=True, since=kept.confirmed_at, codes_left=len(kept.recovery))
        secret = self._cipher.open(kept.secret)
        return State(uri=pyotp.TOTP(secret).provisioning_uri(name=by.name, issuer_name=ISSUER), secret=secret)

    async def begin(self, by: Actor) -> None:
        """Make a secret, which is not asked for before it is confirmed. Raises Conflict where one is in use."""
        async with transaction():
            kept = await SecondFactor.filter(person_id=by.person_id).select_for_update().get_or_none()
            if kept is not None and kept.confirmed_at is not None:
                raise Conflict("the second step is on already", why="on")
            await SecondFactor.update_or_create(
                person_id=by.person_id,
                defaults={"secret": self._cipher.seal(pyotp.random_base32()), "made_at": self._clock.now()},
            )

    async def confirm(self, by: Actor, code: str) -> Sequence[str]:
        """From now on it is asked for; returns the ten codes for the paper, which nobody can be told again.

        The same code sent twice, by a double click, leads to ten new ones: those that are on the page are good.
        Raises NotFound where nothing is being set up, BadInput with ``field`` "code".
        """
        kept = await SecondFactor.get_or_none(person_id=by.person_id)
        now = self._clock.now()
        if kept is None:
            raise NotFound("no second step is being set up", second_factor="none")
        step = self._step(kept, code, now)
        again = kept.confirmed_at is not None and kept.last_step == step and now - kept.confirmed_at < _SAME_FORM
        if step is None or (kept.confirmed_at is not None and not again):
            raise BadInput("this is not the code of this moment", field="code", why="wrong")
        codes = _recovery_codes()
        hashes = {code[0]: await self._passwords.hash(code) for code in codes}
        await SecondFactor.filter(id=kept.id).update(
            confirmed_at=kept.confirmed_at or now, last_step=step, recovery=hashes
        )
        log.info("console_second_step_on", person=by.person_id)
        return [f"{code[:5]}-{code[5:]}" for code in codes]

    async def takes(self, person_id: int, code: str) -> bool:
        """Whether *code* is the one of this moment, or one of those on paper; then it counts no more.

        Raises Unavailable where too many hashes are being checked.
        """
        kept = await SecondFactor.get_or_none(person_id=person_id, confirmed_at__not_isnull=True)
        if kept is None:
            return False
        step = self._step(kept, code, self._clock.now())
        if step is not None:
            # Of two at the same moment one is first.
            return await row(_TAKE_STEP, kept.id, step) is not None
        plain = _plain(code)
        hashed = kept.recovery.get(plain[:1]) if len(plain) == _RECOVERY_LENGTH else None
        if hashed is None or not await self._passwords.verify(hashed, plain):
            return False
        taken = await row(_TAKE_PAPER, kept.id, plain[0], hashed) is not None
        if taken:
            log.info("console_recovery_code_used", person=person_id, left=len(kept.recovery) - 1)
        return taken

    async def end(self, person_id: int) -> bool:
        """Ask for it no more; whether there was one."""
        gone = await SecondFactor.filter(person_id=person_id).delete()
        if gone:
            log.info("console_second_step_off", person=person_id)
        return bool(gone)

    def _step(self, kept: SecondFactor, code: str, now: datetime) -> int | None:
        """Which step of 30 seconds *code* is of, where it is one of now, a moment ago, or in a moment."""
        totp, plain = pyotp.TOTP(self._cipher.open(kept.secret)), _plain(code)
        if not (plain.isascii() and plain.isdigit()):
            return None
        present = int(now.timestamp()) // STEP_SECONDS
        for step in range(present - _DRIFT, present + _DRIFT + 1):
            if hmac.compare_digest(totp.at(step * STEP_SECONDS), plain):
                return step
        return None


_TAKE_STEP = "UPDATE second_factor SET last_step = $2 WHERE id = $1 AND last_step < $2 RETURNING 1"
_TAKE_PAPER = """
UPDATE second_factor SET recovery = recovery - $2::text WHERE id = $1 AND recovery ->> $2::text = $3 RETURNING 1
"""


def _plain(code: str) -> str:
    return "".join(unicodedata.normalize("NFKC", code).lower().replace("-", "").split())


def _recovery_codes() -> list[str]:
    """Ten that differ in their first character, by which each finds its own hash; 45 bits of chance in the rest."""
    firsts = secrets.SystemRandom().sample(_ALPHABET, RECOVERY_CODES)
    return [first + "".join(secrets.choice(_ALPHABET) for _ in range(_RECOVERY_LENGTH - 1)) for first in firsts]
