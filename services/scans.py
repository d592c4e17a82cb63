"""How often each board's code is followed, by day. Counts only: nobody who scans is in it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from domain.calendar import SHANGHAI
from domain.errors import NotFound
from models import Region
from services.ports import Clock
from services.transaction import row, rows

Door = Literal["chat", "page"]

SHARDS = 16
"""Rows of one code, day and door: when a whole village scans at once they do not all wait for one of them."""

# The connection's own number picks the row: two transactions that are open at once have different connections.
_NOTE = f"""
INSERT INTO scan_count (scene_id, day, door, shard, count) VALUES ($1, $2, $3, pg_backend_pid() % {SHARDS}, 1)
ON CONFLICT (scene_id, day, door, shard) DO UPDATE SET count = scan_count.count + 1
"""
_PER_DAY = """
SELECT r.code, r.name, c.day, c.door, sum(c.count)::int AS count
FROM scan_count c JOIN scene s ON s.id = c.scene_id JOIN region r ON r.id = s.region_id
WHERE r.path LIKE $1 || '%' AND c.day >= $2
GROUP BY r.code, r.name, c.day, c.door ORDER BY r.code, c.day, c.door
"""


@dataclass(frozen=True, slots=True)
class Scanned:
    """One board on one day."""

    code: str
    name: str
    day: date
    door: str
    count: int


class Scans:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def note(self, scene_id: int, door: Door) -> None:
        """Count one scan; inside a transaction it counts if and only if that commits."""
        await rows(_NOTE, scene_id, self._today(), door)

    async def per_day(self, under: str, days: int = 30) -> list[Scanned]:
        """The scans of each board at or below the region *under* in the last *days*. Raises NotFound."""
        region = await Region.get_or_none(code=under)
        if region is None:
            raise NotFound("there is no such region", region=under)
        since = self._today() - timedelta(days=days - 1)
        return [
            Scanned(one["code"], one["name"], one["day"], one["door"], one["count"])
            for one in await rows(_PER_DAY, region.path, since)
        ]

    async def total(self, scene_id: int) -> int:
        found = await row("SELECT coalesce(sum(count), 0)::int AS n FROM scan_count WHERE scene_id = $1", scene_id)
        return int(found["n"])

    def _today(self) -> date:
        return self._clock.now().astimezone(SHANGHAI).date()
