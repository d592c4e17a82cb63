"""``wangge event-types``: the event list 事项清单 out of a CSV file, and into one."""

import os
from pathlib import Path

from app.cli_import import counted, refused
from app.cli_run import carry_out, guarded, quiet, settings, tell
from services.imports import BadRows, Counts


def take(file: Path, *, dry_run: bool) -> None:
    """Import *file*; exit code 1 and every bad row on stderr when there is one, and nothing is written then."""
    quiet()
    data = guarded(file.read_bytes)
    counts = carry_out(lambda: _import(file, data, dry_run=dry_run))
    print("这是试一遍的结果，没有写入：" if dry_run else "导入好了。")
    print(counted("事项", counts))


def give(file: Path) -> None:
    """Write the whole list to *file*, which is replaced only when it is complete."""
    quiet()
    data = carry_out(_export)

    def write() -> None:
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        draft.write_bytes(data)
        draft.replace(file)

    guarded(write)
    rows = data.count(b"\n") - 1
    print(f"写好了：{file}，共 {rows} 项。")


async def _import(file: Path, data: bytes, *, dry_run: bool) -> Counts:
    from app.bootstrap import opened

    async with opened(settings(), tell) as house:
        try:
            return await house.desk.event_types.import_(data, dry_run=dry_run)
        except BadRows as bad:
            problems = bad.problems
    raise refused(problems, lambda _: file.name)


async def _export() -> bytes:
    from app.bootstrap import opened

    async with opened(settings(), tell) as house:
        return await house.desk.event_types.export()
