"""One service for each module: starting it takes seconds, and what is done to it is undone again."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.service.whole import Town, Whole, whole


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    """The service's settings; a module may have its own."""
    return {}


@pytest.fixture(scope="module")
def patience() -> dict[str, float]:
    """WeChat's deadline and retries; a module may have its own."""
    return {"deadline": 5.0, "retries": 3}


@pytest.fixture(scope="module")
def started(settings: dict[str, str], patience: dict[str, float]) -> Iterator[tuple[Whole, Town]]:
    with whole(**patience, **settings) as service:
        service.start()

        async def begin() -> Town:
            await service.ready()
            return await service.furnish()

        yield service, asyncio.run(begin())


@pytest.fixture(scope="module")
def service(started: tuple[Whole, Town]) -> Whole:
    return started[0]


@pytest.fixture(scope="module")
def town(started: tuple[Whole, Town]) -> Town:
    return started[1]
