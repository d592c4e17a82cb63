"""The working days of China: public holidays and make-up days, from the package chinesecalendar."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

import chinese_calendar

from domain.calendar import monday_to_friday


def chinese_workdays(overrides: Mapping[date, bool], warn: Callable[[str], None]) -> Callable[[date], bool]:
    """Return the test of a working day: *overrides* first, then the published calendar, else Monday to Friday.

    The State Council publishes a year's holidays in the autumn before it. For a year that the installed package does
    not know, *warn* gets one sentence, once a year asked for.
    """
    settled = dict(overrides)
    warned: set[int] = set()

    # Kept: the package looks through its whole table for the first and last year at every question.
    @lru_cache(maxsize=4096)
    def is_workday(day: date) -> bool:
        if day in settled:
            return settled[day]
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            if day.year not in warned:
                warned.add(day.year)
                warn(
                    f"The public holidays of {day.year} are not known, so Monday to Friday count as working days: "
                    "update the package chinesecalendar, or list the days in the settings.",
                )
            return monday_to_friday(day)

    return is_workday


def holiday_name(day: date) -> str | None:
    """What *day* is a holiday of, or is worked for; empty for every other, ``None`` where the year is not known."""
    try:
        _, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return None
    return _HOLIDAYS.get(str(name), "") if name else ""


_HOLIDAYS = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午",
    "National Day": "国庆",
    "Mid-autumn Festival": "中秋",
    "Anti-Fascist 70th Day": "抗战胜利日",
}
