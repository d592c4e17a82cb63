"""A case's history is appended, never edited: the database refuses anything else."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = [
    # Who a person is may be corrected (two accounts turn out to be one person); what was done and said may not.
    """
    CREATE FUNCTION case_event_is_appended_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF (to_jsonb(NEW) - 'person_id' - 'holder_id') = (to_jsonb(OLD) - 'person_id' - 'holder_id') THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'the history of a case is appended, never edited' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    "CREATE TRIGGER case_event_appended BEFORE UPDATE OR DELETE ON case_event "
    "FOR EACH ROW EXECUTE FUNCTION case_event_is_appended_only()",
]

BACKWARD = [
    "DROP TRIGGER case_event_appended ON case_event",
    "DROP FUNCTION case_event_is_appended_only()",
]


class Migration(migrations.Migration):
    dependencies = [("models", "0002_indexes")]

    operations = [ops.RunSQL(FORWARD, BACKWARD)]
