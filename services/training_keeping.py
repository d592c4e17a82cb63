"""What the organiser of training does: courses, attendance, a test reopened, everybody's hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain import training as rules
from domain.calendar import SHANGHAI
from domain.duty import Duty
from domain.errors import BadInput, Conflict, NotFound
from domain.training import Course, Form
from models import Region, TrainingAttempt, TrainingCourse, TrainingRecord
from services import phones, training_files
from services.imports import BadRows, Counts
from services.ports import Cipher, Clock
from services.training import Trainings, stored
from services.transaction import rows, transaction

_INSERT_PERSON = """
INSERT INTO person (name, phone, phone_index, created_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (phone_index) DO NOTHING RETURNING id
"""
_PERSON = "SELECT id FROM person WHERE phone_index = $1"
_RECORD = "INSERT INTO training_record (course_id, person_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id"
_LISTED = """
SELECT c.code, c.title, c.minutes, c.form, c.compulsory, c.induction, c.first_day, c.last_day, r.code AS region,
       jsonb_array_length(c.questions) AS questions,
       (SELECT count(*) FROM training_record m WHERE m.course_id = c.id AND m.credited_on IS NOT NULL) AS done
FROM training_course c JOIN region r ON r.id = c.region_id WHERE r.path LIKE $1 ORDER BY c.first_day, c.id
"""
# Everybody who serves there today, once for each duty; hours are of the year, wherever the course was held.
_HOURS = """
SELECT p.name AS person, d.duty, r.code, r.name AS region, coalesce((
           SELECT sum(m.minutes) FROM training_record m
           WHERE m.person_id = p.id AND m.credited_on BETWEEN $2 AND $3), 0)::int AS minutes,
       ARRAY(SELECT c.title FROM training_course c JOIN region t ON t.id = c.region_id
             LEFT JOIN training_record m ON m.course_id = c.id AND m.person_id = p.id
             WHERE c.compulsory AND c.first_day <= $4 AND (c.last_day IS NULL OR c.last_day >= $4)
               AND c.duties ? d.duty AND r.path LIKE t.path || '%' AND m.credited_on IS NULL ORDER BY c.id) AS open
FROM held_duty d JOIN person p ON p.id = d.person_id JOIN region r ON r.id = d.region_id
WHERE r.path LIKE $1 AND d.from_date <= $4 AND (d.to_date IS NULL OR d.to_date >= $4)
ORDER BY r.code, p.name, d.id
"""


@dataclass(frozen=True, slots=True)
class Hours:
    """One member of staff's training of a year, in minutes, and the compulsory courses that are still open."""

    person: str
    duty: str
    code: str
    region: str
    minutes: int
    missing: int
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A course as its organiser lists it; *done* is how many have its hours."""

    code: str
    title: str
    minutes: int
    form: str
    compulsory: bool
    induction: bool
    first_day: date
    last_day: date | None
    region: str
    questions: int
    done: int


class _DryRun(Exception):  # noqa: N818 - undoes the transaction, never leaves this file
    def __init__(self, counts: Counts) -> None:
        super().__init__()
        self.counts = counts


class TrainingKeeping:
    def __init__(self, clock: Clock, cipher: Cipher, trainings: Trainings, year_minutes: int) -> None:
        self._clock = clock
        self._cipher = cipher
        self._trainings = trainings
        self._year_minutes = year_minutes

    def _today(self) -> date:
        return self._clock.now().astimezone(SHANGHAI).date()

    async def import_(self, region: str, file: str, data: bytes, *, dry_run: bool = False) -> Counts:
        """Take the courses of a TOML, JSON or CSV *file* for *region*: all or none; known again by their code.

        A test that is under way keeps its questions; hours that are credited stay. Raises NotFound, BadRows.
        """
        courses, problems = training_files.read(file, data, self._today())
        if problems:
            raise BadRows(tuple(problems))
        try:
            async with transaction():
                counts = await self._write(await _region(region), courses)
                if dry_run:
                    raise _DryRun(counts)  # noqa: TRY301 - only an error undoes a transaction
                return counts
        except _DryRun as undone:
            return undone.counts

    async def _write(self, region: Region, courses: Sequence[Course]) -> Counts:
        new = changed = 0
        for one in courses:
            said: dict[str, Any] = {
                "title": one.title,
                "minutes": one.minutes,
                "form": str(one.form),
                "duties": sorted(one.duties),
                "compulsory": one.compulsory,
                "induction": one.induction,
                "pages": list(one.pages),
                "link": one.link,
                "questions": [stored(question) for question in one.questions],
                "first_day": one.first_day,
                "last_day": one.last_day,
            }
            found = await TrainingCourse.filter(region_id=region.id, code=one.code).select_for_update().get_or_none()
            if found is None:
                await TrainingCourse.create(region=region, code=one.code, created_at=self._clock.now(), **said)
                new += 1
            elif any(getattr(found, name) != value for name, value in said.items()):
                await TrainingCourse.filter(id=found.id).update(**said)
                changed += 1
        return Counts(new, changed, len(courses) - new - changed)

    async def listed(self, region: str) -> list[Held]:
        """The courses that *region* and what lies below hold. Raises NotFound."""
        return [Held(**one) for one in await rows(_LISTED, f"{(await _region(region)).path}%")]

    async def attended(self, region: str, code: str, day: date, file: str, data: bytes) -> Counts:
        """Confirm who attended a classroom course on *day*: a CSV with ``name,phone``, all or none.

        Who is not known yet becomes known: a candidate is trained before they are appointed. Confirmed twice it counts
        once. Raises NotFound, BadRows, BadInput for a day to come or a course on line.
        """
        if day > self._today():
            raise BadInput("attendance is confirmed once the day is there", field="day")
        people, problems = training_files.attendees(file, data)
        if problems:
            raise BadRows(tuple(problems))
        new = 0
        async with transaction():
            course = await _course(region, code)
            if course.form != Form.CLASSROOM:
                raise BadInput("a course on line is credited by its test", field="course")
            for name, phone in sorted(people, key=lambda one: one[1]):
                person = await self._person(phone, name)
                await rows(_RECORD, course.id, person)
                # Whoever passes the test at this moment comes before or after: one of the two credits the hours.
                record = await TrainingRecord.filter(course_id=course.id, person_id=person).select_for_update().get()
                if record.attended_on is None:
                    await TrainingRecord.filter(id=record.id).update(attended_on=day)
                    new += 1
                await self._trainings.credit(record.id)
        return Counts(new, 0, len(people) - new)

    async def _person(self, phone: str, name: str) -> int:
        index = self._cipher.index(phone)
        await rows(_INSERT_PERSON, name, self._cipher.seal(phone), index, self._clock.now())
        return int((await rows(_PERSON, index))[0]["id"])

    async def reopen(self, region: str, code: str, phone: str) -> None:
        """Give somebody all tries of a test anew. Raises NotFound; Conflict while one is left or it is passed."""
        number = phones.plain(phone)
        if number is None:
            raise BadInput("this is no phone number", field="phone")
        async with transaction():
            course = await _course(region, code)
            person = await rows(_PERSON, self._cipher.index(number))
            record = await (
                TrainingRecord.filter(course_id=course.id, person_id=person[0]["id"] if person else 0)
                .select_for_update()
                .get_or_none()
            )
            if record is None:
                raise NotFound("nobody with this number has begun this test", course=code)
            ended = await TrainingAttempt.filter(record_id=record.id, ended_at__isnull=False).count()
            if record.passed_at is not None or rules.tries_left(ended, record.reopened, self._trainings.tries) > 0:
                raise Conflict("the test is passed, or a try is left", why="open")
            await TrainingRecord.filter(id=record.id).update(reopened=record.reopened + 1)

    async def hours(self, region: str, year: int) -> list[Hours]:
        """The training of a year of everybody who serves in *region* today, and what is missing. Raises NotFound."""
        path = (await _region(region)).path
        found = await rows(_HOURS, f"{path}%", date(year, 1, 1), date(year, 12, 31), self._today())
        return [
            Hours(
                person=one["person"],
                duty=one["duty"],
                code=one["code"],
                region=one["region"],
                minutes=one["minutes"],
                missing=rules.year(year, [one["minutes"]], [Duty(one["duty"])], self._year_minutes).missing,
                open=tuple(one["open"]),
            )
            for one in found
        ]


async def _region(code: str) -> Region:
    found = await Region.get_or_none(code=code)
    if found is None:
        raise NotFound("there is no such region", region=code)
    return found


async def _course(region: str, code: str) -> TrainingCourse:
    held_by = await _region(region)
    found = await TrainingCourse.get_or_none(region_id=held_by.id, code=code)
    if found is None:
        raise NotFound("there is no such course in this region", course=code)
    return found
