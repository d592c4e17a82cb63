"""Dead senders are looked for again and again, whatever the database says."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from jobs import watch


class Moody:
    """The first look fails, as with a database that has just crashed; two find a row; the first send fails."""

    def __init__(self) -> None:
        self.looks = self.sends = 0
        self.again = asyncio.Event()

    async def recover(self) -> int:
        self.looks += 1
        if self.looks == 1:
            raise OSError("the database is away")
        if self.looks >= 4:
            self.again.set()
        return int(self.looks in {2, 3})

    async def send(self, *, seconds: float) -> int:
        self.sends += 1
        if self.sends == 1:
            raise OSError("the database is away again")
        return 1


async def test_a_look_that_fails_is_followed_by_the_next_and_what_is_found_is_sent_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch, "EVERY_SECONDS", 0.01)
    moody = Moody()
    watching = asyncio.create_task(watch.watch(lambda: cast("Any", SimpleNamespace(deliveries=moody))))
    async with asyncio.timeout(5):
        await moody.again.wait()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert moody.sends == 2
