from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.region import Region


class OfficeStep(Model):
    """Who did which step of an admission, an application for an award, or an exit. Appended, never edited."""

    id = fields.BigIntField(primary_key=True)
    matter = fields.CharField(max_length=9, description="admission | award | exit")
    number = fields.BigIntField(description="the id of what it is about")
    step = fields.CharField(max_length=9, description="what was done")
    by_id: int | None = fields.BigIntField(null=True, description="null: the clock")
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField("models.Region", related_name="office_steps")
    region_id: int
    at: datetime = fields.DatetimeField(db_index=True)
    note = fields.CharField(max_length=300, default="")

    class Meta:
        table = "office_step"
        indexes = (("matter", "number"),)
