from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.person import Person
from models.region import Region


class Notice(Model):
    """A notice to everybody of a region's subtree."""

    id = fields.BigIntField(primary_key=True)
    author: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="notices")
    author_id: int
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField("models.Region", related_name="notices")
    region_id: int
    text = fields.TextField()
    state = fields.CharField(max_length=8, description="preview | ready | spread | dropped")
    reach = fields.IntField(default=0, description="people, fixed when the notice is spread")
    created_at: datetime = fields.DatetimeField()
    sent_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "notice"
        indexes = (("region_id", "id"),)
