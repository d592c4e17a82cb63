"""``wangge board-facts``: office phones, photos and areas for the boards, out of a CSV file."""

from pathlib import Path

from app.cli_import import refused
from app.cli_run import carry_out, fail, guarded, quiet, settings, tell
from services.imports import BadRows
from services.imports_table import header_of

_PICTURES = {".jpg", ".jpeg", ".png"}
_LARGEST = 20 * 1024 * 1024


def run(file: Path, photos: Path) -> None:
    """Import *file*; exit code 1 and every bad row on stderr when there is one, and nothing is written then."""
    quiet()
    data = guarded(file.read_bytes)
    areas = "area" in header_of(data)
    pictures = {} if areas else guarded(lambda: _pictures(photos))
    changed = carry_out(lambda: _take(file, data, pictures, areas=areas))
    print(
        f"导入好了，{'网格范围' if areas else '人员'}变了 {changed} 个。要看哪些公示牌该重印：wangge qr --list-reprint"
    )


def _pictures(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        fail(f"没有照片文件夹 {folder}。", 2)
    found = (one for one in sorted(folder.iterdir()) if one.suffix.casefold() in _PICTURES and one.is_file())
    return {one.name: one.read_bytes() for one in found if one.stat().st_size <= _LARGEST}


async def _take(file: Path, data: bytes, pictures: dict[str, bytes], *, areas: bool) -> int:
    from app.bootstrap import opened

    async with opened(settings(), tell) as house:
        facts = house.desk.board_facts
        try:
            return await (facts.areas(data) if areas else facts.people(data, pictures))
        except BadRows as bad:
            problems = bad.problems
    raise refused(problems, lambda _: file.name)
