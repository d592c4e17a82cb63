"""The messages that people get without having asked: words and template fields, made from kind and facts.

Every message about a case holds its number as №N. Making one never fails: a message that cannot be worded would hold
back all that stand behind it.
"""

from collections.abc import Callable, Mapping

from bot import messages_assessment, messages_notices, messages_people, messages_records
from bot import messages_keeping as keeping
from bot import messages_safety as safety
from bot.wording import cut, cut_bytes, moment, short_moment

Facts = Mapping[str, object]

_LONGEST_QUOTE = 1300
"""Bytes; leaves room for the head and for what can be done next."""
_LONGEST_NAME = 40
_SHORT_NAME = 16
"""Of a case among others in one message."""


def _str(facts: Facts, name: str) -> str:
    value = facts.get(name)
    return "" if value is None else str(value)


def _number(facts: Facts) -> str:
    return cut(_str(facts, "number"), 20)


def _head(facts: Facts) -> str:
    title = cut(_str(facts, "title"), _LONGEST_NAME)
    return f"№{_number(facts)}" + (f"「{title}」" if title else "")


def _topic(facts: Facts) -> str:
    """The head with the sentence going on right behind it: 「№7「路灯」已受理」, but 「№7 已受理」."""
    head = _head(facts)
    return head if head.endswith("」") else f"{head} "


def _quote(facts: Facts) -> str:
    note = _str(facts, "note").strip()
    return f"\n“{cut_bytes(note, _LONGEST_QUOTE)}”" if note else ""


def _said(facts: Facts, nothing: str = "（没有写说明）") -> str:
    return _quote(facts) or f"\n{nothing}"


def _unit(facts: Facts) -> str:
    return cut(_str(facts, "unit"), _LONGEST_NAME) or "上一级"


def _who(facts: Facts) -> str:
    return cut(_str(facts, "holder") or _str(facts, "unit"), _LONGEST_NAME) or "值班人员"


def _until(facts: Facts) -> str:
    due = moment(facts.get("resolve_due"))
    return f"预计 {due} 前办好" if due else "会尽快办好"


def _deadlines(facts: Facts) -> str:
    accept, resolve = moment(facts.get("accept_due")), moment(facts.get("resolve_due"))
    if not (accept and resolve):
        return "请尽快受理。"
    return f"请在 {accept} 前受理，{resolve} 前办结。"


def _urgent(facts: Facts) -> str:
    return "【紧急】" if facts.get("urgent") is True else ""


def _type(facts: Facts) -> str:
    name, department = cut(_str(facts, "event_type"), _LONGEST_NAME), cut(_str(facts, "department_hint"), _LONGEST_NAME)
    whose = f"（{department}）" if department else ""
    return f"事项：{name}{whose}，不对请回：归类 {_number(facts)}\n" if name else ""


def _new_case(facts: Facts) -> str:
    n, grid = _number(facts), cut(_str(facts, "grid"), _LONGEST_NAME)
    accept = moment(facts.get("accept_due"))
    until = f"请在 {accept} 前受理。" if accept else "请尽快受理。"
    return (
        f"{_urgent(facts)}新诉求 {_head(facts)}\n{f'{grid}的' if grid else ''}居民反映，{until}\n"
        f"{_type(facts)}看详情回 {n}；受理请回：受理 {n}{keeping.also_alike(facts)}"
    )


def _landed(why: str) -> Callable[[Facts], str]:
    def words(facts: Facts) -> str:
        n = _number(facts)
        return (
            f"{_urgent(facts)}{_head(facts)}\n{why}{_quote(facts)}\n{_deadlines(facts)}\n"
            f"看详情回 {n}；受理请回：受理 {n}"
        )

    return words


def _due_soon(facts: Facts) -> str:
    n, due, climbs = _number(facts), moment(facts.get("due")), moment(facts.get("climbs"))
    waits = facts.get("status") == "submitted"
    what, order = ("受理", f"受理请回：受理 {n}") if waits else ("办结", f"办好请回：办结 {n} 结果")
    if facts.get("late") is True:
        later = f"到 {climbs} 还没{what}，会自动转到上一级。" if climbs else ""
        return (
            f"{_urgent(facts)}{_topic(facts)}的时限有调整，应在 {due or '现在'} 前{what}，已经过了，"
            f"请尽快{what}。{later}\n看详情回 {n}；{order}"
        )
    until = f"请在 {due} 前{what}。" if due else f"请尽快{what}。"
    return f"{_urgent(facts)}{_topic(facts)}快到{what}时限了，{until}\n看详情回 {n}；{order}"


