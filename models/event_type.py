from datetime import datetime

from tortoise import fields
from tortoise.models import Model


class EventType(Model):
    """One line of the published event list (事项清单), a tree. ``code`` is what a case keeps."""

    id = fields.IntField(primary_key=True)
    code = fields.CharField(max_length=40, unique=True)
    name = fields.CharField(max_length=60)
    parent: fields.ForeignKeyNullableRelation["EventType"] = fields.ForeignKeyField(
        "models.EventType", related_name="children", null=True, on_delete=fields.RESTRICT
    )
    parent_id: int | None
    category = fields.CharField(max_length=40, description="one of the eight, DOMAIN §3")
    score_class = fields.CharField(max_length=1, default="C", description="A | B | C")
    usual_level = fields.SmallIntField(default=1)
    accept_hours: float | None = fields.FloatField(null=True, description="working hours; empty: the town's default")
    resolve_days: float | None = fields.FloatField(null=True, description="working days; empty: by level")
    photos = fields.CharField(max_length=6, default="none", description="none | after | both")
    department = fields.CharField(max_length=60, default="", description="name of the department that takes it")
    urgent = fields.BooleanField(default=False)
    keywords = fields.JSONField[list[str]](default=list)
    state = fields.CharField(max_length=8, default="approved", description="proposed | approved | refused | retired")
    proposed_by_id: int | None = fields.BigIntField(null=True)
    decided_by_id: int | None = fields.BigIntField(null=True)
    reason = fields.CharField(max_length=200, default="")
    created_at: datetime = fields.DatetimeField()
    decided_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "event_type"
