"""Patrols with their tracks, days without one, boundaries of grids; who and what is visited, and the visits."""

from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from models.migration_steps import Together

FORWARD = [
    # Whoever is on patrol is on one.
    "CREATE UNIQUE INDEX patrol_open ON patrol (person_id) WHERE ended_at IS NULL",
    # What the sweep of forgotten ones looks through: those that go on.
    "CREATE INDEX patrol_going_on ON patrol (started_at) WHERE ended_at IS NULL",
    "CREATE INDEX patrol_stale ON patrol (id) WHERE stale",
    # The list of what is due, the longest overdue first.
    "CREATE INDEX subject_due ON subject (grid_id, next_due, id) WHERE active",
    # The principle of domain/visit.py: no list of people by belief, petitions, views, health or record.
    "ALTER TABLE subject ADD CONSTRAINT subject_kind "
    "CHECK (kind IN ('hazard', 'supported', 'care', 'household', 'rental', 'shop'))",
    "ALTER TABLE subject ADD CONSTRAINT subject_agreed "
    "CHECK (kind NOT IN ('supported', 'care') OR agreed_at IS NOT NULL)",
]
BACKWARD = [
    "ALTER TABLE subject DROP CONSTRAINT subject_agreed",
    "ALTER TABLE subject DROP CONSTRAINT subject_kind",
    "DROP INDEX subject_due",
    "DROP INDEX patrol_stale",
    "DROP INDEX patrol_going_on",
    "DROP INDEX patrol_open",
]

