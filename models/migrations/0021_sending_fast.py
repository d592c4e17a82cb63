"""Each message that leaves takes one off the person's window: with room on the page, that change touches no index."""

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0020_console")]

    operations = [
        ops.RunSQL(
            ["ALTER TABLE identity SET (fillfactor = 80)"],
            ["ALTER TABLE identity RESET (fillfactor)"],
        ),
    ]
