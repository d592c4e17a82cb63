"""What lies or lay with a department, found by index also after it is done."""

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0005_life_indexes")]

    operations = [
        ops.RunSQL(
            ['CREATE INDEX case_of_department ON "case" (department_id) WHERE department_id IS NOT NULL'],
            ["DROP INDEX case_of_department"],
        )
    ]
