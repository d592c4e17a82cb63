from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model


class TownDay(Model):
    """A day that is worked, or not, although calendar and settings say otherwise."""

    day: date = fields.DateField(primary_key=True)
    works = fields.BooleanField()
    why = fields.CharField(max_length=60, default="", db_default="")
    by_id = fields.BigIntField(description="who said so")
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "town_day"


class RuleChange(Model):
    """A change of the event list or of the working calendar, as it was before and after. Appended, never edited."""

    id = fields.BigIntField(primary_key=True)
    at: datetime = fields.DatetimeField()
    by_id = fields.BigIntField()
    what = fields.CharField(max_length=10, description="event_type | town_day")
    key = fields.CharField(max_length=40, description="the type's code, or the day")
    before: dict[str, str] | None = fields.JSONField(null=True, description="empty: it was not there")
    after: dict[str, str] | None = fields.JSONField(null=True, description="empty: it is not there any more")

    class Meta:
        table = "rule_change"
        indexes = (("what", "key", "id"),)
