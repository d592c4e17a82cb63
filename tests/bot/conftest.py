from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from app.bootstrap import House
from bot.envelope import Account
from tests.bot.door import Door, opened


@pytest.fixture(scope="package", autouse=True)
def _plain_log() -> Iterator[None]:
    """Warnings only, and traces as the service writes them: structlog's own, with every local, take a second each."""
    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(30),
    )
    yield
    structlog.configure(**before)


@pytest.fixture
def account(house: House) -> Account:
    return house.account


@pytest.fixture
async def door(house: House) -> AsyncIterator[Door]:
    """The callback in safe mode."""
    async with opened(house.desk, house.account) as made:
        yield made
