from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.case import Case


class SafetyCheck(Model):
    """A case whose words were found risky, or that nobody could look at. Words that passed leave no row."""

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField(
        "models.Case", related_name="safety_checks", on_delete=fields.CASCADE
    )
    case_id: int
    state = fields.CharField(max_length=12, description="held | marked | unchecked | released | turned_down")
    why = fields.CharField(max_length=200, default="", description="which word, or the label that was given")
    at: datetime = fields.DatetimeField()
    tried_at: datetime = fields.DatetimeField(description="when it was last tried to have it looked at")
    decided_by_id: int | None = fields.BigIntField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "safety_check"
        indexes = (("case_id",), ("state", "at"))
