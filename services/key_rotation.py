"""Personal data sealed anew under the newest key, while the service goes on (docs/privacy.md)."""

from typing import Protocol

from services.ports import Cipher
from services.transaction import row, rows, transaction

BATCH = 200

_LEFT = "SELECT count(*) AS n FROM person WHERE phone <> '' AND NOT starts_with(phone, $1)"
_NEXT = """
SELECT id, phone FROM person WHERE phone <> '' AND NOT starts_with(phone, $1) AND id > $2 ORDER BY id LIMIT $3
"""
# Only what still reads as it did: whoever writes a new number in between has sealed it with the newest key already.
_SEAL = """
UPDATE person SET phone = given.sealed
FROM unnest($1::bigint[], $2::text[], $3::text[]) AS given (id, before, sealed)
WHERE person.id = given.id AND person.phone = given.before
RETURNING person.id
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
        """How many numbers are sealed with an older key."""
        return int((await row(_LEFT, self._ring.newest))["n"])

    async def seal_some(self, after: int = 0) -> tuple[int, int]:
        """Seal the next numbers anew: how many there were, and the id to go on after.

        What is done is done: a run that was broken off goes on where it was. Raises what the cipher raises for what it
        cannot open; nothing of that batch is changed then.
        """
        found = await rows(_NEXT, self._ring.newest, after, BATCH)
        if not found:
            return 0, after
        sealed = [self._ring.seal(self._ring.open(one["phone"])) for one in found]
        await rows(_SEAL, [one["id"] for one in found], [one["phone"] for one in found], sealed)
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
