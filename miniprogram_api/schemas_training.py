"""Training, field by field."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from domain.training import MOST_OPTIONS, MOST_QUESTIONS
from miniprogram_api.schemas import Region, Told
from web.bodies import GivenJson, Whole


class NewAnswer(GivenJson):
    """My answer to the next question of an attempt. Sent again it changes nothing."""

    attempt: Annotated[Whole, Field(ge=1, le=1000, description="which attempt of mine")]
    number: Annotated[Whole, Field(ge=1, le=MOST_QUESTIONS, description="which question of it")]
    options: Annotated[
        list[Annotated[Whole, Field(ge=1, le=MOST_OPTIONS)]],
        Field(min_length=1, max_length=MOST_OPTIONS, description="the numbers of what I choose, from 1"),
    ]


class TrainingLine(Told):
    """A course, and how far I am with it."""

    id: int
    title: str
    region: Region = Field(description="who holds it")
    hours: float
    form: Literal["online", "classroom"]
    compulsory: bool
    induction: bool = Field(description="before one becomes a grid worker")
    first_day: date
    last_day: date | None
    questions: int = Field(description="of its test; 0: there is none")
    standing: Literal["open", "passed", "failed"] = Field(description="failed: until the organiser reopens the test")
    under_way: bool = Field(description="an attempt is to be gone on with")
    left: int = Field(description="how often I may still begin the test")
    attended: bool = Field(description="as the organiser has confirmed")
    points: int | None = Field(description="of my best attempt")
    credited_on: date | None = Field(description="the day that its hours count for")


class Training(TrainingLine):
    """A course with its text."""

    pages: list[str]
    link: str


class TrainingYear(Told):
    """My hours of this year."""

    year: int
    done: float
    wanted: float = Field(description="0: none are asked of my duties")
    missing: float


class TrainingPage(Told):
    items: list[TrainingLine]
    next: str | None
    year: TrainingYear


class TrainingQuestion(Told):
    number: int
    ask: Literal["single", "multiple"]
    text: str
    options: list[str]
    points: int


class TrainingAttempt(Told):
    """A try at a test. What is right is told by nobody."""

    attempt: int
    questions: list[TrainingQuestion] = Field(description="in the order of this attempt")
    answers: list[list[int]] = Field(description="mine so far, in that order")
    next: int | None = Field(description="the number of the question to answer; null: it is over")
    points: int | None = Field(description="of 100, once it is over")
    passed: bool | None
    left: int = Field(description="how often I may begin the test after this one")
