from datetime import datetime

from tortoise import fields
from tortoise.models import Model


class MassSend(Model):
    """One mass message: a chunk of a notice's recipients, whose deliveries bear its number."""

    id = fields.BigIntField(primary_key=True)
    notice_id = fields.BigIntField()
    chunk = fields.IntField()
    client_id = fields.CharField(max_length=64, unique=True, description="by this WeChat knows a repeat, for a day")
    state = fields.CharField(
        max_length=8,
        default="planned",
        description="planned | sending | taken | finished | failed | refused | unknown | dropped",
    )
    size = fields.IntField()
    unsure = fields.BooleanField(default=False, description="an earlier attempt may have been taken")
    attempts = fields.SmallIntField(default=0)
    next_at: datetime = fields.DatetimeField()
    first_at: datetime | None = fields.DatetimeField(null=True)
    claimed_until: datetime | None = fields.DatetimeField(null=True)
    msg_id: int | None = fields.BigIntField(null=True)
    taken_at: datetime | None = fields.DatetimeField(null=True)
    polled_at: datetime | None = fields.DatetimeField(null=True)
    sent: int | None = fields.IntField(null=True, description="as WeChat counted them in the end")
    failed: int | None = fields.IntField(null=True)
    reason = fields.CharField(max_length=200, default="")

    class Meta:
        table = "mass_send"
        unique_together = (("notice_id", "chunk"),)
