from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.region import Region


class Person(Model):
    """Somebody who speaks to us: resident, worker or staff, told apart only by the duties they hold."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=40, default="")
    phone = fields.TextField(default="", description="sealed; see services.ports.Cipher")
    phone_index: str | None = fields.CharField(max_length=64, null=True, unique=True)  # type: ignore[assignment]
    grid: fields.ForeignKeyNullableRelation[Region] = fields.ForeignKeyField(
        "models.Region", related_name="residents", null=True, on_delete=fields.SET_NULL
    )
    grid_id: int | None
    created_at = fields.DatetimeField(auto_now_add=True)
    lost_since: datetime | None = fields.DatetimeField(
        null=True, description="staff whom WeChat no longer reaches, once that was noticed"
    )

    class Meta:
        table = "person"


class Identity(Model):
    """One person in one WeChat account. An openid means nothing outside its appid."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="identities")
    person_id: int
    appid = fields.CharField(max_length=40)
    openid = fields.CharField(max_length=64)
    unionid: str | None = fields.CharField(max_length=64, null=True, db_index=True)  # type: ignore[assignment]
    kind = fields.CharField(max_length=8, description="official | mini")
    subscribed = fields.BooleanField(default=True)
    window_until: datetime | None = fields.DatetimeField(null=True)
    window_left = fields.SmallIntField(default=0)
    last_inbound_at: datetime | None = fields.DatetimeField(null=True)
    pending = fields.JSONField[dict[str, object]](null=True, description="the question the chat waits to have answered")
    bind_tries = fields.SmallIntField(default=0)
    bind_tries_since: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "identity"
        unique_together = (("appid", "openid"),)
        indexes = (("person_id",),)


class Session(Model):
    """A sign-in of the mini program. Only the token's hash is kept."""

    id = fields.BigIntField(primary_key=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="sessions")
    person_id: int
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "session"
        indexes = (("person_id",),)
