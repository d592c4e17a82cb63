"""Which senders are alive: each holds an advisory lock for as long as its session in the database lives (ADR 11)."""

from services.transaction import row, rows

LOCKS = 7_401_320
"""The class of our advisory locks; the sender's number is the other half of the key."""
GRACE_SECONDS = 3
"""A living sender whose session broke comes back in less; only then is a free lock a death."""

ENROL = "INSERT INTO sender (host, pid, started_at) VALUES ($1, $2, clock_timestamp()) RETURNING id"
TAKE_LOCK = f"SELECT pg_try_advisory_lock({LOCKS}, $1::int)"
COME_BACK = "UPDATE sender SET gone_since = NULL WHERE id = $1 RETURNING id"

_LIVING = f"""
SELECT objid::bigint AS id FROM pg_locks
WHERE locktype = 'advisory' AND classid = {LOCKS} AND objsubid = 2 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_LOOK = f"""
UPDATE sender SET gone_since = CASE WHEN living.id IS NULL THEN clock_timestamp() END
FROM sender known LEFT JOIN ({_LIVING}) living ON living.id = known.id
WHERE known.id = sender.id AND (known.gone_since IS NULL) <> (living.id IS NOT NULL)
"""
_FORGET = """
DELETE FROM sender WHERE gone_since < clock_timestamp() - interval '1 day'
AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.state = 'sending' AND d.sender = sender.id)
"""
DEAD = f"""
NOT EXISTS (SELECT 1 FROM sender s WHERE s.id = delivery.sender
            AND (s.gone_since IS NULL OR s.gone_since > clock_timestamp() - interval '{GRACE_SECONDS} seconds'))
"""
"""Said of a delivery: whoever claimed it is gone."""


async def look() -> None:
    """Note whose lock is free since when, and who has come back."""
    await rows(f"{_LOOK} RETURNING sender.id")


async def forget_old() -> int:
    """Drop those that are gone for a day."""
    gone = await row(f"WITH gone AS ({_FORGET} RETURNING 1) SELECT count(*) AS n FROM gone")
    return int(gone["n"])
