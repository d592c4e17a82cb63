"""Every duty, every call, every row that it could be about: docs/access.md, asked of the service cell by cell."""

import asyncio
import logging
import runpy
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
from aiohttp import web

from app.bootstrap import House
from miniprogram_api.api import ROUTES, setup
from models import EventType
from sandbox.world import World
from tests.factories import Town
from tests.miniprogram_api.access_asking import Asked, Asker, Told, is_listed, request, verdict
from tests.miniprogram_api.access_decisions import add_decisions
from tests.miniprogram_api.access_field import add_field_work, add_records
from tests.miniprogram_api.access_news import add
from tests.miniprogram_api.access_town import settle, undone
from tests.miniprogram_api.mini import Api
from web import request_log
from web.errors import problem_documents
from web.limits import Limits

DOCS = Path(__file__).parents[2] / "docs"
TABLE = runpy.run_path(str(DOCS / "access.py"))
ENDPOINTS, WHO, cell = TABLE["ENDPOINTS"], TABLE["WHO"], TABLE["cell"]
LOOKS, AT_ONCE = {route.name for route in ROUTES if route.method == "GET"}, 5
DONE, HIDDEN, STRANGER, NONE = TABLE["DONE"], TABLE["HIDDEN"], TABLE["STRANGER"], TABLE["NONE"]


def test_every_route_has_its_line() -> None:
    named = {endpoint.route for endpoint in ENDPOINTS}
    missing = {route.name for route in ROUTES} - named
    assert not missing, f"say in ENDPOINTS of docs/access.py who may: {sorted(missing)}"
    assert named == {route.name for route in ROUTES}


def test_the_page_is_that_of_the_table() -> None:
    assert (DOCS / "access.md").read_text("utf-8") == TABLE["page"](), "run: python docs/access.py"


@pytest.fixture
async def made(house: House, world: World, limits: Limits) -> AsyncIterator[Asker]:
    """The two towns behind a door that undoes what the matrix asks of it."""
    app = web.Application(middlewares=[request_log.request_log, undone, problem_documents("/api/")])
    request_log.setup(app)
    setup(app, house.desk, limits=limits)
    runner = web.AppRunner(app, access_log=None, auto_decompress=False, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    # Thousands of lines about requests tell nobody anything.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    async with aiohttp.ClientSession() as session:
        api = Api(f"http://127.0.0.1:{runner.addresses[0][1]}", world.base_url, session, Town(house.desk))
        rows, actors = await settle(api)
        await add(house.desk, rows, actors)
        await add_field_work(house.desk, rows, actors)
        await add_records(house.desk, rows, actors)
        await add_decisions(house.desk, rows, actors)
        await EventType.create(
            code="on-the-list", name="路灯", category="livelihood", state="approved", created_at=house.desk.clock.now()
        )
        yield Asker(api, rows)
    structlog.reset_defaults()
    await runner.cleanup()


async def test_every_cell_is_as_the_table_says_and_what_is_hidden_does_not_exist(made: Asker) -> None:
    wrong: list[str] = []
    counted: Counter[str] = Counter()
    absent: dict[tuple[Asked, int], Told] = {}

    async def ask(endpoint: Any, who: str) -> None:
        async for row, wanted, found in _cells(made, absent, endpoint, who):
            counted[wanted] += 1
            if found != wanted:
                wrong.append(f"{who}, {endpoint.route} {endpoint.call}, {row}: {found} instead of {wanted}")

    for endpoint in ENDPOINTS:
        # Whoever only looks needs not wait for the others; whoever does something finds the town as it was.
        at_once = AT_ONCE if endpoint.route in LOOKS else 1
        for first in range(0, len(WHO), at_once):
            await asyncio.gather(*(ask(endpoint, who) for who in [*WHO][first : first + at_once]))
    assert not wrong, "\n".join([f"{len(wrong)} of {sum(counted.values())} cells", *wrong])
    assert sum(counted.values()) == sum(
        cell(endpoint, who, row) != NONE for endpoint in ENDPOINTS for who in WHO for row in endpoint.rows
    )


async def _cells(
    asker: Asker, absent: dict[tuple[Asked, int], Told], endpoint: Any, who: str
) -> AsyncIterator[tuple[str, str, str]]:
    """Each row with what the table wants, and what the service says."""
    call = f"{endpoint.route} {endpoint.call}".strip()
    once: Told | None = None
    for row in endpoint.rows:
        wanted = cell(endpoint, who, row)
        if wanted == NONE:
            continue
        if endpoint.route == "sign_in":
            yield row, wanted, DONE  # everybody here has come in by it
            continue
        asked = request(asker.made, call, who if who != "stranger" else "worker", row, TABLE["works"](who))
        # A list is asked for once for all that may stand in it, and whoever has not signed in is not told which row.
        told = once if once is not None and (endpoint.listed or who == "stranger") else await asker.ask(who, asked)
        once = told
        found = verdict(told)
        if endpoint.listed and found == DONE:
            found = DONE if is_listed(asker.made, call, who, row, told) else HIDDEN
        elif found == HIDDEN and not await _is_as_if_absent(asker, absent, who, asked, told):
            found = "another answer than for what does not exist"
        yield row, wanted, found


async def _is_as_if_absent(
    asker: Asker, absent: dict[tuple[Asked, int], Told], who: str, asked: Asked, told: Told
) -> bool:
    """Whether status, headers and body are, byte for byte, those for a row that is not there."""
    key = Asked(asked.method, asked.path, repr(asked.body), asked.without), told.status
    if key not in absent:
        absent[key] = await asker.ask(who, asked, without=True)
    return told == absent[key]
