"""Uploads from the mini program: why one was refused, and the small picture of a photo."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0014_notices")]

    operations = [
        ops.AlterField(
            model_name="Attachment",
            name="state",
            field=fields.CharField(
                max_length=8, default="pending", description="asked | pending | kept | lost | refused"
            ),
        ),
        ops.AddField(
            model_name="Attachment",
            name="refused",
            field=fields.CharField(max_length=12, default="", db_default="", description="why an upload was not kept"),
        ),
        ops.AddField(
            model_name="Attachment",
            name="thumb_key",
            field=fields.CharField(max_length=120, default="", db_default="", description="a small picture of it"),
        ),
    ]
