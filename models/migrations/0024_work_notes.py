"""What staff add to their work logs, and the way from somebody to what they did."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from models.migration_steps import Together


class Migration(migrations.Migration):
    dependencies = [('models', '0023_visit_photos')]

    initial = False

    operations = [
        Together(
            ops.CreateModel(
                name='WorkNote',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('person_id', fields.BigIntField()),
                    ('day', fields.DateField(description="of China's calendar")),
                    ('at', fields.DatetimeField(description='when it was written', auto_now=False, auto_now_add=False)),
                    ('text', fields.CharField(max_length=500)),
                ],
                options={'table': 'work_note', 'app': 'models', 'indexes': [Index(fields=['person_id', 'day'])], 'pk_attr': 'id', 'table_description': 'What a member of staff adds to their work log (工作日志): all else in it is read from what they did.'},
                bases=['Model'],
            ),
            ops.RunSQL(
                [
                    # Of staff only: a resident's filing, the most frequent step of all, costs nothing here.
                    "CREATE INDEX case_event_of_staff ON case_event (person_id, at) "
                    "WHERE person_id IS NOT NULL AND role <> 'resident'",
                    "CREATE INDEX delivery_visited_by ON delivery (visited_by_id, visited_at) WHERE visited_at IS NOT NULL",
                ],
                ["DROP INDEX delivery_visited_by", "DROP INDEX case_event_of_staff"],
            ),
        ),
    ]
