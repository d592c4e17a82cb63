from tortoise import fields
from tortoise.models import Model

from models.case import Case


class Concerned(Model):
    """Somebody whom a complaint may be about: it is hidden from them in every way."""

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField("models.Case", related_name="concerned")
    case_id: int
    person_id = fields.BigIntField()

    class Meta:
        table = "concerned"
        unique_together = (("case_id", "person_id"),)
        indexes = (("person_id",),)
