"""Moments as people say them, and orders about a notice."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.notice_words import about_notice, moment
from bot.router import Talk
from domain.calendar import SHANGHAI

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)  # a Monday


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("明天9点", "03-03 09:00"),
        ("明天 9:30", "03-03 09:30"),
        ("明天上午9点半", "03-03 09:30"),
        ("明天", "03-03 09:00"),
        ("明早八点", "03-03 08:00"),
        ("今晚7点半", "03-02 19:30"),
        ("今晚", "03-02 19:00"),
        ("后天下午3点一刻", "03-04 15:15"),
        ("大后天中午12点", "03-05 12:00"),
        ("中午1点", "03-02 13:00"),
        ("下午三点", "03-02 15:00"),
        ("9点", "03-03 09:00"),
        ("11点", "03-02 11:00"),
        ("3月5日 9:00", "03-05 09:00"),
        ("3月5号下午2点", "03-05 14:00"),
        ("12月1日", "12-01 09:00"),
        ("2小时后", "03-02 12:00"),
        ("半小时后", "03-02 10:30"),
        ("三十分钟后", None),
        ("30分钟以后", "03-02 10:30"),
        ("两天后", "03-04 10:00"),
        ("今天8点", "03-02 08:00"),
        ("2月30日", None),
        ("明天25点", None),
        ("明天9点99分", None),
        ("等会儿", None),
        ("", None),
        ("明天9点开会", None),
        ("明天3月5日", None),
    ],
)
def test_a_moment_is_understood_as_it_is_said_or_not_at_all(said: str, meant: str | None) -> None:
    found = moment(said, NOW)
    assert (found.strftime("%m-%d %H:%M") if found is not None else None) == meant


def test_a_date_that_is_long_past_means_next_year() -> None:
    found = moment("1月5日9点", NOW.replace(month=12))
    assert found is not None
    assert found.year == 2027


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("暂停 12", ("暂停", 12, "")),
        ("暂停12", ("暂停", 12, "")),
        ("暂停12号通知", ("暂停通知", 12, "")),
        ("撤回通知 12", ("撤回通知", 12, "")),
        ("撤回№12", ("撤回", 12, "")),
        ("不同意 12 人太多", ("不同意", 12, "人太多")),
        ("不同意12，时间不对", ("不同意", 12, "时间不对")),
        ("同意12。", ("同意", 12, "")),
        ("同意", None),
        ("同意 3楼装电梯", None),
        ("暂停 1 号楼的电梯", None),
        ("我同意 12", None),
    ],
)
def test_an_order_about_a_notice_has_its_number_and_what_else_was_said(
    text: str, order: tuple[str, int, str] | None
) -> None:
    talk = cast("Any", SimpleNamespace(text=text, numbered=True, word="", number=0, rest=""))
    fits = about_notice("同意", "不同意", "暂停", "撤回")(cast("Talk", talk))
    assert fits is (order is not None)
    if order is not None:
        assert (talk.word, talk.number, talk.rest) == order
