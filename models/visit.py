from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model

from models.person import Person
from models.region import Region


class Subject(Model):
    """Whom or what a grid's worker visits."""

    # Only the kinds of domain.visit.SubjectKind, to which the database holds as well, and no field that says why.

    id = fields.BigIntField(primary_key=True)
    grid: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "models.Region", related_name="subjects", on_delete=fields.RESTRICT
    )
    grid_id: int
    kind = fields.CharField(max_length=10)
    title = fields.CharField(max_length=60, description="what the list calls it; of people a masked name")
    sealed = fields.TextField(default="", description="name, phone and address; see services.ports.Cipher")
    every_days = fields.SmallIntField()
    asked_days: int | None = fields.SmallIntField(
        null=True, description="what whoever listed it asked for; empty: as the town has it"
    )
    next_due: date = fields.DateField()
    agreed_at: datetime | None = fields.DatetimeField(
        null=True, description="when it was noted that they know and agree"
    )
    created_at: datetime = fields.DatetimeField()
    active = fields.BooleanField(default=True)

    class Meta:
        table = "subject"
        indexes = (("grid_id", "id"),)


class SubjectLook(Model):
    """Somebody has looked at what is sealed of a subject (Y art. 36)."""

    id = fields.BigIntField(primary_key=True)
    at: datetime = fields.DatetimeField()
    subject: fields.ForeignKeyRelation[Subject] = fields.ForeignKeyField(
        "models.Subject", related_name="looks", on_delete=fields.CASCADE
    )
    subject_id: int
    by_id = fields.BigIntField()

    class Meta:
        table = "subject_look"
        indexes = (("subject_id", "id"), ("at",))


class Visit(Model):
    """A visit 走访 as it was recorded; never edited."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="visits", on_delete=fields.RESTRICT
    )
    person_id: int
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "models.Region", related_name="visits", on_delete=fields.RESTRICT
    )
    region_id: int
    subject: fields.ForeignKeyRelation[Subject] = fields.ForeignKeyField(
        "models.Subject", related_name="visits", on_delete=fields.RESTRICT
    )
    subject_id: int
    at: datetime = fields.DatetimeField()
    due_on: date | None = fields.DateField(null=True, description="the date it was for; empty: beside the list")
    in_time = fields.BooleanField()
    result = fields.CharField(max_length=1000)
    next_date: date = fields.DateField()
    source = fields.CharField(max_length=4, description="mini | chat")

    class Meta:
        table = "visit"
        indexes = (("person_id", "at"), ("region_id", "id"), ("subject_id", "id"))
