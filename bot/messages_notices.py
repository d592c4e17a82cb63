"""Messages about notices (通知): the notice itself, and what its author and whoever must agree are told."""

from collections.abc import Callable, Mapping

from bot.wording import LONGEST_BYTES, cut, cut_bytes, moment

Facts = Mapping[str, object]
_LONGEST_NAME = 40
_QUOTED = 1300


def _str(facts: Facts, name: str) -> str:
    value = facts.get(name)
    return "" if value is None else str(value)


def notice(facts: Facts) -> str:
    """As people see it. Where there is a picture or a link to see, the way to it comes last and is never cut."""
    region, title, url = _str(facts, "region"), cut(_str(facts, "headline"), _LONGEST_NAME), _str(facts, "url")
    head = f"【{cut(region, _LONGEST_NAME)}通知】{title}\n"
    tail = f"\n点这里看更多：{url}" if url and facts.get("more") is True else ""
    return head + cut_bytes(_str(facts, "text"), LONGEST_BYTES - len(f"{head}{tail}".encode("utf-8", "replace"))) + tail


def _number(facts: Facts) -> str:
    return cut(_str(facts, "notice"), 20) or "这条"


def _yours(facts: Facts) -> str:
    title = cut(_str(facts, "about"), 16)
    return f"您的 {_number(facts)} 号通知{f'「{title}」' if title else ''}"


def _by(facts: Facts) -> str:
    return cut(_str(facts, "by"), _LONGEST_NAME) or "同事"


def _asked(facts: Facts) -> str:
    n, region = _number(facts), cut(_str(facts, "region"), _LONGEST_NAME) or "本地"
    urgent = "【紧急】" if facts.get("urgent") is True else ""
    at = moment(facts.get("starts_at"))
    when = f"，定在 {at} 发" if at else ""
    text = cut_bytes(_str(facts, "text") or _str(facts, "about"), _QUOTED).strip()
    reach = _str(facts, "reach") or "很多"
    return (
        f"{urgent}{_by(facts)}要发一条通知，请您看看（{n} 号）。\n发给{region}的 {reach} 人{when}：\n“{text}”\n"
        f"可以发请回：同意 {n}\n不能发请回：不同意 {n} 原因"
    )


def _agreed(facts: Facts) -> str:
    at = moment(facts.get("starts_at")) if facts.get("state") == "scheduled" else ""
    when = f"定在 {at} 发" if at else "已经开始发"
    return f"{_yours(facts)}，{_by(facts)}同意了，{when}。看进度回：通知进度 {_number(facts)}"


def _refused(facts: Facts) -> str:
    note = cut_bytes(_str(facts, "note"), _QUOTED)
    return f"{_yours(facts)}，{_by(facts)}没有同意，没有发出。\n原因：{note or '没有写'}\n改好以后可以重新写一条。"


def _expired(facts: Facts) -> str:
    if facts.get("begun") is not True:
        return f"{_yours(facts)}到了截止时间还没发出，作废了。要发请重新写一条。"
    return f"{_yours(facts)}到了截止时间，还没发出的不再发。看发到多少人回：通知进度 {_number(facts)}"


TEXTS: Mapping[str, Callable[[Facts], str]] = {
    "notice": notice,
    "notice_asked": _asked,
    "notice_agreed": _agreed,
    "notice_refused": _refused,
    "notice_expired": _expired,
}
HEADLINES = {
    "notice_asked": "有条通知请您看看",
    "notice_agreed": "您的通知同意发了",
    "notice_refused": "您的通知没有同意",
    "notice_expired": "您的通知到了截止时间",
}
