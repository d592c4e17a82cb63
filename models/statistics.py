from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model

from models.region import Region


class VillageMonth(Model):
    """What a village was asked for in one month, and what came of it. Counts only: nobody is named here."""

    id = fields.BigIntField(primary_key=True)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "models.Region", related_name="months", on_delete=fields.CASCADE
    )
    region_id: int
    month: date = fields.DateField(description="its first day; of China's calendar")
    filed = fields.IntField()
    accepted = fields.IntField()
    resolved = fields.IntField()
    declined = fields.IntField()
    in_time = fields.IntField(description="of those resolved")
    rated = fields.IntField()
    stars = fields.IntField(description="all ratings added up")
    accept_seconds: int | None = fields.IntField(null=True, description="until half of them were accepted")
    resolve_seconds: int | None = fields.IntField(null=True, description="until half of them were resolved")
    categories = fields.JSONField[dict[str, int]](description="how many of each")
    counted_at: datetime = fields.DatetimeField()

    class Meta:
        table = "village_month"
        unique_together = (("region_id", "month"),)
