from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model

from models.region import Region


class TrainingCourse(Model):
    """A course 培训 that a town, village or other region holds for some of its staff."""

    id = fields.BigIntField(primary_key=True)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField("models.Region", related_name="trainings")
    region_id: int
    code = fields.CharField(max_length=40, description="the organiser's own name for it, by which an import knows it")
    title = fields.CharField(max_length=60)
    minutes = fields.SmallIntField(description="of training, credited once")
    form = fields.CharField(max_length=9, description="domain.training.Form")
    duties = fields.JSONField[list[str]](description="for whom")
    compulsory = fields.BooleanField(default=False)
    induction = fields.BooleanField(default=False, description="without it nobody becomes a grid worker here")
    pages = fields.JSONField[list[str]](description="its text")
    link = fields.CharField(max_length=300, default="")
    questions = fields.JSONField[list[dict[str, object]]](description="with the right answers: never told to anybody")
    first_day: date = fields.DateField()
    last_day: date | None = fields.DateField(null=True)
    created_at: datetime = fields.DatetimeField()

    class Meta:
        table = "training_course"
        unique_together = (("region_id", "code"),)


class TrainingRecord(Model):
    """How far a person is with a course."""

    id = fields.BigIntField(primary_key=True)
    course: fields.ForeignKeyRelation[TrainingCourse] = fields.ForeignKeyField(
        "models.TrainingCourse", related_name="records"
    )
    course_id: int
    person_id = fields.BigIntField()
    reopened = fields.SmallIntField(default=0, db_default=0, description="how often the organiser gave the tries anew")
    attended_on: date | None = fields.DateField(null=True, description="confirmed by the organiser")
    passed_at: datetime | None = fields.DatetimeField(null=True, description="of the test")
    credited_at: datetime | None = fields.DatetimeField(null=True, description="when the hours were credited, once")
    credited_on: date | None = fields.DateField(null=True, description="the day that they count for, in China")
    minutes = fields.SmallIntField(default=0, db_default=0, description="credited; what the course had then")

    class Meta:
        table = "training_record"
        unique_together = (("course_id", "person_id"),)
        indexes = (("person_id", "credited_on"),)


class TrainingAttempt(Model):
    """One try at a test: its questions in their order as they were then, and what was answered."""

    id = fields.BigIntField(primary_key=True)
    record: fields.ForeignKeyRelation[TrainingRecord] = fields.ForeignKeyField(
        "models.TrainingRecord", related_name="attempts", on_delete=fields.CASCADE
    )
    record_id: int
    number = fields.SmallIntField(description="1 for the first")
    questions = fields.JSONField[list[dict[str, object]]](description="a copy, in the order of this attempt")
    answers = fields.JSONField[list[list[int]]](description="numbers of options, one list for each question so far")
    started_at: datetime = fields.DatetimeField()
    answered_at: datetime | None = fields.DatetimeField(null=True, description="the last answer so far")
    ended_at: datetime | None = fields.DatetimeField(null=True)
    points: int | None = fields.SmallIntField(null=True, description="of 100, once it is over")

    class Meta:
        table = "training_attempt"
        unique_together = (("record_id", "number"),)
