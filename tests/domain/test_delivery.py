"""WeChat's windows, the choice of a channel, and how long to wait."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.delivery import (
    CLIENT_ID_LIFE,
    Channel,
    Window,
    back_off,
    choose_channel,
    may_repeat,
)
from sandbox.refusals import Refused
from sandbox.windows import Windows

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def test_a_message_opens_five_for_forty_eight_hours() -> None:
    window = Window().after_message(NOW)
    assert window.is_open(NOW + timedelta(hours=47, minutes=59))
    assert not window.is_open(NOW + timedelta(hours=48))
    assert window.left == 5


def test_a_tap_opens_three_for_a_minute() -> None:
    window = Window().after_tap(NOW)
    assert window == Window(NOW + timedelta(minutes=1), 3)
    assert not window.is_open(NOW + timedelta(minutes=1))


def test_a_tap_does_not_shorten_a_longer_window() -> None:
    said = Window(NOW + timedelta(hours=20), 2)
    assert said.after_tap(NOW) == said


def test_a_tap_reopens_what_was_used_up() -> None:
    assert Window(NOW + timedelta(hours=20), 0).after_tap(NOW) == Window(NOW + timedelta(minutes=1), 3)


def test_an_empty_or_unknown_window_is_shut() -> None:
    assert not Window().is_open(NOW)
    assert not Window(NOW + timedelta(hours=1), 0).is_open(NOW)


@given(
    st.lists(st.tuples(st.sampled_from(["says", "taps", "sends"]), st.integers(0, 40 * 3600)), min_size=1, max_size=25)
)
def test_our_count_never_promises_a_message_that_wechat_would_refuse(life: list[tuple[str, int]]) -> None:
    """Against the pretend WeChat's own two windows, over any life."""
    ours, theirs, now = Window(), Windows(), NOW
    for what, seconds in life:
        now += timedelta(seconds=seconds)
        at = now.timestamp()
        if what == "says":
            ours = ours.after_message(now)
            theirs.said(at)
        elif what == "taps":
            ours = ours.after_tap(now)
            theirs.tapped(at)
        elif ours.is_open(now):
            ours = Window(ours.until, ours.left - 1)
            try:
                theirs.take(at)
            except Refused as refused:
                pytest.fail(f"we thought that a message was allowed, WeChat says {refused.errcode}")
        assert (ours.left if ours.is_open(now) else 0) <= theirs.left(at)


@pytest.mark.parametrize(
    ("subscribed", "is_open", "has_template", "closed", "channel"),
    [
        (True, True, True, (), "custom"),
        (True, True, False, (), "custom"),
        (True, False, True, (), "template"),
        (True, False, False, (), "inbox"),
        (True, True, True, ("custom",), "template"),
        (True, True, True, ("custom", "template"), "inbox"),
        (True, True, False, ("custom",), "inbox"),
        (False, True, True, (), "inbox"),
        (False, False, True, (), "inbox"),
    ],
)
def test_the_best_open_channel_is_taken(
    subscribed: bool,  # noqa: FBT001
    is_open: bool,  # noqa: FBT001
    has_template: bool,  # noqa: FBT001
    closed: tuple[str, ...],
    channel: str,
) -> None:
    window = Window(NOW + timedelta(hours=1), 1) if is_open else Window()
    found = choose_channel(
        window,
        NOW,
        subscribed=subscribed,
        has_template=has_template,
        closed=frozenset(Channel(one) for one in closed),
    )
    assert str(found) == channel


def test_waiting_grows_from_a_second_to_ten_minutes_and_no_further() -> None:
    waits = [back_off(attempts).total_seconds() for attempts in range(1, 12)]
    assert waits[:3] == [1, 2, 4]
    assert waits == sorted(waits)
    assert waits[-1] == waits[-2] == 600
    assert back_off(0) == back_off(1)
    assert back_off(10**9) == timedelta(minutes=10)


def test_a_repeat_is_safe_for_less_time_than_wechat_remembers() -> None:
    assert may_repeat(NOW, NOW)
    assert may_repeat(NOW, NOW + timedelta(minutes=8))
    assert not may_repeat(NOW, NOW + CLIENT_ID_LIFE - timedelta(seconds=30))


def test_a_clock_that_was_set_back_makes_no_repeat_safe() -> None:
    assert not may_repeat(NOW, NOW - timedelta(seconds=1))
