"""The one connection pool to PostgreSQL, and how to read its address."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tortoise import Tortoise
from tortoise.connection import get_connection

from models import orm_config

CONNECT_SECONDS = 3
STATEMENT_SECONDS = 8


@asynccontextmanager
async def database(url: str, pool: int = 10) -> AsyncIterator[None]:
    """Tortoise on PostgreSQL at *url*, for as long as this is open."""
    # The fallback makes the connection visible to tasks that the server starts, not only to this one's children.
    given = {**credentials(url, pool), "reset": _leave_as_it_is}
    await Tortoise.init(config=orm_config(given), _enable_global_fallback=True)
    try:
        await get_connection("default").execute_query("SELECT 1")
        yield
    finally:
        await Tortoise.close_connections()


async def _leave_as_it_is(_connection: object) -> None:
    """Spare a round trip after each statement: nothing of ours (LISTEN, SET, locks) outlives its transaction.

    What is still open when a connection goes back to the pool, asyncpg rolls back before it asks this.
    """


def credentials(url: str, pool: int = 10) -> dict[str, Any]:
    """A ``postgres://`` URL as asyncpg's keywords; a socket folder may stand in ``?host=``."""
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    found: dict[str, Any] = {
        "host": query.get("host") or parts.hostname or "localhost",
        "port": int(query.get("port") or parts.port or 5432),
        "user": unquote(parts.username or query.get("user", "postgres")),
        "password": unquote(parts.password or ""),
        "database": unquote(parts.path.lstrip("/")) or "wangge",
        "minsize": 1,
        "maxsize": pool,
        "timeout": CONNECT_SECONDS,
        "command_timeout": STATEMENT_SECONDS,
    }
    if "sslmode" in query:
        found["ssl"] = query["sslmode"]
    return found
