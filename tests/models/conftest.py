"""Databases without anything in them."""

import uuid
from collections.abc import AsyncIterator

import pytest

from adapters.embedded import Engines
from tests.services.conftest import empty, street

__all__ = ["empty", "street"]


@pytest.fixture
def database_url(own_database_url: str) -> str:
    """How the planner sees a table depends on what was in it before."""
    return own_database_url


@pytest.fixture
async def blank(engines: Engines) -> AsyncIterator[str]:
    """The address of a database with nothing in it."""
    name = f"blank{uuid.uuid4().hex[:10]}"
    yield await engines.create_database(name)
    await engines.drop_database(name)
