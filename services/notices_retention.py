"""Retention: after a time, of a notice's recipients only counts are left."""

from datetime import timedelta

from domain.notice import Rules
from models import Notice
from services.notices_figures import COUNTED
from services.ports import Clock
from services.transaction import row, rows, transaction

AT_ONCE = 1000
MOST_BATCHES = 500
"""In one run: the next night goes on."""

_THICK = "SELECT id FROM notice WHERE ended_at <= $1 AND thinned_at IS NULL ORDER BY ended_at LIMIT 100"
# Rows that somebody still sends are left for the next run. Each batch goes and is counted in one statement.
_THIN = f"""
WITH piece AS MATERIALIZED (
    SELECT id FROM delivery WHERE notice_id = $1 AND state <> 'sending' ORDER BY person_id LIMIT {AT_ONCE}
    FOR UPDATE SKIP LOCKED
), d AS (
    DELETE FROM delivery USING piece WHERE delivery.id = piece.id RETURNING delivery.*
), counted AS (
    SELECT {COUNTED} FROM d LEFT JOIN region g ON g.id = d.grid_id GROUP BY 1, 2, 3, 4
), kept AS (
    INSERT INTO notice_tally AS t (notice_id, region_id, state, channel, reason, people, opened, visited, unvisited)
    SELECT $1, region_id, state, channel, reason, people, opened, visited, unvisited FROM counted
    ON CONFLICT (notice_id, region_id, state, channel, reason) DO UPDATE SET
        people = t.people + excluded.people, opened = t.opened + excluded.opened,
        visited = t.visited + excluded.visited, unvisited = t.unvisited + excluded.unvisited
    RETURNING 1
)
SELECT count(*) AS gone FROM d
"""


class Thinning:
    def __init__(self, clock: Clock, given: Rules) -> None:
        self._clock = clock
        self._rules = given

    async def thin(self) -> int:
        """Turn the deliveries of what has ended long ago into counts; returns how many rows went.

        Batches of :data:`AT_ONCE`, each in a transaction of its own: the report is the same before, between and after.
        """
        gone = 0
        for one in await rows(_THICK, self._clock.now() - timedelta(days=self._rules.keep_days)):
            for _ in range(MOST_BATCHES):
                batch = await self._batch(one["id"])
                gone += batch
                if not batch:
                    break
        return gone

    async def _batch(self, notice_id: int) -> int:
        async with transaction():
            # Two runs at once would each add to counts that the other has not written yet.
            notice = await Notice.filter(id=notice_id).select_for_update(skip_locked=True).get_or_none()
            if notice is None:
                return 0
            gone = int((await row(_THIN, notice_id))["gone"])
            if not gone and not await self._any_left(notice_id):
                notice.thinned_at = self._clock.now()
                await notice.save(update_fields=["thinned_at"])
        return gone

    async def _any_left(self, notice_id: int) -> bool:
        sql = "SELECT EXISTS (SELECT FROM delivery WHERE notice_id = $1) AS left"
        return bool((await row(sql, notice_id))["left"])
