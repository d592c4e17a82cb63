from datetime import datetime
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model


class Attachment(Model):
    """A photo, voice or video. The bytes lie in the store under ``key``; WeChat's own copy dies after three days."""

    # From the chat it is *pending* until it was fetched, from the mini program *asked* until the upload was looked at;
    # until then type, size and sum are those that its sender named.

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    person_id = fields.BigIntField()
    case_id: int | None = fields.BigIntField(null=True)
    event_id: int | None = fields.BigIntField(null=True)
    patrol_id: int | None = fields.BigIntField(null=True, db_index=True)
    visit_id: int | None = fields.BigIntField(null=True, db_index=True)
    kind = fields.CharField(max_length=8, description="photo | voice | video")
    media_id: str | None = fields.CharField(max_length=128, null=True, unique=True)  # type: ignore[assignment]
    state = fields.CharField(max_length=8, default="pending", description="asked | pending | kept | lost | refused")
    refused = fields.CharField(max_length=12, default="", db_default="", description="why an upload was not kept")
    key = fields.CharField(max_length=120, default="")
    thumb_key = fields.CharField(max_length=120, default="", db_default="", description="a small picture of it")
    media_type = fields.CharField(max_length=60, default="")
    size = fields.IntField(default=0)
    sha256 = fields.CharField(max_length=64, default="")
    created_at: datetime = fields.DatetimeField()

    class Meta:
        table = "attachment"
        indexes = (("case_id",), ("person_id",))
