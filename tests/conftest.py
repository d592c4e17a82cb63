"""What the tests share: the engines for the whole run, an empty database and a pretend WeChat for each test."""

import asyncio
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
import uvloop
from aiohttp import web
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from adapters import embedded
from adapters.embedded import Engines
from app import bootstrap
from app.bootstrap import House
from app.migrations import migrate
from app.settings import Settings
from app.site import site
from sandbox.server import make_app
from sandbox.settings import Options
from sandbox.world import World
from services.desk import Desk
from tests.factories import Town, make_town
from tests.phone import Wechat

hypothesis_settings.register_profile(
    "here", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
hypothesis_settings.load_profile("here")


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The event loop that the service runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """The embedded engines in a folder of their own; without fsync, since nothing here outlives the run."""
    folder = Path(tempfile.mkdtemp(prefix="wg-"))
    folder.chmod(0o755)
    started = asyncio.run(embedded.start(folder / "data", fsync=False, fallback=folder / "fallback"))
    yield started
    asyncio.run(started.release())
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(engines: Engines) -> str:
    """The name of a database with the whole schema, to be copied."""
    asyncio.run(_make_template(engines))
    return "template_wangge"


async def _make_template(engines: Engines) -> None:
    await migrate(await engines.create_database("template_wangge"))


# In one go on the server: a table at a time from here takes longer than most tests. What others still point to goes in
# the next round; of two tables rows cannot be deleted.
_EMPTY = """
DO $$ DECLARE one text; full_ text[]; BEGIN
    TRUNCATE case_event, look;
    SELECT array_agg(quote_ident(tablename)) INTO full_ FROM pg_tables WHERE schemaname = 'public'
        AND tablename NOT IN ('tortoise_migrations', 'procrastinate_version');
    WHILE full_ <> '{}' LOOP
        FOREACH one IN ARRAY full_ LOOP
            BEGIN
                EXECUTE 'DELETE FROM ' || one;
                full_ := array_remove(full_, one);
            EXCEPTION WHEN foreign_key_violation OR restrict_violation THEN
            END;
        END LOOP;
    END LOOP;
    PERFORM setval(oid::regclass, CASE relname WHEN 'case_number' THEN 1001 ELSE 1 END, FALSE) FROM pg_class
        WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace;
END $$
"""


@pytest.fixture(scope="session")
def shared_database(engines: Engines, template: str) -> Iterator[Callable[[], str]]:
    """Returns what empties the one database of these tests and tells its address."""
    url = asyncio.run(engines.create_database(f"shared{uuid.uuid4().hex[:8]}", template=template))
    # One connection for the run: a new one would plan all of it anew for each test.
    with psycopg.connect(url, autocommit=True) as connection:

        def emptied() -> str:
            connection.execute(_EMPTY)
            return url

        yield emptied


@pytest.fixture
async def database_url(shared_database: Callable[[], str]) -> str:
    """One database for all of these tests, emptied before each: ten times as fast as a new one."""
    return shared_database()


@pytest.fixture
async def own_database_url(engines: Engines, template: str) -> AsyncIterator[str]:
    """For tests that start processes, or break what they use."""
    name = f"t{uuid.uuid4().hex[:12]}"
    yield await engines.create_database(name, template=template)
    await engines.drop_database(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    """An empty database with tortoise on it."""
    async with bootstrap.database(database_url, pool=10):
        yield database_url


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """The pretend WeChat, over HTTP on a free port."""
    pretend = World(Options(deadline=5.0))
    runner = web.AppRunner(make_app(pretend), access_log=None, shutdown_timeout=1)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    pretend.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield pretend
    await runner.cleanup()


@pytest.fixture
def settings(world: World, tmp_path: Path) -> Settings:
    given = Settings.model_validate(
        {
            "data": {"dir": tmp_path},
            "wechat": {"api_base": world.base_url, "api_base_fallback": ""},
            "sandbox": {"enabled": True},
            "notices": {"quiet_hours": ""},  # a test that wants them says so; the others run at any hour of the day
        }
    )
    return bootstrap.effective(given)


@pytest.fixture
async def house(settings: Settings, database: str, engines: Engines, redis_url: str) -> AsyncIterator[House]:
    async with bootstrap.house(settings, database, redis_url) as built:
        yield built


@pytest.fixture
def redis_url(engines: Engines) -> str:
    """Valkey, shared by the run; what a test keeps there must carry a name of its own."""
    return engines.redis_url


@pytest.fixture
def desk(house: House) -> Desk:
    return house.desk


@pytest.fixture
async def town(desk: Desk) -> Town:
    return await make_town(desk)


@pytest.fixture
async def service(house: House, world: World) -> AsyncIterator[str]:
    """The web part on a free port, known to the pretend WeChat; yields its base URL."""
    runner = web.AppRunner(site(house), access_log=None, shutdown_timeout=2, auto_decompress=False)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    world.options.callback_url = f"{url}/wechat/callback"
    yield url
    await runner.cleanup()


@pytest.fixture
async def wechat(world: World, house: House, service: str) -> AsyncIterator[Wechat]:
    """People with phones, and the jobs of the service worked off on request."""
    async with Wechat.at(world, house, service) as people:
        yield people
