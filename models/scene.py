from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.region import Region


class Scene(Model):
    """A printed code. It names the post (a region's worker), never the person who holds it today."""

    id = fields.BigIntField(primary_key=True)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField("models.Region", related_name="scenes")
    region_id: int
    scene: str | None = fields.CharField(max_length=64, null=True, unique=True)  # type: ignore[assignment]
    ticket = fields.CharField(max_length=200, default="")
    url = fields.CharField(max_length=200, default="", description="as WeChat gave it; empty until it did")
    created_at: datetime = fields.DatetimeField()

    class Meta:
        table = "scene"
        indexes = (("region_id",),)
