from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model


class Export(Model):
    """A file that somebody asked for: made by a job, for its asker only, and deleted after a while."""

    id = fields.BigIntField(primary_key=True)
    by_id = fields.BigIntField(description="who asked, and who alone may open it")
    what = fields.CharField(max_length=12, description="cases | assessment | work_log | audit")
    file_format = fields.CharField(max_length=4, description="csv | xlsx")
    region_id = fields.IntField()
    region_name = fields.CharField(max_length=60, description="as it was called then")
    since: date = fields.DateField()
    until: date = fields.DateField()
    state = fields.CharField(max_length=9, description="waiting | running | done | failed | cancelled | expired")
    why = fields.CharField(max_length=20, default="", db_default="", description="it has failed")
    attempt = fields.SmallIntField(default=0, db_default=0, description="how often a job has begun it")
    done_rows = fields.IntField(default=0, db_default=0)
    all_rows: int | None = fields.IntField(null=True, description="as counted at the beginning")
    parts = fields.IntField(default=0, db_default=0, description="of the file, as the store keeps it")
    size = fields.BigIntField(default=0, db_default=0, description="bytes")
    asked_at: datetime = fields.DatetimeField()
    beat_at: datetime = fields.DatetimeField(description="the last sign of life")
    ended_at: datetime | None = fields.DatetimeField(null=True)
    expires_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "export"
        indexes = (("by_id", "id"),)
