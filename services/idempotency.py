"""A POST that was sent twice is done once: the answer is kept with the client's ``Idempotency-Key``."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from domain.errors import Refusal
from services.ports import Clock
from services.transaction import row, rows, transaction

KEPT = timedelta(hours=24)

_CLAIM = (
    "INSERT INTO idempotency (key, body_hash, at, status, answer) VALUES ($1, $2, $3, 0, '') "
    "ON CONFLICT (key) DO NOTHING RETURNING id"
)


class IdempotencyMismatch(Refusal):
    """The key was used by the same person on the same route for another body."""

    code = "idempotency_mismatch"
    status = 422


@dataclass(frozen=True, slots=True)
class Answer:
    """What a route answered: HTTP status and the body's text."""

    status: int
    text: str
    replayed: bool = False


class Idempotencies:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def once(
        self, person_id: int, route: str, key: str, body: str, work: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """Run *work* for *key* and keep its answer with everything it wrote, in one transaction.

        Keys are the person's own and the route's own, and are known for a day. A second call, in any process, waits on
        the unique key for the first to commit and gets the same answer. When *work* refuses, nothing of it stays, the
        key neither, and the next call tries again. Raises IdempotencyMismatch, and whatever *work* raises.
        """
        hashed, body_hash = _hash(f"{person_id}\0{route}\0{key}"), _hash(body)
        async with transaction():
            while True:
                claimed = await row(_CLAIM, hashed, body_hash, self._clock.now())
                if claimed is not None:
                    answer = await work()
                    await rows(
                        "UPDATE idempotency SET status = $2, answer = $3 WHERE id = $1 RETURNING 1",
                        claimed["id"],
                        answer.status,
                        answer.text,
                    )
                    return answer
                kept = await row("SELECT body_hash, status, answer FROM idempotency WHERE key = $1", hashed)
                if kept is not None:
                    break
                # It was forgotten between the two statements: the key is free again.
        if kept["body_hash"] != body_hash:
            raise IdempotencyMismatch("this Idempotency-Key was used for another body: make a new key for a new matter")
        return Answer(kept["status"], kept["answer"], replayed=True)

    async def has(self, person_id: int, route: str, key: str) -> bool:
        """Whether *key* was answered already: whoever has long work to do before its transaction spares it."""
        return await row("SELECT 1 FROM idempotency WHERE key = $1", _hash(f"{person_id}\0{route}\0{key}")) is not None

    async def forget_old(self) -> int:
        """Drop keys older than a day; returns how many there were."""
        found = await row(
            "WITH gone AS (DELETE FROM idempotency WHERE at < $1 RETURNING 1) SELECT count(*) AS n FROM gone",
            self._clock.now() - KEPT,
        )
        return int(found["n"])


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
