"""What the chat answers to staff who look for cases."""

from collections.abc import Sequence

from bot.replies import title
from bot.wording import cut, listed, moment, state
from services.queues import Line


def how() -> str:
    return "想找哪些？在“查”后面空一格写上，例如：\n· 查 路灯\n· 查 逾期\n· 查 挂起 东门\n· 查 1024"


def found(said: str, lines: Sequence[Line], *, more: bool, first: bool) -> str:
    asked = cut(said, 20)
    if not lines:
        return f"没有查到“{asked}”。换个短一点的词再试试，例如：查 路灯" if first else f"“{asked}”没有更多了。"
    parts = [_line(line) for line in lines]
    head = (
        f"“{asked}”最新的 {len(lines)} 件："
        if first and more
        else f"“{asked}”{'' if first else '接着'} {len(lines)} 件："
    )
    tail = f"看详情回编号，例如：{lines[0].number}"
    return listed(head, parts, f"{tail}；后面还有，回“更多”。" if more else f"{tail}。")


def _line(line: Line) -> str:
    flags = ("【紧急】" if line.urgent else "") + ("【超时】" if line.overdue else "")
    where = f" · {line.grid_name}" if line.grid_name else ""
    due = f" · {'原定 ' if line.overdue else ''}{moment(line.due)} 前" if line.due else ""
    return f"{flags}№{line.number} {title(line, 14)}\n{state(line.status)}{where}{due}"
