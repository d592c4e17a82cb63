"""How a leave is said: 「3天 家里有事」「半天」「明天下午」「5月1日到5月5日 回老家」."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from domain.calendar import SHANGHAI

_NUMERALS = {
    "半": 0,
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
}
_AHEAD = {"今天": 0, "今日": 0, "明天": 1, "明日": 1, "后天": 2, "大后天": 3}
_NOON = time(12, 0)
_LATE_MORNING = time(11, 0)
"""Half a day that is asked for later than this means the afternoon."""
_LONG_PAST = timedelta(days=180)
"""A day of this year that is longer ago than this means next year's."""

_FROM = r"(?P<from>大后天|今天|今日|明天|明日|后天)?(?:起|开始|请|休)?"
_EDGE = r"[\s:：,，.。、;；]*"
_REST = r"(?=[\s:：,，.。、;；]|$|因|去|回|看|有|家|身|病|办)(?P<rest>.*)"
_DAYS = re.compile(rf"{_FROM}\s*(?P<count>[0-9]{{1,3}}|[一两二三四五六七八九十])\s*(?:天|日)(?:假)?{_REST}", re.DOTALL)
_HALF = re.compile(
    rf"(?P<from>大后天|今天|今日|明天|明日|后天)?\s*(?P<part>半天|半日|上午|下午|全天|一整天)(?:假)?{_REST}", re.DOTALL
)
_DAY = re.compile(rf"(?P<from>大后天|今天|今日|明天|明日|后天)(?:假)?{_REST}", re.DOTALL)
_DATE = (
    r"(?:(?P<{n}year>20[0-9]{{2}})\s*[年./-]\s*)?(?:(?P<{n}month>[0-9]{{1,2}})\s*[月./-]\s*)?"
    r"(?P<{n}day>[0-9]{{1,2}})\s*[日号]?"
)
_DATES = re.compile(
    rf"从?\s*{_DATE.format(n='a')}\s*(?:到|至|—+|-+|~|～)\s*{_DATE.format(n='b')}(?:止|为止)?{_REST}", re.DOTALL
)
_ONE_DATE = re.compile(
    r"(?:(?P<ayear>20[0-9]{2})\s*[年./-]\s*)?(?P<amonth>[0-9]{1,2})\s*[月./-]\s*(?P<aday>[0-9]{1,2})\s*[日号]?"
    rf"\s*(?P<part>上午|下午)?(?:请假)?{_REST}",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Wish:
    """From and until are moments; a day ends at midnight in China."""

    starts_at: datetime
    ends_at: datetime
    reason: str


def read(text: str, now: datetime) -> Wish | None:
    """What the words behind 「请假」 ask for; ``None`` when they name no time. A time in the past is read as it is.

    「3天」 counts today as the first. A date without a year is this year's, or next year's when that is long past.
    """
    said, local = text.strip(), now.astimezone(SHANGHAI)
    for pattern, reader in ((_DATES, _dates), (_ONE_DATE, _one_date), (_DAYS, _days), (_HALF, _half), (_DAY, _day)):
        found = pattern.fullmatch(said)
        if found is not None:
            try:
                wish = reader(found, local)
            except (ValueError, OverflowError):
                return None
            return Wish(*wish, found["rest"].strip(" \n\t:：,，.。、;；"))
    return None


def _days(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    count = _NUMERALS.get(found["count"]) or int(found["count"])
    if count == 0:
        raise ValueError
    first = now.date() + timedelta(days=_AHEAD.get(found["from"] or "", 0))
    return _whole(first, first + timedelta(days=count - 1), now)


def _half(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    day = now.date() + timedelta(days=_AHEAD.get(found["from"] or "", 0))
    return _part(day, found["part"], now)


def _day(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    day = now.date() + timedelta(days=_AHEAD[found["from"]])
    return _whole(day, day, now)


def _one_date(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    day = _date(found, "a", now.date())
    return _part(day, found["part"] or "全天", now)


def _dates(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    if not found["amonth"]:
        raise ValueError
    first = _date(found, "a", now.date())
    month = int(found["bmonth"] or first.month)
    last = date(int(found["byear"] or first.year), month, int(found["bday"]))
    if not found["byear"] and last < first:
        last = last.replace(year=last.year + 1)
    if last < first:
        raise ValueError
    return _whole(first, last, now)


def _date(found: re.Match[str], name: str, today: date) -> date:
    year, month, day = found[f"{name}year"], int(found[f"{name}month"]), int(found[f"{name}day"])
    if year:
        return date(int(year), month, day)
    meant = date(today.year, month, day)
    return meant.replace(year=today.year + 1) if today - meant > _LONG_PAST else meant


def _part(day: date, part: str, now: datetime) -> tuple[datetime, datetime]:
    noon = datetime.combine(day, _NOON, SHANGHAI)
    start, end = _whole(day, day, now)
    if part in {"半天", "半日"}:
        part = "上午" if day != now.date() or now.time() < _LATE_MORNING else "下午"
        if part == "下午":
            return start, end
    if part == "上午":
        return start, noon
    if part == "下午":
        return max(noon, start), end
    return start, end


def _whole(first: date, last: date, now: datetime) -> tuple[datetime, datetime]:
    start = datetime.combine(first, time(), SHANGHAI)
    end = datetime.combine(last + timedelta(days=1), time(), SHANGHAI)
    return (now if first == now.date() else start), end
