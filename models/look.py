from datetime import datetime

from tortoise import fields
from tortoise.models import Model


class Look(Model):
    """Somebody has looked at a whole phone number. Appended, never edited; forgotten after the town's own period."""

    id = fields.BigIntField(primary_key=True)
    at: datetime = fields.DatetimeField(db_index=True)
    by_id = fields.BigIntField(description="who looked")
    person_id = fields.BigIntField(description="whose number it is")
    case_id: int | None = fields.BigIntField(null=True, description="for which case")
    reason = fields.CharField(max_length=200)

    class Meta:
        table = "look"
        indexes = (("person_id", "id"),)
