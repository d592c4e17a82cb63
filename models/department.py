from tortoise import fields
from tortoise.models import Model

from models.region import Region


class Department(Model):
    """A department (职能部门) of a town, county or city, which works what is dispatched to it."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=60)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField("models.Region", related_name="departments")
    region_id: int

    class Meta:
        table = "department"
        unique_together = (("region_id", "name"),)
