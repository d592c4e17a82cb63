"""The jobs on the services' shared database, and a worker that works them off."""

from collections.abc import AsyncIterator

import pytest
from procrastinate import App, PsycopgConnector

from jobs import tasks
from tests.services.conftest import Street, empty, street

__all__ = ["empty", "street"]


@pytest.fixture
async def queue(street: Street) -> AsyncIterator[App]:
    """The queue with all jobs, open; nothing works on it."""
    app = App(connector=PsycopgConnector(conninfo=street.house.database_url, min_size=1, max_size=3))
    tasks.register(app, lambda: street.desk)
    async with app.open_async():
        yield app
