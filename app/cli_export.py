"""``wangge export``: what leaves the database as a file."""

import csv
import os
from datetime import date
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
    from services.notices_table import table

    async with opened(settings(), tell) as house:
        if not await house.desk.notices.figures.known(number):
            return None
        return table(await house.desk.notices.figures.report(number))


def work_logs(code: str, first: date, last: date, file: Path) -> None:
    """Write the work logs of everybody who served in region *code* from *first* to *last* to *file*, whole or not."""
    quiet()
    draft = file.with_name(f".{file.name}.{os.getpid()}")

    def write() -> None:
        count = carry_out(lambda: _work_logs(code, first, last, draft))
        if count is None:
            raise SystemExit(f"没有编码是 {code} 的区域。")
        draft.replace(file)
        print(f"写好了：{file}，一共 {count} 行。里面有姓名，请只给该看的人看。")

    try:
        guarded(write)
    finally:
        draft.unlink(missing_ok=True)


async def _work_logs(code: str, first: date, last: date, draft: Path) -> int | None:
    from app.bootstrap import opened
    from bot.replies_work_log import line
    from models import Region

    async with opened(settings(), tell) as house:
        region = await Region.get_or_none(code=code)
        if region is None:
            return None
        count = 0
        with draft.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["日期", "姓名", "岗位所在", "做了什么"])
            async for one in house.desk.work_logs.exported(region.path, first, last):
                for each in one.lines:
                    cells = (one.day.isoformat(), one.person, one.region, line(each))
                    writer.writerow([f"'{cell}" if cell[:1] in "=+-@" else cell for cell in cells])
                    count += 1
        return count
