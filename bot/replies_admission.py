"""What the chat says about the work that departments may put upon a grid (准入, Y art. 17)."""

from collections.abc import Sequence

from bot.wording import cut, listed
from domain.admission import Every
from services.admissions import Item

HOW = "请写清楚哪个部门要您做什么，例如：没有准入 城管办要我贴罚单"
REPORTED = "记下了，已经转给镇里核实。没有准入的事，您可以先不做。"
EVERY = {
    Every.ONCE: "一次",
    Every.DAILY: "每天",
    Every.WEEKLY: "每周",
    Every.MONTHLY: "每月",
    Every.QUARTER: "每季",
    Every.YEARLY: "每年",
}


def admitted(items: Sequence[Item]) -> str:
    """What is admitted where they serve."""
    if not items:
        return f"您这里现在没有准入的部门任务。{_IF_NOT}"
    parts = [
        f"· {one.department}：{cut(one.title, 40)}（{EVERY[one.every]}）\n  依据：{cut(one.basis, 40)}" for one in items
    ]
    return listed("部门可以请网格做的事：", parts, _IF_NOT)


def too_much(longest: object) -> str:
    return f"太长了，请在 {longest} 个字以内，写清楚哪个部门要您做什么。"


_IF_NOT = "有部门要您做单子上没有的事，请回：没有准入 哪个部门要您做什么"
