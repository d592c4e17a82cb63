"""Training (培训): courses and their hours, the test with its second try, the gate before a full-time duty.

Rules: at least 20 hours a year; a test passes at 80 points; below 80 a second try, below 80 again is unqualified; a
full-time worker without the pre-post training may not hold the duty (Y art. 43, X 五(一), G; DOMAIN §1).
"""

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.duty import Duty
from domain.errors import BadInput

PASS_POINTS = 80
FULL_POINTS = 100
"""The points of a test's questions come to this."""
TRIES = 2
YEAR_MINUTES = 20 * 60
"""Of training that a full-time worker has in a year of China's calendar."""
GATED = frozenset({Duty.GRID_WORKER})
"""Duties that nobody takes up without the induction (the notices ask it of full-time workers)."""

LONGEST_CODE = 40
LONGEST_TITLE = 60
LONGEST_PAGE = 1500
MOST_PAGES = 50
LONGEST_LINK = 300
MOST_QUESTIONS = 50
LONGEST_QUESTION = 200
FEWEST_OPTIONS, MOST_OPTIONS = 2, 8
LONGEST_OPTION = 80
MOST_MINUTES = 40 * 60
LETTERS = "ABCDEFGH"


class Form(StrEnum):
    """How a course is held."""

    ONLINE = "online"
    CLASSROOM = "classroom"


class Standing(StrEnum):
    """How far somebody is with a course."""

    OPEN = "open"
    """To be taken; a test that is under way included."""
    PASSED = "passed"
    FAILED = "failed"
    """Unqualified: all tries are used up, until the organiser reopens it."""


