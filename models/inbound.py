from datetime import datetime

from tortoise import fields
from tortoise.models import Model


class Inbound(Model):
    """A callback that was answered. The unique key makes a retry wait for the first and take its answer."""

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=64, unique=True)
    at: datetime = fields.DatetimeField(db_index=True)
    answer = fields.TextField(default="")
    """In plain words; empty where there is nothing to say, or a message has taken it over."""
    repeated_at: datetime | None = fields.DatetimeField(null=True, description="when a repeat was given the answer")

    class Meta:
        table = "inbound"


class Idempotency(Model):
    """An ``Idempotency-Key`` of the API with the answer that it got."""

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=64, unique=True, description="hash of person, route and the client's key")
    body_hash = fields.CharField(max_length=64)
    at: datetime = fields.DatetimeField(db_index=True)
    status = fields.SmallIntField(default=0)
    answer = fields.TextField(default="")

    class Meta:
        table = "idempotency"
