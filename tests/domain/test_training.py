"""The rules of training, case by case."""

from dataclasses import replace
from datetime import date

import pytest

from domain import training as rules
from domain.duty import Duty
from domain.errors import BadInput
from domain.training import Ask, Course, Form, Question, Standing

ONE = Question(Ask.SINGLE, "几年一次？", ("一年", "两年"), frozenset({1}), 60)
TWO = Question(Ask.MULTIPLE, "带什么？", ("证件", "记录本", "酒"), frozenset({1, 2}), 40)
COURSE = Course("A1", "安全", 120, Form.ONLINE, frozenset({Duty.GRID_WORKER}), date(2027, 1, 1), questions=(ONE, TWO))


def test_a_sound_course_is_taken() -> None:
    rules.check(COURSE)
    rules.check(replace(COURSE, form=Form.CLASSROOM, questions=()))


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("code", replace(COURSE, code="")),
        ("title", replace(COURSE, title="长" * 61)),
        ("hours", replace(COURSE, minutes=0)),
        ("hours", replace(COURSE, minutes=40 * 60 + 1)),
        ("duties", replace(COURSE, duties=frozenset())),
        ("until", replace(COURSE, last_day=date(2026, 12, 31))),
        ("induction", replace(COURSE, induction=True, duties=frozenset({Duty.VOLUNTEER}))),
        ("pages", replace(COURSE, pages=("",))),
        ("link", replace(COURSE, link="javascript:alert(1)")),
        ("questions", replace(COURSE, questions=())),
        ("points", replace(COURSE, questions=(ONE,))),
        ("right", replace(COURSE, questions=(replace(ONE, right=frozenset({3})), TWO))),
        ("right", replace(COURSE, questions=(replace(ONE, right=frozenset({1, 2})), TWO))),
        ("options", replace(COURSE, questions=(replace(ONE, options=("一年",)), TWO))),
        ("options", replace(COURSE, questions=(replace(ONE, options=("一年", "一年")), TWO))),
        ("points", replace(COURSE, questions=(replace(ONE, points=0), replace(TWO, points=100)))),
    ],
)
def test_what_is_wrong_with_a_course_is_named(field: str, wrong: Course) -> None:
    with pytest.raises(BadInput) as refused:
        rules.check(wrong)
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize(
    ("first", "second", "points"),
    [
        ({1}, {1, 2}, 100),
        ({1}, {1}, 60),  # half of what is right is not right
        ({1}, {1, 2, 3}, 60),
        ({2}, {1, 2}, 40),
        ({2}, {3}, 0),
    ],
)
def test_a_question_has_its_points_for_exactly_what_is_right(first: set[int], second: set[int], points: int) -> None:
    assert rules.points((ONE, TWO), (first, second)) == points


@pytest.mark.parametrize(
    ("ended", "reopened", "left"), [(0, 0, 2), (1, 0, 1), (2, 0, 0), (2, 1, 2), (3, 1, 1), (4, 1, 0), (5, 0, 0)]
)
def test_a_test_may_be_taken_twice_and_twice_again_when_it_is_reopened(ended: int, reopened: int, left: int) -> None:
    assert rules.tries_left(ended, reopened) == left


@pytest.mark.parametrize(
    ("form", "has_test", "attended", "passed", "earned"),
    [
        (Form.ONLINE, True, False, True, True),
        (Form.ONLINE, True, False, False, False),
        (Form.CLASSROOM, False, True, False, True),
        (Form.CLASSROOM, False, False, False, False),
        (Form.CLASSROOM, True, True, False, False),
        (Form.CLASSROOM, True, False, True, False),
        (Form.CLASSROOM, True, True, True, True),
    ],
)
def test_hours_are_for_passing_and_for_attendance(
    form: Form, *, has_test: bool, attended: bool, passed: bool, earned: bool
) -> None:
    assert rules.earned(form, has_test=has_test, attended=attended, passed=passed) is earned


@pytest.mark.parametrize(
    ("credited", "left", "under_way", "standing"),
    [
        (True, 0, False, Standing.PASSED),
        (False, 0, False, Standing.FAILED),
        (False, 0, True, Standing.OPEN),
        (False, 1, False, Standing.OPEN),
    ],
)
def test_who_has_used_up_all_tries_is_unqualified(
    *, credited: bool, left: int, under_way: bool, standing: Standing
) -> None:
    assert rules.standing(credited=credited, left=left, under_way=under_way, has_test=True) is standing


@pytest.mark.parametrize(
    ("duty", "minutes", "missing"),
    [
        (Duty.GRID_WORKER, [], 1200),
        (Duty.GRID_WORKER, [600, 540], 60),
        (Duty.GRID_WORKER, [1200, 60], 0),
        (Duty.VOLUNTEER, [], 0),
    ],
)
def test_a_full_time_worker_has_twenty_hours_a_year(duty: Duty, minutes: list[int], missing: int) -> None:
    assert rules.year(2027, minutes, {duty}).missing == missing


def test_the_gate_names_what_is_missing_and_is_open_where_no_induction_is_held() -> None:
    assert rules.lacks({1: "岗前", 2: "保密"}, {1}) == ["保密"]
    assert rules.lacks({}, ()) == []


def test_an_attempts_order_is_its_own_and_stays() -> None:
    assert rules.order(20, seed="a") == rules.order(20, seed="a") != rules.order(20, seed="b")
    assert sorted(rules.order(20, seed="a")) == list(range(1, 21))
