"""Patrols and visits for the assessment's tests."""

from datetime import date, datetime, timedelta
from uuid import uuid4

from models import Attachment, Patrol, Subject, Visit


async def walked(person_id: int, region_id: int, at: datetime) -> None:
    """A patrol of 1,200 m on 1 March and one of nothing on 2 March.

    A visit in time, one late, one beside the list, and one without a photo.
    """
    for day, metres, seconds in ((date(2027, 3, 1), 1200, 3900), (date(2027, 3, 2), 0, 10)):
        await Patrol.create(
            person_id=person_id,
            region_id=region_id,
            day=day,
            started_at=at,
            ended_at=at,
            source="mini",
            length_metres=metres,
            seconds=seconds,
        )
    visits = ((date(2027, 3, 31), True), (date(2027, 2, 28), False), (None, False), (date(2027, 3, 31), True))
    for number, (due_on, in_time) in enumerate(visits):
        subject = await Subject.create(
            grid_id=region_id, kind="shop", title="小店", every_days=30, next_due=date(2027, 3, 31), created_at=at
        )
        visit = await Visit.create(
            person_id=person_id,
            region_id=region_id,
            subject_id=subject.id,
            at=at + timedelta(minutes=number),
            due_on=due_on,
            in_time=in_time,
            result="都好",
            next_date=date(2027, 4, 30),
            source="mini",
        )
        if number < len(visits) - 1:
            await Attachment.create(
                id=uuid4(), person_id=person_id, kind="photo", state="kept", created_at=at, visit_id=visit.id
            )
