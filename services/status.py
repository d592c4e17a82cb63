"""Whether the database answers, for ``/readyz``."""

from services.transaction import row


async def database_answers() -> bool:
    return await row("SELECT 1 AS one") is not None
