from tortoise import fields
from tortoise.models import Model

from models.person import Person


class SavedFilter(Model):
    """A search that somebody has given a name."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="saved_filters")
    person_id: int
    name = fields.CharField(max_length=40)
    wanted = fields.JSONField[dict[str, object]]()
    created_at = fields.DatetimeField()

    class Meta:
        table = "saved_filter"
        unique_together = (("person_id", "name"),)
