"""What boards show of people, which version of a board hangs where, retired codes, and how often codes are followed."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from models.migration_steps import Together


class Migration(migrations.Migration):
    dependencies = [('models', '0016_looks')]

    initial = False

    operations = [
        Together(
            ops.CreateModel(
                name='BoardPerson',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('person', fields.ForeignKeyField('models.Person', source_field='person_id', db_constraint=True, to_field='id', related_name='shown', on_delete=OnDelete.CASCADE)),
                    ('office_phone', fields.CharField(default='', max_length=20)),
                    ('photo', fields.CharField(default='', description='key in the store; empty: none', max_length=120)),
                ],
                options={'table': 'board_person', 'app': 'models', 'unique_together': (('person_id',),), 'pk_attr': 'id', 'table_description': 'What a board shows of somebody beside name and duty. Their own number is never here.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='BoardPrint',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', db_constraint=True, to_field='id', related_name='prints', on_delete=OnDelete.CASCADE)),
                    ('kind', fields.CharField(description='board | card | badge', max_length=5)),
                    ('fingerprint', fields.CharField(max_length=64)),
                    ('printed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'board_print', 'app': 'models', 'unique_together': (('region_id', 'kind'),), 'pk_attr': 'id', 'table_description': 'What the board, door card or badges of a grid showed when they were last printed.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='ScanCount',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('scene', fields.ForeignKeyField('models.Scene', source_field='scene_id', db_constraint=True, to_field='id', related_name='scans', on_delete=OnDelete.CASCADE)),
                    ('day', fields.DateField(description="of China's calendar")),
                    ('door', fields.CharField(description='chat | page', max_length=6)),
                    ('shard', fields.SmallIntField(description='so that a village that scans at once does not wait for one row')),
                    ('count', fields.IntField()),
                ],
                options={'table': 'scan_count', 'app': 'models', 'unique_together': (('scene_id', 'day', 'door', 'shard'),), 'pk_attr': 'id', 'table_description': 'How often a code was followed on one day, by the door it led to. Nobody is named here.'},
                bases=['Model'],
            ),
            ops.AddField(
                model_name='Region',
                name='area',
                field=fields.CharField(default='', description='what the board says of how far the grid reaches', db_default='', max_length=60),
            ),
            ops.AddField(
                model_name='Scene',
                name='retired_at',
                field=fields.DatetimeField(null=True, description='no longer leads anywhere since then', auto_now=False, auto_now_add=False),
            ),
            ops.RunSQL(
                ["CREATE INDEX scene_resting ON scene (retired_at) WHERE retired_at IS NOT NULL"],
                ["DROP INDEX scene_resting"],
            ),
        ),
    ]
