"""Base data is read with a reason and corrected by whom it is about; each day's list is made once."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from models.migration_steps import Together


class Migration(migrations.Migration):
    dependencies = [('models', '0029_training')]

    initial = False

    operations = [
        Together(
            ops.AddField(model_name='BaseRecord', name='version', field=fields.IntField(default=1, description='how often it has been written')),
            ops.AddField(model_name='RecordChange', name='before', field=fields.TextField(default='', description='what those fields held until then, as sealed JSON', unique=False)),
            ops.AlterModelOptions(
                name='RecordChange',
                options={'table': 'record_change', 'app': 'models', 'indexes': [Index(fields=['by_id', 'at']), Index(fields=['record_id'])], 'pk_attr': 'id', 'table_description': 'Who changed what of a base record, and when. Appended; only what was withdrawn is emptied out of it again.'},
            ),
            ops.CreateModel(
                name='RecordLook',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('record', fields.ForeignKeyField('models.BaseRecord', source_field='record_id', db_constraint=True, to_field='id', related_name='looks', on_delete=OnDelete.CASCADE)),
                    ('by_id', fields.BigIntField(description='who looked')),
                    ('at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                    ('reason', fields.CharField(max_length=200)),
                ],
                options={'table': 'record_look', 'app': 'models', 'indexes': [Index(fields=['record_id'])], 'pk_attr': 'id', 'table_description': 'Somebody has looked at a base record in full, and why (Y art. 36).'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='RecordProposal',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('record', fields.ForeignKeyField('models.BaseRecord', source_field='record_id', db_constraint=True, to_field='id', related_name='proposals', on_delete=OnDelete.CASCADE)),
                    ('person_id', fields.BigIntField(description='who said so')),
                    ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('sealed', fields.TextField(default='', description='the fields as they should be, sealed JSON; empty once decided', unique=False)),
                    ('state', fields.CharField(default='asked', description='asked | taken | refused', max_length=8)),
                    ('answer', fields.CharField(default='', max_length=200)),
                    ('decided_by_id', fields.BigIntField(null=True)),
                    ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'record_proposal', 'app': 'models', 'indexes': [Index(fields=['record_id', 'id']), Index(fields=['person_id'])], 'pk_attr': 'id', 'table_description': "What a resident says is right of their own record, until the grid's worker has looked."},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='DailyList',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('person_id', fields.BigIntField()),
                    ('day', fields.DateField()),
                ],
                options={'table': 'daily_list', 'app': 'models', 'unique_together': (('person_id', 'day'),), 'indexes': [Index(fields=['day'])], 'pk_attr': 'id', 'table_description': "That somebody's list of a day was made: one row a day, so that nobody is told twice."},
                bases=['Model'],
            ),
            ops.RunSQL(
                [
                    # What waits for a grid's worker; few at a time.
                    "CREATE UNIQUE INDEX record_proposal_asked ON record_proposal (record_id, person_id) WHERE state = 'asked'",
                ],
                ["DROP INDEX record_proposal_asked"],
            ),
        ),
    ]
