"""Days as people write them: 「3天」「一周」「明天」「到5月6日」."""

import re
from datetime import date, timedelta

_NUMERALS = {sign: value for value, sign in enumerate("零一二三四五六七八九十")} | {"两": 2, "半": 0}
_EDGE = " \n\t,，.。、:：;；-"
_SPAN = re.compile(
    r"(?:挂起|挂|暂停|再等|等)?\s*(?P<count>[0-9]{1,3}|十[一二三四五六七八九]?|[二三]十[一二三四五六七八九]?|[一二两三四五六七八九])\s*个?"
    r"(?P<unit>天|日|周|星期|礼拜|月)(?!\s*[0-9一二三四五六七八九十]+\s*[日号])(?:后|以后|之后)?(?P<rest>.*)",
    re.DOTALL,
)
_DAY = re.compile(
    r"(?:到|至|挂到|等到|延到)?\s*(?:(?P<year>20[0-9]{2})\s*[年./-]\s*)?(?P<month>[0-9]{1,2})\s*[月./-]\s*(?P<day>[0-9]{1,2})\s*[日号]?"
    r"(?:\s*(?:为止|再办))?(?P<rest>.*)",
    re.DOTALL,
)
_NEAR = re.compile(r"(?:到|至|挂到|等到)?\s*(?P<word>明天|后天|大后天)(?P<rest>.*)", re.DOTALL)
_AHEAD = {"明天": 1, "后天": 2, "大后天": 3}
_LONG = {"周": 7, "星期": 7, "礼拜": 7, "月": 30}


def until(text: str, today: date) -> tuple[date | None, str]:
    """The day at the beginning of *text* and the words behind it; ``None`` where there is none, or no such day.

    A day without a year is the next one of that name.
    """
    found = _NEAR.fullmatch(text)
    if found is not None:
        return today + timedelta(days=_AHEAD[found["word"]]), found["rest"].strip(_EDGE)
    found = _SPAN.fullmatch(text)
    if found is not None:
        days = _count(found["count"]) * _LONG.get(found["unit"], 1)
        return today + timedelta(days=days), found["rest"].strip(_EDGE)
    found = _DAY.fullmatch(text)
    if found is None:
        return None, text
    try:
        day = date(int(found["year"] or today.year), int(found["month"]), int(found["day"]))
        if not found["year"] and day < today:
            day = day.replace(year=today.year + 1)
    except ValueError:
        return None, text
    return day, found["rest"].strip(_EDGE)


def _count(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _NUMERALS[text]
    return 10 * (_NUMERALS[tens] if tens else 1) + (_NUMERALS[ones] if ones else 0)
