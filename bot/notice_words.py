"""How a moment is said (「明天9点」「今晚7点半」「2小时后」), and an order about a notice (「暂停 12」)."""

import re
from datetime import date, datetime, time, timedelta

from bot.router import Filter, Talk
from domain.calendar import SHANGHAI

_NUMERALS = {
    "零": 0,
    "一": 1,
    "两": 2,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
    "十一": 11,
    "十二": 12,
}
_AHEAD = {
    "今天": 0,
    "今日": 0,
    "今早": 0,
    "今晚": 0,
    "明天": 1,
    "明日": 1,
    "明早": 1,
    "明晚": 1,
    "后天": 2,
    "大后天": 3,
}
_MORNING = time(9, 0)
"""A day without an hour means this: nobody has to be woken."""
_NOON = 12
_LONG_PAST = timedelta(days=180)
_EDGE = r"[\s:：,，.。、;；]*"
_COUNT = r"[0-9]{1,3}|[一二两三四五六七八九十]|十[一二]|半"
_LATER = re.compile(rf"(?P<count>{_COUNT})\s*个?(?P<unit>分钟|小时|钟头|天)(?:以|之)?后{_EDGE}(?P<rest>.*)", re.DOTALL)
_MOMENT = re.compile(
    r"(?P<ahead>大后天|今天|今日|今早|今晚|明天|明日|明早|明晚|后天)?"
    r"(?:(?P<month>[0-9]{1,2})\s*[月./-]\s*(?P<day>[0-9]{1,2})\s*[日号]?)?[\s,，]*"
    r"(?P<part>早上|早晨|上午|中午|下午|傍晚|晚上|夜里)?\s*"
    rf"(?:(?P<hour>[0-9]{{1,2}}|十[一二]|[一二两三四五六七八九十])\s*(?:点钟?|时|[:：])\s*"
    rf"(?P<minute>半|一刻|三刻|[0-9]{{1,2}})?\s*分?)?(?![0-9]){_EDGE}(?P<rest>.*)",
    re.DOTALL,
)
_LATE_PARTS = frozenset({"下午", "傍晚", "晚上", "夜里"})
_MINUTES = {"半": 30, "一刻": 15, "三刻": 45}


def moment(text: str, now: datetime) -> datetime | None:
    """The moment that *text* names, and nothing else with it; ``None`` when it names none.

    An hour without a day is the next one: 「9点」 said at ten means tomorrow.
    """
    said, local = text.strip(), now.astimezone(SHANGHAI)
    for pattern, reader in ((_LATER, _later), (_MOMENT, _named)):
        found = pattern.fullmatch(said)
        if found is not None and not found["rest"].strip():
            try:
                return reader(found, local)
            except (ValueError, OverflowError):
                return None
    return None


def _number(text: str) -> int:
    return _NUMERALS[text] if text in _NUMERALS else int(text)


def _later(found: re.Match[str], now: datetime) -> datetime:
    unit = {"分钟": timedelta(minutes=1), "天": timedelta(days=1)}.get(found["unit"], timedelta(hours=1))
    return now + (unit / 2 if found["count"] == "半" else unit * _number(found["count"]))


def _named(found: re.Match[str], now: datetime) -> datetime:
    ahead, dated = found["ahead"], found["day"] is not None
    if not (ahead or dated or found["hour"]) or (ahead and dated):
        raise ValueError
    day = _date(int(found["month"]), int(found["day"]), now.date()) if dated else now.date()
    day += timedelta(days=_AHEAD.get(ahead or "", 0))
    at = datetime.combine(day, _hour(found), SHANGHAI)
    return at if ahead or dated or at > now else at + timedelta(days=1)


def _hour(found: re.Match[str]) -> time:
    late = found["part"] in _LATE_PARTS or (found["ahead"] or "").endswith("晚")
    if not found["hour"]:
        return time(19, 0) if late else time(_NOON) if found["part"] == "中午" else _MORNING
    hour, minute = _number(found["hour"]), found["minute"]
    if late and hour < _NOON:
        hour += _NOON
    if found["part"] == "中午" and hour < _NOON - 1:
        hour += _NOON
    return time(hour, _MINUTES[minute] if minute in _MINUTES else int(minute or 0))


def _date(month: int, day: int, today: date) -> date:
    meant = date(today.year, month, day)
    return meant.replace(year=today.year + 1) if today - meant > _LONG_PAST else meant


_SIGNS = r"(?:№|#|第)?"
_AFTER = r"(?:\s*号)?(?:\s*通知)?(?![0-9])"
_BETWEEN = r"[\s:：,，.。、;；!！]*"


def about_notice(*words: str) -> Filter:
    """One of *words* and a notice's number: 「暂停 12」「撤回通知12」「不同意12号通知 人太多」."""
    either = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    order = re.compile(
        rf"(?P<word>{either}){_BETWEEN}(?P<named>通知)?{_BETWEEN}{_SIGNS}\s*(?P<digits>[0-9]{{1,15}})"
        rf"(?P<called>{_AFTER})(?!\s*号)(?P<rest>$|[\s:：,，.。、;；!！].*)",
        re.DOTALL,
    )

    def fits(talk: Talk) -> bool:
        found = order.fullmatch(talk.text) if talk.numbered else None
        if found is None:
            return False
        said_so = bool(found["named"]) or "通知" in found["called"]
        talk.word = found["word"] + ("通知" if said_so else "")
        talk.number, talk.rest = int(found["digits"]), found["rest"].strip(" \n\t:：,，.。、;；!！")
        return True

    return fits
