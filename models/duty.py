from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model

from models.department import Department
from models.person import Person
from models.region import Region


class HeldDuty(Model):
    """A person holds a duty at a region, from one day to another."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="duties")
    person_id: int
    duty = fields.CharField(max_length=24)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField("models.Region", related_name="duties")
    region_id: int
    cover: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="covers", null=True, on_delete=fields.SET_NULL
    )
    cover_id: int | None
    department: fields.ForeignKeyNullableRelation[Department] = fields.ForeignKeyField(
        "models.Department", related_name="officers", null=True, on_delete=fields.SET_NULL
    )
    department_id: int | None
    from_date: date = fields.DateField()
    to_date: date | None = fields.DateField(null=True)

    class Meta:
        table = "held_duty"
        unique_together = (("person_id", "duty", "region_id"),)
        indexes = (("region_id", "duty"),)


class Leave(Model):
    """A leave 请假, which counts once approved; it ends early when the worker is back (``ends_at`` is that moment)."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="leaves")
    person_id: int
    starts_at: datetime = fields.DatetimeField()
    ends_at: datetime = fields.DatetimeField()
    reason = fields.CharField(max_length=200, default="")
    state = fields.CharField(
        max_length=9, default="approved", db_default="approved", description="asked | approved | refused | cancelled"
    )
    asked_at: datetime | None = fields.DatetimeField(null=True)
    asked_of_id: int | None = fields.BigIntField(null=True, description="who is to approve it")
    decided_at: datetime | None = fields.DatetimeField(null=True)
    decided_by_id: int | None = fields.BigIntField(null=True, description="who approved or refused it")
    answer = fields.CharField(max_length=200, default="", db_default="", description="why it was refused")

    class Meta:
        table = "leave"
        indexes = (("person_id", "ends_at"),)


class Invite(Model):
    """A one-time code by which a member of staff binds a WeChat. Only its hash is kept."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="invites")
    person_id: int
    code_hash = fields.CharField(max_length=64, unique=True)
    created_at: datetime = fields.DatetimeField()
    expires_at: datetime = fields.DatetimeField()
    used_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "invite"
        indexes = (("person_id",),)
