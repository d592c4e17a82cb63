"""Partial indexes and the sequence of case numbers, which the models cannot say."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = [
    # People say these numbers aloud: four digits from the first day on.
    "CREATE SEQUENCE case_number START 1001",
    'CREATE INDEX region_path ON "region" (path text_pattern_ops)',
    'CREATE INDEX person_grid ON "person" (grid_id) WHERE grid_id IS NOT NULL',
    # A resident has one draft at a time.
    "CREATE UNIQUE INDEX case_draft ON \"case\" (resident_id) WHERE status = 'draft'",
    'CREATE INDEX case_resident ON "case" (resident_id, id)',
    # Everything somebody has ever held: their list, and what follows them when two accounts become one person.
    'CREATE INDEX case_holder ON "case" (holder_id, id) WHERE holder_id IS NOT NULL',
    # Only cases with a running clock are in these: the cost follows what is open, not what exists.
    'CREATE INDEX case_due ON "case" (sweep_at) WHERE sweep_at IS NOT NULL',
    'CREATE INDEX case_queue ON "case" (holder_id, next_due, id) '
    "WHERE status IN ('submitted', 'accepted')",
    'CREATE INDEX case_unit ON "case" (unit_id, next_due, id) '
    "WHERE status IN ('submitted', 'accepted')",
    "CREATE INDEX case_resolved ON \"case\" (resolved_at) WHERE status = 'resolved'",
    # What a sender looks for: the first unfinished row of a person, and what is due at all.
    "CREATE INDEX delivery_unfinished ON delivery (person_id, id) WHERE state IN ('owed', 'sending')",
    "CREATE INDEX delivery_due ON delivery (next_at, id) WHERE state = 'owed'",
    "CREATE INDEX delivery_claimed ON delivery (claimed_until) WHERE state = 'sending'",
    'CREATE INDEX delivery_inbox ON delivery (person_id, id DESC)',
    # What the sweeps look for when a job got lost.
    "CREATE INDEX notice_ready ON notice (sent_at) WHERE state = 'ready'",
    "CREATE INDEX attachment_pending ON attachment (created_at) WHERE state = 'pending'",
    'CREATE INDEX attachment_loose ON attachment (created_at) WHERE case_id IS NULL',
]

BACKWARD = [
    "DROP SEQUENCE case_number",
    *(
        f"DROP INDEX {name}"
        for name in (
            "region_path", "person_grid", "case_draft", "case_resident", "case_holder", "case_due", "case_queue",
            "case_unit", "case_resolved", "delivery_unfinished", "delivery_due", "delivery_claimed",
            "delivery_inbox", "notice_ready", "attachment_pending", "attachment_loose",
        )
    ),
]


class Migration(migrations.Migration):
    dependencies = [("models", "0001_initial")]

    operations = [ops.RunSQL(FORWARD, BACKWARD)]
