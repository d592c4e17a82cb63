"""Training (培训): what somebody has to take, the test, and the hours that are credited.

The way of a test, and what may fail at each step:

1. the course is among those of where they live or serve, and runs       -> NotFound
2. their record of the course is locked: two phones come one after the other
3. an attempt that is under way goes on, also after a restart; else a try is left    -> Conflict "no_tries"
4. each answer is written down once; sent again it changes nothing       -> Conflict "answered" for another answer
5. after the last one the points are counted, in the same transaction; what was right is never told
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from domain import training as rules
from domain.calendar import SHANGHAI
from domain.duty import Duty
from domain.errors import Conflict, NotFound
from domain.training import Ask, Form, Question, Standing, Year
from models import TrainingAttempt, TrainingRecord
from services.access import Actor
from services.ports import Clock
from services.transaction import row, rows, transaction

_LAST_ID = 2**62


@dataclass(frozen=True, slots=True)
class TrainingRules:
    """``[training]``; *year_minutes* of a full-time worker."""

    pass_points: int = rules.PASS_POINTS
    tries: int = rules.TRIES
    year_minutes: int = rules.YEAR_MINUTES


# Of where somebody serves, for a duty of theirs there; an induction also for whoever lives there and is to become one.
_SEEN = """
SELECT c.id, c.code, c.title, c.minutes, c.form, c.compulsory, c.induction, c.pages, c.link, c.first_day, c.last_day,
       r.name AS region, r.code AS region_code, jsonb_array_length(c.questions) AS questions,
       coalesce(m.reopened, 0) AS reopened, m.id AS record_id, m.attended_on, m.passed_at, m.credited_on,
       coalesce(a.ended, 0) AS ended, coalesce(a.under_way, FALSE) AS under_way, a.points
FROM training_course c JOIN region r ON r.id = c.region_id
LEFT JOIN training_record m ON m.course_id = c.id AND m.person_id = $1
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE t.ended_at IS NOT NULL) AS ended, bool_or(t.ended_at IS NULL) AS under_way,
           max(t.points) AS points
    FROM training_attempt t WHERE t.record_id = m.id) a ON TRUE
WHERE c.id < $3 AND ($4::bigint IS NULL OR c.id = $4) AND c.first_day <= $2
  AND (c.last_day IS NULL OR c.last_day >= $2 OR m.credited_on IS NOT NULL)
  AND (m.credited_on IS NOT NULL
    OR EXISTS (SELECT 1 FROM unnest($5::text[], $6::text[]) AS held (duty, path)
            WHERE c.duties ? held.duty AND held.path LIKE r.path || '%')
    OR c.induction AND EXISTS (SELECT 1 FROM person p JOIN region g ON g.id = p.grid_id
            WHERE p.id = $1 AND g.path LIKE r.path || '%'))
ORDER BY c.id DESC LIMIT $7
"""
_RECORD = "INSERT INTO training_record (course_id, person_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id"
_QUESTIONS = "SELECT questions FROM training_course WHERE id = $1"
_CREDITED = """
SELECT minutes FROM training_record WHERE person_id = $1 AND credited_on BETWEEN $2 AND $3
"""


@dataclass(frozen=True, slots=True)
class TrainingView:
    """A course, and how far whoever asks is with it; *left* is how often they may still begin the test."""

    id: int
    code: str
    title: str
    region: str
    region_code: str
    minutes: int
    form: Form
    compulsory: bool
    induction: bool
    pages: tuple[str, ...]
    link: str
    first_day: date
    last_day: date | None
    questions: int
    standing: Standing
    under_way: bool
    left: int
    attended: bool
    points: int | None
    """The best of the tests that are over."""
    credited_on: date | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is told: without what is right. *number* is its place in this attempt, from 1."""

    number: int
    ask: Ask
    text: str
    options: tuple[str, ...]
    points: int


@dataclass(frozen=True, slots=True)
class AttemptView:
    """A try at a test; *next* is the question to answer, ``None`` once it is over."""

    course: int
    attempt: int
    title: str
    questions: tuple[Asked, ...]
    answers: tuple[tuple[int, ...], ...]
    next: Asked | None
    points: int | None
    passed: bool | None
    left: int
    """How often the test may be begun after this one."""
    minutes: int
    """Credited for it by now."""


