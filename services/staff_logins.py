"""Passwords of staff for the console: given once by the town, changed by their owner, ended with the duty."""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from domain.calendar import SHANGHAI
from domain.duty import MAY_BE_AT, USES_CONSOLE, Duty
from domain.errors import BadInput, NotAllowed, NotFound, NotSignedIn
from models import HeldDuty, Person, Region, SecondFactor, StaffLogin
from services import access, phones
from services.access import Actor
from services.ports import Cipher, Clock
from services.transaction import transaction

SHORTEST, LONGEST = 10, 128
"""Characters of a password that somebody chooses (NIST SP 800-63B: length, and nothing about its signs)."""
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 3, 4
_FEW_SIGNS = 5
"""Fewer different signs than a word has."""
_LOGIN = re.compile(r"[\w.-]{2,40}")

log = structlog.get_logger(__name__)


class Passwords(Protocol):
    """Makes and checks slow hashes, off the event loop and only a few at a time."""

    async def hash(self, password: str) -> str:
        """Raises Unavailable when too many wait already."""
        ...

    async def verify(self, hashed: str, password: str) -> bool:
        """Raises Unavailable when too many wait already."""
        ...

    def is_old(self, hashed: str) -> bool:
        """Whether it was made with other parameters than today's."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """Whoever has given the right password."""

    person_id: int
    since: datetime = field(repr=False)
    """When it was set: a sign-in ends when that changes."""


@dataclass(frozen=True, slots=True)
class Present:
    """Whoever is signed in, with the duties of this day."""

    actor: Actor
    one_time: bool
    """They have yet to choose a password of their own, and may do nothing else before."""


class StaffLogins:
    def __init__(self, clock: Clock, cipher: Cipher, passwords: Passwords, *, one_time_days: int = 7) -> None:
        """*one_time_days*: for how long a password that the town gave can be used."""
        self._clock = clock
        self._cipher = cipher
        self._passwords = passwords
        self._one_time = timedelta(days=one_time_days)
        self._nobodys: str | None = None

    async def give(self, phone: str) -> str:
        """A new one-time password for the member of staff with this number; sign-ins made before are over.

        Their second step is over, too: whoever has lost the phone asks for a password in person.

        Raises NotFound for a number that is not in the list, NotAllowed for whoever has no duty that uses the console.
        """
        person = await self._person(phone)
        if person is None:
            raise NotFound("nobody with this phone number has been imported", phone=phone)
        now = self._clock.now()
        if not uses_console(await access.actor(person.id, now)):
            raise NotAllowed("no duty of theirs uses the console", phone=phone)
        groups = ["".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS)]
        password = "-".join(groups)
        await self._keep(person.id, password, now, until=now + self._one_time)
        return password

    async def set(self, login: str, duty: Duty, region_code: str, password: str) -> None:
        """A login with a name of its own, for whoever sets up a console without the town's list at hand.

        The person is whoever has this login or this phone number, or somebody new who is called so; they get *duty* at
        the region where they do not hold it. A password that is set this way is theirs already. A second step that
        they had set up is over.

        Raises NotFound for an unknown region or phone number, NotAllowed for a duty that does not use the console, and
        BadInput with ``field`` ("login", "duty", "password") and, of a password, ``why`` as :meth:`change`.
        """
        login = _login(login)
        region = await Region.get_or_none(code=region_code)
        if region is None:
            raise NotFound("there is no region with this code", region=region_code)
        if duty not in USES_CONSOLE:
            raise NotAllowed("this duty does not use the console", duty=str(duty))
        if region.level not in MAY_BE_AT[duty]:
            raise BadInput("this duty is not of this level", field="duty", duty=str(duty), level=region.level)
        password, why = _plain(password), _weak(_plain(password), [login])
        if why:
            raise BadInput("this password does not do", field="password", why=why, shortest=SHORTEST)
        hashed, now = await self._passwords.hash(password), self._clock.now()
        async with transaction():
            person = await self._called(login)
            today = now.astimezone(SHANGHAI).date()
            held, new = await HeldDuty.get_or_create(
                person_id=person.id, duty=str(duty), region_id=region.id, defaults={"from_date": today}
            )
            if not new and held.to_date is not None and held.to_date < today:
                await HeldDuty.filter(id=held.id).update(to_date=None)
            name = {} if phones.plain(login) else {"login": login}
            await self._write(person.id, hashed, now, None, **name)
            await SecondFactor.filter(person_id=person.id).delete()

    async def _called(self, login: str) -> Person:
        if phones.plain(login) is not None:
            person = await self._person(login)
            if person is None:
                raise NotFound("nobody with this phone number has been imported", phone=login)
            return person
        kept = await StaffLogin.get_or_none(login=login).prefetch_related("person")
        return kept.person if kept is not None else await Person.create(name=login)

    async def check(self, login: str, password: str) -> Known | None:
        """Whoever has this phone number or login, and this password; ``None`` for everybody else, after the same time.

        Raises Unavailable when too many passwords are being checked.
        """
        kept = await self._kept(login)
        password = _plain(password)[:LONGEST]
        if kept is None or not kept.password_hash:
            # An unknown number must not answer faster than a known one.
            self._nobodys = self._nobodys or await self._passwords.hash(secrets.token_hex())
            await self._passwords.verify(self._nobodys, password)
            return None
        right = await self._passwords.verify(kept.password_hash, password)
        now = self._clock.now()
        if not right or (kept.expires_at is not None and kept.expires_at <= now):
            return None
        if not uses_console(await access.actor(kept.person_id, now)):
            return None
        if self._passwords.is_old(kept.password_hash):
            renewed = await self._passwords.hash(password)
            await StaffLogin.filter(id=kept.id, password_hash=kept.password_hash).update(password_hash=renewed)
        return Known(kept.person_id, kept.changed_at)

    async def who(self, person_id: int, since: datetime) -> Present:
        """Whoever signed in with the password set at *since*, as of this moment.

        Raises NotSignedIn, with ``why`` "password" where that has changed and "duty" where no duty is left that uses
        the console.
        """
        kept = await StaffLogin.get_or_none(person_id=person_id)
        if kept is None or kept.changed_at != since:
            raise NotSignedIn("the password has changed since", why="password")
        actor = await access.actor(person_id, self._clock.now())
        if not uses_console(actor):
            raise NotSignedIn("no duty is left that uses the console", why="duty")
        return Present(actor, kept.one_time)

    async def of(self, person_id: int) -> Known | None:
        """Whoever has shown who they are without a password; ``None`` where no duty uses the console.

        Who has no password yet gets a row without one: by a password they come in only once the town has given one.
        """
        now = self._clock.now()
        if not uses_console(await access.actor(person_id, now)):
            return None
        async with transaction():
            await Person.select_for_update().get(id=person_id)
            kept, _ = await StaffLogin.get_or_create(
                person_id=person_id, defaults={"password_hash": "", "one_time": False, "changed_at": now}
            )
        return Known(person_id, kept.changed_at)

    async def is_right(self, by: Actor, password: str) -> bool:
        """Whether *password* is the present one of *by*. Raises Unavailable when too many are being checked."""
        kept = await StaffLogin.get_or_none(person_id=by.person_id)
        return kept is not None and await self._passwords.verify(kept.password_hash, _plain(password)[:LONGEST])

    async def change(self, by: Actor, old: str, new: str) -> Known:
        """Set a password of one's own. Every sign-in made before is over.

        Raises BadInput with ``field`` ("old", "new") and ``why`` ("wrong", "short", "long", "same", "guessable").
        """
        kept = await StaffLogin.get_or_none(person_id=by.person_id)
        if kept is None:
            raise NotSignedIn("there is no password any more", why="password")
        old, new = _plain(old), _plain(new)
        if not await self._passwords.verify(kept.password_hash, old[:LONGEST]):
            raise BadInput("this is not the present password", field="old", why="wrong")
        person = await Person.get(id=by.person_id)
        phone = self._cipher.open(person.phone) if person.phone else ""
        why = "same" if new == old else _weak(new, [phone, by.name, kept.login])
        if why:
            raise BadInput("this password does not do", field="new", why=why, shortest=SHORTEST)
        now = self._clock.now()
        await self._keep(by.person_id, new, now)
        return Known(by.person_id, now)

    async def _keep(self, person_id: int, password: str, now: datetime, *, until: datetime | None = None) -> None:
        hashed = await self._passwords.hash(_plain(password))
        async with transaction():
            await self._write(person_id, hashed, now, until)

    async def _write(self, person_id: int, hashed: str, now: datetime, until: datetime | None, **more: str) -> None:
        await Person.select_for_update().get(id=person_id)
        await StaffLogin.update_or_create(
            person_id=person_id,
            defaults={
                "password_hash": hashed,
                "one_time": until is not None,
                "expires_at": until,
                "changed_at": now,
                **more,
            },
        )
        if until is not None:  # given by the town: a lost phone must shut nobody out
            await SecondFactor.filter(person_id=person_id).delete()
        log.info("console_password_set", person=person_id, one_time=until is not None)

    async def _kept(self, login: str) -> StaffLogin | None:
        person = await self._person(login)
        if person is not None:
            return await StaffLogin.get_or_none(person_id=person.id)
        name = unicodedata.normalize("NFKC", login).strip().lower()
        return await StaffLogin.get_or_none(login=name) if _LOGIN.fullmatch(name) else None

    async def _person(self, phone: str) -> Person | None:
        plain = phones.plain(phone)
        return await Person.get_or_none(phone_index=self._cipher.index(plain)) if plain is not None else None


def _plain(password: str) -> str:
    """The same password from every keyboard: full-width letters, and the blanks that copying brings along."""
    return unicodedata.normalize("NFKC", password).strip()


def _login(text: str) -> str:
    login = phones.plain(text) or unicodedata.normalize("NFKC", text).strip().lower()
    if not _LOGIN.fullmatch(login):
        raise BadInput("a login is 2 to 40 letters, digits, dots or hyphens", field="login")
    return login


def _weak(password: str, known: Sequence[str]) -> str:
    """Why it does not do: ``short``, ``long``, ``guessable``; empty where it does. *known* stands in no password."""
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    guessable = password.isdigit() or len(set(password.lower())) < _FEW_SIGNS
    return "guessable" if guessable or any(one in password.lower() for one in known if one) else ""


def uses_console(actor: Actor) -> bool:
    """Whether any duty of this day uses the console."""
    return any(held.duty in USES_CONSOLE for held in actor.duties)
