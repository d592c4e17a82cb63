"""When an answer was given again: what a repeat was given, no message may tell a second time."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0007_concerned")]

    operations = [
        ops.AddField("Inbound", "repeated_at", fields.DatetimeField(null=True, description="when a repeat was given the answer")),
    ]
