from datetime import datetime
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model


class Attachment(Model):
    """A photo, voice or video. The bytes lie in the store under ``key``; WeChat's own copy dies after three days."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    person_id = fields.BigIntField()
    case_id: int | None = fields.BigIntField(null=True)
    event_id: int | None = fields.BigIntField(null=True)
    kind = fields.CharField(max_length=8, description="photo | voice | video")
    media_id: str | None = fields.CharField(max_length=128, null=True, unique=True)  # type: ignore[assignment]
    state = fields.CharField(max_length=8, default="pending", description="pending | kept | lost")
    key = fields.CharField(max_length=120, default="")
    media_type = fields.CharField(max_length=60, default="")
    size = fields.IntField(default=0)
    sha256 = fields.CharField(max_length=64, default="")
    created_at: datetime = fields.DatetimeField()

    class Meta:
        table = "attachment"
        indexes = (("case_id",), ("person_id",))
