from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.person import Person
from models.region import Region


class Notice(Model):
    """A notice to people of a region's subtree. Its id is the number that people type."""

    id = fields.BigIntField(primary_key=True)
    author: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="notices")
    author_id: int
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField("models.Region", related_name="notices")
    region_id: int
    title = fields.CharField(max_length=60, default="", db_default="")
    text = fields.TextField()
    link = fields.CharField(max_length=400, default="", db_default="")
    picture_id: UUID | None = fields.UUIDField(null=True)
    audience = fields.JSONField[dict[str, object]](default=dict, db_default="{}", description="domain.notice.Audience")
    urgent = fields.BooleanField(default=False, db_default=False, description="goes out in quiet hours too")
    token: UUID | None = fields.UUIDField(
        null=True, unique=True, description="the page's link for a preview: counts nobody"
    )
    state = fields.CharField(max_length=10, description="domain.notice.Status")
    reach = fields.IntField(default=0, description="people, fixed when the notice is spread")
    fixed = fields.BooleanField(default=False, db_default=False, description="all recipients are written down")
    spread_after = fields.BigIntField(default=0, db_default=0, description="recipients up to this person are written")
    stirred_at: datetime | None = fields.DatetimeField(
        null=True, description="when its rows last moved; empty once they are in line with its state"
    )
    created_at: datetime = fields.DatetimeField()
    starts_at: datetime | None = fields.DatetimeField(null=True, description="scheduled, or rests until then")
    expires_at: datetime | None = fields.DatetimeField(null=True, description="what has not gone out then never goes")
    rests_at: datetime | None = fields.DatetimeField(null=True, description="when quiet hours stop it")
    sent_at: datetime | None = fields.DatetimeField(null=True, description="when sending began")
    ended_at: datetime | None = fields.DatetimeField(null=True)
    thinned_at: datetime | None = fields.DatetimeField(null=True, description="when only counts were left")

    class Meta:
        table = "notice"
        indexes = (("region_id", "id"),)


class NoticeEvent(Model):
    """What was done with a notice, and by whom; never edited."""

    id = fields.BigIntField(primary_key=True)
    notice: fields.ForeignKeyRelation[Notice] = fields.ForeignKeyField("models.Notice", related_name="events")
    notice_id: int
    at: datetime = fields.DatetimeField()
    person_id: int | None = fields.BigIntField(null=True, description="empty: by the clock")
    action = fields.CharField(max_length=10)
    note = fields.CharField(max_length=200, default="")

    class Meta:
        table = "notice_event"
        indexes = (("notice_id", "id"),)


class NoticeTally(Model):
    """What is left of a notice's deliveries after the retention period: counts."""

    id = fields.BigIntField(primary_key=True)
    notice: fields.ForeignKeyRelation[Notice] = fields.ForeignKeyField("models.Notice", related_name="tallies")
    notice_id: int
    region_id: int = fields.IntField(description="the village; 0 where none is known")
    state = fields.CharField(max_length=10)
    channel = fields.CharField(max_length=10, default="")
    reason = fields.CharField(max_length=200, default="")
    people = fields.IntField()
    opened = fields.IntField(default=0)
    visited = fields.IntField(default=0)
    unvisited = fields.IntField(default=0, description="neither reached nor told in person")

    class Meta:
        table = "notice_tally"
        unique_together = (("notice_id", "region_id", "state", "channel", "reason"),)
