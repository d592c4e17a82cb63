"""The console looks at the tree of regions a level at a time; whether a grid has sisters is asked for each vacant one."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from models.migration_steps import Together


class Migration(migrations.Migration):
    dependencies = [("models", "0024_work_notes")]

    operations = [
        Together(
            ops.RunSQL(
                ["CREATE INDEX region_children ON region (parent_id, code)"],
                ["DROP INDEX region_children"],
            ),
        ),
    ]