_SENT = {"photo": "发来了照片", "voice": "发来了语音", "video": "发来了视频", "place": "发来了位置"}


def _case_added(facts: Facts) -> str:
    n, sent, quote = _number(facts), _SENT.get(_str(facts, "said")), _quote(facts)
    what = f"{sent}{'：' if quote else '。'}" if sent else "补充说："
    return f"{_topic(facts)}的居民{what}{quote}\n看详情回 {n}；答复请回：回复 {n} 内容"


def _if_not_content(facts: Facts) -> str:
    if facts.get("appealed") is True:
        return "这件事镇里已经复核过，这是最后的答复。您要是还不认可，可以打 12345 再反映。"
    return f"您要是不认可，可以请镇里复核一次，请回：不满意 {_number(facts)} 原因"


def _asked_to_help(facts: Facts) -> str:
    n = _number(facts)
    return (
        f"{_urgent(facts)}{_head(facts)}\n{_who(facts)}请您会办，出出主意、搭把手。{_quote(facts)}\n"
        f"看详情回 {n}；意见请回：回复 {n} 意见（只有主办人看得到）"
    )


def _items(facts: Facts) -> list[tuple[str, Facts]]:
    """Kind and facts of each thing that is told of together."""
    found = facts.get("items")
    items = [(str(kind), told) for kind, told in found if isinstance(told, Mapping)] if isinstance(found, list) else []
    return items or [("gathered", facts)]


def _gathered(facts: Facts) -> str:
    # Of one case the latest counts, at the place of the latest.
    lines: dict[str, str] = {}
    for kind, told in _items(facts):
        lines.pop(_number(told), None)
        name = _head({**told, "title": cut(_str(told, "title"), _SHORT_NAME)})
        lines[_number(told)] = f"{name}：{_headline(kind, told)}"
    return cut_bytes(
        f"{len(lines)} 件事一起告诉您：\n" + "\n".join(lines.values()) + "\n看哪一件就回它的编号；手上的事回“待办”。"
    )


def _headline(kind: str, facts: Facts) -> str:
    until = _hint(kind, facts).removeprefix("请在")
    return _HEADLINES.get(kind, "有新进展") + (f"（{until}）" if until else "")


