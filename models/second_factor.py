from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.person import Person


class SecondFactor(Model):
    """A second step of signing in to the console (RFC 6238): the secret that a phone's app makes its codes of."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="second_factors")
    person_id: int
    secret = fields.TextField(description="sealed; in base32 when opened")
    made_at: datetime = fields.DatetimeField()
    confirmed_at: datetime | None = fields.DatetimeField(null=True, description="asked for since; empty: being set up")
    last_step = fields.BigIntField(default=0, description="of the newest code taken: none counts twice")
    recovery = fields.JSONField[dict[str, str]](
        default=dict, description="argon2id of each one-time code that is left, by its first character"
    )

    class Meta:
        table = "second_factor"
        unique_together = (("person_id",),)


class SignInScene(Model):
    """A temporary WeChat scene on the sign-in page: whoever scans and confirms it signs that browser in, once."""

    id = fields.BigIntField(primary_key=True)
    scene = fields.CharField(max_length=40, unique=True)
    browser = fields.CharField(max_length=64, description="SHA-256 of the token of the browser that asked")
    url = fields.CharField(max_length=200, description="what the code on the page holds, as WeChat gave it")
    asked_at: datetime = fields.DatetimeField()
    asked_from = fields.CharField(max_length=80, description="as the chat tells whoever scans it")
    person_id: int | None = fields.BigIntField(null=True, description="who has scanned it")
    confirmed_at: datetime | None = fields.DatetimeField(null=True)
    refused_at: datetime | None = fields.DatetimeField(null=True, description="they said that it was not them")
    used_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "sign_in_scene"
        indexes = (("asked_at",),)
