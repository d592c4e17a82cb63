"""The list of the day: once on a working day a grid worker is told, in one message, what is overdue or due.

Nobody is told twice on a day (a row says that the list was made, in the same transaction as the message), nobody who
is on leave, nobody whose grid need not be walked that day for the weather, and nobody for whom nothing waits. While a
worker is on leave, their visits and residents' corrections stand in their cover's list (AB岗, D art. 11).
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from domain.calendar import SHANGHAI, WorkCalendar
from services.deliveries import Deliveries, Owed
from services.ports import Clock
from services.transaction import rows, transaction

AT_ONCE = 200
"""Workers whose lists are made in one transaction."""
KEPT = timedelta(days=31)
LAST_DAYS = 7
"""For so many days before its end a compulsory course stands in the list; and on the first day on which it can."""

# A grid is exempt by a day of its own or of a region above, or by its town's month (X 四).
_EXEMPT = """
(EXISTS (SELECT 1 FROM exempt_day e JOIN region u ON u.id = e.region_id
         WHERE e.day = {day} AND g.path LIKE u.path || '%')
 OR EXISTS (SELECT 1 FROM assessment_month m JOIN region t ON t.id = m.town_id
            WHERE m.month = date_trunc('month', {day}::date)::date AND g.path LIKE t.path || '%'
              AND m.weather ? ({day}::date)::text))
"""
_AWAY = """
EXISTS (SELECT 1 FROM leave l WHERE l.person_id = {who} AND l.state = 'approved'
        AND l.starts_at <= {until} AND l.ends_at > {since})
"""
_HOLDS = "h.duty = 'grid_worker' AND h.from_date <= $1 AND (h.to_date IS NULL OR h.to_date >= $1)"
_LISTS = f"""
WITH somebody AS (
    SELECT h.person_id, array_agg(h.region_id) AS own, min(h.from_date) AS since
    FROM held_duty h JOIN region g ON g.id = h.region_id
    WHERE {_HOLDS} AND h.person_id > $5
      AND NOT EXISTS (SELECT 1 FROM daily_list d WHERE d.person_id = h.person_id AND d.day = $1)
      AND NOT {_AWAY.format(who="h.person_id", until="$2", since="$2")} AND NOT {_EXEMPT.format(day="$1")}
    GROUP BY h.person_id ORDER BY h.person_id LIMIT {AT_ONCE}
), made AS (
    INSERT INTO daily_list (person_id, day) SELECT person_id, $1 FROM somebody
    ON CONFLICT (person_id, day) DO NOTHING RETURNING person_id
), covered AS (
    SELECT h.cover_id AS person_id, array_agg(h.region_id) AS places
    FROM held_duty h JOIN somebody s ON s.person_id = h.cover_id JOIN region g ON g.id = h.region_id
    WHERE {_HOLDS} AND {_AWAY.format(who="h.person_id", until="$2", since="$2")} AND NOT {_EXEMPT.format(day="$1")}
    GROUP BY h.cover_id
)
SELECT s.person_id, coalesce(v.overdue, 0)::int AS overdue, coalesce(v.today, 0)::int AS today,
    (SELECT count(*) FROM record_proposal p JOIN base_record b ON b.id = p.record_id
     WHERE p.state = 'asked' AND b.region_id = ANY(s.own || coalesce(o.places, '{{}}')))::int AS records,
    (SELECT count(*) FROM "case" c WHERE c.holder_id = s.person_id AND c.status IN ('submitted', 'accepted')
     AND c.next_due >= $2 AND c.next_due < $3 AND c.remind_at > $2)::int AS cases,
    t.courses, t.course, t.until,
    (s.since <= $4 AND NOT EXISTS (SELECT 1 FROM patrol w WHERE w.person_id = s.person_id AND w.day = $4
        AND w.length_metres > 0 AND w.ended_at IS NOT NULL)
     AND NOT {_AWAY.format(who="s.person_id", until="$6", since="$7")}
     AND EXISTS (SELECT 1 FROM region g WHERE g.id = ANY(s.own) AND NOT {_EXEMPT.format(day="$4")})) AS no_track