_TEXTS: dict[str, Callable[[Facts], str]] = {
    # To the resident.
    "accepted": lambda f: f"您反映的 {_topic(f)}已由{_who(f)}受理，{_until(f)}，有结果马上告诉您。",
    "replied": lambda f: f"您反映的 {_head(f)}，{_who(f)}回复：{_said(f)}\n有话要补充，直接在这里说就行。",
    "resolved": lambda f: (
        f"您反映的 {_topic(f)}办好了。{_who(f)}说：{_said(f)}\n"
        f"您满意吗？请回 1 到 5（5 最满意），也可以加句话：评价 {_number(f)} 5 谢谢\n"
        f"没办好请回：不满意 {_number(f)} 原因"
    ),
    "reported_up": lambda f: (
        f"您反映的 {_topic(f)}需要上一级来办，已报到{_unit(f)}，由{_who(f)}接着办，{_until(f)}。{_quote(f)}"
    ),
    "climbed": lambda f: (
        f"您反映的 {_topic(f)}没能按时办理，让您久等了。已自动报到{_unit(f)}，由{_who(f)}接着办，{_until(f)}。"
    ),
    "returned": lambda f: f"您反映的 {_topic(f)}转回{_unit(f)}，由{_who(f)}办理，{_until(f)}。{_quote(f)}",
    "dispatched": lambda f: f"您反映的 {_topic(f)}已交给{_unit(f)}，由{_who(f)}办理，{_until(f)}。{_quote(f)}",
    "transferred": lambda f: f"您反映的 {_topic(f)}归{_unit(f)}管，已转给{_who(f)}办理，{_until(f)}。{_quote(f)}",
    "date_moved": lambda f: f"您反映的 {_topic(f)}办理时间有变动，{_until(f)}。给您添麻烦了，有结果马上告诉您。",
    "declined": lambda f: f"您反映的 {_topic(f)}没有受理，原因是：{_said(f)}\n{_if_not_content(f)}",
    "closed_unrated": lambda f: f"{_topic(f)}办好后一直没等到您的评价，先结束了。这件事要是又有变化，随时在这里说。",
    # To whoever holds the case.
    "new_case": _new_case,
    "case_added": _case_added,
    "came_up": _landed("下级上报给您。"),
    "climbed_to_you": _landed("下级超过了时限，已自动转给您。"),
    "came_back": _landed("上级退回，请您办理。"),
    "reopened": _landed("居民不满意，请重新办理。"),
    "dispatched_to_you": _landed("这件事交给您办理。"),
    "transferred_to_you": _landed("这件事归您的网格，从别处转来，请您办理。"),
    "back_from_department": _landed("部门退回，请您另行安排。"),
    "appealed": _landed("居民不认可“不予受理”，请您复核。"),
    "handed_on": lambda f: f"{_topic(f)}已转给{_unit(f)}，由{_who(f)}办理，您不用再办。{_quote(f)}",
    "asked_to_help": _asked_to_help,
    "opinion": lambda f: (
        f"{_topic(f)}收到{cut(_str(f, 'by'), _LONGEST_NAME) or '同事'}的意见（居民看不到）：{_said(f)}\n"
        f"看详情回 {_number(f)}；答复居民请回：回复 {_number(f)} 内容"
    ),
    "help_over": lambda f: f"{_topic(f)}已经有结果了，您不用再出意见。谢谢您帮忙。",
    "due_soon": _due_soon,
    "climbed_from_you": lambda f: f"{_topic(f)}超过了办理时限，已自动转到{_unit(f)}，您不用再办。",
    "reopened_above": lambda f: f"{_topic(f)}居民再次表示不满意，已转到{_unit(f)}办理，您不用再办。{_quote(f)}",
    "overdue_top": lambda f: (
        f"{_topic(f)}已超过时限，上面没有可转的单位，请尽快办理。\n办好请回：办结 {_number(f)} 结果"
    ),
    "rated": lambda f: f"{_topic(f)}居民评了 {_str(f, 'rating')} 分，这件事办完了。{_quote(f)}",
    "withdrawn": lambda f: f"{_topic(f)}居民已撤回，不用再办。{_quote(f)}",
    "reminded": lambda f: (
        f"{_urgent(f)}{_topic(f)}居民催办{keeping.waited(f)}，请尽快处理。{_quote(f)}\n"
        f"看详情回 {_number(f)}；答复请回：回复 {_number(f)} 内容"
    ),
    "taken_over": lambda f: f"{_topic(f)}已由{_who(f)}接手，您不用再办。",
    "gathered": _gathered,
    **keeping.TEXTS,
    **safety.TEXTS,
    # To anybody.
    "answer": lambda f: _str(f, "text") or "刚才那条处理好了。",
    **messages_people.TEXTS,
    **messages_assessment.TEXTS,
    **messages_records.TEXTS,
    **messages_notices.TEXTS,
}

KINDS = frozenset(_TEXTS)

