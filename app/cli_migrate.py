"""``wangge migrate``: the schema of this version."""

from app.cli_run import carry_out, quiet, settings, tell


def run() -> None:
    """Apply what is missing; doing it again changes nothing."""
    quiet()
    carry_out(_migrate)
    print("数据库已经是最新的了。")


async def _migrate() -> None:
    from app.bootstrap import engines
    from app.migrations import migrate

    async with engines(settings(), tell) as (database_url, _):
        await migrate(database_url)
