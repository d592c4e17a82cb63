"""Personal data sealed anew under the newest key, while the service goes on (docs/privacy.md)."""

from typing import Protocol

from services.ports import Cipher
from services.transaction import row, rows, transaction

BATCH = 200

SEALED = (
    ("person", "phone"),
    ("subject", "sealed"),
    ("patrol_batch", "sealed"),
    ("patrol_ground", "sealed"),
    ("base_record", "sealed"),
    ("second_factor", "secret"),
    ("record_change", "before"),
    ("record_proposal", "sealed"),
)
"""Every column that holds what a key has sealed."""

_LEFT = "SELECT count(*) AS n FROM {table} WHERE {column} <> '' AND NOT starts_with({column}, $1)"
_NEXT = """
SELECT id, {column} AS sealed FROM {table}
WHERE {column} <> '' AND NOT starts_with({column}, $1) AND id > $2 ORDER BY id LIMIT $3
"""
# Only what still reads as it did: whoever writes a new number in between has sealed it with the newest key already.
_SEAL = """
UPDATE {table} SET {column} = given.sealed
FROM unnest($1::bigint[], $2::text[], $3::text[]) AS given (id, before, sealed)
WHERE {table}.id = given.id AND {table}.{column} = given.before
RETURNING {table}.id
"""
_FOUND_BY = "SELECT id, phone FROM person WHERE phone_index IS NOT NULL AND phone <> '' ORDER BY id FOR UPDATE"
_INDEX = """
UPDATE person SET phone_index = given.found_by FROM unnest($1::bigint[], $2::text[]) AS given (id, found_by)
WHERE person.id = given.id RETURNING person.id
"""


class Ring(Cipher, Protocol):
    """A cipher of several keys."""

    @property
    def newest(self) -> str:
        """How everything begins that the newest key has sealed."""
        ...

    def index_by_newest(self, text: str) -> str:
        """What :meth:`index` gives once the newest key is the only one."""
        ...


class KeyRotation:
    def __init__(self, ring: Ring) -> None:
        self._ring = ring

    async def left(self) -> int:
        """How much is sealed with an older key."""
        counts = [await row(_LEFT.format(table=table, column=column), self._ring.newest) for table, column in SEALED]
        return sum(int(one["n"]) for one in counts)

    async def seal_some(self, after: int = 0, of: tuple[str, str] = SEALED[0]) -> tuple[int, int]:
        """Seal the next of one column of :data:`SEALED` anew: how many there were, and the id to go on after.

        What is done is done: a run that was broken off goes on where it was. Raises what the cipher raises for what it
        cannot open; nothing of that batch is changed then.
        """
        table, column = of
        found = await rows(_NEXT.format(table=table, column=column), self._ring.newest, after, BATCH)
        if not found:
            return 0, after
        sealed = [self._ring.seal(self._ring.open(one["sealed"])) for one in found]
        before = [one["sealed"] for one in found]
        await rows(_SEAL.format(table=table, column=column), [one["id"] for one in found], before, sealed)
        return len(found), found[-1]["id"]

    async def index_anew(self) -> int:
        """Let everybody be found by the newest key, all at once; returns how many.

        From then on the older keys are of no use; until the service runs without them it finds nobody by number.
        """
        async with transaction():
            found = await rows(_FOUND_BY)
            indexes = [self._ring.index_by_newest(self._ring.open(one["phone"])) for one in found]
            await rows(_INDEX, [one["id"] for one in found], indexes)
        return len(found)
