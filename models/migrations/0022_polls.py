"""Polls, of which nobody knows who chose what; the figures that a town shows of its villages; photos looked at."""

import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from models.migration_steps import Together


class Migration(migrations.Migration):
    dependencies = [('models', '0021_sending_fast')]

    initial = False

    operations = [
        Together(
            ops.CreateModel(
                name='Poll',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', db_constraint=True, to_field='id', related_name='polls', on_delete=OnDelete.CASCADE)),
                    ('author_id', fields.BigIntField()),
                    ('title', fields.CharField(max_length=60)),
                    ('text', fields.TextField(default='', unique=False)),
                    ('picture_id', fields.UUIDField(null=True)),
                    ('most', fields.SmallIntField(default=1, description='how many answers one person may choose')),
                    ('voters', fields.IntField(default=0, db_default=0)),
                    ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('closes_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('closed_at', fields.DatetimeField(null=True, description='ended before its time', auto_now=False, auto_now_add=False)),
                    ('withdrawn_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'poll', 'app': 'models', 'indexes': [Index(fields=['region_id', 'id'])], 'pk_attr': 'id', 'table_description': 'A question to the residents of a place (民意征集).'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='PollOption',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('poll', fields.ForeignKeyField('models.Poll', source_field='poll_id', db_constraint=True, to_field='id', related_name='options', on_delete=OnDelete.CASCADE)),
                    ('place', fields.SmallIntField(description='1 for the first')),
                    ('text', fields.CharField(max_length=60)),
                    ('votes', fields.IntField(default=0)),
                ],
                options={'table': 'poll_option', 'app': 'models', 'unique_together': (('poll_id', 'place'),), 'pk_attr': 'id', 'table_description': 'One answer, and how many have chosen it. Who they are is written down nowhere.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='PollVoter',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('poll', fields.ForeignKeyField('models.Poll', source_field='poll_id', db_constraint=True, to_field='id', related_name='ballots', on_delete=OnDelete.CASCADE)),
                    ('person_id', fields.BigIntField(db_index=True)),
                ],
                options={'table': 'poll_voter', 'app': 'models', 'unique_together': (('poll_id', 'person_id'),), 'pk_attr': 'id', 'table_description': 'That somebody has voted, so that nobody votes twice; never what for, nor when.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='VillageMonth',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', db_constraint=True, to_field='id', related_name='months', on_delete=OnDelete.CASCADE)),
                    ('month', fields.DateField(description="its first day; of China's calendar")),
                    ('filed', fields.IntField()),
                    ('accepted', fields.IntField()),
                    ('resolved', fields.IntField()),
                    ('declined', fields.IntField()),
                    ('in_time', fields.IntField(description='of those resolved')),
                    ('rated', fields.IntField()),
                    ('stars', fields.IntField(description='all ratings added up')),
                    ('accept_seconds', fields.IntField(null=True, description='until half of them were accepted')),
                    ('resolve_seconds', fields.IntField(null=True, description='until half of them were resolved')),
                    ('categories', fields.JSONField(description='how many of each', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                    ('counted_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'village_month', 'app': 'models', 'unique_together': (('region_id', 'month'),), 'pk_attr': 'id', 'table_description': 'What a village was asked for in one month, and what came of it. Counts only: nobody is named here.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='MediaCheck',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('attachment', fields.ForeignKeyField('models.Attachment', source_field='attachment_id', db_constraint=True, to_field='id', related_name='checks', on_delete=OnDelete.CASCADE)),
                    ('case', fields.ForeignKeyField('models.Case', source_field='case_id', db_constraint=True, to_field='id', related_name='media_checks', on_delete=OnDelete.CASCADE)),
                    ('state', fields.CharField(description='owed | asked | held | unchecked | released | turned_down', max_length=12)),
                    ('trace', fields.CharField(null=True, unique=True, max_length=80)),
                    ('why', fields.CharField(default='', description='the label that was given', db_default='', max_length=200)),
                    ('tries', fields.SmallIntField(default=0, db_default=0)),
                    ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('next_at', fields.DatetimeField(description='when it is asked about (again)', auto_now=False, auto_now_add=False)),
                    ('decided_by_id', fields.BigIntField(null=True)),
                    ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'media_check', 'app': 'models', 'unique_together': (('attachment_id',),), 'indexes': [Index(fields=['case_id'])], 'pk_attr': 'id', 'table_description': 'A photo or recording of the mini program that WeChat is asked about. What has passed leaves no row.'},
                bases=['Model'],
            ),
            ops.RunSQL(
                [
                    "CREATE INDEX media_check_due ON media_check (next_at) WHERE state IN ('owed', 'asked')",
                    "CREATE INDEX media_check_open ON media_check (case_id) WHERE state IN ('held', 'unchecked')",
                    # Cases come in the order of their time: a few kilobytes lead to a month among millions.
                    'CREATE INDEX case_submitted ON "case" USING brin (submitted_at) WITH (autosummarize = on)',
                    "CREATE INDEX poll_picture ON poll (picture_id) WHERE picture_id IS NOT NULL",
                ],
                ["DROP INDEX media_check_open", "DROP INDEX media_check_due", "DROP INDEX poll_picture", "DROP INDEX case_submitted"],
            ),
        ),
    ]
