"""``wangge import``: regions and staff out of CSV files or workbooks."""

from collections.abc import Callable, Sequence
from pathlib import Path

from app.cli_run import Failed, carry_out, fail, guarded, progress, quiet, settings, tell
from services.imports import REGIONS, STAFF, BadRows, Counts, Problem, Report, which
from services.imports_table import header_of
from services.imports_words import words

_MOST_FILES = 2
_MOST_LINES = 200
_EXAMPLES = 5
_ONLY_IN_LIST = {"category", "keywords"}


def run(files: list[Path], *, dry_run: bool) -> None:
    """Import *files*; exit code 1 and every bad row on stderr when there is one, and nothing is written then."""
    quiet()
    if len(files) > _MOST_FILES:
        fail("最多两个文件：区域表和人员表。", 2)
    given = guarded(lambda: _sorted(files))
    report = carry_out(lambda: _import(given, dry_run=dry_run))
    for line in _lines(report):
        print(line)


def _sorted(files: list[Path]) -> dict[str, tuple[Path, bytes]]:
    """Which file is which: by their columns where those say it, otherwise by their order."""
    read = [(file, file.read_bytes()) for file in files]
    for file, data in read:
        if _ONLY_IN_LIST.issubset(header_of(data)):
            fail(f"{file} 是事项清单，请用：wangge event-types import {file}", 2)
    if len(read) == 1:
        return {which(read[0][1]) or REGIONS: read[0]}
    kinds = [which(data) for _, data in read]
    if kinds == [STAFF, REGIONS]:
        read.reverse()
    elif kinds[0] and kinds[0] == kinds[1]:
        fail(f"{files[0]} 和 {files[1]} 都像{'区域表' if kinds[0] == REGIONS else '人员表'}。请各给一份。")
    return dict(zip((REGIONS, STAFF), read, strict=True))


async def _import(given: dict[str, tuple[Path, bytes]], *, dry_run: bool) -> Report:
    from app.bootstrap import opened

    data = {kind: content for kind, (_, content) in given.items()}
    async with opened(settings(), tell) as house:
        with progress() as bar:
            task = bar.add_task("导入", total=None)
            try:
                return await house.desk.imports.run(
                    data.get(REGIONS),
                    data.get(STAFF),
                    dry_run=dry_run,
                    progress=lambda done, total: bar.update(task, completed=done, total=total),
                )
            except BadRows as bad:
                problems = bad.problems
    names = {kind: file.name for kind, (file, _) in given.items()}
    raise refused(problems, lambda kind: names[kind])


def refused(problems: Sequence[Problem], name: Callable[[str], str]) -> Failed:
    """Every problem in a line of its own; *name* is what the clerk calls the file."""
    lines = [words(problem, name(problem.file)) for problem in problems[:_MOST_LINES]]
    if len(problems) > _MOST_LINES:
        lines.append(f"……还有 {len(problems) - _MOST_LINES} 处没有列出来。")
    return Failed("\n".join([*lines, f"共 {len(problems)} 处要改，一行也没有导入。改好以后再导入一次就行。"]))


def _lines(report: Report) -> list[str]:
    lines = ["这是试一遍的结果，没有写入：" if report.dry_run else "导入好了。"]
    for one in report.sheets:
        others = f"；没有看的：{'、'.join(one.others)}" if one.others else ""
        lines.append(f"{'区域表' if one.file == REGIONS else '人员表'}读的是工作簿的第一张表“{one.sheet}”{others}。")
    lines += [counted("区域", report.regions), counted("岗位", report.staff)]
    if report.rehomed:
        lines.append(f"有 {report.rehomed} 件没人接的诉求，已经重新找了负责人。")
    vacant = report.vacant
    if vacant.grids:
        examples = "、".join(vacant.examples[:_EXAMPLES]) + (" 等" if vacant.grids > _EXAMPLES else "")
        lines.append(f"提醒：有 {vacant.grids} 个网格还没有网格员，也没有网格长：{examples}。那里的诉求会先到上级。")
    if vacant.unheld:
        lines.append(f"注意：其中 {vacant.unheld} 个网格连上级也没有人，那里的诉求暂时没人接。请尽快补上人员。")
    return lines


def counted(what: str, counts: Counts) -> str:
    return f"{what}：新增 {counts.new}，更新 {counts.changed}，没有变化 {counts.same}"
