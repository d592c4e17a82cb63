"""Everything that a database holds, to see whether anything has changed."""

from typing import Any

from tortoise.connection import get_connection


async def snapshot() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, as text."""
    connection = get_connection("default")
    tables = await connection.execute_query_dict(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' "
        "AND table_type = 'BASE TABLE' ORDER BY 1"
    )
    return {
        table["name"]: await connection.execute_query_dict(f'SELECT t::text FROM "{table["name"]}" t ORDER BY 1')
        for table in tables
    }
