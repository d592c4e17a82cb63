"""Whom a complaint is about: known for good, so that it stays hidden from them whoever holds the case later."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from models.migration_steps import Together


class Migration(migrations.Migration):
    dependencies = [("models", "0006_departments")]

    operations = [
        Together(
            ops.CreateModel(
                name="Concerned",
                fields=[
                    ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    (
                        "case",
                        fields.ForeignKeyField(
                            "models.Case",
                            source_field="case_id",
                            db_constraint=True,
                            to_field="id",
                            related_name="concerned",
                            on_delete=OnDelete.CASCADE,
                        ),
                    ),
                    ("person_id", fields.BigIntField()),
                ],
                options={
                    "table": "concerned",
                    "app": "models",
                    "unique_together": (("case_id", "person_id"),),
                    "indexes": [Index(fields=["person_id"])],
                    "pk_attr": "id",
                    "table_description": "Somebody whom a complaint may be about: it is hidden from them in every way.",
                },
                bases=["Model"],
            ),
            ops.RunSQL(
                ["CREATE INDEX case_complaint ON \"case\" (unit_id, id) WHERE kind = 'complaint'"],
                ["DROP INDEX case_complaint"],
            ),
        ),
    ]
