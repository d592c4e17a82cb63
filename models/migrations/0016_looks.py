"""Who has looked at whose phone number, and why: appended, and forgotten only by what says that it forgets."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from models.migration_steps import Together

FORWARD = [
    """
    CREATE FUNCTION look_is_appended_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND current_setting('wangge.forgets_looks', TRUE) = 'yes' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'who has looked at what is appended, never edited' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    "CREATE TRIGGER look_appended BEFORE UPDATE OR DELETE ON look FOR EACH ROW EXECUTE FUNCTION look_is_appended_only()",
]

BACKWARD = [
    "DROP TRIGGER look_appended ON look",
    "DROP FUNCTION look_is_appended_only()",
]


class Migration(migrations.Migration):
    dependencies = [('models', '0015_uploads')]

    initial = False

    operations = [
        Together(
            ops.CreateModel(
                name='Look',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                    ('by_id', fields.BigIntField(description='who looked')),
                    ('person_id', fields.BigIntField(description='whose number it is')),
                    ('case_id', fields.BigIntField(null=True, description='for which case')),
                    ('reason', fields.CharField(max_length=200)),
                ],
                options={'table': 'look', 'app': 'models', 'indexes': [Index(fields=['person_id', 'id'])], 'pk_attr': 'id', 'table_description': 'Somebody has looked at a whole phone number. Appended, never edited; forgotten after the town\'s own period.'},
                bases=['Model'],
            ),
            ops.RunSQL(FORWARD, BACKWARD),
        ),
    ]
