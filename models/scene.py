from datetime import date, datetime

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
    retired_at: datetime | None = fields.DatetimeField(null=True, description="no longer leads anywhere since then")

    class Meta:
        table = "scene"
        indexes = (("region_id",),)


class ScanCount(Model):
    """How often a code was followed on one day, by the door it led to. Nobody is named here."""

    id = fields.BigIntField(primary_key=True)
    scene: fields.ForeignKeyRelation[Scene] = fields.ForeignKeyField("models.Scene", related_name="scans")
    scene_id: int
    day: date = fields.DateField(description="of China's calendar")
    door = fields.CharField(max_length=6, description="chat | page")
    shard = fields.SmallIntField(description="so that a village that scans at once does not wait for one row")
    count = fields.IntField()

    class Meta:
        table = "scan_count"
        unique_together = (("scene_id", "day", "door", "shard"),)
