from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.department import Department
from models.person import Person
from models.region import Region


class Case(Model):
    """A case (诉求). A draft has no number yet; the number is what people say to each other."""

    id = fields.BigIntField(primary_key=True)
    number: int | None = fields.BigIntField(null=True, unique=True)
    resident: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="cases")
    resident_id: int
    status = fields.CharField(max_length=12)
    level = fields.SmallIntField(default=1)
    grid: fields.ForeignKeyNullableRelation[Region] = fields.ForeignKeyField(
        "models.Region", related_name="cases_of_grid", null=True, on_delete=fields.RESTRICT
    )
    grid_id: int | None
    unit: fields.ForeignKeyNullableRelation[Region] = fields.ForeignKeyField(
        "models.Region", related_name="cases_held", null=True, on_delete=fields.RESTRICT
    )
    unit_id: int | None
    holder: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="cases_in_hand", null=True, on_delete=fields.SET_NULL
    )
    holder_id: int | None
    department: fields.ForeignKeyNullableRelation[Department] = fields.ForeignKeyField(
        "models.Department", related_name="cases", null=True, on_delete=fields.SET_NULL
    )
    department_id: int | None
    alert_unit: fields.ForeignKeyNullableRelation[Region] = fields.ForeignKeyField(
        "models.Region",
        related_name="cases_alerted",
        null=True,
        on_delete=fields.SET_NULL,
        description="whose queue shows it too: the town's, where it is urgent",
    )
    alert_unit_id: int | None
    kind = fields.CharField(max_length=10, default="case", db_default="case", description="case | complaint | held")
    about_person_id: int | None = fields.BigIntField(null=True, description="whom a complaint is about")
    about_case_id: int | None = fields.BigIntField(null=True, description="which case a complaint is about")
    merged_into: fields.ForeignKeyNullableRelation["Case"] = fields.ForeignKeyField(
        "models.Case", related_name="duplicates", null=True, on_delete=fields.SET_NULL
    )
    merged_into_id: int | None
    title = fields.CharField(max_length=60, default="")
    description = fields.TextField(default="")
    source = fields.CharField(max_length=8, default="chat", description="chat | mini | phone | found")
    taken_by_id: int | None = fields.BigIntField(null=True, description="who wrote it down for a caller")
    event_type = fields.CharField(max_length=40, default="")
    category = fields.CharField(max_length=40, default="")
    urgent = fields.BooleanField(default=False)
    latitude: float | None = fields.FloatField(null=True)
    longitude: float | None = fields.FloatField(null=True)
    address = fields.CharField(max_length=200, default="")
    created_at: datetime = fields.DatetimeField()
    touched_at: datetime = fields.DatetimeField(description="last word of the resident")
    submitted_at: datetime | None = fields.DatetimeField(null=True)
    accept_due: datetime | None = fields.DatetimeField(null=True)
    resolve_due: datetime | None = fields.DatetimeField(null=True)
    next_due: datetime | None = fields.DatetimeField(null=True, description="the deadline that runs now")
    sweep_at: datetime | None = fields.DatetimeField(
        null=True, description="when it climbs by itself; empty where it cannot climb any further"
    )
    clock_from: datetime | None = fields.DatetimeField(null=True, description="when the clocks that run now began")
    remind_at: datetime | None = fields.DatetimeField(null=True, description="75 % of the deadline that runs now")
    suspended_until: datetime | None = fields.DatetimeField(null=True)
    paused_seconds: int | None = fields.IntField(
        null=True, description="what was left to resolve it when it was suspended, in the time that its clock counts"
    )
    accepted_at: datetime | None = fields.DatetimeField(null=True)
    resolved_at: datetime | None = fields.DatetimeField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)
    rating: int | None = fields.SmallIntField(null=True)
    rating_note = fields.CharField(max_length=500, default="")
    reopened = fields.SmallIntField(default=0)
    appealed = fields.BooleanField(default=False, db_default=False)

    class Meta:
        table = "case"


class CaseMessage(Model):
    """What a resident said or sent for a case, one row a message, in the order of arrival."""

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField("models.Case", related_name="messages")
    case_id: int
    person_id = fields.BigIntField()
    at: datetime = fields.DatetimeField()
    kind = fields.CharField(max_length=8, description="text | photo | voice | video | place")
    text = fields.TextField(default="")
    attachment_id: str | None = fields.CharField(max_length=36, null=True)  # type: ignore[assignment]
    latitude: float | None = fields.FloatField(null=True)
    longitude: float | None = fields.FloatField(null=True)

    class Meta:
        table = "case_message"
        indexes = (("case_id", "id"),)


class CaseEvent(Model):
    """A step in a case's life. Appended, never edited."""

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField("models.Case", related_name="events")
    case_id: int
    at: datetime = fields.DatetimeField()
    person_id: int | None = fields.BigIntField(null=True)
    role = fields.CharField(max_length=10)
    action = fields.CharField(max_length=12)
    note = fields.TextField(default="")
    hidden = fields.BooleanField(
        default=False, db_default=False, description="the note is among staff, not for the resident"
    )
    unit_id: int | None = fields.IntField(null=True, description="where it lies after the step")
    from_status = fields.CharField(max_length=12)
    to_status = fields.CharField(max_length=12)
    from_level = fields.SmallIntField()
    to_level = fields.SmallIntField()
    holder_id: int | None = fields.BigIntField(null=True)

    class Meta:
        table = "case_event"
        indexes = (("case_id", "id"),)


class CoHandler(Model):
    """Somebody asked to co-handle a case (会办): a department or another region's queue, through one person."""

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField("models.Case", related_name="co_handlers")
    case_id: int
    person_id = fields.BigIntField()
    department_id: int | None = fields.IntField(null=True)
    unit_id: int | None = fields.IntField(null=True)
    asked_at: datetime = fields.DatetimeField()
    answered_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "co_handler"
        unique_together = (("case_id", "person_id"),)
        indexes = (("person_id",),)
