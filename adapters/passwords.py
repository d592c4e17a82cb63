"""Password hashes: argon2id as OWASP advises (19 MiB, two passes, one lane), in threads, a few at a time."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.errors import Unavailable

MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1
AT_ONCE = 2
"""Each takes 19 MiB and a core for some hundredths of a second."""
WAITING = 50
"""More than so many are turned away: those in front would take longer than anybody waits."""

T = TypeVar("T")


class Argon2Passwords:
    """Fulfils :class:`services.staff_logins.Passwords`."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
        self._room = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """Raises Unavailable."""
        return await self._in_turn(lambda: self._hasher.hash(password))

    async def verify(self, hashed: str, password: str) -> bool:
        """Raises Unavailable."""

        def verify() -> bool:
            try:
                return self._hasher.verify(hashed, password)
            except (VerificationError, InvalidHashError):
                return False

        return await self._in_turn(verify)

    def is_old(self, hashed: str) -> bool:
        return self._hasher.check_needs_rehash(hashed)

    async def _in_turn(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING:
            raise Unavailable("too many are signing in at this moment", retry_after=5)
        self._waiting += 1
        try:
            async with self._room:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1
