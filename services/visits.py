"""Visits (走访): what is due, and a visit recorded.

The way of a visit, and what may fail at each step:

1. the list of what is due, the longest overdue first       -> of grids that they see, and of whom they cover just now
2. recorded, with photo and result                          -> 403, 404; no result: 422; taken off the list: 409
3. recorded twice (a lost answer, two phones, two workers)  -> the subject is locked: the second counts for nothing
4. written down without signal, sent later                  -> the day is when it was, a day back at most
5. the next date                                            -> a cycle later, or sooner as the worker says
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from domain.calendar import SHANGHAI
from domain.errors import BadInput, Conflict, NotAllowed
from domain.visit import VISITS, count
from models import Attachment, Region, Subject, Visit
from services import access, cursors, field_photos, patrol_clock
from services.access import Actor
from services.drafts import Said
from services.field_photos import FieldPhotos
from services.ports import Clock
from services.subjects import Subjects, SubjectView
from services.transaction import row, rows, transaction

RESULT_LENGTH = 1000
_LATE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class NewVisit:
    """``sent_at`` is the phone's own time when it sent this."""

    subject: int
    result: str
    at: datetime | None = None
    sent_at: datetime | None = None
    next_date: date | None = None
    attachments: Sequence[UUID] = ()
    source: str = "mini"


@dataclass(frozen=True, slots=True)
class VisitView:
    visit: Visit
    person: str
    region: Region
    title: str
    kind: str
    photos: Sequence[Attachment] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A subject with how many days it is overdue; 0: today, negative: still to come."""

    view: SubjectView
    days_over: int


_DUE = """
SELECT s.id, s.next_due FROM subject s
WHERE s.active AND s.grid_id = ANY($1::int[]) AND s.next_due <= $2 AND (s.next_due, s.id) > ($3, $4)
ORDER BY s.next_due, s.id LIMIT $5
"""
_COUNTS = """
SELECT count(*) FILTER (WHERE s.next_due < $2) AS overdue, count(*) FILTER (WHERE s.next_due = $2) AS today
FROM subject s WHERE s.active AND s.grid_id = ANY($1::int[]) AND s.next_due <= $2
"""
# Each half walks along an index of its own and stops after a page.
_LISTED = """
SELECT v.id, v.region_id, p.name AS person, s.title, s.kind FROM (
    (SELECT v.id, v.region_id, v.person_id, v.subject_id FROM visit v
     WHERE v.person_id = $2 AND v.id < $1 AND ($4::bigint IS NULL OR v.subject_id = $4) ORDER BY v.id DESC LIMIT $5)
    UNION
    (SELECT v.id, v.region_id, v.person_id, v.subject_id FROM visit v
     WHERE v.region_id = ANY($3::int[]) AND v.id < $1 AND ($4::bigint IS NULL OR v.subject_id = $4)
     ORDER BY v.id DESC LIMIT $5)
) v JOIN person p ON p.id = v.person_id JOIN subject s ON s.id = v.subject_id ORDER BY v.id DESC LIMIT $5
"""


class Visits:
    def __init__(self, clock: Clock, subjects: Subjects, photos: FieldPhotos) -> None:
        self._clock = clock
        self._subjects = subjects
        self._photos = photos

    async def due(
        self, by: Actor, *, days: int = 0, cursor: str | None = None, limit: int = 20
    ) -> tuple[list[Due], str | None]:
        """What they should visit by the day that is *days* from now, the longest overdue first.

        Raises BadInput for a cursor that is not ours.
        """
        now = self._clock.now()
        today = now.astimezone(SHANGHAI).date()
        last, after = _after(cursor)
        seen = await access.field_work_regions(by, now)
        found = await rows(_DUE, seen, today + timedelta(days=days), last, after, limit + 1)
        page = found[:limit]
        following = cursors.cursor_of(page[-1]["next_due"], page[-1]["id"]) if len(found) > limit else None
        views = await self._subjects.views([one["id"] for one in page])
        return [Due(view, (today - view.subject.next_due).days) for view in views], following

    async def counts(self, by: Actor) -> tuple[int, int]:
        """How many are overdue, and how many are due today."""
        now = self._clock.now()
        seen = await access.field_work_regions(by, now)
        found = await row(_COUNTS, seen, now.astimezone(SHANGHAI).date())
        return int(found["overdue"]), int(found["today"])

    async def record(self, by: Actor, given: NewVisit) -> VisitView:
        """Record a visit. Raises NotFound, NotAllowed, BadInput; Conflict for a subject that is off the list."""
        now = self._clock.now()
        at = patrol_clock.moment(given.at, given.sent_at, now, "at", _LATE)
        result = given.result.strip()
        async with transaction():
            subject = await access.subject_for(by, given.subject, now, lock=True)
            if not any(held.duty in VISITS for held in by.duties):
                raise NotAllowed("visits are for staff of grids and villages")
            if not result:
                raise BadInput("a visit needs a word about what came of it", field="result")
            if len(result) > RESULT_LENGTH:
                raise BadInput(f"result is longer than {RESULT_LENGTH} characters", field="result")
            if not subject.active:
                raise Conflict("it is off the list", why="inactive")
            day = at.astimezone(SHANGHAI).date()
            counted = count(subject.next_due, day, subject.every_days, given.next_date)
            visit = await Visit.create(
                person_id=by.person_id,
                region_id=subject.grid_id,
                subject_id=subject.id,
                at=at,
                due_on=counted.due_on,
                in_time=counted.in_time,
                result=result,
                next_date=counted.next_due,
                source=given.source,
            )
            await Subject.filter(id=subject.id).update(next_due=counted.next_due)
            await self._photos.take(by, given.attachments, visit_id=visit.id)
            region = await Region.get(id=subject.grid_id)
            photos = await field_photos.of_visit(visit.id)
        return VisitView(visit, by.name, region, subject.title, subject.kind, photos)

    async def photo(self, by: Actor, visit_id: int, said: Said) -> None:
        """A photo out of the chat for the visit that they have just recorded."""
        async with transaction():
            visit = await Visit.get(id=visit_id, person_id=by.person_id)
            await self._photos.keep(by, said, self._clock.now(), visit_id=visit.id)

    async def listed(
        self, by: Actor, *, subject: int | None = None, cursor: str | None = None, limit: int = 20
    ) -> tuple[list[VisitView], str | None]:
        """Their own and those of grids that they see, the newest first. Raises BadInput for a cursor not ours."""
        seen = await access.field_work_regions(by, self._clock.now())
        found = await rows(_LISTED, cursors.before(cursor), by.person_id, seen, subject, limit + 1)
        following = cursors.cursor_of(found[limit - 1]["id"]) if len(found) > limit else None
        page = found[:limit]
        visits = await Visit.in_bulk([one["id"] for one in page], "id")
        regions = await Region.in_bulk({one["region_id"] for one in page}, "id")
        photos: dict[int, list[Attachment]] = {}
        for photo in await Attachment.filter(visit_id__in=[*visits]).order_by("created_at", "id"):
            photos.setdefault(photo.visit_id or 0, []).append(photo)
        return [
            VisitView(
                visits[one["id"]],
                one["person"],
                regions[one["region_id"]],
                one["title"],
                one["kind"],
                photos.get(one["id"], ()),
            )
            for one in page
        ], following


def _after(cursor: str | None) -> tuple[date, int]:
    if cursor is None:
        return date.min, 0
    day, number = cursors.parts_of(cursor, 2)
    try:
        return date.fromisoformat(day), cursors.id_in(number)
    except ValueError:
        raise cursors.refused() from None
