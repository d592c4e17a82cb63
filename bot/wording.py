"""Small pieces of Chinese that many messages share: moments, levels, states; and how much fits into one message."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from domain.calendar import SHANGHAI

LONGEST_BYTES = 2040
"""WeChat takes 2,048 bytes of UTF-8 in one message (WECHAT.md §1, code 45002)."""

_NOON_HOUR = 12
WEEKDAYS = "一二三四五六日"

STATUSES = {
    "draft": "还没提交",
    "submitted": "等待受理",
    "accepted": "正在办理",
    "suspended": "暂时挂起",
    "resolved": "已办结，等居民评价",
    "closed": "已结束",
    "declined": "不予受理",
    "withdrawn": "已撤回",
    "merged": "已并入另一件",
}

ACTIONS = {
    "submit": "提交",
    "add": "补充",
    "accept": "受理",
    "reply": "回复",
    "resolve": "办结",
    "report_up": "上报",
    "return": "退回",
    "climb": "超时自动上报",
    "assign": "安排接手",
    "dispatch": "交办",
    "co_handle": "会办",
    "transfer": "转派",
    "decline": "不予受理",
    "withdraw": "撤回",
    "remind": "催办",
    "rate": "评价",
    "reopen": "不满意，重新办理",
    "close": "结束",
    "classify": "归类",
    "suspend": "挂起",
    "resume": "恢复办理",
    "merge": "合并",
    "urgent": "标为紧急",
    "complain": "投诉",
}

KINDS = {"text": "文字", "photo": "照片", "voice": "语音", "video": "视频", "place": "位置"}
_COUNTERS = {"text": "段", "photo": "张", "voice": "条", "video": "段", "place": "个"}

DUTIES = {
    "grid_worker": "专职网格员",
    "part_time_worker": "兼职网格员",
    "volunteer": "网格志愿者",
    "grid_chief": "网格长",
    "liaison": "网格联络员",
    "village_secretary": "村（社区）书记",
    "village_agent": "村（社区）坐席员",
    "commander": "网格指挥长",
    "town_agent": "坐席员",
    "department_officer": "职能部门工作人员",
    "inspector": "督察",
    "admin": "管理员",
}


def state(status: str) -> str:
    return STATUSES.get(status, status)


def step(action: str) -> str:
    """What was done, for people; a step that a newer version knows keeps its own name."""
    return ACTIONS.get(action, action)


def moment(at: object) -> str:
    """「11月25日（周三）18:00」, in China's time; empty for what is no moment."""
    local = _local(at)
    return f"{local.month}月{local.day}日（周{WEEKDAYS[local.weekday()]}）{local:%H:%M}" if local else ""


def short_moment(at: object) -> str:
    """「11月25日18:00」: short enough for a template's field."""
    local = _local(at)
    return f"{local.month}月{local.day}日{local:%H:%M}" if local else ""


def span(starts_at: object, ends_at: object) -> str:
    """「5月1日至5月5日」, whole days by their last one; 「5月1日上午」 for half of one."""
    start, end = _local(starts_at), _local(ends_at)
    if start is None or end is None:
        return ""
    last = end - timedelta(microseconds=1)
    first = f"{start.month}月{start.day}日"
    if start.date() == last.date():
        if end.hour == _NOON_HOUR and not end.minute:
            return f"{first}上午"
        return f"{first}下午" if start.hour >= _NOON_HOUR else first
    return f"{first}至{last.month}月{last.day}日"


def lasted(seconds: object) -> str:
    """「2天3小时」「40分钟」: two units at most; empty for what is no length of time."""
    if not isinstance(seconds, (int, float)) or seconds < 0:
        return ""
    minutes = max(1, round(seconds / 60))
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [(days, "天"), (hours, "小时"), (minutes, "分钟")]
    said = [f"{count}{unit}" for count, unit in parts if count]
    return "".join(said[:2] if days or hours else said)


def _local(at: object) -> datetime | None:
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            return None
    return at.astimezone(SHANGHAI) if isinstance(at, datetime) else None


def holding(counts: Mapping[str, int]) -> str:
    """「2段文字、1张照片」."""
    return "、".join(f"{counts[kind]}{_COUNTERS[kind]}{KINDS[kind]}" for kind in KINDS if counts.get(kind))


def cut(text: str, longest: int) -> str:
    """At most *longest* characters on one line, with an ellipsis where something is missing."""
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def cut_bytes(text: str, longest: int = LONGEST_BYTES) -> str:
    """At most *longest* bytes of UTF-8: cut on a character, never inside one."""
    raw = text.encode("utf-8", "replace")
    return text if len(raw) <= longest else raw[: longest - 3].decode("utf-8", "ignore") + "…"


def listed(head: str, parts: Sequence[str], tail: str = "", *, between: str = "\n") -> str:
    """*head*, as many whole *parts* as fit into one message, *tail*. The tail says what to do next: it always fits."""
    more = "……还有 {} 条没列出来"
    room = LONGEST_BYTES - _bytes(head) - _bytes(tail) - _bytes(more) - 2 * _bytes(between) - 20
    taken: list[str] = []
    for part in parts:
        shown = part if taken else cut_bytes(part, max(room, 60))
        room -= _bytes(f"{between}{shown}")
        if room < 0 and taken:
            break
        taken.append(shown)
    left = len(parts) - len(taken)
    body = between.join([*([head] if head else []), *taken, *([more.format(left)] if left else [])])
    return f"{body}\n{tail}" if tail else body


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
