"""The console's second factor, signing in by a scan, and what its lists and counts walk along in a large town."""

import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from models.migration_steps import Together


class Migration(migrations.Migration):
    dependencies = [('models', '0027_figures')]

    initial = False

    operations = [
        Together(
            ops.CreateModel(
                name='SecondFactor',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('person', fields.ForeignKeyField('models.Person', source_field='person_id', db_constraint=True, to_field='id', related_name='second_factors', on_delete=OnDelete.CASCADE)),
                    ('secret', fields.TextField(description='sealed; in base32 when opened', unique=False)),
                    ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('confirmed_at', fields.DatetimeField(null=True, description='asked for since; empty: being set up', auto_now=False, auto_now_add=False)),
                    ('last_step', fields.BigIntField(default=0, description='of the newest code taken: none counts twice')),
                    ('recovery', fields.JSONField(default=dict, description='argon2id of each one-time code that is left, by its first character', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ],
                options={'table': 'second_factor', 'app': 'models', 'unique_together': (('person_id',),), 'pk_attr': 'id', 'table_description': "A second step of signing in to the console (RFC 6238): the secret that a phone's app makes its codes of."},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='SignInScene',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('scene', fields.CharField(unique=True, max_length=40)),
                    ('browser', fields.CharField(description='SHA-256 of the token of the browser that asked', max_length=64)),
                    ('url', fields.CharField(description='what the code on the page holds, as WeChat gave it', max_length=200)),
                    ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('asked_from', fields.CharField(description='as the chat tells whoever scans it', max_length=80)),
                    ('person_id', fields.BigIntField(null=True, description='who has scanned it')),
                    ('confirmed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                    ('refused_at', fields.DatetimeField(null=True, description='they said that it was not them', auto_now=False, auto_now_add=False)),
                    ('used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'sign_in_scene', 'app': 'models', 'indexes': [Index(fields=['asked_at'])], 'pk_attr': 'id', 'table_description': 'A temporary WeChat scene on the sign-in page: whoever scans and confirms it signs that browser in, once.'},
                bases=['Model'],
            ),
            ops.RunSQL(
                [
                    # The workbench counts these every time that it is opened; of a city's cases few are any of them.
                    "CREATE INDEX case_urgent_open ON \"case\" (id) "
                    "WHERE urgent AND status IN ('submitted', 'accepted', 'suspended', 'resolved')",
                    "CREATE INDEX case_of_kind ON \"case\" (kind, id) WHERE kind <> 'case'",
                    "CREATE INDEX case_event_returned ON case_event (case_id) WHERE action = 'return'",
                ],
                ["DROP INDEX case_event_returned", "DROP INDEX case_of_kind", "DROP INDEX case_urgent_open"],
            ),
        ),
    ]
