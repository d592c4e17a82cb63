"""The monthly assessment: months, scores, spot checks, objections, awards; base data and who changed it."""

from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from models.migration_steps import Together

FORWARD = [
    # What the assessment reads of a month: each by who did it, and only the steps that count.
    "CREATE INDEX case_event_handled ON case_event (person_id, at) "
    "WHERE action IN ('resolve', 'report_up') AND from_level = 1",
    "CREATE INDEX objection_asked ON objection (id) WHERE state = 'asked'",
    # Two accounts may turn out to be one person; nothing else of a score ever changes.
    """
    CREATE FUNCTION score_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF to_jsonb(NEW) - 'person_id' = to_jsonb(OLD) - 'person_id' THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'a closed month is never computed again' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    "CREATE TRIGGER score_written_once BEFORE UPDATE ON assessment_score "
    "FOR EACH ROW EXECUTE FUNCTION score_is_written_once()",
]
BACKWARD = [
    "DROP TRIGGER score_written_once ON assessment_score",
    "DROP FUNCTION score_is_written_once()",
    "DROP INDEX objection_asked",
    "DROP INDEX case_event_handled",
]


class Migration(migrations.Migration):
    dependencies = [('models', '0018_patrols')]

    initial = False

    operations = [
        Together(
            ops.CreateModel(
                name='AssessmentMonth',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('town', fields.ForeignKeyField('models.Region', source_field='town_id', db_constraint=True, to_field='id', related_name='assessments', on_delete=OnDelete.CASCADE)),
                    ('month', fields.DateField(description='its first day')),
                    ('state', fields.CharField(default='open', description='open | closed', max_length=6)),
                    ('rules', fields.JSONField(description='domain.assessment_rules.Rules', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                    ('version', fields.IntField(default=0, description="how often the town has set them; 0: the settings'")),
                    ('weather', fields.JSONField(default=dict, description='days exempt from patrols, and why', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                    ('changed_by_id', fields.BigIntField(null=True, description='who set rules or weather last')),
                    ('changed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                    ('closed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                    ('listed_at', fields.DatetimeField(null=True, description="of a December: when the year's awards were made", auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'assessment_month', 'app': 'models', 'unique_together': (('town_id', 'month'),), 'indexes': [Index(fields=['state', 'month'])], 'pk_attr': 'id', 'table_description': "A month of one town's assessment, with the rules that hold for it. Once closed, it is never computed again."},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='AssessmentScore',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('month', fields.ForeignKeyField('models.AssessmentMonth', source_field='month_id', db_constraint=True, to_field='id', related_name='scores', on_delete=OnDelete.CASCADE)),
                    ('person_id', fields.BigIntField()),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', db_constraint=True, to_field='id', related_name='scores', on_delete=OnDelete.CASCADE)),
                    ('score', fields.IntField(description='hundredths of a point')),
                    ('events', fields.IntField(description='raw points, as the three below')),
                    ('visits', fields.IntField()),
                    ('base_data', fields.IntField()),
                    ('deductions', fields.IntField()),
                    ('lines', fields.JSONField(description='part, reason, points, kind, id, at, note of each line', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                    ('missing', fields.JSONField(description='what, wanted, done of each minimum', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ],
                options={'table': 'assessment_score', 'app': 'models', 'indexes': [Index(fields=['month_id', 'score', 'id']), Index(fields=['person_id', 'month_id'])], 'pk_attr': 'id', 'table_description': 'What a worker got for a closed month in one grid. Written once; the database refuses to edit it.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='Award',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('town', fields.ForeignKeyField('models.Region', source_field='town_id', db_constraint=True, to_field='id', related_name='awards', on_delete=OnDelete.CASCADE)),
                    ('kind', fields.CharField(description='month | year', max_length=5)),
                    ('period', fields.DateField(description='first day of the month or year')),
                    ('person_id', fields.BigIntField()),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', db_constraint=True, to_field='id', related_name='awards_here', on_delete=OnDelete.CASCADE)),
                    ('rank', fields.SmallIntField()),
                    ('score', fields.IntField(description='hundredths of a point')),
                    ('state', fields.CharField(default='public', description='public | final | withdrawn', max_length=9)),
                    ('public_until', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'award', 'app': 'models', 'unique_together': (('town_id', 'kind', 'period', 'rank'),), 'indexes': [Index(fields=['person_id', 'period']), Index(fields=['state', 'public_until'])], 'pk_attr': 'id', 'table_description': "A place on a town's list: 月度优秀 or 年度十佳 (G 七(三)); public with objections before it is final."},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='BaseRecord',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', db_constraint=True, to_field='id', related_name='records', on_delete=OnDelete.CASCADE)),
                    ('kind', fields.CharField(description='household | rental | organisation | facility', max_length=12)),
                    ('place', fields.CharField(description="where it is, without anybody's name", max_length=100)),
                    ('sealed', fields.TextField(default='', description='the fields that identify a person, as sealed JSON', unique=False)),
                    ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'base_record', 'app': 'models', 'indexes': [Index(fields=['region_id', 'id'])], 'pk_attr': 'id', 'table_description': 'Base data 基础数据 of a grid: a household, a rental, an organisation or a facility.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='RecordChange',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('record', fields.ForeignKeyField('models.BaseRecord', source_field='record_id', db_constraint=True, to_field='id', related_name='changes', on_delete=OnDelete.CASCADE)),
                    ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('by_id', fields.BigIntField()),
                    ('change', fields.CharField(description='domain.assessment_rules.Change', max_length=16)),
                    ('fields_changed', fields.CharField(default='', description='names of the key fields', max_length=100)),
                ],
                options={'table': 'record_change', 'app': 'models', 'indexes': [Index(fields=['by_id', 'at']), Index(fields=['record_id'])], 'pk_attr': 'id', 'table_description': 'Who changed what of a base record, and when. Appended, never edited; the values are not kept.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='SpotCheck',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('person_id', fields.BigIntField(description='whose record it is')),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', db_constraint=True, to_field='id', related_name='spot_checks', on_delete=OnDelete.CASCADE)),
                    ('record_kind', fields.CharField(description='case | visit | base', max_length=8)),
                    ('record', fields.CharField(description="a case's number, or an id", max_length=20)),
                    ('verdict', fields.CharField(description='qualified | unqualified | false', max_length=12)),
                    ('ground', fields.CharField(default='', description='domain.assessment_rules.Ground', max_length=12)),
                    ('note', fields.CharField(default='', max_length=200)),
                    ('by_id', fields.BigIntField(description='who looked')),
                    ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('withdrawn_at', fields.DatetimeField(null=True, description='an objection to it was upheld', auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'spot_check', 'app': 'models', 'unique_together': (('record_kind', 'record'),), 'indexes': [Index(fields=['person_id', 'at'])], 'pk_attr': 'id', 'table_description': 'What an inspector found of a record 督察: unqualified, with a ground, or false.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='Objection',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('spot_check', fields.ForeignKeyField('models.SpotCheck', source_field='spot_check_id', null=True, db_constraint=True, to_field='id', related_name='objections', on_delete=OnDelete.CASCADE)),
                    ('award', fields.ForeignKeyField('models.Award', source_field='award_id', null=True, db_constraint=True, to_field='id', related_name='objections', on_delete=OnDelete.CASCADE)),
                    ('by_id', fields.BigIntField()),
                    ('reason', fields.CharField(max_length=200)),
                    ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('state', fields.CharField(default='asked', description='asked | upheld | refused', max_length=7)),
                    ('answer', fields.CharField(default='', max_length=200)),
                    ('decided_by_id', fields.BigIntField(null=True)),
                    ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                    ('score', fields.ForeignKeyField('models.AssessmentScore', source_field='score_id', null=True, description='what it gave back to, where the month was closed already', db_constraint=True, to_field='id', related_name='objections', on_delete=OnDelete.SET_NULL)),
                    ('given_back', fields.IntField(default=0, description='hundredths of a point')),
                ],
                options={'table': 'objection', 'app': 'models', 'indexes': [Index(fields=['spot_check_id']), Index(fields=['award_id']), Index(fields=['score_id'])], 'pk_attr': 'id', 'table_description': 'Somebody objects to a spot check of their own record, or to a place on a list of awards.'},
                bases=['Model'],
            ),
            ops.RunSQL(FORWARD, BACKWARD),
        ),
    ]
