"""What a town says itself of the settings, whose it is in the history, and what a subject's cycle was asked to be."""

import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from models.migration_steps import Together


class Migration(migrations.Migration):
    dependencies = [("models", "0031_lean_deliveries")]

    operations = [
        Together(
            ops.CreateModel(
                name="TownSetting",
                fields=[
                    ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ("region", fields.ForeignKeyField("models.Region", source_field="region_id", db_constraint=True, to_field="id", related_name="settings", on_delete=OnDelete.CASCADE)),
                    ("section", fields.CharField(description="of config.toml: deadlines | leave | patrol | …", max_length=20)),
                    ("own", fields.JSONField(description="by key, checked; a table's keys as resolve_days.3", encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads)),
                ],
                options={"table": "town_setting", "app": "models", "unique_together": (("region_id", "section"),), "pk_attr": "id", "table_description": "What a region says itself of a section of the settings, for everything below it; what it leaves out is above."},
                bases=["Model"],
            ),
            ops.AddField(model_name="RuleChange", name="region_id", field=fields.IntField(null=True, description="whose setting; empty: the rule is everybody's")),
            ops.AlterModelOptions(
                name="RuleChange",
                options={"table": "rule_change", "app": "models", "indexes": [Index(fields=["what", "key", "id"])], "pk_attr": "id", "table_description": "A change of event list, working calendar or a town's settings, as it was before and after. Never edited."},
            ),
            ops.AlterField(model_name="RuleChange", name="key", field=fields.CharField(description="the type's code, the day, or the section", max_length=40)),
            ops.AlterField(model_name="RuleChange", name="what", field=fields.CharField(description="event_type | town_day | setting", max_length=10)),
            ops.AddField(model_name="Subject", name="asked_days", field=fields.SmallIntField(null=True, description="what whoever listed it asked for; empty: as the town has it")),
            ops.RunSQL(
                [
                    # Which of the old cycles were asked for was not kept: whatever is stricter than the notices counts
                    # as asked for, so that nobody who is looked in on more often is forgotten.
                    "UPDATE subject SET asked_days = every_days WHERE every_days < "
                    "CASE kind WHEN 'hazard' THEN 1 WHEN 'supported' THEN 7 ELSE 30 END",
                    "CREATE INDEX rule_change_of_region ON rule_change (region_id, id) WHERE region_id IS NOT NULL",
                ],
                ["DROP INDEX rule_change_of_region"],
            ),
        ),
    ]
