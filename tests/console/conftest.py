"""Staff of the small town with passwords for the console."""

from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from redis.asyncio import Redis

from app.bootstrap import House
from app.console_door import staff_logins
from domain.calendar import SHANGHAI
from models import Person, StaffLogin
from services.staff_logins import StaffLogins
from tests.console.clerk import PASSWORD, Clerk
from tests.factories import PHONES, Town
from tests.services.conftest import NAMES, Street, empty, street

__all__ = ["empty", "street"]

_HASHED: dict[str, str] = {}


@pytest.fixture(autouse=True)
async def nobody_has_guessed_yet(redis_url: str) -> None:
    """Redis is shared by the run, and so are the people's numbers."""
    async with Redis.from_url(redis_url) as redis:
        for kept in ("wangge:console:tries:*", "*wangge:rate*person:*"):
            async for key in redis.scan_iter(kept):
                await redis.delete(key)


@pytest.fixture
def logins(house: House) -> StaffLogins:
    return staff_logins(house)


@pytest.fixture
async def stranger(service: str, town: Town) -> AsyncIterator[Clerk]:
    del town
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Clerk(session, service)


@pytest.fixture
async def comes_in(
    street: Street, service: str, logins: StaffLogins
) -> AsyncIterator[Callable[[str], Awaitable[Clerk]]]:
    """Somebody of the town who has a password of their own already, signed in at a browser of their own."""
    sessions = []

    async def comes_in(who: str) -> Clerk:
        session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        sessions.append(session)
        clerk = Clerk(session, service)
        if PASSWORD not in _HASHED:
            _HASHED[PASSWORD] = await logins._passwords.hash(PASSWORD)
        person = await Person.get(name=NAMES[who])
        now = street.desk.clock.now().astimezone(SHANGHAI)
        await StaffLogin.update_or_create(
            person_id=person.id, defaults={"password_hash": _HASHED[PASSWORD], "one_time": False, "changed_at": now}
        )
        page = await clerk.signs_in(PHONES[who], PASSWORD)
        assert page.path == "/console/", page.words
        return clerk

    yield comes_in
    for session in sessions:
        await session.close()
