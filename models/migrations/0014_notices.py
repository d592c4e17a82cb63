"""The life of a notice: approval, schedule, quiet hours, recall; its links, and the counts that stay when rows go."""

from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from models.migration_steps import Together

FORWARD = [
    "DROP INDEX notice_ready",
    "UPDATE notice SET state = 'cancelled' WHERE state = 'dropped'",
    "UPDATE notice SET state = 'sending', stirred_at = sent_at WHERE state = 'ready'",
    "UPDATE notice SET state = 'sending', fixed = TRUE WHERE state = 'spread'",
    # What the sweep looks through: a handful, however many notices there ever were.
    "CREATE INDEX notice_live ON notice (id) "
    "WHERE state IN ('preview', 'awaiting', 'scheduled', 'sending', 'resting', 'paused') OR stirred_at IS NOT NULL",
    "CREATE INDEX notice_thick ON notice (ended_at) WHERE ended_at IS NOT NULL AND thinned_at IS NULL",
    # What of a notice may still move.
    "CREATE INDEX delivery_of_notice ON delivery (notice_id, id) "
    "WHERE notice_id IS NOT NULL AND state IN ('held', 'owed', 'sending', 'inbox')",
    # Whom a grid's worker has to tell in person (services.notices_figures.UNVISITED).
    "CREATE INDEX delivery_unreached ON delivery (grid_id, notice_id) WHERE grid_id IS NOT NULL "
    "AND state IN ('inbox', 'failed', 'uncertain') AND opened_at IS NULL AND visited_at IS NULL",
    "CREATE INDEX notice_picture ON notice (picture_id) WHERE picture_id IS NOT NULL",
    'CREATE UNIQUE INDEX delivery_token ON delivery (token) WHERE token IS NOT NULL',
]
BACKWARD = [
    "DROP INDEX delivery_token",
    "DROP INDEX notice_picture",
    "DROP INDEX delivery_unreached",
    "DROP INDEX delivery_of_notice",
    "DROP INDEX notice_thick",
    "DROP INDEX notice_live",
    "UPDATE notice SET state = 'dropped' WHERE state IN ('cancelled', 'refused', 'recalled', 'awaiting', 'scheduled')",
    "UPDATE notice SET state = 'spread' WHERE state IN ('sending', 'resting', 'paused', 'sent', 'expired')",
    "UPDATE delivery SET state = 'inbox' WHERE state IN ('held', 'recalled', 'expired')",
    "CREATE INDEX notice_ready ON notice (sent_at) WHERE state = 'ready'",
]