class Ask(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"


@dataclass(frozen=True, slots=True)
class Question:
    """*right* are the numbers of the right options, from 1."""

    ask: Ask
    text: str
    options: tuple[str, ...]
    right: frozenset[int]
    points: int


@dataclass(frozen=True, slots=True)
class Course:
    """What an organiser says of a course; *minutes* of training are credited for it."""

    code: str
    title: str
    minutes: int
    form: Form
    duties: frozenset[Duty]
    first_day: date
    last_day: date | None = None
    compulsory: bool = False
    induction: bool = False
    pages: tuple[str, ...] = ()
    link: str = ""
    questions: tuple[Question, ...] = ()


def check(course: Course) -> None:  # noqa: C901 - one line for each thing that may be wrong
    """Whether such a course can be held. Raises BadInput, which names the field."""
    if not 0 < len(course.code) <= LONGEST_CODE:
        raise BadInput(f"a code has 1 to {LONGEST_CODE} characters", field="code")
    if not 0 < len(course.title) <= LONGEST_TITLE:
        raise BadInput(f"a title has 1 to {LONGEST_TITLE} characters", field="title")
    if not 0 < course.minutes <= MOST_MINUTES:
        raise BadInput(f"hours are more than 0 and at most {MOST_MINUTES // 60}", field="hours")
    if not course.duties:
        raise BadInput("say for which duties the course is", field="duties")
    if course.last_day is not None and course.last_day < course.first_day:
        raise BadInput("the last day comes before the first", field="until")
    if course.induction and not course.duties & GATED:
        raise BadInput("an induction is for full-time grid workers", field="induction")
    if len(course.pages) > MOST_PAGES or any(not 0 < len(one) <= LONGEST_PAGE for one in course.pages):
        raise BadInput(f"a text has at most {MOST_PAGES} pages of 1 to {LONGEST_PAGE} characters", field="pages")
    if len(course.link) > LONGEST_LINK or (course.link and not course.link.startswith("https://")):
        raise BadInput("a link begins with https://", field="link")
    if course.form is Form.ONLINE and not course.questions:
        raise BadInput("a course on line needs a test: its hours are credited on passing", field="questions")
    if len(course.questions) > MOST_QUESTIONS:
        raise BadInput(f"a test has at most {MOST_QUESTIONS} questions", field="questions")
    if course.questions and sum(one.points for one in course.questions) != FULL_POINTS:
        raise BadInput(f"the points of a test come to {FULL_POINTS}", field="points")
    for number, one in enumerate(course.questions, 1):
        _check_question(one, number)


def _check_question(one: Question, number: int) -> None:
    if not 0 < len(one.text) <= LONGEST_QUESTION:
        raise BadInput(f"a question has 1 to {LONGEST_QUESTION} characters", field="question", question=number)
    sizes = {len(option) for option in one.options}
    if not FEWEST_OPTIONS <= len(one.options) <= MOST_OPTIONS or not sizes <= set(range(1, LONGEST_OPTION + 1)):
        raise BadInput(f"give {FEWEST_OPTIONS} to {MOST_OPTIONS} answers", field="options", question=number)
    if len(set(one.options)) < len(one.options):
        raise BadInput("two answers are the same", field="options", question=number)
    if not one.right or not one.right <= set(range(1, len(one.options) + 1)):
        raise BadInput("the right answer is none of those given", field="right", question=number)
    if one.ask is Ask.SINGLE and len(one.right) != 1:
        raise BadInput("a single choice has one right answer", field="right", question=number)
    if one.points < 1:
        raise BadInput("a question has at least 1 point", field="points", question=number)


def order(questions: int, *, seed: str) -> list[int]:
    """The numbers of *questions*, from 1, in the order of one attempt: the same for the same *seed*."""
    numbers = list(range(1, questions + 1))
    random.Random(seed).shuffle(numbers)  # noqa: S311 - an order, no secret
    return numbers


def check_choice(chosen: Collection[int], ask: Ask, options: int) -> None:
    """Whether *chosen* can be the answer to such a question. Raises BadInput."""
    if not chosen or len(set(chosen)) < len(chosen) or not set(chosen) <= set(range(1, options + 1)):
        raise BadInput("choose among the answers of this question, each once", field="options", most=options)
    if ask is Ask.SINGLE and len(chosen) > 1:
        raise BadInput("choose one answer", field="options", most=1)


def points(questions: Sequence[Question], answers: Sequence[Collection[int]]) -> int:
    """What the *answers* are worth: a question has its points when all that is right was chosen, and nothing else."""
    return sum(one.points for one, chosen in zip(questions, answers, strict=True) if frozenset(chosen) == one.right)


def tries_left(ended: int, reopened: int, tries: int = TRIES) -> int:
    """How often the test may still be begun after *ended* attempts; a reopening gives all tries anew."""
    return max(0, tries * (1 + reopened) - ended)


def earned(form: Form, *, has_test: bool, attended: bool, passed: bool) -> bool:
    """Whether the hours are credited: the test is passed where there is one, and a classroom attended, as confirmed."""
    return (passed or not has_test) and (attended or form is Form.ONLINE)


def standing(*, credited: bool, left: int, under_way: bool, has_test: bool) -> Standing:
    if credited:
        return Standing.PASSED
    return Standing.FAILED if has_test and left == 0 and not under_way else Standing.OPEN


@dataclass(frozen=True, slots=True)
class Year:
    """Somebody's training in a year of China's calendar, in minutes."""

    year: int
    done: int
    wanted: int

    @property
    def missing(self) -> int:
        return max(0, self.wanted - self.done)


def year(number: int, credited: Iterable[int], duties: Collection[Duty], wanted: int = YEAR_MINUTES) -> Year:
    """The *credited* minutes of a year; only full-time workers are asked for any."""
    return Year(number, sum(credited), wanted if GATED & set(duties) else 0)


def lacks(required: Mapping[int, str], passed: Collection[int]) -> list[str]:
    """The titles of the inductions in force at a place that somebody has not passed; empty: the duty may be taken up.

    Where no induction is in force there is no gate. Who held the duty before keeps it: only a new appointment asks.
    """
    return [title for course, title in required.items() if course not in passed]
