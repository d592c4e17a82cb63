"""Messages about people: leaves, who stands in, posts without anybody. None is about one case alone."""

from collections.abc import Callable, Mapping

from bot.wording import cut, span

Facts = Mapping[str, object]
_LONGEST_NAME = 40
_LONGEST_WORDS = 200


def _str(facts: Facts, name: str, otherwise: str = "") -> str:
    value = facts.get(name)
    return cut(str(value), _LONGEST_WORDS) if value not in {None, ""} else otherwise


def _name(facts: Facts, name: str, otherwise: str) -> str:
    return cut(_str(facts, name), _LONGEST_NAME) or otherwise


def _list(facts: Facts, name: str) -> list[str]:
    value = facts.get(name)
    return [cut(str(one), _LONGEST_NAME) for one in value] if isinstance(value, list) else []


def _count(facts: Facts, least: int) -> int:
    value = facts.get("count")
    return value if isinstance(value, int) and value > least else least


def _when(facts: Facts) -> str:
    return span(facts.get("starts_at"), facts.get("ends_at")) or "这几天"


def _person(facts: Facts) -> str:
    return _name(facts, "person", "同事")


def _asked(facts: Facts) -> str:
    who, reason = _person(facts), _str(facts, "reason")
    why = f"\n原因：{reason}" if reason else ""
    return f"{who}请假：{_when(facts)}{why}\n同意请回：准假 {who}\n不同意请回：不准 {who} 原因"


def _approved(facts: Facts) -> str:
    cover = _name(facts, "cover", "")
    by = f"新来的诉求由{cover}接。" if cover else ""
    return f"您{_when(facts)}的假准了。{by}提前回来请回：销假"


def _handed_over(facts: Facts) -> str:
    numbers, to = _list(facts, "numbers")[:20], "、".join(_list(facts, "to")) or "同事"
    listed, count = "、".join(f"№{one}" for one in numbers) or "诉求", _count(facts, len(numbers))
    rest = f" 等 {count} 件" if count > len(numbers) else ""
    return f"您不在岗，手上的 {listed}{rest}已转给{to}接着办，您不用再办。回来后新来的诉求照常由您接。"


_POST = {1: "网格员", 2: "网格长和书记", 3: "指挥长和坐席员"}


def _vacant(facts: Facts) -> str:
    regions = _list(facts, "regions")
    names, count = "、".join(regions[:5]) or "下面有岗位", _count(facts, len(regions))
    more = f"等 {count} 处" if count > len(regions[:5]) and regions else ""
    level = facts.get("level")
    post = _POST.get(level, "人") if isinstance(level, int) else "人"
    who = "您" if facts.get("yours") is True else "、".join(_list(facts, "to")) or "上一级"
    return f"{names}{more}现在没有{post}，诉求先由{who}接。请尽快安排人；回“待办”能看到还缺哪里。"


def _lost(facts: Facts) -> str:
    who, region = _person(facts), _name(facts, "region", "")
    post = f"（{region}）" if region else ""
    return (
        f"{who}{post}收不到公众号的消息了（取消了关注，或者微信换了人），手上的诉求已转给别人。"
        f"请告诉{who}：重新关注公众号就能恢复；换了微信的，向镇里要邀请码，再回“绑定 邀请码”。"
    )


TEXTS: dict[str, Callable[[Facts], str]] = {
    "leave_asked": _asked,
    "leave_approved": _approved,
    "leave_refused": lambda f: (
        f"您{_when(f)}的假没有准，原因：{_str(f, 'note', '没有写')}\n还需要请假，请先和网格长或镇里说一声。"
    ),
    "leave_taken_back": lambda f: f"{_person(f)}撤回了{_when(f)}的请假，不用批了。",
    "leave_ended": lambda f: f"{_person(f)}销假了，新来的诉求又由本人接。",
    "you_cover": lambda f: (
        f"{_person(f)}{_when(f)}请假，{_name(f, 'region', '那边')}新来的诉求这期间由您接。回“待办”看手上的事。"
    ),
    "handed_over": _handed_over,
    "post_vacant": _vacant,
    "worker_lost": _lost,
}
HEADLINES = {
    "leave_asked": "有人请假，请批",
    "leave_approved": "假准了",
    "leave_refused": "假没有准",
    "leave_taken_back": "请假撤回了",
    "leave_ended": "销假了",
    "you_cover": "请假期间由您接诉求",
    "handed_over": "手上的诉求已转给同事",
    "post_vacant": "岗位缺人，请安排",
    "worker_lost": "有工作人员收不到消息",
}
