"""``wangge awards``: applications for an award, step by step, each step by a named member of staff."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli_admission import BY, done

if TYPE_CHECKING:
    from services.award_applications import Application

awards = typer.Typer(help="评优申报：申报、村里推荐、镇里评定，公示三天后记分。", no_args_is_help=True)

_NUMBER = Annotated[int, typer.Argument(metavar="N", min=1, help="编号。", show_default=False)]
_STATES = {"asked": "等村里推荐", "supported": "等镇里评定", "approved": "已评定", "refused": "没有通过"}
_AWARDS = {"public": "公示中", "final": "已记分", "withdrawn": "公示后撤销"}


@awards.command("apply")
def apply(
    grid: Annotated[str, typer.Argument(metavar="GRID", help="网格代码。", show_default=False)],
    title: Annotated[str, typer.Argument(metavar="TITLE", help="因为什么事。", show_default=False)],
    evidence: Annotated[
        list[str], typer.Argument(metavar="EVIDENCE…", help="证明：case:1024 或 visit:7。", show_default=False)
    ],
    *,
    by: BY,
    reason: Annotated[str, typer.Option(help="事情经过。", show_default=False)],
) -> None:
    """网格员自己申报，或者村里替他申报。"""
    named = [(kind, record) for kind, _, record in (one.partition(":") for one in evidence)]
    print(_line(done(by, lambda desk, actor: desk.award_applications.apply(actor, grid, title, reason, named))))


@awards.command("list")
def list_(*, by: BY) -> None:
    """列出这个人看得到的申报。"""
    found, _ = done(by, lambda desk, actor: desk.award_applications.listed(actor, limit=1000))
    for one in found:
        print(_line(one))


@awards.command("support")
def support(number: _NUMBER, *, by: BY) -> None:
    """村里推荐。"""
    print(_line(done(by, lambda desk, actor: desk.award_applications.support(actor, number))))


@awards.command("decide")
def decide(
    number: _NUMBER,
    points: Annotated[int, typer.Argument(metavar="POINTS", min=0, max=10, help="给几分；0 就是不通过。")],
    *,
    by: BY,
    answer: Annotated[str, typer.Option(help="意见；不通过时要写。")] = "",
) -> None:
    """镇里评定；通过的公示三天，没有异议才记分。"""
    decided = done(by, lambda desk, actor: desk.award_applications.decide(actor, number, points=points, answer=answer))
    print(_line(decided))


def _line(one: "Application") -> str:
    state = _AWARDS.get(one.award, _STATES[one.state])
    points = f" {one.points} 分" if one.points else ""
    why = f"，{one.answer}" if one.answer else ""
    return f"{one.id} {one.grid} {one.person}《{one.title}》{state}{points}{why}"
