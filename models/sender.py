from datetime import datetime

from tortoise import fields
from tortoise.models import Model


class Sender(Model):
    """A process that sends. It holds an advisory lock with this number for as long as its session lives."""

    id = fields.IntField(primary_key=True)
    host = fields.CharField(max_length=80)
    pid = fields.IntField()
    started_at: datetime = fields.DatetimeField()
    gone_since: datetime | None = fields.DatetimeField(
        null=True, description="since when its lock was seen to be free; empty while it lives"
    )

    class Meta:
        table = "sender"


class ChannelPause(Model):
    """A way to people that is shut for all processes at once: a quota used up, or something that is ours to mend."""

    id = fields.BigIntField(primary_key=True)
    appid = fields.CharField(max_length=40)
    channel = fields.CharField(max_length=10, description="a channel, or * for the whole account")
    kind = fields.CharField(max_length=8, description="minute | day | broken")
    since: datetime = fields.DatetimeField()
    until: datetime = fields.DatetimeField(description="then it opens by itself; of a broken one, when to probe it")
    tries = fields.SmallIntField(default=0, description="probes that failed")
    errcode = fields.IntField(default=0)
    reason = fields.CharField(max_length=200, default="")

    class Meta:
        table = "channel_pause"
        unique_together = (("appid", "channel"),)


class SendReport(Model):
    """What WeChat told afterwards of a message that it had taken: only what did not arrive is kept, for some days."""

    id = fields.BigIntField(primary_key=True)
    appid = fields.CharField(max_length=40)
    openid = fields.CharField(max_length=64)
    msgid = fields.BigIntField(unique=True)
    status = fields.CharField(max_length=80)
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "send_report"
        indexes = (("at",),)
