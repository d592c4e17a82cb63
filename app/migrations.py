"""Brings the schema up to date: ours by tortoise's migrations, the job queue's by its own."""

import asyncio
import pkgutil
import time
from typing import Any

import asyncpg
import psycopg
from procrastinate import App, PsycopgConnector
from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.exceptions import DBConnectionError
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.transactions import in_transaction

from app.bootstrap import credentials
from models import migrations as numbered
from models import orm_config

_LOCK = 0x77616E67
"""One process migrates at a time; the others wait and then find nothing left to do."""
LATEST = "__latest__"
_BETWEEN_TRIES = 0.5
_AWAY = (
    psycopg.OperationalError,
    DBConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    OSError,
)


async def migrate(database_url: str, target: str = LATEST, *, patience: float = 0.0) -> None:
    """Apply what is missing. Safe to call at every start and from several processes at once.

    *target* is the name of a migration to go to, forwards or back; ``__first__`` undoes them all. A database that
    cannot be reached is tried again for *patience* seconds: after a crash it lets nobody in until it has recovered.
    """
    until = time.monotonic() + patience
    while True:
        try:
            return await _migrate_alone(database_url, target)
        except _AWAY:
            if time.monotonic() >= until:
                raise
        await asyncio.sleep(_BETWEEN_TRIES)


async def _migrate_alone(database_url: str, target: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as holder:
        await holder.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        config = orm_config(credentials(database_url, pool=2) | {"command_timeout": None})
        try:
            await _migrate(config, target)
        finally:
            await Tortoise.close_connections()
        found = await (await holder.execute("SELECT to_regclass('procrastinate_jobs')")).fetchone()
        if found is None or found[0] is None:
            async with App(connector=PsycopgConnector(conninfo=database_url)).open_async() as queue:
                await queue.schema_manager.apply_schema_async()


async def _migrate(config: dict[str, Any], target: str) -> None:
    await Tortoise.init(config=config)
    # With nothing to apply this makes the table of what was applied, if there is none.
    await MigrationExecutor(get_connection("default"), config["apps"]).migrate([])
    # In one transaction: tortoise notes a migration after it has committed it, and a process that is killed in between
    # would leave tables behind which no later start could get past.
    async with in_transaction():
        executor = MigrationExecutor(get_connection("default"), config["apps"])
        await executor.migrate([MigrationTarget("models", target)])


async def is_current() -> bool:
    """Whether the open database has every migration and the job queue (for ``/readyz``)."""
    newest = max(item.name for item in pkgutil.iter_modules(numbered.__path__))
    connection = get_connection("default")
    found = await connection.execute_query_dict(
        "SELECT to_regclass('tortoise_migrations') IS NOT NULL "
        "AND to_regclass('procrastinate_jobs') IS NOT NULL AS made"
    )
    if not found[0]["made"]:
        return False
    return bool(await connection.execute_query_dict("SELECT 1 FROM tortoise_migrations WHERE name = $1", [newest]))