FROM made JOIN somebody s ON s.person_id = made.person_id LEFT JOIN covered o ON o.person_id = s.person_id
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE x.next_due < $1) AS overdue, count(*) FILTER (WHERE x.next_due = $1) AS today
    FROM subject x WHERE x.active AND x.grid_id = ANY(s.own || coalesce(o.places, '{{}}')) AND x.next_due <= $1
) v ON TRUE
LEFT JOIN LATERAL (
    SELECT count(*)::int AS courses, (array_agg(c.title ORDER BY c.last_day, c.id))[1] AS course,
           min(c.last_day) AS until
    FROM training_course c JOIN region u ON u.id = c.region_id
    WHERE (c.compulsory OR c.induction) AND c.duties ? 'grid_worker' AND c.first_day <= $1
      AND (c.first_day > $8 OR c.last_day BETWEEN $1 AND $1 + {LAST_DAYS})
      AND (c.last_day IS NULL OR c.last_day >= $1)
      AND EXISTS (SELECT 1 FROM region g WHERE g.id = ANY(s.own) AND g.path LIKE u.path || '%')
      AND NOT EXISTS (SELECT 1 FROM training_record m
                      WHERE m.course_id = c.id AND m.person_id = s.person_id AND m.credited_on IS NOT NULL)
) t ON TRUE
ORDER BY s.person_id
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one worker: visits ``overdue`` and due ``today``, residents' corrections of ``records``, ``cases``
    whose deadline is today and of which nothing has reminded them; whether the day before had ``no_track``; compulsory
    ``courses`` that have begun or end within a week, the first of them ``course``, to be taken ``until`` a day.
    """

    overdue: int
    today: int
    records: int
    cases: int
    no_track: bool
    courses: int = 0
    course: str = ""
    until: str = ""

    @property
    def anything(self) -> bool:
        return any(asdict(self).values())


class DailyLists:
    def __init__(self, clock: Clock, calendar: WorkCalendar, deliveries: Deliveries) -> None:
        self._clock = clock
        self._calendar = calendar
        self._deliveries = deliveries

    async def send(self) -> int:
        """Make the lists of today that are not made yet; outside of working hours none. Returns how many were told.

        May be stopped at any point, and run by several at once.
        """
        now = self._clock.now().astimezone(SHANGHAI)
        if not self._at_work(now):
            return 0
        day = now.date()
        before = day - timedelta(days=1)
        begins, ends = _midnight(day), _midnight(day + timedelta(days=1))
        told, after, worked = 0, 0, self._last_at_work(day)
        while True:
            async with transaction():
                found = await rows(_LISTS, day, now, ends, before, after, begins, _midnight(before), worked)
                waiting = [(one["person_id"], _waiting(one)) for one in found]
                owed = [
                    Owed(person, "daily_list", {"title": "今天要做的", **asdict(one)})
                    for person, one in waiting
                    if one.anything
                ]
                await self._deliveries.owe(*owed)
            told += len(owed)
            if len(found) < AT_ONCE:
                return told
            after = waiting[-1][0]

    async def forget_old(self) -> None:
        """Drop on which days lists were made, once that is long ago."""
        day = self._clock.now().astimezone(SHANGHAI).date() - KEPT
        await rows("DELETE FROM daily_list WHERE day < $1 RETURNING 1", day)

    def _last_at_work(self, day: date) -> date:
        """The working day before: what has begun since is news."""
        back = (day - timedelta(days=number) for number in range(1, KEPT.days))
        return next((one for one in back if self._calendar.works_on(one)), day - KEPT)

    def _at_work(self, now: datetime) -> bool:
        open_ = any(start <= now.time() < end for start, end in self._calendar.spans)
        return open_ and self._calendar.works_on(now.date())


def _waiting(one: Any) -> Waiting:
    return Waiting(
        one["overdue"],
        one["today"],
        one["records"],
        one["cases"],
        bool(one["no_track"]),
        one["courses"],
        one["course"] or "",
        one["until"].isoformat() if one["until"] else "",
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
