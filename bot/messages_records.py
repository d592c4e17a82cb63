"""Messages about a worker's day, and about what a resident said of their own record."""

from collections.abc import Callable, Mapping

from bot.wording import cut

Facts = Mapping[str, object]
_LONGEST = 200


def _count(facts: Facts, name: str) -> int:
    value = facts.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _daily_list(facts: Facts) -> str:
    overdue, today = _count(facts, "overdue"), _count(facts, "today")
    visits = "，".join(
        said for said in (f"{overdue} 家已经过期" if overdue else "", f"{today} 家今天到期" if today else "") if said
    )
    lines = [
        f"走访：{visits}，名单请回“走访”" if visits else "",
        "巡查：昨天没有巡查轨迹，今天记得走一圈，用小程序开始" if facts.get("no_track") is True else "",
        f"诉求：{_count(facts, 'cases')} 件今天到期，请回“待办”" if _count(facts, "cases") else "",
        f"基础数据：{_count(facts, 'records')} 处居民要求更正，请回“基础数据”" if _count(facts, "records") else "",
        _courses(facts),
    ]
    return "\n".join(["今天要做的：", *(f"· {line}" for line in lines if line)])


def _courses(facts: Facts) -> str:
    count, title = _count(facts, "courses"), cut(str(facts.get("course") or ""), 30)
    if not count:
        return ""
    which = f"《{title}》" if count == 1 else f"《{title}》等 {count} 门"
    year, _, rest = str(facts.get("until") or "").partition("-")
    month, _, day = rest.partition("-")
    until = f"，{int(month)}月{int(day)}日前要完成" if year and month.isdigit() and day.isdigit() else ""
    return f"培训：{which}要参加{until}，请回“培训”"


def _decided(facts: Facts) -> str:
    place = cut(str(facts.get("place") or ""), 40)
    answer = cut(str(facts.get("answer") or ""), _LONGEST)
    said = f"\n“{answer}”" if answer else ""
    where = f"（{place}）" if place else ""
    if facts.get("taken") is True:
        return f"您要更正的信息{where}，网格员核实过，已经改好了。{said}\n看现在的内容请回：我的信息"
    return f"您要更正的信息{where}，网格员没有改。{said}\n还有疑问，可以直接发消息说。"


TEXTS: dict[str, Callable[[Facts], str]] = {"daily_list": _daily_list, "own_record_decided": _decided}
HEADLINES = {"daily_list": "今天要做的事", "own_record_decided": "您的信息有结果了"}
EXAMPLE: Mapping[str, object] = {
    "overdue": 2,
    "today": 3,
    "cases": 1,
    "records": 1,
    "no_track": True,
    "courses": 2,
    "course": "安全用电",
    "until": "2026-03-30",
    "place": "3 幢 201",
    "taken": True,
}
