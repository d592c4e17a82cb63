from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model

from models.region import Region


class BaseRecord(Model):
    """Base data 基础数据 of a grid: a household, a rental, an organisation or a facility.

    It has the fields that services.records names and no others: none for religion, petitioning, views, health or
    record (DOMAIN §4).
    """

    id = fields.BigIntField(primary_key=True)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField("models.Region", related_name="records")
    region_id: int
    kind = fields.CharField(max_length=12, description="household | rental | organisation | facility")
    place = fields.CharField(max_length=100, description="where it is, without anybody's name")
    sealed = fields.TextField(default="", description="the fields that identify a person, as sealed JSON")
    created_at: datetime = fields.DatetimeField()
    version = fields.IntField(default=1, description="how often it has been written")

    class Meta:
        table = "base_record"
        indexes = (("region_id", "id"),)


class RecordChange(Model):
    """Who changed what of a base record, and when. Appended; only what was withdrawn is emptied out of it again."""

    id = fields.BigIntField(primary_key=True)
    record: fields.ForeignKeyRelation[BaseRecord] = fields.ForeignKeyField(
        "models.BaseRecord", related_name="changes", on_delete=fields.CASCADE
    )
    record_id: int
    at: datetime = fields.DatetimeField()
    by_id = fields.BigIntField()
    change = fields.CharField(max_length=16, description="domain.assessment_rules.Change")
    fields_changed = fields.CharField(max_length=100, default="", description="names of the key fields")
    before = fields.TextField(default="", description="what those fields held until then, as sealed JSON")

    class Meta:
        table = "record_change"
        indexes = (("by_id", "at"), ("record_id",))


class RecordLook(Model):
    """Somebody has looked at a base record in full, and why (Y art. 36)."""

    id = fields.BigIntField(primary_key=True)
    record: fields.ForeignKeyRelation[BaseRecord] = fields.ForeignKeyField(
        "models.BaseRecord", related_name="looks", on_delete=fields.CASCADE
    )
    record_id: int
    by_id = fields.BigIntField(description="who looked")
    at: datetime = fields.DatetimeField(db_index=True)
    reason = fields.CharField(max_length=200)

    class Meta:
        table = "record_look"
        indexes = (("record_id",),)


class RecordProposal(Model):
    """What a resident says is right of their own record, until the grid's worker has looked."""

    id = fields.BigIntField(primary_key=True)
    record: fields.ForeignKeyRelation[BaseRecord] = fields.ForeignKeyField(
        "models.BaseRecord", related_name="proposals", on_delete=fields.CASCADE
    )
    record_id: int
    person_id = fields.BigIntField(description="who said so")
    at: datetime = fields.DatetimeField()
    sealed = fields.TextField(default="", description="the fields as they should be, sealed JSON; empty once decided")
    state = fields.CharField(max_length=8, default="asked", description="asked | taken | refused")
    answer = fields.CharField(max_length=200, default="")
    decided_by_id: int | None = fields.BigIntField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "record_proposal"
        indexes = (("record_id", "id"), ("person_id",))


class DailyList(Model):
    """That somebody's list of a day was made: one row a day, so that nobody is told twice."""

    id = fields.BigIntField(primary_key=True)
    person_id = fields.BigIntField()
    day: date = fields.DateField()

    class Meta:
        table = "daily_list"
        unique_together = (("person_id", "day"),)
        indexes = (("day",),)
