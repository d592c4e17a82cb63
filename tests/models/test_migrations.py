"""The schema: from nothing, again, back, and by several at once."""

import asyncio
import importlib
import pkgutil
import sys
from itertools import pairwise

import psycopg
import pytest
from tortoise import Tortoise, connections
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.utils import get_schema_sql

import models
from app import bootstrap
from app.migrations import is_current, migrate
from models import MODULES, migrations, orm_config
from tests.forwarder import Forwarder

NUMBERED = sorted(item.name for item in pkgutil.iter_modules(migrations.__path__))


async def ask(url: str, sql: str) -> list[tuple[object, ...]]:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        return await (await connection.execute(sql)).fetchall()


async def tables(url: str) -> set[str]:
    found = await ask(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {str(name) for (name,) in found if not str(name).startswith("procrastinate_")}


async def indexes(url: str) -> set[str]:
    found = await ask(url, "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")
    return {str(name) for (name,) in found}


async def applied(url: str) -> list[str]:
    return [str(name) for (name,) in await ask(url, "SELECT name FROM tortoise_migrations ORDER BY id")]


def ours() -> set[str]:
    return {model._meta.db_table for model in Tortoise.apps["models"].values()}  # type: ignore[index]


async def test_an_empty_database_gets_every_table_and_the_queue_and_a_second_time_nothing(blank: str) -> None:
    await migrate(blank)
    before = await indexes(blank)
    await migrate(blank)
    assert await indexes(blank) == before
    assert await applied(blank) == NUMBERED
    assert (await ask(blank, "SELECT to_regclass('procrastinate_jobs') IS NOT NULL"))[0] == (True,)
    async with bootstrap.database(blank, pool=2):
        assert await is_current()
        assert await tables(blank) == ours() | {"tortoise_migrations"}
    assert (await ask(blank, "SELECT nextval('case_number')"))[0] == (1001,)


async def test_a_database_that_lets_nobody_in_yet_is_waited_for_as_long_as_asked(blank: str) -> None:
    given = bootstrap.credentials(blank)

    async def reach() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_unix_connection(f"{given['host']}/.s.PGSQL.{given['port']}")

    wire = Forwarder(reach)
    await wire.mend()
    address = f"postgres://{given['user']}:{given['password']}@127.0.0.1:{wire.port}/{given['database']}"
    await wire.cut()
    with pytest.raises(psycopg.OperationalError):
        await migrate(address)
    waiting = asyncio.create_task(migrate(address, patience=60))
    done, _ = await asyncio.wait({waiting}, timeout=1)
    assert not done
    await wire.mend()
    await waiting
    await wire.cut()
    assert await applied(blank) == NUMBERED


async def test_a_database_that_lacks_the_newest_or_everything_is_not_current(blank: str) -> None:
    async with bootstrap.database(blank, pool=2):
        assert not await is_current()
    await migrate(blank, NUMBERED[-2])
    async with bootstrap.database(blank, pool=2):
        assert not await is_current()
    await migrate(blank)
    async with bootstrap.database(blank, pool=2):
        assert await is_current()


async def test_every_step_can_be_taken_back_and_again(blank: str) -> None:
    await migrate(blank)
    whole = await indexes(blank)
    await migrate(blank, "0001_initial")
    assert await applied(blank) == ["0001_initial"]
    gone = whole - await indexes(blank)
    assert {"case_due", "case_queue", "delivery_unfinished", "region_path"} <= gone
    assert (await ask(blank, "SELECT to_regclass('case_number') IS NULL"))[0] == (True,)
    assert (await ask(blank, "SELECT count(*) FROM pg_trigger WHERE tgname = 'case_event_appended'"))[0] == (0,)
    await migrate(blank, "__first__")
    assert await tables(blank) == {"tortoise_migrations"}
    await migrate(blank)
    assert await indexes(blank) == whole
    assert await applied(blank) == NUMBERED


async def test_the_models_and_the_migrations_say_the_same(database: str) -> None:
    del database
    config = orm_config({})
    found = await MigrationAutodetector(Tortoise.apps, config["apps"]).changes()  # type: ignore[arg-type]
    assert [operation for writer in found for operation in writer.operations] == []


_INDEXED = """
SELECT t.relname, i.indisunique, string_agg(a.attname, ', ' ORDER BY k.place)
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k(number, place)
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number
WHERE t.relnamespace = 'public'::regnamespace
GROUP BY i.indexrelid, t.relname, i.indisunique
"""


async def test_what_the_models_call_indexed_is_indexed(database: str, blank: str) -> None:
    async with await psycopg.AsyncConnection.connect(blank, autocommit=True) as connection:
        await connection.execute(get_schema_sql(connections.get("default"), safe=False).encode())
    declared, there = set(await ask(blank, _INDEXED)), set(await ask(database, _INDEXED))
    assert ("attachment", False, "visit_id") in declared
    assert declared - there == set()


def test_every_file_of_tables_is_known_to_the_orm() -> None:
    files = {f"models.{item.name}" for item in pkgutil.iter_modules(models.__path__) if not item.ispkg}
    assert files == set(MODULES)


def test_every_migration_builds_on_the_one_before() -> None:
    for before, name in pairwise(NUMBERED):
        migration = importlib.import_module(f"models.migrations.{name}").Migration
        assert migration.dependencies == [("models", before)]


_MIGRATE = "import asyncio, sys; from app.migrations import migrate; asyncio.run(migrate(sys.argv[1]))"
# As if the power went between a migration and the note that it was applied.
_DIE = """
import asyncio, os, sys
from tortoise.migrations.recorder import MigrationRecorder
from app.migrations import migrate
real = MigrationRecorder.record_applied
async def record(self, app, name):
    if name == sys.argv[2]:
        os._exit(9)
    await real(self, app, name)
MigrationRecorder.record_applied = record
asyncio.run(migrate(sys.argv[1]))
"""


async def process(*arguments: str) -> tuple[int, str]:
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-c", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await asyncio.wait_for(running.communicate(), 60)
    return running.returncode or 0, said.decode()


async def test_two_processes_at_once_do_it_once(blank: str) -> None:
    done = await asyncio.gather(*(process(_MIGRATE, blank) for _ in range(2)))
    assert [code for code, _ in done] == [0, 0], done
    assert await applied(blank) == NUMBERED


async def test_a_process_that_is_killed_half_way_leaves_nothing_in_the_way_of_the_next(blank: str) -> None:
    code, said = await process(_DIE, blank, NUMBERED[-1])
    assert code == 9, said
    assert await tables(blank) == {"tortoise_migrations"}
    await migrate(blank)
    assert await applied(blank) == NUMBERED
