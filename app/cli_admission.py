"""``wangge admission``: what departments may ask of the grids, step by step, each step by a named member of staff."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.admission import Every, Move

if TYPE_CHECKING:
    from services.access import Actor
    from services.admissions import Item
    from services.desk import Desk

admission = typer.Typer(
    help="部门工作的准入和退出：申请、初审、批准、年审、退出，还有没有准入的任务。", no_args_is_help=True
)

BY = Annotated[str, typer.Option("--by", metavar="PHONE", help="谁办的：他的手机号。", show_default=False)]
_NUMBER = Annotated[int, typer.Argument(metavar="N", min=1, help="编号。", show_default=False)]
_STATES = {"asked": "待初审", "reviewed": "待批准", "admitted": "已准入", "refused": "未准入", "ended": "已退出"}


@admission.command("ask")
def ask(
    region: Annotated[str, typer.Argument(metavar="REGION", help="哪里的网格：区域代码，连同下面。")],
    title: Annotated[str, typer.Argument(metavar="TITLE", help="什么工作。")],
    *,
    by: BY,
    task: Annotated[str, typer.Option(help="要网格员做什么。", show_default=False)],
    basis: Annotated[str, typer.Option(help="依据哪条法律或文件。", show_default=False)],
    every: Annotated[Every, typer.Option(help="多久一次。", show_default=False)],
    support: Annotated[str, typer.Option(help="部门给的经费和支持。", show_default=False)],
) -> None:
    """部门申请把一项工作交给网格。"""
    from domain.admission import Wish

    wish = Wish(region, title, task, basis, every, support)
    one = done(by, lambda desk, actor: desk.admissions.ask(actor, wish))
    print(f"申请好了，编号 {one.id}，等镇里初审。")


@admission.command("list")
def list_(*, by: BY) -> None:
    """列出这个人看得到的：已准入的，自己部门申请的，要他审的。"""
    found, _ = done(by, lambda desk, actor: desk.admissions.listed(actor, limit=1000))
    for one in found:
        print(_line(one))


@admission.command("move")
def move(
    number: _NUMBER,
    step: Annotated[Move, typer.Argument(help="初审、批准、不批、年审继续、退出。", show_default=False)],
    *,
    by: BY,
    reason: Annotated[str, typer.Option(help="原因；不批和退出时要写。")] = "",
) -> None:
    """走一步：review 初审，admit 批准，refuse 不批，keep 年审继续，end 退出。申请、初审、批准是三个人。"""
    print(_line(done(by, lambda desk, actor: desk.admissions.move(actor, number, step, reason))))


@admission.command("reports")
def reports(*, by: BY) -> None:
    """网格员反映的没有准入的任务。"""
    found, _ = done(by, lambda desk, actor: desk.admissions.reports(actor, limit=1000))
    for one in found:
        print(f"{one.id} {one.region} {one.person}：{one.text}" + (f"（已答复：{one.answer}）" if one.answer else ""))


@admission.command("answer")
def answer(number: _NUMBER, text: Annotated[str, typer.Argument(metavar="TEXT", help="怎么答复。")], *, by: BY) -> None:
    """答复一条没有准入的任务。"""
    done(by, lambda desk, actor: desk.admissions.answer(actor, number, text))
    print("答复好了。")


def _line(one: "Item") -> str:
    due = "，该年审了" if one.review_due else ""
    why = f"，原因：{one.answer}" if one.answer else ""
    return f"{one.id} {one.region} {one.department}《{one.title}》{_STATES[one.state]}{due}{why}，依据：{one.basis}"


def done(by: str, work: "Callable[[Desk, Actor], Awaitable[Any]]") -> Any:
    """What *work* gives as the member of staff with the phone *by*; a refusal ends the command with a line."""
    from app.cli_run import carry_out, quiet

    quiet()
    return carry_out(lambda: _opened(by, work))


async def _opened(by: str, work: "Callable[[Desk, Actor], Awaitable[Any]]") -> Any:
    from app.bootstrap import opened
    from app.cli_run import Failed, settings, tell
    from domain.errors import BadInput, Conflict, IllegalMove, NotAllowed, NotFound

    async with opened(settings(), tell) as house:
        try:
            return await work(house.desk, await house.desk.people.staff_of(by))
        except NotAllowed as refused:
            own = refused.facts.get("why") == "own"
            raise Failed("这一步要换一个人来办。" if own else "这个人的岗位不能办这一步。") from None
        except (IllegalMove, Conflict):
            raise Failed("现在不能走这一步：可能已经办过了，或者前一步还没办，或者同样的申请已经有了。") from None
        except NotFound as missing:
            if "phone" in missing.facts:
                raise Failed(f"{missing.facts['phone']} 不是在岗的工作人员，请核对号码。") from None
            raise Failed("没有找到，或者不归这个人管。请核对编号和区域代码。") from None
        except BadInput as wrong:
            raise Failed(_WRONG.get(str(wrong.facts.get("field")), "填的内容不对，请看 --help。")) from None


_WRONG = {
    "title": "名称要写，最多 60 个字。",
    "task": "要做什么（--task）要写，最多 1000 个字。",
    "basis": "依据（--basis）要写，最多 300 个字。",
    "support": "经费和支持（--support）要写，最多 300 个字。",
    "reason": "原因（--reason）要写，也不要太长。",
    "answer": "答复要写几句，也不要太长。",
    "evidence": "证明材料要是本人办过的诉求或走访，写成 case:1024 或 visit:7，最多 20 条。",
    "points": "分数写 1 到 10。",
}
