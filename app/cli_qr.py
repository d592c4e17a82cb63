"""``wangge qr``: the codes for the boards, one file each."""

import asyncio
from pathlib import Path

from rich.progress import Progress, TaskID

from app.cli_run import Failed, carry_out, fail, guarded, progress, quiet, settings, tell
from services.scenes import Scenes, Ticket

_AT_ONCE = 8
"""WeChat bears that well, and a town's 3,000 grids take a minute instead of ten."""
_SHOWN = 10


def run(codes: list[str], under: str | None, file_format: str, folder: Path, *, board: bool) -> None:
    """Draw every code of *codes* and of the grids below *under*, or none of them."""
    quiet()
    if board:
        fail("整张公示牌要到后面的版本才有。现在可以去掉 --board，用 --format pdf 打印单个二维码。")
    with progress() as bar:
        tickets = carry_out(lambda: _tickets(codes, under, bar))
        files = guarded(lambda: _draw(tickets, file_format, folder, bar))
    for file in files:
        print(file)
    tell(f"共 {len(files)} 个二维码，都在 {folder.absolute()}。")


async def _tickets(codes: list[str], under: str | None, bar: Progress) -> list[Ticket]:
    from app.bootstrap import opened

    async with opened(settings(), tell) as house:
        scenes = house.desk.scenes
        wanted = list(dict.fromkeys([*codes, *(await scenes.under(under) if under else [])]))
        if not wanted:
            raise Failed(f"{under} 下面还没有网格。")
        missing = await scenes.missing(wanted)
        if missing:
            more = f" 等 {len(missing)} 个" if len(missing) > _SHOWN else ""
            raise Failed(
                f"没有这些代码的区域：{'、'.join(missing[:_SHOWN])}{more}。请核对，或先用 wangge import 导入。"
            )
        task = bar.add_task("向微信取二维码", total=len(wanted))
        gate = asyncio.Semaphore(_AT_ONCE)
        asked = [asyncio.create_task(_ask(scenes, code, gate, bar, task)) for code in wanted]
        try:
            return await asyncio.gather(*asked)
        finally:
            # After the first refusal the others need not ask any more.
            for one in asked:
                one.cancel()
            await asyncio.gather(*asked, return_exceptions=True)


async def _ask(scenes: Scenes, code: str, gate: asyncio.Semaphore, bar: Progress, task: TaskID) -> Ticket:
    async with gate:
        ticket = await scenes.ticket_for(code)
    bar.advance(task)
    return ticket


def _draw(tickets: list[Ticket], file_format: str, folder: Path, bar: Progress) -> list[Path]:
    from qrcodes import drawing

    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for ticket in bar.track(tickets, description="画二维码"):
        match file_format:
            case "svg":
                data = drawing.svg(ticket.url)
            case "pdf":
                data = drawing.pdf(ticket.url, ticket.region_name)
            case _:
                data = drawing.png(ticket.url)
        file = folder / f"{ticket.region_code}.{file_format}"
        draft = file.with_name(f".{file.name}.part")
        try:
            draft.write_bytes(data)
            draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)
        files.append(file)
    return files
