"""``wangge export``: what leaves the database as a file."""

import os
from pathlib import Path

from app.cli_run import carry_out, guarded, quiet, settings, tell


def notice(number: int, file: Path) -> None:
    """Write the report of notice *number* to *file*, which is replaced only when it is complete."""
    quiet()
    data = carry_out(lambda: _notice(number))
    if data is None:
        raise SystemExit(f"没有 {number} 号通知。")

    def write() -> None:
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        draft.write_bytes(data)
        draft.replace(file)

    guarded(write)
    print(f"写好了：{file}。只有各村的人数，没有个人信息。")


async def _notice(number: int) -> bytes | None:
    from app.bootstrap import opened
    from miniprogram_api.notices_csv import table

    async with opened(settings(), tell) as house:
        if not await house.desk.notices.figures.known(number):
            return None
        return table(await house.desk.notices.figures.report(number))
