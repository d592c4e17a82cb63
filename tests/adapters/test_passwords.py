"""Password hashes: right, wrong, old, and too many at once."""

import asyncio

from argon2 import PasswordHasher

from adapters.passwords import WAITING, Argon2Passwords
from domain.errors import Unavailable


async def test_a_hash_knows_its_own_password_only_and_nonsense_knows_none() -> None:
    passwords = Argon2Passwords()
    hashed = await passwords.hash("稻花香里说丰年")
    assert await passwords.verify(hashed, "稻花香里说丰年")
    assert not await passwords.verify(hashed, "稻花香里说丰年 ")
    assert not await passwords.verify("no hash at all", "稻花香里说丰年")
    assert hashed != await passwords.hash("稻花香里说丰年")


async def test_a_hash_made_with_other_parameters_is_old() -> None:
    passwords = Argon2Passwords()
    assert passwords.is_old(PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("x"))
    assert not passwords.is_old(await passwords.hash("x"))


async def test_of_a_crowd_at_the_same_moment_those_at_the_end_are_turned_away_and_later_all_is_well() -> None:
    passwords = Argon2Passwords()
    asked = await asyncio.gather(
        *(passwords.verify("no hash", "x") for _ in range(WAITING + 7)), return_exceptions=True
    )
    assert [isinstance(one, Unavailable) for one in asked] == [False] * WAITING + [True] * 7
    assert await passwords.verify("no hash", "x") is False
