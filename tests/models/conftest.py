"""Databases without anything in them, and the shared one of the services' tests."""

import uuid
from collections.abc import AsyncIterator

import pytest

from adapters.embedded import Engines
from tests.services.conftest import empty, street

__all__ = ["empty", "street"]


@pytest.fixture
async def blank(engines: Engines) -> AsyncIterator[str]:
    """The address of a database with nothing in it."""
    name = f"blank{uuid.uuid4().hex[:10]}"
    yield await engines.create_database(name)
    await engines.drop_database(name)
