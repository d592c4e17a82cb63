"""A photo of telling somebody in person."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from models.migration_steps import Together


class Migration(migrations.Migration):
    dependencies = [('models', '0022_polls')]

    initial = False

    operations = [
        Together(
            ops.AddField(
                model_name='Delivery',
                name='visit_photo_id',
                field=fields.UUIDField(null=True, description='of it, where there is one'),
            ),
            ops.RunSQL(
                ["CREATE INDEX delivery_visit_photo ON delivery (visit_photo_id) WHERE visit_photo_id IS NOT NULL"],
                ["DROP INDEX delivery_visit_photo"],
            ),
        ),
    ]
