from tortoise import fields
from tortoise.models import Model


class SandboxClock(Model):
    """How far the sandbox has moved the service's clock: one row, one number."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    offset_seconds = fields.FloatField(default=0)

    class Meta:
        table = "sandbox_clock"


class DeadlineRules(Model):
    """The rules that the open cases' deadlines were computed with: one row. Others mean that all are computed anew."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    fingerprint = fields.CharField(max_length=64)
    applied_at = fields.DatetimeField()

    class Meta:
        table = "deadline_rules"
