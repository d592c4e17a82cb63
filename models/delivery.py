from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.person import Person


class Delivery(Model):
    """A message owed to a person: made in the transaction of what it tells about, sent outside of any.

    The row is also the person's inbox. Words are made from ``kind`` and ``facts`` at the moment of sending.
    """

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="deliveries")
    person_id: int
    kind = fields.CharField(max_length=24)
    facts = fields.JSONField[dict[str, object]](default=dict)
    case_id: int | None = fields.BigIntField(null=True)
    notice_id: int | None = fields.BigIntField(null=True)
    state = fields.CharField(max_length=10, default="owed")
    channel: str | None = fields.CharField(max_length=10, null=True)  # type: ignore[assignment]
    reason = fields.CharField(max_length=200, default="")
    attempts = fields.SmallIntField(default=0)
    created_at: datetime = fields.DatetimeField()
    next_at: datetime = fields.DatetimeField(description="not before this moment")
    openid = fields.CharField(max_length=64, default="", description="where it went, or is going")
    first_claim_at: datetime | None = fields.DatetimeField(
        null=True, description="since when WeChat may know its client id; empty when nothing can have arrived"
    )
    claimed_until: datetime | None = fields.DatetimeField(null=True)
    sender: int | None = fields.IntField(null=True, description="the process that claimed it last")
    msgid: int | None = fields.BigIntField(null=True, description="WeChat's own number of it")
    mass_id: int | None = fields.BigIntField(null=True, description="the mass message that it went or goes with")
    sent_at: datetime | None = fields.DatetimeField(null=True)
    # Of a notice's recipients only (services.notices_rows).
    grid_id: int | None = fields.IntField(null=True, description="where the person lived or served when it was spread")
    token: UUID | None = fields.UUIDField(null=True, description="the way to /n/{token}")
    opened_at: datetime | None = fields.DatetimeField(null=True)
    visited_at: datetime | None = fields.DatetimeField(null=True, description="told in person 上门告知")
    visited_by_id: int | None = fields.BigIntField(null=True)
    visit_photo_id: UUID | None = fields.UUIDField(null=True, description="of it, where there is one")

    class Meta:
        table = "delivery"
