"""The photos of a patrol and of a visit are found by it: ``AddField`` (0018) makes no index, whatever its field says.

Without them every month that was closed, and every list of visits, read all photos there are.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops
from models.migration_steps import Together


class Migration(migrations.Migration):
    dependencies = [("models", "0036_audit_notes")]

    operations = [
        Together(
            ops.RunSQL(
                [
                    "CREATE INDEX attachment_patrol ON attachment (patrol_id)",
                    "CREATE INDEX attachment_visit ON attachment (visit_id)",
                ],
                ["DROP INDEX attachment_visit", "DROP INDEX attachment_patrol"],
            ),
        ),
    ]
