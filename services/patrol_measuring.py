"""What all points of a patrol say together: how far, how much of the grid, and what to doubt."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.coverage import Ring
from domain.track import Doubt, Point, Sift
from models import Boundary, Patrol, PatrolBatch
from services import patrol_points
from services.patrol_points import Measured
from services.ports import Cipher


@dataclass(frozen=True, slots=True)
class Rules:
    sift: Sift = field(default_factory=Sift)
    coverage_metres: float = 30
    forgotten: timedelta = timedelta(hours=3)
    longest: timedelta = timedelta(hours=12)
    late: timedelta = timedelta(hours=24)
    track_days: int = 180


class Measuring:
    def __init__(self, cipher: Cipher, rules: Rules) -> None:
        self._cipher = cipher
        self._rules = rules

    async def write(self, patrol: Patrol) -> None:
        """Write what the points say of a patrol that is over."""
        assert patrol.ended_at is not None  # noqa: S101 - called for those only
        found = await self.measured(patrol, patrol.ended_at)
        patrol.seconds = round((patrol.ended_at - patrol.started_at).total_seconds())
        patrol.length_metres = round(found.track.metres)
        patrol.coverage = found.coverage
        doubts = [*found.doubts, *([Doubt.CLOCK] if patrol.clock_off else [])]
        patrol.suspicious = " ".join(doubts)
        patrol.stale = False

    async def measured(self, patrol: Patrol, until: datetime, *, with_ground: bool = True) -> Measured:
        batches = await PatrolBatch.filter(patrol_id=patrol.id).order_by("device", "number")
        ring = await _ring(patrol.region_id) if with_ground else None
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
            ring=ring,
            within_metres=self._rules.coverage_metres,
        )


async def _ring(region_id: int) -> Ring | None:
    found = await Boundary.get_or_none(region_id=region_id)
    return [(one[0], one[1]) for one in found.ring] if found is not None else None
