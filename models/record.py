from datetime import datetime

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

    class Meta:
        table = "base_record"
        indexes = (("region_id", "id"),)


class RecordChange(Model):
    """Who changed what of a base record, and when. Appended, never edited; the values are not kept."""

    id = fields.BigIntField(primary_key=True)
    record: fields.ForeignKeyRelation[BaseRecord] = fields.ForeignKeyField(
        "models.BaseRecord", related_name="changes", on_delete=fields.CASCADE
    )
    record_id: int
    at: datetime = fields.DatetimeField()
    by_id = fields.BigIntField()
    change = fields.CharField(max_length=16, description="domain.assessment_rules.Change")
    fields_changed = fields.CharField(max_length=100, default="", description="names of the key fields")

    class Meta:
        table = "record_change"
        indexes = (("by_id", "at"), ("record_id",))
