from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.region import Region


class ExitProposal(Model):
    """Two years failed in a row (Y art. 17): a commander decides whether the full-time duty ends. Never by itself."""

    id = fields.BigIntField(primary_key=True)
    town: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField("models.Region", related_name="exit_proposals")
    town_id: int
    person_id = fields.BigIntField(description="whose duty it is about")
    year = fields.SmallIntField(description="the second of the two")
    state = fields.CharField(max_length=5, default="open", description="open | ended | kept")
    made_at: datetime = fields.DatetimeField()
    object_until: datetime = fields.DatetimeField(description="they may object so long, and are heard before")
    reckoned = fields.JSONField[list[dict[str, object]]](
        default=list, description="once decided: both years, month by month, as the decision saw them"
    )
    answer = fields.CharField(max_length=200, default="", description="the reason of the decision")
    decided_by_id: int | None = fields.BigIntField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "exit_proposal"
        unique_together = (("town_id", "person_id", "year"),)
        indexes = (("person_id",), ("state", "id"))
