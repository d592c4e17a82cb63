"""What all points of a patrol say together: how far, how much of the grid, and what to doubt."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.coverage import Ring
from domain.track import Doubt, Point, Sift
from models import Boundary, Patrol, PatrolBatch
from services import patrol_points
from services.coverages import Coverages
from services.patrol_points import Measured
from services.ports import Cipher


@dataclass(frozen=True, slots=True)
class Rules:
    sift: Sift = field(default_factory=Sift)
    forgotten: timedelta = timedelta(hours=3)
    longest: timedelta = timedelta(hours=12)
    late: timedelta = timedelta(hours=24)
    track_days: int = 180


class Measuring:
    def __init__(self, cipher: Cipher, rules: Rules, coverages: Coverages) -> None:
        self._cipher = cipher
        self._coverages = coverages
        self._rules = rules

    async def write(self, patrol: Patrol) -> None:
        """Write what the points say of a patrol that is over, in the transaction that has locked it."""
        assert patrol.ended_at is not None  # noqa: S101 - called for those only
        ring = await _ring(patrol.region_id)
        found = await self.measured(patrol, patrol.ended_at, ring)
        patrol.seconds = round((patrol.ended_at - patrol.started_at).total_seconds())
        patrol.length_metres = round(found.track.metres)
        patrol.coverage = found.coverage
        doubts = [*found.doubts, *([Doubt.CLOCK] if patrol.clock_off else [])]
        patrol.suspicious = " ".join(doubts)
        patrol.stale = False
        if ring is not None and found.walked is not None:
            await self._coverages.keep(patrol, ring, found.walked)

    async def measured(self, patrol: Patrol, until: datetime, ring: Ring | None = None) -> Measured:
        """The points up to *until*; what they cover of *ring*, where one is given."""
        batches = await PatrolBatch.filter(patrol_id=patrol.id).order_by("device", "number")
        # Thousands of points take a while: others are answered meanwhile.
        return await asyncio.to_thread(self._computed, patrol.started_at, until, batches, ring)

    def _computed(
        self, since: datetime, until: datetime, batches: Sequence[PatrolBatch], ring: Ring | None
    ) -> Measured:
        by_device: dict[str, list[Point]] = {}
        for batch in batches:
            points = patrol_points.unpacked(self._cipher.open(batch.sealed))
            by_device.setdefault(batch.device, []).extend(points)
        return patrol_points.measured(
            by_device,
            since=since,
            until=until,
            sift=self._rules.sift,
            ground=self._coverages.ground(ring) if ring is not None else None,
        )


async def _ring(region_id: int) -> Ring | None:
    found = await Boundary.get_or_none(region_id=region_id)
    return [(one[0], one[1]) for one in found.ring] if found is not None else None
