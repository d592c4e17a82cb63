"""What the town shows of itself: figures per village and month, without anybody in them (DOMAIN §6).

Counted by a job and kept, so that whoever looks costs one small query at any number of cases. Complaints about staff
and what is held for a look are in none of them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from domain.calendar import SHANGHAI
from domain.errors import BadInput, NotFound
from models import Region
from services.ports import Clock
from services.transaction import rows

FEWEST = 5
"""Cases, or ratings, under which only the count is told: who lives there could guess whose the others are."""
MONTHS = 3
"""This month and those before it that are counted anew; after that a month stays as it is."""
KEPT_MONTHS = 60
_VILLAGE = 2

# Every case counts for the village of its grid. What is merged or withdrawn was asked by nobody (any more).
_COUNT = """
WITH f AS MATERIALIZED (
    SELECT v.id AS village_id, c.category, c.status, c.submitted_at, c.accepted_at, c.resolved_at, c.resolve_due,
           c.rating, c.status IN ('resolved', 'closed') AND c.resolved_at IS NOT NULL AS done
    FROM "case" c JOIN region g ON g.id = c.grid_id
    JOIN region v ON v.id = CASE WHEN g.level = 2 THEN g.id ELSE g.parent_id END AND v.level = 2
    WHERE c.submitted_at >= $2 AND c.submitted_at < $3 AND c.kind = 'case' AND c.status NOT IN ('withdrawn', 'merged')
), of_category AS (
    SELECT k.village_id, jsonb_object_agg(k.category, k.n) AS counts
    FROM (SELECT village_id, category, count(*) AS n FROM f WHERE category <> '' GROUP BY 1, 2) k GROUP BY 1
)
INSERT INTO village_month (region_id, month, filed, accepted, resolved, declined, in_time, rated, stars,
                           accept_seconds, resolve_seconds, categories, counted_at)
SELECT f.village_id, $1::date, count(*), count(f.accepted_at), count(*) FILTER (WHERE f.done),
       count(*) FILTER (WHERE f.status = 'declined'), count(*) FILTER (WHERE f.done AND f.resolved_at <= f.resolve_due),
       count(f.rating), coalesce(sum(f.rating), 0),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM f.accepted_at - f.submitted_at)::int),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM f.resolved_at - f.submitted_at)::int)
           FILTER (WHERE f.done),
       coalesce((SELECT counts FROM of_category o WHERE o.village_id = f.village_id), '{}'), $4
FROM f GROUP BY f.village_id
ON CONFLICT (region_id, month) DO UPDATE SET
    filed = excluded.filed, accepted = excluded.accepted, resolved = excluded.resolved, declined = excluded.declined,
    in_time = excluded.in_time, rated = excluded.rated, stars = excluded.stars,
    accept_seconds = excluded.accept_seconds, resolve_seconds = excluded.resolve_seconds,
    categories = excluded.categories, counted_at = excluded.counted_at
RETURNING 1
"""
# What has gone from a village since (withdrawn, transferred) must not stay in its count.
_GONE = "DELETE FROM village_month WHERE month = $1::date AND counted_at < $2 RETURNING 1"
_LISTED = """
SELECT v.code, v.name, m.*
FROM region v LEFT JOIN village_month m ON m.region_id = v.id AND m.month = $1::date
WHERE v.level = 2 AND v.path LIKE $2 || '%' AND v.code > $3
ORDER BY v.code LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """One village's month. ``None`` where there are too few to tell."""

    code: str
    name: str
    month: date
    filed: int
    accepted: int
    resolved: int
    declined: int
    resolved_in_time: int | None
    accept_hours: float | None
    resolve_days: float | None
    rated: int
    rating: float | None
    categories: Mapping[str, int]
    counted_at: datetime | None


class Statistics:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def count(self) -> int:
        """Count the last months anew, each in a statement of its own; returns how many villages' months there are."""
        now = self._clock.now()
        month, counted = first_day(now), 0
        for _ in range(MONTHS):
            counted += len(await rows(_COUNT, month, *bounds(month), now))
            await rows(_GONE, month, now)
            month = month_before(month)
        return counted

    async def public(
        self, region: str, month: date | None, *, after: str, limit: int
    ) -> tuple[list[Figures], str | None]:
        """The villages of *region* ("" is everywhere) in *month* (this one), by their codes.

        Raises NotFound for an unknown region, BadInput for a month that is not the first of one, or not kept.
        """
        this = first_day(self._clock.now())
        wanted = month or this
        if wanted.day != 1 or not months_back(this, KEPT_MONTHS) <= wanted <= this:
            raise BadInput(f"month is one of the last {KEPT_MONTHS}, as 2026-03", field="month")
        path = ""
        if region:
            found = await Region.get_or_none(code=region)
            if found is None or found.level < _VILLAGE:
                raise NotFound("there is no such village, town, county or city")
            path = found.path
        told = await rows(_LISTED, wanted, path, after, limit + 1)
        items = [_figures(one, wanted) for one in told[:limit]]
        return items, items[-1].code if len(told) > limit else None


def first_day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date().replace(day=1)


def month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def months_back(month: date, count: int) -> date:
    months = month.year * 12 + month.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def bounds(month: date) -> tuple[datetime, datetime]:
    following = (month + timedelta(days=32)).replace(day=1)
    return tuple(datetime(day.year, day.month, 1, tzinfo=SHANGHAI) for day in (month, following))  # type: ignore[return-value]


def _figures(one: Mapping[str, Any], month: date) -> Figures:
    filed, rated = one["filed"] or 0, one["rated"] or 0
    told = filed >= FEWEST
    categories = one["categories"] or {}
    return Figures(
        code=one["code"],
        name=one["name"],
        month=month,
        filed=filed,
        accepted=one["accepted"] or 0,
        resolved=one["resolved"] or 0,
        declined=one["declined"] or 0,
        resolved_in_time=one["in_time"] if told else None,
        accept_hours=_part(one["accept_seconds"], 3600) if told else None,
        resolve_days=_part(one["resolve_seconds"], 86400) if told else None,
        rated=rated,
        rating=round(one["stars"] / rated, 1) if rated >= FEWEST else None,
        categories=(json.loads(categories) if isinstance(categories, str) else categories) if told else {},
        counted_at=one["counted_at"],
    )


def _part(seconds: int | None, unit: int) -> float | None:
    return None if seconds is None else round(seconds / unit, 1)
