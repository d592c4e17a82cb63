"""``wangge qr``: the codes for the boards, one file each; and codes that are no longer to lead anywhere."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rich.progress import Progress

from app.cli_run import Failed, carry_out, fail, guarded, progress, quiet, settings, tell
from services.scenes import MOST, Scenes, Ticket, Usage

if TYPE_CHECKING:
    from services.desk import Desk

T = TypeVar("T")

_AT_ONCE = 8
"""WeChat bears that well, and a town's 3,000 grids take a minute instead of ten."""
_SHOWN = 10
_PNG_START = b"\x89PNG"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which codes, in what form, and where to."""

    codes: Sequence[str]
    under: str | None
    file_format: str | None
    folder: Path


def run(wanted: Wanted, *, mini: bool) -> None:
    """Draw every code of *wanted*, or none of them; *mini*: the mini program's, as WeChat draws them."""
    quiet()
    if mini and wanted.file_format not in {None, "png"}:
        fail("小程序码由微信画好，只有图片，不能用 --format svg 或 pdf。", 2)
    with progress() as bar:
        if mini:
            pictures = carry_out(lambda: _minis(wanted, bar))
            files = guarded(lambda: [_write(wanted.folder / name, data) for name, data in pictures])
        else:
            tickets = carry_out(lambda: _tickets(wanted, bar))
            files = guarded(lambda: _draw(tickets, wanted.file_format or "png", wanted.folder, bar))
    for file in files:
        print(file)
    tell(f"共 {len(files)} 个{'小程序码' if mini else '二维码'}，都在 {wanted.folder.absolute()}。")


def retire(wanted: Wanted, *, again: bool) -> None:
    """Let the posts' codes lead nowhere any more; *again*: and ask WeChat for others."""
    quiet()
    with progress() as bar:
        lines = carry_out(lambda: _retired(wanted, bar, again=again))
    for line in lines:
        print(line)
    tell("旧码已经停用，扫到的人会看到说明。" + ("请重印这些网格的公示牌。" if again else "要换新码，请用 --reissue。"))


async def codes_of(desk: "Desk", wanted: Wanted) -> list[str]:
    """The codes of *wanted*, each once; raises Failed when there are none, or some that no region has."""
    scenes = desk.scenes
    codes = list(dict.fromkeys([*wanted.codes, *(await scenes.under(wanted.under) if wanted.under else [])]))
    if not codes:
        raise Failed(f"{wanted.under} 下面还没有网格。")
    missing = await scenes.missing(codes)
    if missing:
        more = f" 等 {len(missing)} 个" if len(missing) > _SHOWN else ""
        raise Failed(f"没有这些代码的区域：{'、'.join(missing[:_SHOWN])}{more}。请核对，或先用 wangge import 导入。")
    return codes


async def for_each(codes: Sequence[str], work: Callable[[str], Awaitable[T]], bar: Progress, what: str) -> list[T]:
    """Do *work* for each code, some at once, and stop at the first refusal: the others need not ask any more."""
    task = bar.add_task(what, total=len(codes))
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(code: str) -> T:
        async with gate:
            done = await work(code)
        bar.advance(task)
        return done

    asked = [asyncio.create_task(one(code)) for code in codes]
    try:
        return await asyncio.gather(*asked)
    finally:
        for waiting in asked:
            waiting.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        bar.remove_task(task)


async def warn(scenes: Scenes) -> None:
    """Say in time that the account's scenes are running out."""
    usage = await scenes.usage()
    if usage.nearly_out:
        tell(running_out(usage))


def running_out(usage: Usage) -> str:
    """How many of the account's scenes are left, in words."""
    return (
        f"提醒：公众号的永久二维码一共 {MOST} 个，已经用了 {usage.used} 个（其中停用 {usage.retired} 个，"
        f"{usage.rested} 个停用满一年、没人再扫，可以换给别的网格）。"
    )


async def _tickets(wanted: Wanted, bar: Progress) -> list[Ticket]:
    from app.bootstrap import opened

    async with opened(settings(), tell) as house:
        codes = await codes_of(house.desk, wanted)
        tickets = await for_each(codes, house.desk.scenes.ticket_for, bar, "向微信取二维码")
        await warn(house.desk.scenes)
    return tickets


async def _minis(wanted: Wanted, bar: Progress) -> list[tuple[str, bytes]]:
    from app.bootstrap import opened

    async with opened(settings(), tell) as house:
        codes = await codes_of(house.desk, wanted)

        async def one(code: str) -> tuple[str, bytes]:
            data = await house.desk.scenes.mini_code(code)
            return f"{code}.{'png' if data.startswith(_PNG_START) else 'jpg'}", data

        return await for_each(codes, one, bar, "向微信取小程序码")


async def _retired(wanted: Wanted, bar: Progress, *, again: bool) -> list[str]:
    from app.bootstrap import opened

    async with opened(settings(), tell) as house:
        scenes = house.desk.scenes
        codes = await codes_of(house.desk, wanted)

        async def one(code: str) -> str:
            old = await scenes.retire(code)
            new = (await scenes.ticket_for(code)).scene if again else ""
            return f"{code} {old or '（没有码）'}{' → ' + new if new else ''}"

        lines = await for_each(codes, one, bar, "停用旧码")
        await warn(scenes)
    return lines


def _draw(tickets: list[Ticket], file_format: str, folder: Path, bar: Progress) -> list[Path]:
    from qrcodes import drawing

    stock = None
    if file_format == "pdf":
        from app.cli_board import stock_for

        stock = stock_for([ticket.region_name for ticket in tickets])
    files = []
    for ticket in bar.track(tickets, description="画二维码"):
        match file_format:
            case "svg":
                data = drawing.svg(ticket.url)
            case "pdf":
                from qrcodes.as_pdf import page, pdf
                from qrcodes.cards import slip

                assert stock is not None  # noqa: S101 - made above
                data = pdf([page(slip(ticket.url, ticket.region_name, stock))], stock, title=ticket.region_name)
            case _:
                data = drawing.png(ticket.url)
        files.append(_write(folder / f"{ticket.region_code}.{file_format}", data))
    return files


def _write(file: Path, data: bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.part")
    try:
        draft.write_bytes(data)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    return file
