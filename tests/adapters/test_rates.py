"""What was sent in this minute is counted by all processes together; without Redis each counts alone and goes on."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest
from structlog.testing import capture_logs

from adapters.rates import LONGEST_WAIT, SharedRates
from tests.adapters.valkey_process import ValkeyProcess


@pytest.fixture
async def both(redis_url: str) -> AsyncIterator[list[SharedRates]]:
    """Two processes."""
    prefix = uuid.uuid4().hex
    made = [SharedRates(redis_url, prefix=prefix) for _ in range(2)]
    yield made
    for one in made:
        await one.close()


@pytest.fixture
def valkey() -> Iterator[ValkeyProcess]:
    process = ValkeyProcess()
    yield process
    process.close()


async def test_processes_count_together_and_none_gets_more_than_the_limit(both: list[SharedRates]) -> None:
    waits = await asyncio.gather(*(both[index % 2].take("custom", 100, 10) for index in range(20)))
    assert sum(wait == 0 for wait in waits) == 10
    assert all(0 < wait <= LONGEST_WAIT for wait in waits if wait)


async def test_channels_are_counted_apart(both: list[SharedRates]) -> None:
    assert [await both[0].take(name, 60, 60) for name in ("custom", "template")] == [0, 0]
    assert await both[1].take("custom", 60, 1) > 0


@pytest.mark.parametrize("away", ["freeze", "kill"])
async def test_without_redis_each_process_counts_alone_says_so_once_and_stops_nothing(
    valkey: ValkeyProcess, away: str
) -> None:
    rates = SharedRates(valkey.url)
    assert await rates.take("custom", 60, 60) == 0
    getattr(valkey, away)()
    with capture_logs() as said:
        assert await rates.take("custom", 60, 50) == 0
        assert await rates.take("custom", 60, 20) > 0
    assert [line["event"] for line in said] == ["send_rates_alone"]
    await rates.close()
