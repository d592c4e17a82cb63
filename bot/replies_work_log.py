"""The work log (工作日志) in words."""

from collections.abc import Sequence
from datetime import date

from bot.replies_patrols import SUBJECTS
from bot.wording import WEEKDAYS, cut, listed, step
from domain.calendar import SHANGHAI
from services.work_logs import MOST_NOTES, WorkLine


def day(lines: Sequence[WorkLine], of: date, *, today: bool) -> str:
    name = "今天" if today else f"{of.month}月{of.day}日（周{WEEKDAYS[of.weekday()]}）"
    if not lines:
        more = "办过的事会自己记上来；" if today else ""
        return f"{name}的工作日志还是空的。{more}要补一句请回：补记 内容"
    cases = len({one.number for one in lines if one.kind == "case"})
    head = f"{name}的工作日志" + (f"（办了 {cases} 件诉求的 {_steps(lines)} 步）：" if cases else "：")
    return listed(head, [f"· {line(one)}" for one in lines], "要补一句请回：补记 内容")


def line(one: WorkLine) -> str:
    at = f"{one.at.astimezone(SHANGHAI):%H:%M}"
    match one.kind:
        case "case":
            return f"{at} {step(one.what)} №{one.number} {cut(one.text, 20)}".rstrip()
        case "patrol":
            far = f" {one.number / 1000:.1f} 公里" if one.number else ""
            return f"{at} 巡查{far} {cut(one.text, 30)}".rstrip()
        case "visit":
            return f"{at} 走访{SUBJECTS.get(one.what, '')}：{cut(one.text, 30)}"
        case "notice":
            return f"{at} 上门告知 {one.number} 人：{cut(one.text, 20)}"
        case "leave":
            return "请假"
        case _:
            return f"{at} 补记：{cut(one.text, 60)}"


def _steps(lines: Sequence[WorkLine]) -> int:
    return sum(one.kind == "case" for one in lines)


def noted(text: str) -> str:
    return f"记到今天的工作日志里了：{cut(text, 60)}"


def how() -> str:
    return "请在“补记”后面写内容，例如：补记 上午陪供电所看了三处线路"


def too_much(longest: object) -> str:
    if longest == MOST_NOTES:
        return f"今天已经补记了 {longest} 条，记不下了。请把要紧的合在一起写。"
    return f"这一条太长了，最多 {longest} 个字，请分开写。"
