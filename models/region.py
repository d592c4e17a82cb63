from datetime import datetime

from tortoise import fields
from tortoise.models import Model


class Region(Model):
    """A node of the tree city → county → town → village → grid. Codes may be corrected; ``id`` never changes."""

    id = fields.IntField(primary_key=True)
    code = fields.CharField(max_length=40, unique=True)
    name = fields.CharField(max_length=60)
    level = fields.SmallIntField(description="1 grid … 5 city, the same numbers as handling levels")
    kind = fields.CharField(max_length=16, default="", description="comprehensive | dedicated | empty")
    area = fields.CharField(
        max_length=60, default="", db_default="", description="what the board says of how far the grid reaches"
    )
    parent: fields.ForeignKeyNullableRelation["Region"] = fields.ForeignKeyField(
        "models.Region", related_name="children", null=True, on_delete=fields.RESTRICT
    )
    parent_id: int | None
    path = fields.CharField(max_length=120, default="", description="ids from the root down, /1/5/20/")
    vacant_since: datetime | None = fields.DatetimeField(
        null=True, description="nobody holds a post here, once that was noticed"
    )

    class Meta:
        table = "region"
