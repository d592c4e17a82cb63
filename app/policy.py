"""What ``[deadlines]`` and ``[notices]`` say, as the rules take it. Raises SettingsError for what cannot be used."""

from dataclasses import replace
from datetime import date, time

import structlog

from adapters.holidays import chinese_workdays
from app.settings import Deadlines, Notices, Settings, SettingsError
from domain.calendar import WorkCalendar
from domain.deadlines import Limits
from domain.notice import Quiet
from domain.notice import Rules as NoticeRules
from services.by_place import ByPlace
from services.case_places import Periods, Policy
from services.town_days import OwnDays

log = structlog.get_logger(__name__)


def deadline_policy(settings: Settings, own: OwnDays | None = None, towns: ByPlace[Periods] | None = None) -> Policy:
    """*own* are the days that a town has set at its desk: they go before the settings, and may change at any time.

    *towns* are the periods as they hold in each place, where towns may have their own.
    """
    given, own = settings.deadlines, own or OwnDays()
    overrides = {_day(text): True for text in given.workdays} | {_day(text): False for text in given.days_off}
    spans = tuple(_span(text) for text in given.working_hours)
    try:
        calendar = WorkCalendar(spans=spans, is_workday=own.over(chinese_workdays(overrides, log.warning)))
        quiet = replace(calendar, is_workday=own.over(chinese_workdays(overrides, log.debug)))
    except ValueError:
        raise SettingsError(
            "deadlines.working_hours 用不了：至少写一段，各段按先后排，每段的结束要比开始晚，"
            '例如 ["08:30-12:00", "13:30-18:00"]。'
        ) from None
    return Policy(calendar, towns or ByPlace(periods(given)), quiet)


def periods(given: Deadlines) -> Periods:
    limits = Limits(
        accept_hours=given.accept_hours, resolve_days={int(level): days for level, days in given.resolve_days.items()}
    )
    return Periods(limits, given.rating_days, given.suspend_days)


def notice_rules(given: Notices) -> NoticeRules:
    return NoticeRules(
        chunk=given.chunk,
        approval_above=given.approval_above,
        quiet=Quiet.read(given.quiet_hours),
        expire_days=given.expire_days,
        keep_days=given.keep_days,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"deadlines 里的 {text!r} 不是日期，请写成 2026-10-01 这样。") from None


def _span(text: str) -> tuple[time, time]:
    try:
        start, end = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError:
        raise SettingsError(f"deadlines.working_hours 里的 {text!r} 看不懂，请写成 08:30-12:00 这样。") from None
    return start, end
