from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from models.migration_steps import Together

class Migration(migrations.Migration):
    dependencies = [('models', '0003_history')]

    initial = False

    operations = [
        Together(
            ops.CreateModel(
                name='CoHandler',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('case', fields.ForeignKeyField('models.Case', source_field='case_id', db_constraint=True, to_field='id', related_name='co_handlers', on_delete=OnDelete.CASCADE)),
                    ('person_id', fields.BigIntField()),
                    ('department_id', fields.IntField(null=True)),
                    ('unit_id', fields.IntField(null=True)),
                    ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('answered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'co_handler', 'app': 'models', 'unique_together': (('case_id', 'person_id'),), 'indexes': [Index(fields=['person_id'])], 'pk_attr': 'id', 'table_description': "Somebody asked to co-handle a case (会办): a department or another region's queue, through one person."},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='DeadlineRules',
                fields=[
                    ('id', fields.SmallIntField(generated=False, primary_key=True, unique=True, db_index=True)),
                    ('fingerprint', fields.CharField(max_length=64)),
                    ('applied_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'deadline_rules', 'app': 'models', 'pk_attr': 'id', 'table_description': "The rules that the open cases' deadlines were computed with: one row. Others mean that all are computed anew."},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='Department',
                fields=[
                    ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('name', fields.CharField(max_length=60)),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', db_constraint=True, to_field='id', related_name='departments', on_delete=OnDelete.CASCADE)),
                ],
                options={'table': 'department', 'app': 'models', 'unique_together': (('region_id', 'name'),), 'pk_attr': 'id', 'table_description': 'A department (职能部门) of a town, county or city, which works what is dispatched to it.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='EventType',
                fields=[
                    ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('code', fields.CharField(unique=True, max_length=40)),
                    ('name', fields.CharField(max_length=60)),
                    ('parent', fields.ForeignKeyField('models.EventType', source_field='parent_id', null=True, db_constraint=True, to_field='id', related_name='children', on_delete=OnDelete.RESTRICT)),
                    ('category', fields.CharField(description='one of the eight, DOMAIN §3', max_length=40)),
                    ('score_class', fields.CharField(default='C', description='A | B | C', max_length=1)),
                    ('usual_level', fields.SmallIntField(default=1)),
                    ('accept_hours', fields.FloatField(null=True, description="working hours; empty: the town's default")),
                    ('resolve_days', fields.FloatField(null=True, description='working days; empty: by level')),
                    ('photos', fields.CharField(default='none', description='none | after | both', max_length=6)),
                    ('department', fields.CharField(default='', description='name of the department that takes it', max_length=60)),
                    ('urgent', fields.BooleanField(default=False)),
                    ('keywords', fields.JSONField(default=list, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                    ('state', fields.CharField(default='approved', description='proposed | approved | refused | retired', max_length=8)),
                    ('proposed_by_id', fields.BigIntField(null=True)),
                    ('decided_by_id', fields.BigIntField(null=True)),
                    ('reason', fields.CharField(default='', max_length=200)),
                    ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'event_type', 'app': 'models', 'pk_attr': 'id', 'table_description': 'One line of the published event list (事项清单), a tree. ``code`` is what a case keeps.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='SavedFilter',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('person', fields.ForeignKeyField('models.Person', source_field='person_id', db_constraint=True, to_field='id', related_name='saved_filters', on_delete=OnDelete.CASCADE)),
                    ('name', fields.CharField(max_length=40)),
                    ('wanted', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                    ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'saved_filter', 'app': 'models', 'unique_together': (('person_id', 'name'),), 'pk_attr': 'id', 'table_description': 'A search that somebody has given a name.'},
                bases=['Model'],
            ),
            ops.AddField(
                model_name='Case',
                name='about_case_id',
                field=fields.BigIntField(null=True, description='which case a complaint is about'),
            ),
            ops.AddField(
                model_name='Case',
                name='about_person_id',
                field=fields.BigIntField(null=True, description='whom a complaint is about'),
            ),
            ops.AddField(
                model_name='Case',
                name='alert_unit',
                field=fields.ForeignKeyField('models.Region', source_field='alert_unit_id', null=True, description="whose queue shows it too: the town's, where it is urgent", db_constraint=True, to_field='id', related_name='cases_alerted', on_delete=OnDelete.SET_NULL),
            ),
            ops.AddField(
                model_name='Case',
                name='appealed',
                field=fields.BooleanField(default=False, db_default=False),
            ),
            ops.AddField(
                model_name='Case',
                name='clock_from',
                field=fields.DatetimeField(null=True, description='when the clocks that run now began', auto_now=False, auto_now_add=False),
            ),
            ops.AddField(
                model_name='Case',
                name='department',
                field=fields.ForeignKeyField('models.Department', source_field='department_id', null=True, db_constraint=True, to_field='id', related_name='cases', on_delete=OnDelete.SET_NULL),
            ),
            ops.AddField(
                model_name='Case',
                name='kind',
                field=fields.CharField(default='case', description='case | complaint', db_default='case', max_length=10),
            ),
            ops.AddField(
                model_name='Case',
                name='merged_into',
                field=fields.ForeignKeyField('models.Case', source_field='merged_into_id', null=True, db_constraint=True, to_field='id', related_name='duplicates', on_delete=OnDelete.SET_NULL),
            ),
            ops.AddField(
                model_name='Case',
                name='paused_seconds',
                field=fields.IntField(null=True, description='what was left to resolve it when it was suspended, in the time that its clock counts'),
            ),
            ops.AddField(
                model_name='Case',
                name='remind_at',
                field=fields.DatetimeField(null=True, description='75 % of the deadline that runs now', auto_now=False, auto_now_add=False),
            ),
            ops.AddField(
                model_name='Case',
                name='suspended_until',
                field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
            ),
            ops.AddField(
                model_name='CaseEvent',
                name='hidden',
                field=fields.BooleanField(default=False, description='the note is among staff, not for the resident', db_default=False),
            ),
            ops.AddField(
                model_name='CaseEvent',
                name='unit_id',
                field=fields.IntField(null=True, description='where it lies after the step'),
            ),
            ops.AddField(
                model_name='HeldDuty',
                name='department',
                field=fields.ForeignKeyField('models.Department', source_field='department_id', null=True, db_constraint=True, to_field='id', related_name='officers', on_delete=OnDelete.SET_NULL),
            ),
            ops.AlterModelOptions(
                name='Leave',
                options={'table': 'leave', 'app': 'models', 'indexes': [Index(fields=['person_id', 'ends_at'])], 'pk_attr': 'id', 'table_description': 'A leave 请假, which counts once approved; it ends early when the worker is back (``ends_at`` is that moment).'},
            ),
            ops.AddField(
                model_name='Leave',
                name='asked_at',
                field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
            ),
            ops.AddField(
                model_name='Leave',
                name='asked_of_id',
                field=fields.BigIntField(null=True, description='who is to approve it'),
            ),
            ops.AddField(
                model_name='Leave',
                name='decided_at',
                field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
            ),
            ops.AddField(
                model_name='Leave',
                name='state',
                field=fields.CharField(default='approved', description='asked | approved | refused | cancelled', db_default='approved', max_length=9),
            ),
        ),
    ]
