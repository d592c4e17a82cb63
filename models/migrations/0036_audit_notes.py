"""Who has downloaded which file, and who has looked into the audit trail itself."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from models.migration_steps import Together

FORWARD = [
    # Two accounts may turn out to be one person; nothing else of a note ever changes.
    """
    CREATE FUNCTION audit_note_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF to_jsonb(NEW) - 'by_id' = to_jsonb(OLD) - 'by_id' THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'what was done stays as it was' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    "CREATE TRIGGER audit_note_written_once BEFORE UPDATE ON audit_note "
    "FOR EACH ROW EXECUTE FUNCTION audit_note_is_written_once()",
]
BACKWARD = ["DROP TRIGGER audit_note_written_once ON audit_note", "DROP FUNCTION audit_note_is_written_once()"]


class Migration(migrations.Migration):
    dependencies = [('models', '0035_field')]

    initial = False

    operations = [
        Together(
            ops.CreateModel(
                name='AuditNote',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                    ('by_id', fields.BigIntField(description='who did it')),
                    ('what', fields.CharField(description='download | view', max_length=8)),
                    ('region_id', fields.IntField(description='of the file; of a view, the highest one of their duties')),
                    ('subject', fields.CharField(description='what the file holds, or which part of the trail', max_length=12)),
                    ('since', fields.DateField(description="the days that the file or the view was about, of China's calendar")),
                    ('until', fields.DateField()),
                ],
                options={'table': 'audit_note', 'app': 'models', 'indexes': [Index(fields=['by_id', 'id'])], 'pk_attr': 'id', 'table_description': 'That somebody has downloaded a file, or looked into the audit trail itself. Appended, never edited.'},
                bases=['Model'],
            ),
            ops.RunSQL(FORWARD, BACKWARD),
        ),
    ]
