"""Search for words of one or two characters, and the indexes that lists of cases walk along."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = [
    # Most Chinese words have two characters, and a trigram needs three. COST: the planner must know that an index which
    # holds the answer is far cheaper than to work it out case by case.
    """
    CREATE FUNCTION case_grams(said text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
        SELECT coalesce(array_agg(DISTINCT gram COLLATE "C"), '{}') FROM (
            SELECT unnest(ARRAY[sign, sign || lead(sign) OVER (ORDER BY place)]) AS gram
            FROM unnest(string_to_array(lower(said), NULL)) WITH ORDINALITY AS signs (sign, place)
        ) grams WHERE gram IS NOT NULL
    $$
    """,
    'CREATE INDEX case_grams ON "case" USING gin (case_grams(title || \' \' || description))',
    # Whatever was filed in a grid, and whatever lies or lay last at a region, the newest first.
    'CREATE INDEX case_of_grid ON "case" (grid_id, id)',
    'CREATE INDEX case_at_unit ON "case" (unit_id, id)',
    "CREATE INDEX case_open ON \"case\" (status, id) "
    "WHERE status IN ('submitted', 'accepted', 'suspended', 'resolved')",
    'CREATE INDEX case_next_due ON "case" (next_due) WHERE next_due IS NOT NULL',
]

NAMES = ("case_grams", "case_of_grid", "case_at_unit", "case_open", "case_next_due")
BACKWARD = [*(f"DROP INDEX {name}" for name in NAMES), "DROP FUNCTION case_grams(text)"]


class Migration(migrations.Migration):
    dependencies = [("models", "0011_people")]

    operations = [ops.RunSQL(FORWARD, BACKWARD)]
