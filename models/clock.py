from tortoise import fields
from tortoise.models import Model


class SandboxClock(Model):
    """How far the sandbox has moved the service's clock: one row, one number."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    offset_seconds = fields.FloatField(default=0)

    class Meta:
        table = "sandbox_clock"