class Trainings:
    def __init__(self, clock: Clock, given: TrainingRules | None = None) -> None:
        self._clock = clock
        self._rules = given or TrainingRules()

    @property
    def tries(self) -> int:
        return self._rules.tries

    def _today(self) -> date:
        return self._clock.now().astimezone(SHANGHAI).date()

    async def listed(
        self, by: Actor, *, before: int | None = None, limit: int = 20
    ) -> tuple[list[TrainingView], int | None]:
        """The courses for *by*, the newest first, and where the next page begins."""
        found = await self._seen(by, before or _LAST_ID, None, limit + 1)
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    async def due(self, by: Actor) -> list[TrainingView]:
        """What they have to take: compulsory ones and inductions first, the oldest first."""
        found = [one for one in await self._seen(by, _LAST_ID, None, 200) if one.standing is not Standing.PASSED]
        return sorted(found, key=lambda one: (not (one.compulsory or one.induction), one.id))

    async def one(self, by: Actor, course: int) -> TrainingView:
        """Raises NotFound, also where it is not for them."""
        found = await self._seen(by, _LAST_ID, min(course, _LAST_ID), 1)
        if not found:
            raise NotFound("there is no such training, or it is not for you")
        return found[0]

    async def year(self, by: Actor, number: int | None = None) -> Year:
        """Their training of a year of China's calendar (this one), and what is missing."""
        number = number or self._today().year
        found = await rows(_CREDITED, by.person_id, date(number, 1, 1), date(number, 12, 31))
        duties = {held.duty for held in by.duties}
        return rules.year(number, (one["minutes"] for one in found), duties, self._rules.year_minutes)

    async def start(self, by: Actor, course: int) -> AttemptView:
        """Begin the test, or go on with the one that is under way.

        Raises NotFound, and Conflict with ``why`` "passed", "no_tries" or "no_test".
        """
        now = self._clock.now()
        async with transaction():
            seen, record = await self._locked(by, course)
            under_way = await TrainingAttempt.filter(record_id=record.id, ended_at=None).get_or_none()
            if under_way is not None:
                return self._told(seen, under_way, seen.left)
            if record.passed_at is not None:
                raise Conflict("you have passed this test", why="passed")
            if not seen.questions:
                raise Conflict("this course has no test", why="no_test")
            if seen.left == 0:
                raise Conflict("all tries are used up; the organiser can reopen the test", why="no_tries")
            (found,) = await rows(_QUESTIONS, course)
            questions = _json(found["questions"])
            number = await TrainingAttempt.filter(record_id=record.id).count() + 1
            order = rules.order(len(questions), seed=f"{course}:{by.person_id}:{number}")
            made = await TrainingAttempt.create(
                record_id=record.id,
                number=number,
                questions=[questions[place - 1] for place in order],
                answers=[],
                started_at=now,
            )
            return self._told(seen, made, seen.left)

    async def answer(self, by: Actor, course: int, attempt: int, number: int, chosen: Sequence[int]) -> AttemptView:
        """Answer question *number* of *attempt* with the numbers of options; they come in order, each once.

        The same answer sent again changes nothing. Raises NotFound, BadInput, and Conflict with ``why`` "answered"
        (otherwise before) or "not_yet" (questions before it are open).
        """
        now, picked = self._clock.now(), sorted(chosen)
        async with transaction():
            seen, record = await self._locked(by, course)
            found = await TrainingAttempt.filter(record_id=record.id, number=attempt).get_or_none()
            if found is None or not 1 <= number <= len(found.questions):
                raise NotFound("there is no such question in a test of yours")
            given, questions = [list(one) for one in found.answers], [_question(one) for one in found.questions]
            rules.check_choice(picked, questions[number - 1].ask, len(questions[number - 1].options))
            if number <= len(given):
                if given[number - 1] != picked:
                    raise Conflict("this question is answered already", why="answered")
                return self._told(seen, found, seen.left)
            if number > len(given) + 1:
                raise Conflict("answer the questions in their order", why="not_yet", next=len(given) + 1)
            found.answers, found.answered_at = [*given, picked], now
            left = seen.left
            if number == len(questions):
                found.points, found.ended_at = rules.points(questions, found.answers), now
                left -= 1
                if found.points >= self._rules.pass_points:
                    await TrainingRecord.filter(id=record.id).update(passed_at=now)
                    seen = replace(seen, credited_on=await self.credit(record.id))
            await found.save()
            return self._told(seen, found, left)

    async def credit(self, record_id: int) -> date | None:
        """Credit the hours of a record just attended or passed, once, in the transaction that has locked it.

        Returns the day that they count for; ``None``: something is missing yet.
        """
        now = self._clock.now()
        found = await row(
            "SELECT c.form, c.minutes, jsonb_array_length(c.questions) AS questions, m.attended_on, m.passed_at, "
            "m.credited_on FROM training_record m JOIN training_course c ON c.id = m.course_id WHERE m.id = $1",
            record_id,
        )
        if found is None:
            return None
        credited: date | None = found["credited_on"]
        if credited is not None:
            return credited
        attended, passed = found["attended_on"], found["passed_at"]
        if not rules.earned(
            Form(found["form"]),
            has_test=found["questions"] > 0,
            attended=attended is not None,
            passed=passed is not None,
        ):
            return None
        # The hours are of the day on which the last thing was done that they need.
        days = [attended, passed.astimezone(SHANGHAI).date() if passed is not None else None]
        day: date = max(one for one in days if one is not None)
        await TrainingRecord.filter(id=record_id).update(credited_at=now, credited_on=day, minutes=found["minutes"])
        return day

    async def _locked(self, by: Actor, course: int) -> tuple[TrainingView, TrainingRecord]:
        await self.one(by, course)
        await rows(_RECORD, course, by.person_id)
        record = await TrainingRecord.filter(course_id=course, person_id=by.person_id).select_for_update().get()
        # Read again: whoever held the lock before may have used up a try.
        return await self.one(by, course), record

    async def _seen(self, by: Actor, before: int, course: int | None, limit: int) -> list[TrainingView]:
        duties, paths = [str(held.duty) for held in by.duties], [held.path for held in by.duties]
        found = await rows(_SEEN, by.person_id, self._today(), before, course, duties, paths, limit)
        return [self._view(one) for one in found]

    def _view(self, one: Mapping[str, Any]) -> TrainingView:
        left = rules.tries_left(one["ended"], one["reopened"], self._rules.tries) if one["questions"] else 0
        return TrainingView(
            id=one["id"],
            code=one["code"],
            title=one["title"],
            region=one["region"],
            region_code=one["region_code"],
            minutes=one["minutes"],
            form=Form(one["form"]),
            compulsory=one["compulsory"],
            induction=one["induction"],
            pages=tuple(_json(one["pages"])),
            link=one["link"],
            first_day=one["first_day"],
            last_day=one["last_day"],
            questions=one["questions"],
            standing=rules.standing(
                credited=one["credited_on"] is not None,
                left=left if one["passed_at"] is None else 1,
                under_way=bool(one["under_way"]),
                has_test=one["questions"] > 0,
            ),
            under_way=bool(one["under_way"]),
            left=0 if one["passed_at"] is not None else left,
            attended=one["attended_on"] is not None,
            points=one["points"],
            credited_on=one["credited_on"],
        )

    def _told(self, seen: TrainingView, found: TrainingAttempt, left: int) -> AttemptView:
        asked = tuple(
            Asked(number, one.ask, one.text, one.options, one.points)
            for number, one in enumerate(map(_question, found.questions), 1)
        )
        answers = tuple(tuple(one) for one in found.answers)
        passed = found.points >= self._rules.pass_points if found.points is not None else None
        return AttemptView(
            course=seen.id,
            attempt=found.number,
            title=seen.title,
            questions=asked,
            answers=answers,
            next=asked[len(answers)] if len(answers) < len(asked) else None,
            points=found.points,
            passed=passed,
            left=0 if passed else left - (found.points is None),
            minutes=seen.minutes if seen.credited_on is not None else 0,
        )


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _question(one: Mapping[str, Any]) -> Question:
    return Question(Ask(one["ask"]), one["text"], tuple(one["options"]), frozenset(one["right"]), one["points"])