class Migration(migrations.Migration):
    dependencies = [('models', '0013_sending')]

    initial = False

    operations = [
        Together(
            ops.CreateModel(
                name='NoticeEvent',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('notice', fields.ForeignKeyField('models.Notice', source_field='notice_id', db_constraint=True, to_field='id', related_name='events', on_delete=OnDelete.CASCADE)),
                    ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('person_id', fields.BigIntField(null=True, description='empty: by the clock')),
                    ('action', fields.CharField(max_length=10)),
                    ('note', fields.CharField(default='', max_length=200)),
                ],
                options={'table': 'notice_event', 'app': 'models', 'indexes': [Index(fields=['notice_id', 'id'])], 'pk_attr': 'id', 'table_description': 'What was done with a notice, and by whom; never edited.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='NoticeTally',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('notice', fields.ForeignKeyField('models.Notice', source_field='notice_id', db_constraint=True, to_field='id', related_name='tallies', on_delete=OnDelete.CASCADE)),
                    ('region_id', fields.IntField(description='the village; 0 where none is known')),
                    ('state', fields.CharField(max_length=10)),
                    ('channel', fields.CharField(default='', max_length=10)),
                    ('reason', fields.CharField(default='', max_length=200)),
                    ('people', fields.IntField()),
                    ('opened', fields.IntField(default=0)),
                    ('visited', fields.IntField(default=0)),
                    ('unvisited', fields.IntField(default=0, description='neither reached nor told in person')),
                ],
                options={'table': 'notice_tally', 'app': 'models', 'unique_together': (('notice_id', 'region_id', 'state', 'channel', 'reason'),), 'pk_attr': 'id', 'table_description': "What is left of a notice's deliveries after the retention period: counts."},
                bases=['Model'],
            ),
            ops.AddField(
                model_name='Delivery',
                name='grid_id',
                field=fields.IntField(null=True, description='where the person lived or served when it was spread'),
            ),
            ops.AddField(
                model_name='Delivery',
                name='opened_at',
                field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
            ),
            ops.AddField(
                model_name='Delivery',
                name='token',
                field=fields.UUIDField(null=True, description='the way to /n/{token}'),
            ),
            ops.AddField(
                model_name='Delivery',
                name='visited_at',
                field=fields.DatetimeField(null=True, description='told in person 上门告知', auto_now=False, auto_now_add=False),
            ),
            ops.AddField(
                model_name='Delivery',
                name='visited_by_id',
                field=fields.BigIntField(null=True),
            ),
            ops.AlterModelOptions(
                name='Notice',
                options={'table': 'notice', 'app': 'models', 'indexes': [Index(fields=['region_id', 'id'])], 'pk_attr': 'id', 'table_description': "A notice to people of a region's subtree. Its id is the number that people type."},
            ),
            ops.AlterField(
                model_name='Notice',
                name='sent_at',
                field=fields.DatetimeField(null=True, description='when sending began', auto_now=False, auto_now_add=False),
            ),
            ops.AlterField(
                model_name='Notice',
                name='state',
                field=fields.CharField(description='domain.notice.Status', max_length=10),
            ),
            ops.AddField(
                model_name='Notice',
                name='audience',
                field=fields.JSONField(default=dict, description='domain.notice.Audience', db_default='{}', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads),
            ),
            ops.AddField(
                model_name='Notice',
                name='ended_at',
                field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
            ),
            ops.AddField(
                model_name='Notice',
                name='expires_at',
                field=fields.DatetimeField(null=True, description='what has not gone out then never goes', auto_now=False, auto_now_add=False),
            ),
            ops.AddField(
                model_name='Notice',
                name='fixed',
                field=fields.BooleanField(default=False, description='all recipients are written down', db_default=False),
            ),
            ops.AddField(
                model_name='Notice',
                name='link',
                field=fields.CharField(default='', db_default='', max_length=400),
            ),
            ops.AddField(
                model_name='Notice',
                name='picture_id',
                field=fields.UUIDField(null=True),
            ),
            ops.AddField(
                model_name='Notice',
                name='rests_at',
                field=fields.DatetimeField(null=True, description='when quiet hours stop it', auto_now=False, auto_now_add=False),
            ),
            ops.AddField(
                model_name='Notice',
                name='spread_after',
                field=fields.BigIntField(default=0, description='recipients up to this person are written', db_default=0),
            ),
            ops.AddField(
                model_name='Notice',
                name='starts_at',
                field=fields.DatetimeField(null=True, description='scheduled, or rests until then', auto_now=False, auto_now_add=False),
            ),
            ops.AddField(
                model_name='Notice',
                name='stirred_at',
                field=fields.DatetimeField(null=True, description='when its rows last moved; empty once they are in line with its state', auto_now=False, auto_now_add=False),
            ),
            ops.AddField(
                model_name='Notice',
                name='thinned_at',
                field=fields.DatetimeField(null=True, description='when only counts were left', auto_now=False, auto_now_add=False),
            ),
            ops.AddField(
                model_name='Notice',
                name='title',
                field=fields.CharField(default='', db_default='', max_length=60),
            ),
            ops.AddField(
                model_name='Notice',
                name='token',
                field=fields.UUIDField(null=True, unique=True, description="the page's link for a preview: counts nobody"),
            ),
            ops.AddField(
                model_name='Notice',
                name='urgent',
                field=fields.BooleanField(default=False, description='goes out in quiet hours too', db_default=False),
            ),
            ops.RunSQL(FORWARD, BACKWARD),
        ),
    ]
