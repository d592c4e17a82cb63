from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model


class WorkNote(Model):
    """What a member of staff adds to their work log (工作日志): all else in it is read from what they did."""

    id = fields.BigIntField(primary_key=True)
    person_id = fields.BigIntField()
    day: date = fields.DateField(description="of China's calendar")
    at: datetime = fields.DatetimeField(description="when it was written")
    text = fields.CharField(max_length=500)

    class Meta:
        table = "work_note"
        indexes = (("person_id", "day"),)
