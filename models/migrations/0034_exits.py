"""Exits after two failed years, who did which step of what the town decides on, and a team's applications."""

from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from models.migration_steps import Together

FORWARD = [
    # What was over before this came is not judged backwards by itself; a year that follows it is.
    "UPDATE assessment_month SET exits_at = closed_at WHERE state = 'closed'",
    # Two accounts may turn out to be one person; nothing else of a step ever changes.
    """
    CREATE FUNCTION office_step_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF to_jsonb(NEW) - 'by_id' = to_jsonb(OLD) - 'by_id' THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'what was done stays as it was' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    "CREATE TRIGGER office_step_written_once BEFORE UPDATE ON office_step "
    "FOR EACH ROW EXECUTE FUNCTION office_step_is_written_once()",
]
BACKWARD = ["DROP TRIGGER office_step_written_once ON office_step", "DROP FUNCTION office_step_is_written_once()"]


class Migration(migrations.Migration):
    dependencies = [('models', '0032_town_settings')]

    initial = False

    operations = [
        Together(
            ops.CreateModel(
                name='ExitProposal',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('town', fields.ForeignKeyField('models.Region', source_field='town_id', db_constraint=True, to_field='id', related_name='exit_proposals', on_delete=OnDelete.CASCADE)),
                    ('person_id', fields.BigIntField(description='whose duty it is about')),
                    ('year', fields.SmallIntField(description='the second of the two')),
                    ('state', fields.CharField(default='open', description='open | ended | kept', max_length=5)),
                    ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ('object_until', fields.DatetimeField(description='they may object so long, and are heard before', auto_now=False, auto_now_add=False)),
                    ('reckoned', fields.JSONField(default=list, description='once decided: both years, month by month, as the decision saw them', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                    ('answer', fields.CharField(default='', description='the reason of the decision', max_length=200)),
                    ('decided_by_id', fields.BigIntField(null=True)),
                    ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ],
                options={'table': 'exit_proposal', 'app': 'models', 'unique_together': (('town_id', 'person_id', 'year'),), 'indexes': [Index(fields=['person_id']), Index(fields=['state', 'id'])], 'pk_attr': 'id', 'table_description': 'Two years failed in a row (Y art. 17): a commander decides whether the full-time duty ends. Never by itself.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='OfficeStep',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('matter', fields.CharField(description='admission | award | exit', max_length=9)),
                    ('number', fields.BigIntField(description='the id of what it is about')),
                    ('step', fields.CharField(description='what was done', max_length=9)),
                    ('by_id', fields.BigIntField(null=True, description='null: the clock')),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', db_constraint=True, to_field='id', related_name='office_steps', on_delete=OnDelete.CASCADE)),
                    ('at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                    ('note', fields.CharField(default='', max_length=300)),
                ],
                options={'table': 'office_step', 'app': 'models', 'indexes': [Index(fields=['matter', 'number'])], 'pk_attr': 'id', 'table_description': 'Who did which step of an admission, an application for an award, or an exit. Appended, never edited.'},
                bases=['Model'],
            ),
            ops.AddField(
                model_name='AssessmentMonth',
                name='exits_at',
                field=fields.DatetimeField(null=True, description='of a December: when exits were looked at', auto_now=False, auto_now_add=False),
            ),
            ops.AlterModelOptions(
                name='Objection',
                options={'table': 'objection', 'app': 'models', 'indexes': [Index(fields=['spot_check_id']), Index(fields=['award_id']), Index(fields=['proposal_id']), Index(fields=['score_id'])], 'pk_attr': 'id', 'table_description': 'Somebody objects to a spot check of their own record, to a place on a list of awards, or to their exit.'},
            ),
            ops.AddField(
                model_name='Objection',
                name='proposal',
                field=fields.ForeignKeyField('models.ExitProposal', source_field='proposal_id', null=True, db_constraint=True, to_field='id', related_name='objections', on_delete=OnDelete.CASCADE),
            ),
            ops.AddIndex(
                model_name='Objection',
                index=Index(fields=['proposal_id']),
            ),
            ops.AddField(
                model_name='AwardApplication',
                name='team',
                field=fields.BigIntField(null=True, description='of a team: the number of the first of its applications, one for each worker'),
            ),
            ops.AddIndex(
                model_name='AwardApplication',
                index=Index(fields=['team']),
            ),
            ops.RunSQL(FORWARD, BACKWARD),
        ),
    ]
