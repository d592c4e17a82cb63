from datetime import datetime

from tortoise import fields
from tortoise.models import Model


class Subscription(Model):
    """How many messages of one template somebody has agreed to and not had yet: WeChat tells nobody, so we count."""

    id = fields.BigIntField(primary_key=True)
    appid = fields.CharField(max_length=40)
    openid = fields.CharField(max_length=64)
    template_id = fields.CharField(max_length=64)
    left_over = fields.SmallIntField(default=0)
    updated_at: datetime = fields.DatetimeField()

    class Meta:
        table = "subscription"
        unique_together = (("appid", "openid", "template_id"),)
