"""One transaction for one use case, and raw statements inside it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient
from tortoise.connection import get_connection, get_connections
from tortoise.exceptions import BaseORMException
from tortoise.transactions import in_transaction

DATABASE_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, BaseORMException, OSError)
"""Whatever a statement may raise, a server that has gone away included."""
CLASHES = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
"""Two transactions got into each other's way and the database has undone this one: the same again will do."""


@asynccontextmanager
async def transaction() -> AsyncIterator[BaseDBAsyncClient]:
    """Open a transaction, or join the one that is open: a use case inside another commits or fails with it.

    There are no savepoints on purpose. A refusal undoes everything since the outermost ``transaction()``.
    """
    current = get_connection("default")
    if isinstance(current, TransactionalDBClient):
        yield current
        return
    context = in_transaction("default")
    try:
        opened = await context.__aenter__()
    except BaseException:
        await _give_back(context)
        raise
    try:
        yield opened
    except BaseException as error:
        await context.__aexit__(type(error), error, error.__traceback__)
        raise
    await context.__aexit__(None, None, None)


async def _give_back(context: Any) -> None:
    """Tortoise keeps the pool's connection for good when BEGIN fails on it (a server that has just died): return it."""
    token = getattr(context, "token", None)
    if token is None:
        return
    get_connections().reset(token)
    parent = context.client._parent  # noqa: SLF001 - tortoise has no public way to hand the connection back
    if parent._pool is not None:  # noqa: SLF001
        await parent._pool.release(context.client._connection)  # noqa: SLF001


def in_one() -> bool:
    """Whether a transaction is open here."""
    return isinstance(get_connection("default"), TransactionalDBClient)


async def rows(sql: str, *values: Any) -> list[Any]:
    """Run one statement on the open transaction, or on its own; records answer to keys."""
    return await get_connection("default").execute_query_dict(sql, list(values))


async def row(sql: str, *values: Any) -> Any:
    """The first row of a statement, or ``None``."""
    found: Sequence[Any] = await rows(sql, *values)
    return found[0] if found else None
