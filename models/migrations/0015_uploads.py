"""Uploads from the mini program: why one was refused, the small picture of a photo; and words that were found risky."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from models.migration_steps import Together


class Migration(migrations.Migration):
    dependencies = [("models", "0014_notices")]

    operations = [
        Together(
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
            ops.AlterField(
                model_name="Case",
                name="kind",
                field=fields.CharField(
                    max_length=10, default="case", db_default="case", description="case | complaint | held"
                ),
            ),
            ops.CreateModel(
                name="SafetyCheck",
                fields=[
                    ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    (
                        "case",
                        fields.ForeignKeyField(
                            "models.Case",
                            source_field="case_id",
                            db_constraint=True,
                            to_field="id",
                            related_name="safety_checks",
                            on_delete=OnDelete.CASCADE,
                        ),
                    ),
                    (
                        "state",
                        fields.CharField(
                            max_length=12, description="held | marked | unchecked | released | turned_down"
                        ),
                    ),
                    (
                        "why",
                        fields.CharField(
                            max_length=200, default="", description="which word, or the label that was given"
                        ),
                    ),
                    ("at", fields.DatetimeField()),
                    ("tried_at", fields.DatetimeField(description="when it was last tried to have it looked at")),
                    ("decided_by_id", fields.BigIntField(null=True)),
                    ("decided_at", fields.DatetimeField(null=True)),
                ],
                options={
                    "table": "safety_check",
                    "app": "models",
                    "indexes": [Index(fields=["case_id"]), Index(fields=["state", "at"])],
                    "pk_attr": "id",
                    "table_description": "A case whose words were found risky, or that nobody could look at. "
                    "Words that passed leave no row.",
                },
                bases=["Model"],
            ),
        ),
    ]