class Migration(migrations.Migration):
    dependencies = [('models', '0017_boards')]

    initial = False

    operations = [
        Together(
            ops.CreateModel(
                name='Boundary',
                fields=[
                    ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', db_constraint=True, to_field='id', related_name='boundaries', on_delete=OnDelete.CASCADE)),
                    ('ring', fields.JSONField(description='longitude and latitude of each corner, GCJ-02', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ],
                options={'table': 'boundary', 'app': 'models', 'unique_together': (('region_id',),), 'pk_attr': 'id', 'table_description': 'How far a grid reaches on the map.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='ExemptDay',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', db_constraint=True, to_field='id', related_name='exempt_days', on_delete=OnDelete.CASCADE)),
                    ('day', fields.DateField()),
                    ('reason', fields.CharField(max_length=200)),
                    ('set_by_id', fields.BigIntField()),
                    ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'exempt_day', 'app': 'models', 'unique_together': (('region_id', 'day'),), 'pk_attr': 'id', 'table_description': 'A day on which nobody below a region owes a patrol, for the weather (X 四).'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='Patrol',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('person', fields.ForeignKeyField('models.Person', source_field='person_id', db_constraint=True, to_field='id', related_name='patrols', on_delete=OnDelete.RESTRICT)),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', db_constraint=True, to_field='id', related_name='patrols', on_delete=OnDelete.RESTRICT)),
                    ('day', fields.DateField(description="of China's calendar, on which it began")),
                    ('started_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                    ('ended_by', fields.CharField(default='', description='worker | clock; empty: it goes on', max_length=6)),
                    ('source', fields.CharField(description='mini | chat', max_length=4)),
                    ('length_metres', fields.IntField(default=0)),
                    ('seconds', fields.IntField(default=0)),
                    ('coverage', fields.FloatField(null=True, description='0 to 1 of the grid; empty: no boundary is known')),
                    ('suspicious', fields.CharField(default='', description='domain.track.Doubt, with spaces between', max_length=60)),
                    ('content', fields.CharField(default='', max_length=1000)),
                    ('result', fields.CharField(default='', max_length=1000)),
                    ('points', fields.IntField(default=0)),
                    ('last_point_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                    ('stale', fields.BooleanField(default=False, description='points have come since it was measured')),
                    ('clock_off', fields.BooleanField(default=False, description="the phone's clock was wrong by more than ten minutes")),
                ],
                options={'table': 'patrol', 'app': 'models', 'indexes': [Index(fields=['person_id', 'day']), Index(fields=['region_id', 'id']), Index(fields=['region_id', 'day'])], 'pk_attr': 'id', 'table_description': 'A patrol 巡查. What is measured of it is written at its end, and anew once points came later.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='PatrolBatch',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('patrol', fields.ForeignKeyField('models.Patrol', source_field='patrol_id', db_constraint=True, to_field='id', related_name='batches', on_delete=OnDelete.CASCADE)),
                    ('device', fields.CharField(default='', max_length=40)),
                    ('number', fields.IntField(description="the phone's own, so that a batch that comes twice is kept once")),
                    ('sum', fields.CharField(description='of the points as they were sent', max_length=32)),
                    ('count', fields.IntField()),
                    ('sealed', fields.TextField(description='see services.ports.Cipher and services.patrol_points', unique=False)),
                    ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'patrol_batch', 'app': 'models', 'unique_together': (('patrol_id', 'device', 'number'),), 'indexes': [Index(fields=['at'])], 'pk_attr': 'id', 'table_description': 'Points that a phone sent at once, packed and sealed: where somebody went is for few, and not for ever.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='Subject',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('grid', fields.ForeignKeyField('models.Region', source_field='grid_id', db_constraint=True, to_field='id', related_name='subjects', on_delete=OnDelete.RESTRICT)),
                    ('kind', fields.CharField(max_length=10)),
                    ('title', fields.CharField(description='what the list calls it; of people a masked name', max_length=60)),
                    ('sealed', fields.TextField(default='', description='name, phone and address; see services.ports.Cipher', unique=False)),
                    ('every_days', fields.SmallIntField()),
                    ('next_due', fields.DateField()),
                    ('agreed_at', fields.DatetimeField(null=True, description='when it was noted that they know and agree', auto_now=False, auto_now_add=False)),
                    ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('active', fields.BooleanField(default=True)),
                ],
                options={'table': 'subject', 'app': 'models', 'indexes': [Index(fields=['grid_id', 'id'])], 'pk_attr': 'id', 'table_description': "Whom or what a grid's worker visits."},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='SubjectLook',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('subject', fields.ForeignKeyField('models.Subject', source_field='subject_id', db_constraint=True, to_field='id', related_name='looks', on_delete=OnDelete.CASCADE)),
                    ('by_id', fields.BigIntField()),
                ],
                options={'table': 'subject_look', 'app': 'models', 'indexes': [Index(fields=['subject_id', 'id']), Index(fields=['at'])], 'pk_attr': 'id', 'table_description': 'Somebody has looked at what is sealed of a subject (Y art. 36).'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='Visit',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('person', fields.ForeignKeyField('models.Person', source_field='person_id', db_constraint=True, to_field='id', related_name='visits', on_delete=OnDelete.RESTRICT)),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', db_constraint=True, to_field='id', related_name='visits', on_delete=OnDelete.RESTRICT)),
                    ('subject', fields.ForeignKeyField('models.Subject', source_field='subject_id', db_constraint=True, to_field='id', related_name='visits', on_delete=OnDelete.RESTRICT)),
                    ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('due_on', fields.DateField(null=True, description='the date it was for; empty: beside the list')),
                    ('in_time', fields.BooleanField()),
                    ('result', fields.CharField(max_length=1000)),
                    ('next_date', fields.DateField()),
                    ('source', fields.CharField(description='mini | chat', max_length=4)),
                ],
                options={'table': 'visit', 'app': 'models', 'indexes': [Index(fields=['person_id', 'at']), Index(fields=['region_id', 'id']), Index(fields=['subject_id', 'id'])], 'pk_attr': 'id', 'table_description': 'A visit 走访 as it was recorded; never edited.'},
                bases=['Model'],
            ),
            ops.AddField(
                model_name='Attachment',
                name='patrol_id',
                field=fields.BigIntField(null=True, db_index=True),
            ),
            ops.AddField(
                model_name='Attachment',
                name='visit_id',
                field=fields.BigIntField(null=True, db_index=True),
            ),
            ops.RunSQL(FORWARD, BACKWARD),
        ),
    ]
