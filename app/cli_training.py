"""``wangge training``: courses out of a file, who attended, a test reopened, everybody's hours as a table."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from services.training_keeping import Hours, TrainingKeeping

training = typer.Typer(help="培训：导入课程和考题，登记面授的出席，重开考试，导出学时。", no_args_is_help=True)

_REGION = Annotated[str, typer.Argument(metavar="REGION", help="哪个区域办的：区域代码。", show_default=False)]
_COURSE = Annotated[str, typer.Argument(metavar="COURSE", help="课程编号。", show_default=False)]
_HEAD = ("姓名", "岗位", "区域代码", "区域", "学时", "还差学时", "没完成的必修课")
_FORMS = {"online": "线上", "classroom": "面授"}


@training.command("add")
def add(
    region: _REGION,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="课程：TOML、JSON 或 CSV。", show_default=False)],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只试一遍，不写入。")] = False,
) -> None:
    """导入课程和考题：要么全部导入，要么一门也不导入；编号一样的就是修改。"""
    from app.cli_import import counted
    from app.cli_run import guarded

    data = guarded(file.read_bytes)
    counts = _do(file, lambda keeping: keeping.import_(region, file.name, data, dry_run=dry_run))
    print("这是试一遍的结果，没有写入：" if dry_run else "导入好了。")
    print(counted("课程", counts))


@training.command("list")
def list_(region: _REGION) -> None:
    """列出一个区域和它下面的课程。"""
    for one in _do(None, lambda keeping: keeping.listed(region)):
        last = f"到 {one.last_day}" if one.last_day else "起"
        marks = "".join(word for word, on in (("，岗前", one.induction), ("，必修", one.compulsory)) if on)
        test = f"，{one.questions} 道题" if one.questions else ""
        print(
            f"{one.region} {one.code}《{one.title}》{_FORMS[one.form]} {_hours(one.minutes)} 学时{test}{marks}，"
            f"{one.first_day} {last}，{one.done} 人完成"
        )


@training.command("attended")
def attended(
    region: _REGION,
    course: _COURSE,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="出席名单，CSV：name,phone。", show_default=False)],
    day: Annotated[str, typer.Option("--on", metavar="DAY", help="哪一天，写成 2027-03-05。", show_default=False)],
) -> None:
    """登记面授课的出席名单：要么全部登记，要么一个也不登记；登记两次只算一次。"""
    from datetime import date

    from app.cli_run import fail, guarded

    try:
        when = date.fromisoformat(day)
    except ValueError:
        fail(f"{day} 不是日期，请写成 2027-03-05 这样。", 2)
    data = guarded(file.read_bytes)
    counts = _do(file, lambda keeping: keeping.attended(region, course, when, file.name, data))
    print(f"登记好了：新登记 {counts.new} 人，原来就有 {counts.same} 人。")


@training.command("reopen")
def reopen(
    region: _REGION,
    course: _COURSE,
    phone: Annotated[str, typer.Argument(metavar="PHONE", help="这个人的手机号。", show_default=False)],
) -> None:
    """考试两次没过的人，再给他考试的机会。"""
    _do(None, lambda keeping: keeping.reopen(region, course, phone))
    print("好了，他可以重新考试。")


@training.command("report")
def report(
    region: _REGION,
    year: Annotated[int, typer.Argument(metavar="YEAR", min=2000, max=2999, help="年份。", show_default=False)],
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="写到哪个文件：.csv 或 .xlsx。")
    ] = None,
) -> None:
    """把在岗人员一年的学时、还差多少、没完成的必修课，写成 CSV 或 Excel 文件。"""
    from app.cli_run import guarded

    target = file or Path(f"training-{region}-{year}.csv")
    found = _do(None, lambda keeping: keeping.hours(region, year))
    lines = [_line(one) for one in found]

    def write() -> None:
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            (_book if target.suffix == ".xlsx" else _table)(draft, lines)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)

    guarded(write)
    print(f"写好了：{target}，共 {len(lines)} 行。里面有姓名，请妥善保管。")


def _line(one: "Hours") -> tuple[str, ...]:
    from bot.wording import DUTIES

    return (
        *(one.person, DUTIES[one.duty], one.code, one.region),
        *(_hours(one.minutes), _hours(one.missing), "、".join(one.open)),
    )


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.1f}".removesuffix(".0")


def _table(file: Path, lines: Sequence[tuple[str, ...]]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(_HEAD)
        # Excel takes a name that begins so for a formula.
        writer.writerows([f"'{cell}" if cell[:1] in tuple("=+-@") else cell for cell in line] for line in lines)


def _book(file: Path, lines: Sequence[tuple[str, ...]]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("学时")
        for number, line in enumerate([_HEAD, *lines]):
            sheet.write_row(number, 0, line)


def _do(file: Path | None, work: "Callable[[TrainingKeeping], Awaitable[Any]]") -> Any:
    from app.cli_run import carry_out, quiet

    quiet()
    return carry_out(lambda: _opened(file, work))


async def _opened(file: Path | None, work: "Callable[[TrainingKeeping], Awaitable[Any]]") -> Any:
    from app.bootstrap import opened
    from app.cli_import import refused
    from app.cli_run import Failed, settings, tell
    from domain.errors import BadInput, Conflict, NotFound
    from services.imports import BadRows

    async with opened(settings(), tell) as house:
        try:
            return await work(house.desk.training_keeping)
        except BadRows as bad:
            problems = bad.problems
        except Conflict:
            raise Failed("他的考试已经合格，或者还有机会，不用重开。") from None
        except BadInput as wrong:
            raise Failed(_WRONG.get(str(wrong.facts.get("field")), wrong.detail)) from None
        except NotFound as missing:
            if "course" not in missing.facts:
                raise
            raise Failed(
                f"没有找到：这个区域有没有编号是 {missing.facts['course']} 的课程？这个人考过吗？"
                "看有哪些课程，请用：wangge training list 区域代码"
            ) from None
    raise refused(problems, lambda _: file.name if file is not None else "")


_WRONG = {
    "day": "出席要到了那一天才能登记，请核对日期。",
    "course": "这是线上课程，考试合格就自动记学时，不用登记出席。",
    "phone": "这不是手机号，请核对。",
}
