from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.region import Region


class Poll(Model):
    """A question to the residents of a place (民意征集)."""

    id = fields.BigIntField(primary_key=True)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField("models.Region", related_name="polls")
    region_id: int
    author_id = fields.BigIntField()
    title = fields.CharField(max_length=60)
    text = fields.TextField(default="")
    picture_id = fields.UUIDField(null=True)
    most = fields.SmallIntField(default=1, description="how many answers one person may choose")
    voters = fields.IntField(default=0, db_default=0)
    created_at: datetime = fields.DatetimeField()
    closes_at: datetime = fields.DatetimeField()
    closed_at: datetime | None = fields.DatetimeField(null=True, description="ended before its time")
    withdrawn_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "poll"
        indexes = (("region_id", "id"),)


class PollOption(Model):
    """One answer, and how many have chosen it. Who they are is written down nowhere."""

    id = fields.BigIntField(primary_key=True)
    poll: fields.ForeignKeyRelation[Poll] = fields.ForeignKeyField(
        "models.Poll", related_name="options", on_delete=fields.CASCADE
    )
    poll_id: int
    place = fields.SmallIntField(description="1 for the first")
    text = fields.CharField(max_length=60)
    votes = fields.IntField(default=0)

    class Meta:
        table = "poll_option"
        unique_together = (("poll_id", "place"),)


class PollVoter(Model):
    """That somebody has voted, so that nobody votes twice; never what for, nor when."""

    id = fields.BigIntField(primary_key=True)
    poll: fields.ForeignKeyRelation[Poll] = fields.ForeignKeyField(
        "models.Poll", related_name="ballots", on_delete=fields.CASCADE
    )
    poll_id: int
    person_id = fields.BigIntField(db_index=True)

    class Meta:
        table = "poll_voter"
        unique_together = (("poll_id", "person_id"),)
