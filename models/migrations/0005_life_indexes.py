"""Indexes of a case's whole life, and search for words in Chinese."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = [
    # Three letters of a Chinese word are a substring that people search for; the trigrams of both texts together.
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    'CREATE INDEX case_words ON "case" USING gin ((title || \' \' || description) gin_trgm_ops)',
    'CREATE INDEX case_merged ON "case" (merged_into_id) WHERE merged_into_id IS NOT NULL',
    'CREATE INDEX case_alert ON "case" (alert_unit_id, next_due, id) '
    "WHERE alert_unit_id IS NOT NULL AND status IN ('submitted', 'accepted')",
    'CREATE INDEX case_department ON "case" (department_id, next_due, id) '
    "WHERE department_id IS NOT NULL AND status IN ('submitted', 'accepted')",
    # What the sweeps look for: whom to remind, and what to wake.
    'CREATE INDEX case_remind ON "case" (remind_at) WHERE remind_at IS NOT NULL',
    "CREATE INDEX case_suspended ON \"case\" (suspended_until) WHERE status = 'suspended'",
    # What may be the same: one grid, one type, the newest.
    'CREATE INDEX case_alike ON "case" (grid_id, event_type, submitted_at) WHERE submitted_at IS NOT NULL',
    "CREATE INDEX leave_asked ON leave (asked_of_id) WHERE state = 'asked'",
    'CREATE INDEX duty_department ON held_duty (department_id) WHERE department_id IS NOT NULL',
]

NAMES = (
    "case_words", "case_merged", "case_alert", "case_department", "case_remind", "case_suspended", "case_alike",
    "leave_asked", "duty_department",
)
# The extension stays: another schema may use it.
BACKWARD = [f"DROP INDEX {name}" for name in NAMES]


class Migration(migrations.Migration):
    dependencies = [("models", "0004_life")]

    operations = [ops.RunSQL(FORWARD, BACKWARD)]
