"""Who answered a leave, whom WeChat has lost, and which posts were reported as vacant."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from models.migration_steps import Together


class Migration(migrations.Migration):
    dependencies = [('models', '0010_repeated_answers')]

    initial = False

    operations = [
        Together(
            ops.AddField(
                model_name='Leave',
                name='decided_by_id',
                field=fields.BigIntField(null=True, description='who approved or refused it'),
            ),
            ops.AddField(
                model_name='Leave',
                name='answer',
                field=fields.CharField(default='', db_default='', description='why it was refused', max_length=200),
            ),
            ops.AddField(
                model_name='Person',
                name='lost_since',
                field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False, description='staff whom WeChat no longer reaches, once that was noticed'),
            ),
            ops.AddField(
                model_name='Region',
                name='vacant_since',
                field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False, description='nobody holds a post here, once that was noticed'),
            ),
        ),
    ]
