from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.person import Person


class StaffLogin(Model):
    """A password for the staff console. Only its hash is kept."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="logins")
    person_id: int
    login = fields.CharField(
        max_length=40, default="", db_default="", description="a name to sign in with; empty: by phone number only"
    )
    password_hash = fields.CharField(max_length=200, description="argon2id, with its parameters and salt")
    one_time = fields.BooleanField(description="given by the town, to be changed at the first sign-in")
    expires_at: datetime | None = fields.DatetimeField(null=True, description="of a one-time password")
    changed_at: datetime = fields.DatetimeField(description="sign-ins made before are over")

    class Meta:
        table = "staff_login"
        unique_together = (("person_id",),)
