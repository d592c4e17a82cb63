"""Passwords for the staff console, and who wrote a case down for somebody who phoned."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from models.migration_steps import Together


class Migration(migrations.Migration):
    dependencies = [('models', '0019_assessment')]

    initial = False

    operations = [
        Together(
            ops.CreateModel(
                name='StaffLogin',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('person', fields.ForeignKeyField('models.Person', source_field='person_id', db_constraint=True, to_field='id', related_name='logins', on_delete=OnDelete.CASCADE)),
                    ('login', fields.CharField(default='', description='a name to sign in with; empty: by phone number only', db_default='', max_length=40)),
                    ('password_hash', fields.CharField(description='argon2id, with its parameters and salt', max_length=200)),
                    ('one_time', fields.BooleanField(description='given by the town, to be changed at the first sign-in')),
                    ('expires_at', fields.DatetimeField(null=True, description='of a one-time password', auto_now=False, auto_now_add=False)),
                    ('changed_at', fields.DatetimeField(description='sign-ins made before are over', auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'staff_login', 'app': 'models', 'unique_together': (('person_id',),), 'pk_attr': 'id', 'table_description': 'A password for the staff console. Only its hash is kept.'},
                bases=['Model'],
            ),
            ops.AddField(
                model_name='Case',
                name='taken_by_id',
                field=fields.BigIntField(null=True, description='who wrote it down for a caller'),
            ),
            ops.AlterField(
                model_name='Case',
                name='source',
                field=fields.CharField(default='chat', description='chat | mini | phone | found', max_length=8),
            ),
            # What has happened today: history is appended, so a page of it holds steps of one time.
            ops.RunSQL(
                [
                    "CREATE INDEX case_event_at ON case_event USING brin (at) WITH (pages_per_range = 32, autosummarize = on)",
                    "CREATE UNIQUE INDEX staff_login_name ON staff_login (login) WHERE login <> ''",
                ],
                ["DROP INDEX staff_login_name", "DROP INDEX case_event_at"],
            ),
        ),
    ]
