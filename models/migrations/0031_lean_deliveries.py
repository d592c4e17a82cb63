"""A message that goes out is written twice, and each time enters every index that knows it: it is in fewer now.

Of a case's news only its case is looked up, of a notice's recipients only the notice.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops
from models.migration_steps import Together


class Migration(migrations.Migration):
    dependencies = [("models", "0030_records")]

    operations = [
        Together(
            ops.RemoveIndex(model_name="Delivery", fields=["case_id"]),
            ops.RemoveConstraint(model_name="Delivery", fields=["notice_id", "person_id"]),
            ops.RunSQL(
                [
                    "CREATE INDEX delivery_of_case ON delivery (case_id) WHERE case_id IS NOT NULL",
                    "CREATE UNIQUE INDEX delivery_recipient ON delivery (notice_id, person_id) WHERE notice_id IS NOT NULL",
                ],
                ["DROP INDEX delivery_recipient", "DROP INDEX delivery_of_case"],
            ),
        ),
    ]
