"""What the chat waits to hear."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.questions import Questions

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def test_the_newest_of_the_asked_kinds_wins() -> None:
    asked = Questions().after_asking("notice", LATER, {"notice": 7}).after_asking("draft", LATER, {})
    assert asked.newest("notice", "draft") == "draft"
    assert asked.newest("notice", "photo") == "notice"
    assert asked.newest("photo") == ""
    assert asked.after_asking("notice", LATER, {"notice": 8}).newest("notice", "draft") == "notice"


def test_a_kind_is_asked_once_at_a_time() -> None:
    asked = Questions().after_asking("notice", LATER, {"notice": 7}).after_asking("notice", LATER, {"notice": 8})
    assert [one["notice"] for one in asked.asked] == [8]


def test_what_was_asked_is_read_back_until_its_time_is_over() -> None:
    written = Questions().after_asking("notice", LATER, {"notice": 7}).as_json()
    assert (Questions.read(written, LATER - timedelta(seconds=1)).get("notice") or {})["notice"] == 7
    assert Questions.read(written, LATER).get("notice") is None


def test_nothing_asked_is_nothing_written() -> None:
    assert Questions().after_asking("notice", LATER, {}).without("notice").as_json() is None


_OF_OTHERS: list[dict[str, object] | None] = [
    None,
    {},
    {"ask": "notice"},
    {"asked": "x"},
    {"asked": [1, None, {}]},
    {"asked": [{"ask": "a", "until": "x"}]},
    {"asked": [{"ask": "a", "until": "2099-01-01T00:00:00"}]},
    {"asked": [{"ask": 1, "until": LATER.isoformat()}]},
]


@pytest.mark.parametrize("pending", _OF_OTHERS)
def test_what_another_version_wrote_is_as_if_it_had_not_been_asked(pending: dict[str, object] | None) -> None:
    assert Questions.read(pending, NOW) == Questions()
