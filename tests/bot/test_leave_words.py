"""How people say when they are away."""

from datetime import datetime

import pytest

from bot.leave_words import read
from domain.calendar import SHANGHAI

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=SHANGHAI)  # a Monday
LATE = NOW.replace(hour=11, minute=30)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("said", "starts", "ends", "reason"),
    [
        ("3天 家里有事", "2026-11-23T09:30", "2026-11-26", "家里有事"),
        ("三天", "2026-11-23T09:30", "2026-11-26", ""),
        ("1天", "2026-11-23T09:30", "2026-11-24", ""),
        ("两天，看病", "2026-11-23T09:30", "2026-11-25", "看病"),
        ("明天起3天", "2026-11-24", "2026-11-27", ""),
        ("明天 回老家", "2026-11-24", "2026-11-25", "回老家"),
        ("3天回老家", "2026-11-23T09:30", "2026-11-26", "回老家"),
        ("半天", "2026-11-23T09:30", "2026-11-23T12:00", ""),
        ("下午 看病", "2026-11-23T12:00", "2026-11-24", "看病"),
        ("明天上午", "2026-11-24", "2026-11-24T12:00", ""),
        ("明天半天", "2026-11-24", "2026-11-24T12:00", ""),
        ("12月1日到12月5日 回老家", "2026-12-01", "2026-12-06", "回老家"),
        ("12月1日-5日", "2026-12-01", "2026-12-06", ""),
        ("12月1号至3号。", "2026-12-01", "2026-12-04", ""),
        ("12月30日到1月2日", "2026-12-30", "2027-01-03", ""),
        ("5月1日到5月5日 出门", "2027-05-01", "2027-05-06", "出门"),
        ("2026-12-01到2026-12-02", "2026-12-01", "2026-12-03", ""),
        ("2027年5月1日到5月5日", "2027-05-01", "2027-05-06", ""),
        ("12月1日 看病", "2026-12-01", "2026-12-02", "看病"),
        ("12月1日下午", "2026-12-01T12:00", "2026-12-02", ""),
        # Long past means next year, a short while ago is read as it is (and refused).
        ("11月1日到11月3日", "2026-11-01", "2026-11-04", ""),
    ],
)
def test_a_time_is_read_as_people_mean_it(said: str, starts: str, ends: str, reason: str) -> None:
    wish = read(said, NOW)
    assert wish is not None
    assert (wish.starts_at, wish.ends_at, wish.reason) == (at(starts), at(ends), reason)


def test_half_a_day_late_in_the_morning_is_the_afternoon() -> None:
    wish = read("半天", LATE)
    assert wish is not None
    assert (wish.starts_at, wish.ends_at) == (LATE, at("2026-11-24"))


@pytest.mark.parametrize(
    "said",
    [
        "",
        "条怎么开",
        "0天",
        "13月1日",
        "2月30日",
        "2026年12月5日到2026年12月1日",
        "家里有事",
        "3天半块砖",
        "1日到5日",
        "999999天",
    ],
)
def test_what_names_no_time_is_not_guessed(said: str) -> None:
    assert read(said, NOW) is None
