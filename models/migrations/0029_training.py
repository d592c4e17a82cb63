"""Training and its tests, what departments may ask of the grids, applications for awards."""

import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from models.migration_steps import Together


class Migration(migrations.Migration):
    dependencies = [('models', '0028_console_desk')]

    initial = False

    operations = [
        Together(
            ops.CreateModel(
                name='Admission',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('department', fields.ForeignKeyField('models.Department', source_field='department_id', db_constraint=True, to_field='id', related_name='admissions', on_delete=OnDelete.CASCADE)),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', description='its grids, and all below', db_constraint=True, to_field='id', related_name='admissions', on_delete=OnDelete.CASCADE)),
                    ('title', fields.CharField(max_length=60)),
                    ('task', fields.CharField(description='what is to be done', max_length=1000)),
                    ('basis', fields.CharField(description='the law or document that it rests on', max_length=300)),
                    ('every', fields.CharField(description='domain.admission.Every', max_length=7)),
                    ('support', fields.CharField(description='budget and help that come with it', max_length=300)),
                    ('state', fields.CharField(default='asked', description='domain.admission.State', max_length=8)),
                    ('asked_by_id', fields.BigIntField()),
                    ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('reviewed_by_id', fields.BigIntField(null=True)),
                    ('reviewed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                    ('decided_by_id', fields.BigIntField(null=True, description='who admitted or refused it, or let it stay')),
                    ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                    ('review_by', fields.DateField(null=True, description='of what is admitted: looked at again by this day')),
                    ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                    ('answer', fields.CharField(default='', description='why it was refused, or ended', max_length=300)),
                ],
                options={'table': 'admission', 'app': 'models', 'indexes': [Index(fields=['region_id', 'state']), Index(fields=['department_id'])], 'pk_attr': 'id', 'table_description': 'Work that a department asks to put upon the grids of a region (准入, Y art. 17), and what became of it.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='AwardApplication',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', description="the worker's grid", db_constraint=True, to_field='id', related_name='award_applications', on_delete=OnDelete.CASCADE)),
                    ('person_id', fields.BigIntField(description='for whom')),
                    ('asked_by_id', fields.BigIntField(description='the worker, or the village on their behalf')),
                    ('title', fields.CharField(max_length=60)),
                    ('reason', fields.CharField(max_length=1000)),
                    ('evidence', fields.JSONField(description='kind and number of each record', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                    ('state', fields.CharField(default='asked', description='asked | supported | approved | refused', max_length=9)),
                    ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('supported_by_id', fields.BigIntField(null=True)),
                    ('supported_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                    ('decided_by_id', fields.BigIntField(null=True)),
                    ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                    ('answer', fields.CharField(default='', max_length=200)),
                    ('award', fields.ForeignKeyField('models.Award', source_field='award_id', null=True, db_constraint=True, to_field='id', related_name='applications', on_delete=OnDelete.SET_NULL)),
                ],
                options={'table': 'award_application', 'app': 'models', 'indexes': [Index(fields=['region_id', 'state']), Index(fields=['person_id'])], 'pk_attr': 'id', 'table_description': 'A worker applies for an award, with the records that speak for it; approved, it becomes a public award.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='TrainingCourse',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', db_constraint=True, to_field='id', related_name='trainings', on_delete=OnDelete.CASCADE)),
                    ('code', fields.CharField(description="the organiser's own name for it, by which an import knows it", max_length=40)),
                    ('title', fields.CharField(max_length=60)),
                    ('minutes', fields.SmallIntField(description='of training, credited once')),
                    ('form', fields.CharField(description='domain.training.Form', max_length=9)),
                    ('duties', fields.JSONField(description='for whom', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                    ('compulsory', fields.BooleanField(default=False)),
                    ('induction', fields.BooleanField(default=False, description='without it nobody becomes a grid worker here')),
                    ('pages', fields.JSONField(description='its text', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                    ('link', fields.CharField(default='', max_length=300)),
                    ('questions', fields.JSONField(description='with the right answers: never told to anybody', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                    ('first_day', fields.DateField()),
                    ('last_day', fields.DateField(null=True)),
                    ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'training_course', 'app': 'models', 'unique_together': (('region_id', 'code'),), 'pk_attr': 'id', 'table_description': 'A course 培训 that a town, village or other region holds for some of its staff.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='TrainingRecord',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('course', fields.ForeignKeyField('models.TrainingCourse', source_field='course_id', db_constraint=True, to_field='id', related_name='records', on_delete=OnDelete.CASCADE)),
                    ('person_id', fields.BigIntField()),
                    ('reopened', fields.SmallIntField(default=0, db_default=0, description='how often the organiser gave the tries anew')),
                    ('attended_on', fields.DateField(null=True, description='confirmed by the organiser')),
                    ('passed_at', fields.DatetimeField(null=True, description='of the test', auto_now=False, auto_now_add=False)),
                    ('credited_at', fields.DatetimeField(null=True, description='when the hours were credited, once', auto_now=False, auto_now_add=False)),
                    ('credited_on', fields.DateField(null=True, description='the day that they count for, in China')),
                    ('minutes', fields.SmallIntField(default=0, db_default=0, description='credited; what the course had then')),
                ],
                options={'table': 'training_record', 'app': 'models', 'unique_together': (('course_id', 'person_id'),), 'indexes': [Index(fields=['person_id', 'credited_on'])], 'pk_attr': 'id', 'table_description': 'How far a person is with a course.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='TrainingAttempt',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('record', fields.ForeignKeyField('models.TrainingRecord', source_field='record_id', db_constraint=True, to_field='id', related_name='attempts', on_delete=OnDelete.CASCADE)),
                    ('number', fields.SmallIntField(description='1 for the first')),
                    ('questions', fields.JSONField(description='a copy, in the order of this attempt', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                    ('answers', fields.JSONField(description='numbers of options, one list for each question so far', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                    ('started_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('answered_at', fields.DatetimeField(null=True, description='the last answer so far', auto_now=False, auto_now_add=False)),
                    ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                    ('points', fields.SmallIntField(null=True, description='of 100, once it is over')),
                ],
                options={'table': 'training_attempt', 'app': 'models', 'unique_together': (('record_id', 'number'),), 'pk_attr': 'id', 'table_description': 'One try at a test: its questions in their order as they were then, and what was answered.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='UnadmittedTask',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', db_constraint=True, to_field='id', related_name='unadmitted', on_delete=OnDelete.CASCADE)),
                    ('person_id', fields.BigIntField()),
                    ('text', fields.CharField(description='who asked for what', max_length=300)),
                    ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('answer', fields.CharField(default='', max_length=300)),
                    ('answered_by_id', fields.BigIntField(null=True)),
                    ('answered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'unadmitted_task', 'app': 'models', 'indexes': [Index(fields=['region_id', 'answered_at']), Index(fields=['person_id'])], 'pk_attr': 'id', 'table_description': 'A worker says that something was asked of them which is not admitted.'},
                bases=['Model'],
            ),
        ),
    ]
