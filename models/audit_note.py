from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model


class AuditNote(Model):
    """That somebody has downloaded a file, or looked into the audit trail itself. Appended, never edited."""

    id = fields.BigIntField(primary_key=True)
    at: datetime = fields.DatetimeField(db_index=True)
    by_id = fields.BigIntField(description="who did it")
    what = fields.CharField(max_length=8, description="download | view")
    region_id = fields.IntField(description="of the file; of a view, the highest one of their duties")
    subject = fields.CharField(max_length=12, description="what the file holds, or which part of the trail")
    since: date = fields.DateField(description="the days that the file or the view was about, of China's calendar")
    until: date = fields.DateField()

    class Meta:
        table = "audit_note"
        indexes = (("by_id", "id"),)
