"""Counted figures of every region, files that somebody asked for, a town's own days, and who changed the rules."""

from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from models.migration_steps import Together

class Migration(migrations.Migration):
    dependencies = [('models', '0026_regions_console')]

    initial = False

    operations = [
        Together(
            ops.CreateModel(
                name='Export',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('by_id', fields.BigIntField(description='who asked, and who alone may open it')),
                    ('what', fields.CharField(description='cases | assessment | work_log | audit', max_length=12)),
                    ('file_format', fields.CharField(description='csv | xlsx', max_length=4)),
                    ('region_id', fields.IntField()),
                    ('region_name', fields.CharField(description='as it was called then', max_length=60)),
                    ('since', fields.DateField()),
                    ('until', fields.DateField()),
                    ('state', fields.CharField(description='waiting | running | done | failed | cancelled | expired', max_length=9)),
                    ('why', fields.CharField(default='', description='it has failed', db_default='', max_length=20)),
                    ('attempt', fields.SmallIntField(default=0, description='how often a job has begun it', db_default=0)),
                    ('done_rows', fields.IntField(default=0, db_default=0)),
                    ('all_rows', fields.IntField(null=True, description='as counted at the beginning')),
                    ('parts', fields.IntField(default=0, description='of the file, as the store keeps it', db_default=0)),
                    ('size', fields.BigIntField(default=0, description='bytes', db_default=0)),
                    ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('beat_at', fields.DatetimeField(description='the last sign of life', auto_now=False, auto_now_add=False)),
                    ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                    ('expires_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'export', 'app': 'models', 'indexes': [Index(fields=['by_id', 'id'])], 'pk_attr': 'id', 'table_description': 'A file that somebody asked for: made by a job, for its asker only, and deleted after a while.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='FigureCount',
                fields=[
                    ('month', fields.DateField(primary_key=True, unique=True, db_index=True)),
                    ('counted_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'figure_count', 'app': 'models', 'pk_attr': 'month', 'table_description': 'That a month was counted, and when last.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='FigureDay',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', db_constraint=True, to_field='id', related_name='figure_days', on_delete=OnDelete.CASCADE)),
                    ('day', fields.DateField(description="of China's calendar")),
                    ('filed', fields.IntField()),
                    ('resolved', fields.IntField()),
                    ('ended', fields.IntField(description='resolved or declined')),
                    ('open', fields.IntField(description='in the evening')),
                ],
                options={'table': 'figure_day', 'app': 'models', 'unique_together': (('region_id', 'day'),), 'pk_attr': 'id', 'table_description': 'What came and went below a region on one day; a day on which nothing happened has no row.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='FigureMonth',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', db_constraint=True, to_field='id', related_name='figure_months', on_delete=OnDelete.CASCADE)),
                    ('month', fields.DateField(description="its first day; of China's calendar")),
                    ('kind', fields.CharField(description='all | type | level', max_length=5)),
                    ('key', fields.CharField(description="a type's code, a level's number, or empty", max_length=40)),
                    ('filed', fields.IntField()),
                    ('answered', fields.IntField()),
                    ('answer_seconds', fields.BigIntField(description='all added up, until the first answer')),
                    ('answer_spans', fields.JSONField(description='of them within 1, 4, 24, 72 hours', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                    ('resolved', fields.IntField()),
                    ('resolve_seconds', fields.BigIntField(description='all added up')),
                    ('resolve_spans', fields.JSONField(description='of them within 1, 3, 7, 30 days', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                    ('in_time', fields.IntField(description='of those resolved')),
                    ('declined', fields.IntField()),
                    ('rated', fields.IntField()),
                    ('stars', fields.IntField(description='all ratings added up')),
                ],
                options={'table': 'figure_month', 'app': 'models', 'unique_together': (('region_id', 'month', 'kind', 'key'),), 'pk_attr': 'id', 'table_description': 'What was filed below a region in one month, and what came of it: in all, by event type, and by level.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='FigureOpen',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', db_constraint=True, to_field='id', related_name='figure_open', on_delete=OnDelete.CASCADE)),
                    ('open', fields.IntField()),
                    ('late', fields.IntField(description='past the deadline that runs')),
                    ('spans', fields.JSONField(description='not older than 1, 3, 7, 30 days', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ],
                options={'table': 'figure_open', 'app': 'models', 'unique_together': (('region_id',),), 'pk_attr': 'id', 'table_description': 'What is open below a region now, by age.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='RuleChange',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('by_id', fields.BigIntField()),
                    ('what', fields.CharField(description='event_type | town_day', max_length=10)),
                    ('key', fields.CharField(description="the type's code, or the day", max_length=40)),
                    ('before', fields.JSONField(null=True, description='empty: it was not there', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                    ('after', fields.JSONField(null=True, description='empty: it is not there any more', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ],
                options={'table': 'rule_change', 'app': 'models', 'indexes': [Index(fields=['what', 'key', 'id'])], 'pk_attr': 'id', 'table_description': 'A change of the event list or of the working calendar, as it was before and after. Appended, never edited.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='TownDay',
                fields=[
                    ('day', fields.DateField(primary_key=True, unique=True, db_index=True)),
                    ('works', fields.BooleanField()),
                    ('why', fields.CharField(default='', db_default='', max_length=60)),
                    ('by_id', fields.BigIntField(description='who said so')),
                    ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'town_day', 'app': 'models', 'pk_attr': 'day', 'table_description': 'A day that is worked, or not, although calendar and settings say otherwise.'},
                bases=['Model'],
            ),
            ops.RunSQL(
                [
                    # What a sweep looks for: files that are being made, and those whose time is over.
                    "CREATE INDEX export_under_way ON export (id) WHERE state IN ('waiting', 'running')",
                    "CREATE INDEX export_kept ON export (expires_at) WHERE state = 'done'",
                    "CREATE INDEX export_left ON export (id) WHERE state IN ('failed', 'cancelled') AND parts > 0",
                ],
                ["DROP INDEX export_left", "DROP INDEX export_kept", "DROP INDEX export_under_way"],
            ),
        ),
    ]
