"""A service takes seconds to start: most tests share one and undo what they do to it; some modules have their own."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.service.whole import Town, Whole, whole


@contextmanager
def started(**given: Any) -> Iterator[tuple[Whole, Town]]:
    """A running service with a town in it; *given* as :class:`Whole` takes it."""
    with whole(**given) as service:
        service.start()

        async def begin() -> Town:
            await service.ready()
            return await service.furnish()

        yield service, asyncio.run(begin())


@pytest.fixture(scope="session")
def shared() -> Iterator[tuple[Whole, Town]]:
    with started() as found:
        yield found


@pytest.fixture(scope="module")
def own(shared: tuple[Whole, Town]) -> tuple[Whole, Town]:
    """The module's service; a module that needs other settings overrides this."""
    return shared


@pytest.fixture
def service(own: tuple[Whole, Town]) -> Whole:
    """Running and ready, whatever the test before has done to it."""
    found = own[0]
    found.start_unless_running()
    asyncio.run(found.ready())
    return found


@pytest.fixture
def town(own: tuple[Whole, Town]) -> Town:
    return own[1]
