from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.assessment import Award
from models.region import Region


class AwardApplication(Model):
    """A worker applies for an award, with the records that speak for it; approved, it becomes a public award."""

    id = fields.BigIntField(primary_key=True)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "models.Region", related_name="award_applications", description="the worker's grid"
    )
    region_id: int
    person_id = fields.BigIntField(description="for whom")
    asked_by_id = fields.BigIntField(description="the worker, or the village on their behalf")
    title = fields.CharField(max_length=60)
    reason = fields.CharField(max_length=1000)
    team: int | None = fields.BigIntField(
        null=True, description="of a team: the number of the first of its applications, one for each worker"
    )
    evidence = fields.JSONField[list[list[str]]](description="kind and number of each record")
    state = fields.CharField(max_length=9, default="asked", description="asked | supported | approved | refused")
    asked_at: datetime = fields.DatetimeField()
    supported_by_id: int | None = fields.BigIntField(null=True)
    supported_at: datetime | None = fields.DatetimeField(null=True)
    decided_by_id: int | None = fields.BigIntField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)
    answer = fields.CharField(max_length=200, default="")
    award: fields.ForeignKeyNullableRelation[Award] = fields.ForeignKeyField(
        "models.Award", related_name="applications", null=True, on_delete=fields.SET_NULL
    )
    award_id: int | None

    class Meta:
        table = "award_application"
        indexes = (("region_id", "state"), ("person_id",), ("team",))
