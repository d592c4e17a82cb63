"""What the chat answers about leaves, vacant posts, and who stands in."""

from collections.abc import Mapping, Sequence

from bot.wording import cut, listed, span
from services.leaves import LeaveView
from services.posts import Vacancy

HOW = (
    "请假请这样写：\n请假 3天 家里有事（从今天算起）\n请假 5月1日到5月5日 回老家\n请假 明天下午 看病\n"
    "提前回来了，回：销假"
)


def how() -> str:
    return f"这句没有记下。{HOW}"


def asked(leave: LeaveView) -> str:
    when = span(leave.starts_at, leave.ends_at)
    if leave.state == "asked":
        return f"{when}的假已报给{leave.asked_of or '上一级'}，批了马上告诉您；批之前诉求还是您接。不请了回：销假"
    return f"{when}的假记下了。{_cover(leave)}提前回来请回：销假"


def _cover(leave: LeaveView) -> str:
    return f"这期间新来的诉求由{leave.cover}接。" if leave.cover else "这期间没有别人可以接，诉求先留在您名下。"


def refused(facts: Mapping[str, object]) -> str:
    when = span(facts.get("starts_at"), facts.get("ends_at"))
    return {
        "past": "这个时间已经过去了，没有记下。请写今天或以后的日子，例如：请假 明天 家里有事",
        "far": "这个时间太远了，没有记下。请看看年份对不对，一年以内的才能请。",
        "too_long": f"一次请假最多 {facts.get('days')} 天（连着的也算在一起），没有记下。更长的请直接找镇里安排。",
        "waiting": f"您 {when}的假还在等批，和这次的时间有重叠。要改请先回“销假”撤掉那一个，再重新请。",
        "within": f"这几天您已经请过假了（{when}），不用再请。",
        "around": f"这段时间中间已经有一个假（{when}）。请分前后两段来请，或者先回“销假”取消那一个。",
    }.get(str(facts.get("why")), "这个假没有记下。")


def nobody() -> str:
    return "您现在没有在岗的岗位，不用请假。"


def ended(leave: LeaveView) -> str:
    if leave.state == "cancelled":
        return f"{span(leave.starts_at, leave.ends_at)}的假取消了，诉求照常由您接。"
    return "销假了，欢迎回来。新来的诉求又由您接；请假时转给同事的，还由同事办完。"


def nothing_to_end() -> str:
    return "您现在没有请假，不用销假。"


def nothing_asked() -> str:
    return "现在没有等您批的假。"


def which(leaves: Sequence[LeaveView], word: str) -> str:
    parts = [f"· {_line(one)}" for one in leaves]
    example = f"{word} {leaves[0].person}" + (" 原因" if word == "不准" else "")
    head = "有几个假等着批，请带上名字：" if len(leaves) > 1 else "等着批的是："
    return listed(head, parts, f"{'例如' if len(leaves) > 1 else '请回'}：{example}")


def not_among(name: str, leaves: Sequence[LeaveView], word: str) -> str:
    return f"没有找到“{cut(name, 12)}”的请假。\n{which(leaves, word)}"


def say_why(person: str) -> str:
    return f"请写一句原因，好让{person}知道，例如：不准 {person} 这几天有检查"


def decided(leave: LeaveView) -> str:
    if leave.state == "refused":
        return f"没有准{leave.person}的假，原因会告诉本人。"
    cover = f"，新诉求由{leave.cover}接" if leave.cover else ""
    return f"准了{leave.person} {span(leave.starts_at, leave.ends_at)}的假，会告诉本人{cover}。"


def already(facts: Mapping[str, object]) -> str:
    person = cut(str(facts.get("person", "")), 20)
    return {
        "approved": f"{person}的这个假已经准过了。",
        "refused": f"{person}的这个假已经回过“不准”了。",
        "cancelled": f"{person}自己撤回了这个假，不用批了。",
    }.get(str(facts.get("state")), f"{person}的这个假已经过期了，不用批了。")


def _line(leave: LeaveView) -> str:
    reason = f"，{cut(leave.reason, 30)}" if leave.reason else ""
    return f"{leave.person}：{span(leave.starts_at, leave.ends_at)}{reason}"


_POST = {1: "网格员", 2: "网格长和书记", 3: "指挥长和坐席员"}


def vacant(found: Sequence[Vacancy], count: int, person_id: int) -> str:
    """One line above the queue; empty while every post is filled."""
    if not found:
        return ""
    names = "、".join(cut(one.name, 12) for one in found)
    names = f"{names}等 {count} 处" if count > len(found) else names
    others = {one.taken_by for one in found if one.taken_by and one.taken_by_id != person_id}
    mine = any(one.taken_by_id == person_id for one in found)
    who = "您" if mine else "、".join(sorted(others)) or "上一级"
    return f"{names}没有{_POST.get(found[0].level, '人')}，诉求先由{who}接。"
