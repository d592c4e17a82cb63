"""The life of a notice, cell by cell; quiet hours; what is said about how it went."""

from datetime import datetime, timedelta

import pytest

from domain.calendar import SHANGHAI
from domain.duty import Duty
from domain.errors import BadInput, IllegalMove
from domain.notice import (
    LIVE,
    Action,
    Audience,
    Quiet,
    Role,
    Rules,
    Status,
    check_times,
    masked,
    move,
    seconds_left,
    why,
)

# One line for each status: what may be done, by whom (a author, c colleague, s by the clock), and where it leads.
LIFE = """
preview:    ask a awaiting, schedule a scheduled, send a sending, cancel a cancelled, expire s expired
awaiting:   schedule c scheduled, send c sending, refuse c refused, cancel a cancelled, expire s expired
scheduled:  send s sending, cancel ac cancelled, expire s expired
sending:    pause ac paused, rest s resting, recall ac recalled, expire s expired, finish s sent
resting:    send s sending, pause ac paused, recall ac recalled, expire s expired
paused:     resume ac sending, recall ac recalled, expire s expired
sent:       recall ac recalled
"""
ROLES = {"a": Role.AUTHOR, "c": Role.COLLEAGUE, "s": Role.SYSTEM}
CELLS = {
    (Status(line.partition(":")[0]), Action(step.split()[0])): (step.split()[1], Status(step.split()[2]))
    for line in LIFE.strip().splitlines()
    for step in line.partition(":")[2].split(",")
}
NINE_IN_THE_EVENING = Quiet.read("21:00-08:00")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2027-03-{text}").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("who", ROLES)
def test_each_move_is_allowed_to_those_and_then_only(status: Status, action: Action, who: str) -> None:
    allowed, after = CELLS.get((status, action), ("", None))
    if who in allowed:
        assert move(status, action, by={ROLES[who]}) is after
    else:
        with pytest.raises(IllegalMove) as refused:
            move(status, action, by={ROLES[who]})
        assert refused.value.facts["status"] == status


def test_what_has_ended_never_moves_again_but_for_taking_it_back() -> None:
    assert {status for status, _ in CELLS} - LIVE == {Status.SENT}


@pytest.mark.parametrize(
    ("now", "quiet", "first", "rests"),
    [
        ("01T20:59", False, "01T20:59", "01T21:00"),
        ("01T21:00", True, "02T08:00", "01T21:00"),
        ("02T00:30", True, "02T08:00", "02T00:30"),
        ("02T07:59", True, "02T08:00", "02T07:59"),
        ("02T08:00", False, "02T08:00", "02T21:00"),
    ],
)
def test_quiet_hours_run_over_midnight(now: str, *, quiet: bool, first: str, rests: str) -> None:
    hours = NINE_IN_THE_EVENING
    assert hours.is_quiet(at(now)) is quiet
    assert hours.first_moment(at(now)) == at(first)
    assert hours.begins_after(at(now)) == at(rests)
    assert hours.first_moment(at(now), urgent=True) == at(now)
    assert hours.begins_after(at(now), urgent=True) is None


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    noon = Quiet.read("12:00-14:00")
    assert [noon.is_quiet(at(f"01T{hour}:30")) for hour in (11, 12, 13, 14)] == [False, True, True, False]
    assert noon.first_moment(at("01T13:00")) == at("01T14:00")
    never = Quiet.read(" ")
    assert (never.is_quiet(at("01T03:00")), never.begins_after(at("01T03:00"))) == (False, None)


@pytest.mark.parametrize("text", ["21-8", "21:00", "25:00-08:00", "nine to five"])
def test_what_are_no_two_times_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|hour"):
        Quiet.read(text)


@pytest.mark.parametrize(
    ("above", "people", "needed"), [(-1, 10**6, False), (0, 1, True), (10, 10, False), (10, 11, True)]
)
def test_more_people_than_set_need_a_second_person(above: int, people: int, *, needed: bool) -> None:
    assert Rules(approval_above=above).needs_approval(people) is needed


NOW = at("01T09:00")


@pytest.mark.parametrize(
    ("starts", "expires", "why_not"),
    [
        (0, None, "past"),
        (-60, None, "past"),
        (91 * 86400, None, "far"),
        (None, 0, "past"),
        (3600, 3600, "before_start"),
    ],
)
def test_times_that_cannot_be_are_refused(starts: int | None, expires: int | None, why_not: str) -> None:
    moments = [None if one is None else NOW + timedelta(seconds=one) for one in (starts, expires)]
    with pytest.raises(BadInput) as refused:
        check_times(NOW, moments[0], moments[1])
    assert refused.value.facts["why"] == why_not


def test_an_audience_comes_back_as_it_was_kept() -> None:
    some = Audience(frozenset({Duty.GRID_WORKER, Duty.VOLUNTEER}), "lamp")
    assert Audience.read(some.as_json()) == some
    assert Audience.read(Audience().as_json()) == Audience()
    assert (some.everybody, Audience().everybody) == (False, True)
    with pytest.raises(ValueError, match="petitioner"):
        Audience.read({"duties": ["petitioner"]})


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("", ""),
        ("no WeChat is bound", "no_wechat"),
        ("require subscribe hint: [abc] rid: 66 (43004)", "not_following"),
        ("response out of time limit rid: 67 (45015)", "window_closed"),
        ("the message window is closed and no template is configured", "window_closed"),
        ("the sender stopped before the answer was noted", "answer_lost"),
        ("the notice was recalled", "recalled"),
        ("the answer got lost before the notice was recalled", "answer_lost"),
        ("something new (99999)", "other"),
    ],
)
def test_why_somebody_was_not_reached_is_one_word(reason: str, word: str) -> None:
    assert why(reason) == word


def test_how_long_it_takes_is_told_by_the_last_minute() -> None:
    assert seconds_left(600, 300) == 120
    assert seconds_left(600, 0) is None


@pytest.mark.parametrize(("name", "shown"), [("", ""), ("王", "王*"), ("王明", "王*"), ("欧阳小明", "欧**")])
def test_a_name_shows_its_first_sign_only(name: str, shown: str) -> None:
    assert masked(name) == shown
