"""Counts what the pages of figures show, ahead of time: to look costs a few small queries at any number of cases.

Each month in statements of its own. The running month and the two before it are counted anew each time, older ones
once: a few in each run until the first case is reached. Complaints about staff and what is held for a look are in none.
"""

from datetime import date, datetime

from services.ports import Clock
from services.statistics import MONTHS, bounds, first_day, month_before
from services.transaction import row, rows

OLD_MONTHS = 6
"""Months not yet counted that one run takes besides: a run's length is bounded."""

# A hand-over takes `accepted_at` back, so the first answer is read off the history: the first step of staff that the
# resident hears of. First counted where it lies, then added up along the way to the root.
_MONTH = """
WITH f AS MATERIALIZED (
    SELECT c.grid_id, c.event_type, c.level, c.status, c.rating,
           extract(epoch FROM a.at - c.submitted_at)::bigint AS answer,
           CASE WHEN c.status IN ('resolved', 'closed') THEN extract(epoch FROM c.resolved_at - c.submitted_at)::bigint
           END AS resolve,
           c.resolved_at <= c.resolve_due AS in_time
    FROM "case" c LEFT JOIN LATERAL (
        SELECT min(e.at) AS at FROM case_event e WHERE e.case_id = c.id AND e.role <> 'resident' AND NOT e.hidden
          AND e.action IN ('accept', 'reply', 'resolve', 'decline', 'suspend')
    ) a ON TRUE
    WHERE c.submitted_at >= $2 AND c.submitted_at < $3 AND c.kind = 'case'
      AND c.status NOT IN ('draft', 'withdrawn', 'merged')
), g AS MATERIALIZED (
    SELECT grid_id, event_type, level, count(*) AS filed,
           count(answer) AS answered, coalesce(sum(answer), 0) AS answer_seconds,
           count(*) FILTER (WHERE answer <= 3600) AS a1, count(*) FILTER (WHERE answer <= 14400) AS a2,
           count(*) FILTER (WHERE answer <= 86400) AS a3, count(*) FILTER (WHERE answer <= 259200) AS a4,
           count(resolve) AS resolved, coalesce(sum(resolve), 0) AS resolve_seconds,
           count(*) FILTER (WHERE resolve <= 86400) AS r1, count(*) FILTER (WHERE resolve <= 259200) AS r2,
           count(*) FILTER (WHERE resolve <= 604800) AS r3, count(*) FILTER (WHERE resolve <= 2592000) AS r4,
           count(*) FILTER (WHERE resolve IS NOT NULL AND in_time) AS in_time,
           count(*) FILTER (WHERE status = 'declined') AS declined,
           count(rating) AS rated, coalesce(sum(rating), 0) AS stars
    FROM f GROUP BY 1, 2, 3
), new AS MATERIALIZED (
    SELECT u.id AS region_id,
           CASE WHEN grouping(g.event_type) = 0 THEN 'type' WHEN grouping(g.level) = 0 THEN 'level' ELSE 'all' END
               AS kind,
           CASE WHEN grouping(g.event_type) = 0 THEN g.event_type WHEN grouping(g.level) = 0 THEN g.level::text
                ELSE '' END AS key,
           sum(filed)::int AS filed, sum(answered)::int AS answered, sum(answer_seconds)::bigint AS answer_seconds,
           jsonb_build_array(sum(a1)::int, sum(a2)::int, sum(a3)::int, sum(a4)::int) AS answer_spans,
           sum(resolved)::int AS resolved, sum(resolve_seconds)::bigint AS resolve_seconds,
           jsonb_build_array(sum(r1)::int, sum(r2)::int, sum(r3)::int, sum(r4)::int) AS resolve_spans,
           sum(in_time)::int AS in_time, sum(declined)::int AS declined, sum(rated)::int AS rated,
           sum(stars)::int AS stars
    FROM g JOIN region r ON r.id = g.grid_id
    CROSS JOIN LATERAL unnest(string_to_array(trim(BOTH '/' FROM r.path), '/')::int[]) AS u(id)
    GROUP BY GROUPING SETS ((u.id), (u.id, g.event_type), (u.id, g.level))
), gone AS (
    DELETE FROM figure_month m WHERE m.month = $1::date AND NOT EXISTS (
        SELECT FROM new n WHERE n.region_id = m.region_id AND n.kind = m.kind AND n.key = m.key)
)
INSERT INTO figure_month AS m (region_id, month, kind, key, filed, answered, answer_seconds, answer_spans, resolved,
                               resolve_seconds, resolve_spans, in_time, declined, rated, stars)
SELECT region_id, $1::date, kind, key, filed, answered, answer_seconds, answer_spans, resolved, resolve_seconds,
       resolve_spans, in_time, declined, rated, stars FROM new
ON CONFLICT (region_id, month, kind, key) DO UPDATE SET
    filed = excluded.filed, answered = excluded.answered, answer_seconds = excluded.answer_seconds,
    answer_spans = excluded.answer_spans, resolved = excluded.resolved, resolve_seconds = excluded.resolve_seconds,
    resolve_spans = excluded.resolve_spans, in_time = excluded.in_time, declined = excluded.declined,
    rated = excluded.rated, stars = excluded.stars
WHERE (m.filed, m.answered, m.answer_seconds, m.answer_spans, m.resolved, m.resolve_seconds, m.resolve_spans, m.in_time,
       m.declined, m.rated, m.stars)
   IS DISTINCT FROM (excluded.filed, excluded.answered, excluded.answer_seconds, excluded.answer_spans,
       excluded.resolved, excluded.resolve_seconds, excluded.resolve_spans, excluded.in_time, excluded.declined,
       excluded.rated, excluded.stars)
RETURNING 1
"""
# Whatever is open now counts back: in the evening of a day so many were open as on the next, less what came then, and
# with what went then. What has ended is known by its history, of which a month lies together.
_DAYS = """
WITH came AS (
    SELECT grid_id, (submitted_at AT TIME ZONE 'Asia/Shanghai')::date AS day, count(*) AS filed
    FROM "case" WHERE submitted_at >= $1 AND submitted_at < $2 AND kind = 'case'
      AND status NOT IN ('draft', 'withdrawn', 'merged') GROUP BY 1, 2
), went AS (
    SELECT c.grid_id, (e.at AT TIME ZONE 'Asia/Shanghai')::date AS day,
           count(DISTINCT c.id) FILTER (WHERE e.action = 'resolve') AS resolved, count(DISTINCT c.id) AS ended
    FROM case_event e JOIN "case" c ON c.id = e.case_id
    WHERE e.at >= $1 AND e.at < $2 AND e.action IN ('resolve', 'decline') AND c.kind = 'case'
      AND CASE e.action WHEN 'resolve' THEN c.status IN ('resolved', 'closed') AND c.resolved_at = e.at
          ELSE c.status = 'declined' AND c.ended_at = e.at END
    GROUP BY 1, 2
), moves AS (
    SELECT u.id AS region_id, day, sum(filed)::int AS filed, sum(resolved)::int AS resolved, sum(ended)::int AS ended
    FROM (SELECT grid_id, day, filed, 0 AS resolved, 0 AS ended FROM came
          UNION ALL SELECT grid_id, day, 0, resolved, ended FROM went) m
    JOIN region r ON r.id = m.grid_id
    CROSS JOIN LATERAL unnest(string_to_array(trim(BOTH '/' FROM r.path), '/')::int[]) AS u(id) GROUP BY 1, 2
), later AS (
    SELECT DISTINCT ON (region_id) region_id, open - filed + ended AS open
    FROM figure_day WHERE day > $4::date ORDER BY region_id, day
), new AS MATERIALIZED (
    SELECT m.region_id, m.day, m.filed, m.resolved, m.ended, greatest(0, coalesce(l.open, o.open, 0) - coalesce(
        sum(m.filed - m.ended) OVER (
            PARTITION BY m.region_id ORDER BY m.day ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), 0))::int AS open
    FROM moves m LEFT JOIN later l USING (region_id) LEFT JOIN figure_open o USING (region_id)
), gone AS (
    DELETE FROM figure_day d WHERE d.day >= $3::date AND d.day <= $4::date
      AND NOT EXISTS (SELECT FROM new n WHERE n.region_id = d.region_id AND n.day = d.day)
)
INSERT INTO figure_day AS d (region_id, day, filed, resolved, ended, open)
SELECT region_id, day, filed, resolved, ended, open FROM new
ON CONFLICT (region_id, day) DO UPDATE SET
    filed = excluded.filed, resolved = excluded.resolved, ended = excluded.ended, open = excluded.open
WHERE (d.filed, d.resolved, d.ended, d.open)
   IS DISTINCT FROM (excluded.filed, excluded.resolved, excluded.ended, excluded.open)
RETURNING 1
"""
_OPEN = """
WITH g AS MATERIALIZED (
    SELECT grid_id, count(*) AS n, count(*) FILTER (WHERE next_due < $1::timestamptz) AS late,
           count(*) FILTER (WHERE submitted_at >= $1::timestamptz - interval '1 day') AS d1,
           count(*) FILTER (WHERE submitted_at >= $1::timestamptz - interval '3 days') AS d2,
           count(*) FILTER (WHERE submitted_at >= $1::timestamptz - interval '7 days') AS d3,
           count(*) FILTER (WHERE submitted_at >= $1::timestamptz - interval '30 days') AS d4
    FROM "case" WHERE status IN ('submitted', 'accepted', 'suspended') AND kind = 'case' GROUP BY 1
), new AS MATERIALIZED (
    SELECT u.id AS region_id, sum(n)::int AS open, sum(late)::int AS late,
           jsonb_build_array(sum(d1)::int, sum(d2)::int, sum(d3)::int, sum(d4)::int) AS spans
    FROM g JOIN region r ON r.id = g.grid_id
    CROSS JOIN LATERAL unnest(string_to_array(trim(BOTH '/' FROM r.path), '/')::int[]) AS u(id) GROUP BY 1
), gone AS (
    DELETE FROM figure_open o WHERE NOT EXISTS (SELECT FROM new n WHERE n.region_id = o.region_id)
)
INSERT INTO figure_open AS o (region_id, open, late, spans) SELECT region_id, open, late, spans FROM new
ON CONFLICT (region_id) DO UPDATE SET open = excluded.open, late = excluded.late, spans = excluded.spans
WHERE (o.open, o.late, o.spans) IS DISTINCT FROM (excluded.open, excluded.late, excluded.spans)
RETURNING 1
"""
_COUNTED = """
INSERT INTO figure_count (month, counted_at) VALUES ($1::date, $2)
ON CONFLICT (month) DO UPDATE SET counted_at = excluded.counted_at RETURNING 1
"""
# Cases come in the order of their time, so one of the first is the first, give or take a day.
_FIRST = """
SELECT min(submitted_at) AS at FROM (
    SELECT submitted_at FROM "case" WHERE submitted_at IS NOT NULL ORDER BY id LIMIT 100) s
"""


class FigureCounts:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def count(self) -> int:
        """Count the last months anew, and some older ones that never were; returns how many months were counted."""
        now = self._clock.now()
        await rows(_OPEN, now)
        months = [first_day(now)]
        while len(months) < MONTHS:
            months.append(month_before(months[-1]))
        first = (await row(_FIRST))["at"]
        known = {one["month"] for one in await rows("SELECT month FROM figure_count")}
        older = month_before(months[-1])
        while first is not None and older >= first_day(first) and len(months) < MONTHS + OLD_MONTHS:
            if older not in known:
                months.append(older)
            older = month_before(older)
        # From the newest back: what was open at a month's end is known by the month after it.
        for month in months:
            await self._month(month, now)
        return len(months)

    async def _month(self, month: date, now: datetime) -> None:
        start, end = bounds(month)
        last = date.fromordinal(month_after(month).toordinal() - 1)
        await rows(_MONTH, month, start, end)
        await rows(_DAYS, start, end, month, last)
        await rows(_COUNTED, month, now)


def month_after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
