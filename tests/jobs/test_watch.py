"""Dead senders are looked for again and again, whatever the database says."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from jobs import watch


class Moody:
    """The first look fails, as with a database that has just crashed."""

    def __init__(self) -> None:
        self.looks = 0
        self.twice = asyncio.Event()

    async def recover(self) -> int:
        self.looks += 1
        if self.looks == 1:
            raise OSError("the database is away")
        self.twice.set()
        return 0


async def test_a_look_that_fails_is_followed_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "EVERY_SECONDS", 0.01)
    moody = Moody()
    watching = asyncio.create_task(watch.watch(lambda: cast("Any", SimpleNamespace(deliveries=moody))))
    async with asyncio.timeout(5):
        await moody.twice.wait()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
