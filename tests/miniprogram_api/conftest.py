"""The API on a real server, and people who are signed in to it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from adapters.storage_local import LocalStorage
from adapters.storage_local_door import StoreDoor
from app.bootstrap import House
from miniprogram_api.api import setup
from sandbox.world import World
from tests.factories import Town
from tests.miniprogram_api.mini import Api
from web import request_log
from web.addresses import Proxies
from web.errors import problem_documents
from web.limits import Limits, Unlimited


@pytest.fixture
def limits() -> Limits:
    """None; a test of limits has its own."""
    return Limits(Unlimited(), Proxies(), per_person=600, per_address=6000)


@pytest.fixture
async def api(house: House, world: World, town: Town, limits: Limits) -> AsyncIterator[Api]:
    """The API with the small town behind it."""
    app = web.Application(middlewares=[request_log.request_log, problem_documents("/api/")])
    request_log.setup(app)
    setup(app, house.desk, limits=limits)
    assert isinstance(house.storage, LocalStorage)
    app.add_routes(StoreDoor(house.storage, house.desk.uploads.check_wanted).routes())
    runner = web.AppRunner(app, access_log=None, auto_decompress=False, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    house.storage.links.base_url = url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as session:
        yield Api(url, world.base_url, session, town)
    await runner.cleanup()