def stored(one: Question) -> dict[str, object]:
    """A question as a course keeps it."""
    return {
        "ask": str(one.ask),
        "text": one.text,
        "options": list(one.options),
        "right": sorted(one.right),
        "points": one.points,
    }


_INDUCTIONS = """
SELECT p.phone_index, g.code AS region_code, c.title, EXISTS (
    SELECT 1 FROM training_record m JOIN person w ON w.id = m.person_id
    WHERE m.course_id = c.id AND w.phone_index = p.phone_index AND m.credited_on IS NOT NULL) AS passed
FROM unnest($1::text[], $2::text[]) AS p (phone_index, region_code)
JOIN region g ON g.code = p.region_code JOIN region t ON g.path LIKE t.path || '%'
JOIN training_course c ON c.region_id = t.id AND c.induction AND c.first_day <= $3
  AND (c.last_day IS NULL OR c.last_day >= $3)
WHERE NOT EXISTS (SELECT 1 FROM held_duty h JOIN person w ON w.id = h.person_id
    WHERE w.phone_index = p.phone_index AND h.duty = 'grid_worker' AND (h.to_date IS NULL OR h.to_date >= $3))
ORDER BY c.id
"""


async def untrained(wanted: Sequence[tuple[str, str]], today: date) -> dict[tuple[str, str], list[str]]:
    """Of the appointments *wanted* (index of a phone, code of a region) those behind a shut gate, with what is missing.

    Who is a grid worker already, here or elsewhere, is past the gate.
    """
    lacking: dict[tuple[str, str], dict[int, str]] = {}
    passed: dict[tuple[str, str], set[int]] = {}
    found = await rows(_INDUCTIONS, [one for one, _ in wanted], [code for _, code in wanted], today)
    for number, one in enumerate(found):
        key = (one["phone_index"], one["region_code"])
        lacking.setdefault(key, {})[number] = one["title"]
        if one["passed"]:
            passed.setdefault(key, set()).add(number)
    missing = {key: rules.lacks(required, passed.get(key, set())) for key, required in lacking.items()}
    return {key: titles for key, titles in missing.items() if titles}


def gated(duty: Duty) -> bool:
    return duty in rules.GATED