_HEADLINES = {
    "accepted": "已受理",
    "replied": "有新回复",
    "resolved": "已办结，请评价",
    "reported_up": "已上报，由上一级接着办",
    "climbed": "超时，已转上一级办理",
    "returned": "已转回下一级办理",
    "dispatched": "已交办，有人接着办",
    "transferred": "已转到所在的网格",
    "date_moved": "办理时间有变动",
    "declined": "没有受理",
    "closed_unrated": "没有评价，先结束了",
    "new_case": "新诉求，请受理",
    "case_added": "居民有补充",
    "came_up": "下级上报，请受理",
    "climbed_to_you": "下级超时，转给您受理",
    "came_back": "上级退回，请受理",
    "reopened": "居民不满意，请重新办理",
    "dispatched_to_you": "交给您办理，请受理",
    "transferred_to_you": "转到您的网格，请受理",
    "back_from_department": "部门退回，请受理",
    "appealed": "居民申请复核，请受理",
    "handed_on": "已转走，您不用再办",
    "asked_to_help": "请您会办，说说意见",
    "opinion": "会办有了意见",
    "help_over": "会办结束了",
    "due_soon": "快到时限，请尽快处理",
    "climbed_from_you": "超时，已自动转走",
    "reopened_above": "居民不满意，已转上级",
    "overdue_top": "已超时，请尽快办结",
    "rated": "居民已评价",
    "withdrawn": "居民已撤回，不用再办",
    "reminded": "居民催办，请尽快处理",
    "answer": "刚才那条处理好了",
    "taken_over": "同事已接手，不用再办",
    "gathered": "几件事一起告诉您",
    **messages_people.HEADLINES,
    **messages_assessment.HEADLINES,
    **messages_records.HEADLINES,
    **messages_notices.HEADLINES,
    **keeping.HEADLINES,
    **safety.HEADLINES,
}
_TO_ACCEPT = frozenset(
    {
        "new_case",
        "came_up",
        "climbed_to_you",
        "came_back",
        "reopened",
        "dispatched_to_you",
        "transferred_to_you",
        "back_from_department",
        "appealed",
        *keeping.TO_ACCEPT,
    }
)
_UNDER_WAY = keeping.UNDER_WAY | frozenset(
    {"accepted", "reported_up", "climbed", "returned", "reminded", "dispatched", "transferred", "date_moved"}
)
THING = 20
"""Characters in a template's ``thing`` field (WECHAT.md §1)."""


class Messages:
    """Fulfils :class:`services.ports.Wording`."""

    def text(self, kind: str, facts: Facts) -> str:
        """At most 2,048 bytes of UTF-8. A kind that only a newer version knows is told in general words."""
        words = _TEXTS.get(kind)
        return cut_bytes(words(facts) if words is not None else f"{_topic(facts)}有新进展，回“进度”看看办到哪了。")

    def fields(self, kind: str, facts: Facts) -> dict[str, str]:
        """Fields of the two templates that a town applies for (``docs/operations.md``), within WeChat's lengths.

        All are ``thing`` fields, none is ever empty: a ``character_string`` takes no №, a ``time`` takes no "none".
        """
        if kind == "notice":
            region, text = _str(facts, "region"), _str(facts, "headline") or _str(facts, "text")
            return {"thing1": _thing(region, "村（社区）"), "thing2": _thing(text, "有新通知")}
        if kind == "gathered":
            numbers = list(dict.fromkeys(_number(told) for _, told in _items(facts)))
            return {
                "thing1": _thing(f"№{numbers[0]} 等 {len(numbers)} 件", "您的待办"),
                "thing2": _thing(_HEADLINES[kind], "有新进展"),
                "thing3": "值班人员",
                "thing4": "打开公众号回“待办”",
            }
        number, title = _number(facts), _str(facts, "title")
        what = title or ("" if number else _str(facts, "text"))
        return {
            "thing1": _thing(f"№{number} {what}" if number else what, "您的诉求"),
            "thing2": _thing(_HEADLINES.get(kind, ""), "有新进展"),
            "thing3": _thing(_who(facts), "值班人员"),
            "thing4": _thing(_hint(kind, facts), "打开公众号看详情"),
        }


def _hint(kind: str, facts: Facts) -> str:
    if kind in _TO_ACCEPT and (due := short_moment(facts.get("accept_due"))):
        return f"请在{due}前受理"
    if kind == "due_soon" and (due := short_moment(facts.get("due"))):
        return f"{due}前{'受理' if facts.get('status') == 'submitted' else '办结'}"
    if kind in _UNDER_WAY and (due := short_moment(facts.get("resolve_due"))):
        return f"{due}前办好"
    return ""


def _thing(text: str, otherwise: str) -> str:
    """At most twenty characters as WeChat counts them: what lies beyond the basic plane (an emoji) counts twice."""
    short = cut(text, THING)
    while len(short.encode("utf-16-le", "replace")) // 2 > THING:
        short = f"{short.removesuffix('…')[:-1]}…"
    return short or otherwise
