from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.attachment import Attachment
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


class MediaCheck(Model):
    """A photo or recording of the mini program that WeChat is asked about. What has passed leaves no row."""

    id = fields.BigIntField(primary_key=True)
    attachment: fields.ForeignKeyRelation[Attachment] = fields.ForeignKeyField(
        "models.Attachment", related_name="checks", on_delete=fields.CASCADE
    )
    attachment_id: UUID
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField(
        "models.Case", related_name="media_checks", on_delete=fields.CASCADE
    )
    case_id: int
    state = fields.CharField(max_length=12, description="owed | asked | held | unchecked | released | turned_down")
    trace: str | None = fields.CharField(max_length=80, null=True, unique=True)  # type: ignore[assignment]
    why = fields.CharField(max_length=200, default="", db_default="", description="the label that was given")
    tries = fields.SmallIntField(default=0, db_default=0)
    at: datetime = fields.DatetimeField()
    next_at: datetime = fields.DatetimeField(description="when it is asked about (again)")
    decided_by_id: int | None = fields.BigIntField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "media_check"
        unique_together = (("attachment_id",),)
        indexes = (("case_id",),)
