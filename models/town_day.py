from datetime import date, datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model

from models.region import Region


class TownDay(Model):
    """A day that is worked, or not, although calendar and settings say otherwise."""

    day: date = fields.DateField(primary_key=True)
    works = fields.BooleanField()
    why = fields.CharField(max_length=60, default="", db_default="")
    by_id = fields.BigIntField(description="who said so")
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "town_day"


class TownSetting(Model):
    """What a region says itself of a section of the settings, for everything below it; what it leaves out is above."""

    id = fields.BigIntField(primary_key=True)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "models.Region", related_name="settings", on_delete=fields.CASCADE
    )
    region_id: int
    section = fields.CharField(max_length=20, description="of config.toml: deadlines | leave | patrol | …")
    own: dict[str, Any] = fields.JSONField(description="by key, checked; a table's keys as resolve_days.3")

    class Meta:
        table = "town_setting"
        unique_together = (("region_id", "section"),)


class RuleChange(Model):
    """A change of event list, working calendar or a town's settings, as it was before and after. Never edited."""

    id = fields.BigIntField(primary_key=True)
    at: datetime = fields.DatetimeField()
    by_id = fields.BigIntField()
    what = fields.CharField(max_length=10, description="event_type | town_day | setting")
    key = fields.CharField(max_length=40, description="the type's code, the day, or the section")
    before: dict[str, str] | None = fields.JSONField(null=True, description="empty: it was not there")
    after: dict[str, str] | None = fields.JSONField(null=True, description="empty: it is not there any more")

    region_id: int | None = fields.IntField(null=True, description="whose setting; empty: the rule is everybody's")

    class Meta:
        table = "rule_change"
        indexes = (("what", "key", "id"),)
