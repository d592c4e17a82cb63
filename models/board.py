from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.person import Person
from models.region import Region


class BoardPrint(Model):
    """What the board, door card or badges of a grid showed when they were last printed."""

    id = fields.BigIntField(primary_key=True)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField("models.Region", related_name="prints")
    region_id: int
    kind = fields.CharField(max_length=5, description="board | card | badge")
    fingerprint = fields.CharField(max_length=64)
    printed_at: datetime = fields.DatetimeField()

    class Meta:
        table = "board_print"
        unique_together = (("region_id", "kind"),)


class BoardPerson(Model):
    """What a board shows of somebody beside name and duty. Their own number is never here."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="shown")
    person_id: int
    office_phone = fields.CharField(max_length=20, default="")
    photo = fields.CharField(max_length=120, default="", description="key in the store; empty: none")

    class Meta:
        table = "board_person"
        unique_together = (("person_id",),)
