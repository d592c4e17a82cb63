from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model

from models.department import Department
from models.region import Region


class Admission(Model):
    """Work that a department asks to put upon the grids of a region (准入, Y art. 17), and what became of it."""

    id = fields.BigIntField(primary_key=True)
    department: fields.ForeignKeyRelation[Department] = fields.ForeignKeyField(
        "models.Department", related_name="admissions"
    )
    department_id: int
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "models.Region", related_name="admissions", description="its grids, and all below"
    )
    region_id: int
    title = fields.CharField(max_length=60)
    task = fields.CharField(max_length=1000, description="what is to be done")
    basis = fields.CharField(max_length=300, description="the law or document that it rests on")
    every = fields.CharField(max_length=7, description="domain.admission.Every")
    support = fields.CharField(max_length=300, description="budget and help that come with it")
    state = fields.CharField(max_length=8, default="asked", description="domain.admission.State")
    asked_by_id = fields.BigIntField()
    asked_at: datetime = fields.DatetimeField()
    reviewed_by_id: int | None = fields.BigIntField(null=True)
    reviewed_at: datetime | None = fields.DatetimeField(null=True)
    decided_by_id: int | None = fields.BigIntField(null=True, description="who admitted or refused it, or let it stay")
    decided_at: datetime | None = fields.DatetimeField(null=True)
    review_by: date | None = fields.DateField(null=True, description="of what is admitted: looked at again by this day")
    ended_at: datetime | None = fields.DatetimeField(null=True)
    answer = fields.CharField(max_length=300, default="", description="why it was refused, or ended")

    class Meta:
        table = "admission"
        indexes = (("region_id", "state"), ("department_id",))


class UnadmittedTask(Model):
    """A worker says that something was asked of them which is not admitted."""

    id = fields.BigIntField(primary_key=True)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField("models.Region", related_name="unadmitted")
    region_id: int
    person_id = fields.BigIntField()
    text = fields.CharField(max_length=300, description="who asked for what")
    at: datetime = fields.DatetimeField()
    answer = fields.CharField(max_length=300, default="")
    answered_by_id: int | None = fields.BigIntField(null=True)
    answered_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "unadmitted_task"
        indexes = (("region_id", "answered_at"), ("person_id",))
