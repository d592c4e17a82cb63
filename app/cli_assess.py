"""``wangge assess``: the monthly assessment as a workbook, a town's rules, and days exempt for bad weather."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

assess = typer.Typer(help="每月考核：导出得分，改规则，登记恶劣天气。", no_args_is_help=True)


def export(
    region: Annotated[str, typer.Argument(metavar="REGION", help="区域代码：市、县、镇、村或网格。")],
    month: Annotated[str, typer.Argument(metavar="MONTH", help="月份，写成 2027-03。")],
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="写到哪个文件。", show_default=False)
    ] = None,
) -> None:
    """把一个月的得分和每一分的原因写成 Excel 文件；没过完的月份写到现在为止的。"""
    from app.cli_run import carry_out, progress, quiet

    quiet()
    target = file or Path(f"assessment-{region}-{month}.xlsx")
    with progress() as bar:
        count = carry_out(lambda: _export(region, month, target, bar))
    print(f"写好了：{target}，共 {count} 人。里面有姓名，请妥善保管。")


assess.command("export")(export)


@assess.command("rules")
def rules(
    town: Annotated[str, typer.Argument(metavar="TOWN", help="镇（街道）的区域代码。")],
    month: Annotated[str, typer.Argument(metavar="MONTH", help="从哪个月起，写成 2027-03。")],
    change: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="例如 unqualified=3，weights.events=50。", show_default=False),
    ] = None,
) -> None:
    """看一个镇这个月的考核规则，或者用 --set 改；改了从这个月起一直有效，已结算的月份不变。"""
    import json

    from app.cli_run import carry_out, fail, quiet

    quiet()
    given: dict[str, Any] = {}
    for one in change or []:
        name, sign, value = one.partition("=")
        table, dot, key = name.partition(".")
        try:
            said = json.loads(value) if sign else None
        except json.JSONDecodeError:
            said = None
        if said is None:
            fail(f"{one} 看不懂。请写成 名称=整数，例如 --set unqualified=3。", 2)
        if dot:
            given.setdefault(table, {})[key] = said
        else:
            given[name] = said
    holds = carry_out(lambda: _rules(town, month, given))
    print("改好了，现在的规则：" if given else "现在的规则：")
    print(json.dumps(holds, ensure_ascii=False, indent=2))


@assess.command("weather")
def weather(
    town: Annotated[str, typer.Argument(metavar="TOWN", help="镇（街道）的区域代码。")],
    day: Annotated[str, typer.Argument(metavar="DAY", help="哪一天，写成 2027-03-05。")],
    why: Annotated[str, typer.Argument(metavar="原因", help="例如 暴雨；不写就是取消。")] = "",
) -> None:
    """登记恶劣天气：这一天全镇没巡查也不扣分。"""
    from datetime import date

    from app.cli_run import carry_out, fail, quiet

    quiet()
    try:
        when = date.fromisoformat(day)
    except ValueError:
        fail(f"{day} 不是日期，请写成 2027-03-05 这样。", 2)
    carry_out(lambda: _weather(town, when, why))
    print(f"{day} 已登记：{why}，当天没巡查不扣分。" if why else f"{day} 的登记取消了。")


@contextmanager
def _refusals() -> Iterator[None]:
    """What the assessment refuses, in words."""
    from app.cli_run import Failed
    from domain.errors import BadInput, Conflict

    try:
        yield
    except Conflict:
        raise Failed("这个月已经结束，规则不能再改。") from None
    except BadInput as error:
        field = str(error.facts.get("field", ""))
        if field == "month":
            raise Failed("月份请写成 2027-03 这样，而且不能是以后的月份。") from None
        raise Failed(f"{field} 用不了：请对照 config.toml 的 [assessment] 一节，比重加起来要等于 100。") from None


async def _export(region: str, month: str, target: Path, bar: Any) -> int:
    from app.assessment_xlsx import Sheets
    from app.bootstrap import opened
    from app.cli_run import Failed, settings, tell

    draft = target.with_name(f".{target.name}.{os.getpid()}")
    count = 0
    async with opened(settings(), tell) as house:
        assessments = house.desk.assessments
        with _refusals():
            task = bar.add_task("得分", total=await assessments.count(region, month))
            try:
                with Sheets(draft) as sheets:
                    async for some in assessments.of_region(region, month):
                        for score in some:
                            sheets.add(score)
                        count += len(some)
                        bar.advance(task, len(some))
                if not count:
                    raise Failed(f"{month} 没有得分：还没有结算，或者那时没有专职网格员。")
                draft.replace(target)
            finally:
                draft.unlink(missing_ok=True)
    return count


async def _rules(town: str, month: str, given: dict[str, Any]) -> dict[str, Any]:
    from app.bootstrap import opened
    from app.cli_run import settings, tell

    async with opened(settings(), tell) as house:
        assessments = house.desk.assessments
        with _refusals():
            if given:
                return (await assessments.set_rules(town, month, given)).as_json()
            return (await assessments.rules_of(town, month)).as_json()


async def _weather(town: str, day: Any, why: str) -> None:
    from app.bootstrap import opened
    from app.cli_run import settings, tell

    async with opened(settings(), tell) as house:
        with _refusals():
            await house.desk.assessments.exempt(town, day, why)
