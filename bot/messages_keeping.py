"""Messages about suspending, merging, urgent matters and complaints, made from kind and facts."""

from collections.abc import Callable, Mapping

from bot.replies_keeping import hint
from bot.wording import cut, cut_bytes, lasted, moment

Facts = Mapping[str, object]

_LONGEST_QUOTE = 1300
_LONGEST_NAME = 40


def _str(facts: Facts, name: str) -> str:
    value = facts.get(name)
    return "" if value is None else str(value)


def _n(facts: Facts) -> str:
    return cut(_str(facts, "number"), 20)


def _o(facts: Facts) -> str:
    return cut(_str(facts, "original"), 20) or "另一件"


def _topic(facts: Facts) -> str:
    title = cut(_str(facts, "title"), _LONGEST_NAME)
    return f"№{_n(facts)}「{title}」" if title else f"№{_n(facts)} "


def _who(facts: Facts) -> str:
    return cut(_str(facts, "holder") or _str(facts, "unit"), _LONGEST_NAME) or "值班人员"


def _said(facts: Facts) -> str:
    note = _str(facts, "note").strip()
    return f"\n“{cut_bytes(note, _LONGEST_QUOTE)}”" if note else ""


def _until(facts: Facts) -> str:
    due = moment(facts.get("resolve_due"))
    return f"，预计 {due} 前办好" if due else ""


def _own_way(facts: Facts) -> str:
    return f"没办好，或者不是一回事，请回：不满意 {_n(facts)} 原因"


def _please(facts: Facts) -> str:
    due = moment(facts.get("resolve_due"))
    return f"请在 {due} 前办结。" if due else "请尽快办理。"


def also_alike(facts: Facts) -> str:
    """The hint at what may be the same, as a line of its own; empty where there is none."""
    number = facts.get("number")
    said = hint(number, facts.get("alike")) if isinstance(number, int) else ""
    return f"\n{said}" if said else ""


def waited(facts: Facts) -> str:
    """「，已经等了2天3小时」, or nothing."""
    long = lasted(facts.get("waited"))
    return f"，已经等了{long}" if long else ""


TEXTS: dict[str, Callable[[Facts], str]] = {
    # To the resident.
    "suspended": lambda f: (
        f"您反映的 {_topic(f)}要先等一等，到 {moment(f.get('suspended_until'))} 接着办，由{_who(f)}负责。"
        f"原因是：{_said(f)}\n"
        f"有材料或者情况要说，直接在这里说就行；想催一催，请回：催办 {_n(f)}"
    ),
    "resumed": lambda f: (
        f"您反映的 {_topic(f)}{'' if f.get('note') else '约好的日子到了，'}接着办了，"
        f"由{_who(f)}负责{_until(f)}。{_said(f)}"
    ),
    "merged": lambda f: (
        f"您反映的 №{_n(f)}，已经有人先说过，和 №{_o(f)} 并在一起办，有结果一样告诉您，您的编号不变。\n"
        f"要是不是一回事，请回：不满意 {_n(f)} 原因"
    ),
    "released": lambda f: (
        f"您反映的 {_topic(f)}原来和 №{_o(f)} 并在一起办，№{_o(f)} 已由反映的人撤回。"
        f"您这件现在单独办，由{_who(f)}负责{_until(f)}。"
    ),
    "follow_replied": lambda f: (
        f"您反映的 №{_n(f)}（和 №{_o(f)} 一起办），{_who(f)}回复：{_said(f)}\n有话要补充，直接在这里说就行。"
    ),
    "follow_resolved": lambda f: (
        f"您反映的 №{_n(f)}（和 №{_o(f)} 一起办）办好了。{_who(f)}说：{_said(f)}\n{_own_way(f)}"
    ),
    "follow_declined": lambda f: (
        f"您反映的 №{_n(f)}（和 №{_o(f)} 一起办）没有受理，原因是：{_said(f)}\n您要是不认可，请回：不满意 {_n(f)} 原因"
    ),
    "follow_closed": lambda f: f"您反映的 №{_n(f)}（和 №{_o(f)} 一起办）已经结束。{_own_way(f)}",
    # To staff.
    "woken": lambda f: f"{_topic(f)}挂起的日子到了，{_please(f)}\n看详情回 {_n(f)}；办好请回：办结 {_n(f)} 结果",
    "merged_in": lambda f: (
        f"№{_n(f)} 并入了您手上的 №{_o(f)}，那位居民说：{_said(f)}\n只办 №{_o(f)} 就行，结果会一起告诉两边。"
    ),
    "merged_off": lambda f: f"{_topic(f)}已并入 №{_o(f)}，您不用再单独办。",
    "follower_added": lambda f: (
        f"№{_o(f)} 的另一位居民（№{_n(f)}）补充了：{_said(f) or '（照片或语音）'}\n"
        f"看详情回 {_n(f)}；答复请回：回复 {_o(f)} 内容"
    ),
    "came_apart": lambda f: (
        f"{_topic(f)}原来并入 №{_o(f)}，现在要单独办，请受理。{_said(f)}\n看详情回 {_n(f)}；受理请回：受理 {_n(f)}"
    ),
    "urgent_alert": lambda f: (
        f"【紧急】{_topic(f)}\n{cut(_str(f, 'grid'), _LONGEST_NAME)}报来重大紧急的事，由{_who(f)}办理，"
        f"请在 {moment(f.get('accept_due'))} 前有人受理。{_said(f)}\n看详情回 {_n(f)}"
    ),
    "new_complaint": lambda f: (
        f"居民投诉 №{_n(f)}{'，关于 №' + _str(f, 'about') if f.get('about') else ''}：{_said(f)}\n"
        f"被投诉的人看不到，请为居民保密。请在 {moment(f.get('accept_due'))} 前受理。\n"
        f"看详情回 {_n(f)}；受理请回：受理 {_n(f)}"
    ),
}

HEADLINES = {
    "suspended": "先等一等，到日子接着办",
    "resumed": "接着办了",
    "merged": "和另一件并在一起办",
    "released": "改为单独办理",
    "follow_replied": "有新回复",
    "follow_resolved": "已办结",
    "follow_declined": "没有受理",
    "follow_closed": "已结束",
    "woken": "挂起到期，请接着办",
    "merged_in": "有一件并到您这里",
    "merged_off": "已并走，不用再办",
    "follower_added": "居民有补充",
    "came_apart": "要单独办，请受理",
    "urgent_alert": "重大紧急，请马上处理",
    "new_complaint": "居民投诉，请受理",
}
TO_ACCEPT = frozenset({"came_apart", "urgent_alert", "new_complaint"})
UNDER_WAY = frozenset({"resumed", "released", "woken"})
