"""Training of a year as the town reads it (Y art. 43): hours of each worker, courses passed, and what is missing."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain import training as rules
from domain.calendar import SHANGHAI
from domain.duty import Duty
from domain.errors import NotAllowed
from services import cursors
from services.access import Actor
from services.assessments import ASSESSES
from services.ports import Clock
from services.transaction import rows

PAGE = 50
YEARS = 3
_LISTED = """
SELECT d.id, p.id AS person_id, p.name AS person, d.duty, r.code, r.name AS region, x.minutes::int, x.passed,
       ARRAY(SELECT c.title FROM training_course c JOIN region t ON t.id = c.region_id
             LEFT JOIN training_record m ON m.course_id = c.id AND m.person_id = p.id
             WHERE (c.compulsory OR c.induction) AND c.first_day <= $4 AND (c.last_day IS NULL OR c.last_day >= $4)
               AND c.duties ? d.duty AND r.path LIKE t.path || '%' AND m.credited_on IS NULL ORDER BY c.id) AS open
FROM held_duty d JOIN person p ON p.id = d.person_id JOIN region r ON r.id = d.region_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(m.minutes), 0) AS minutes,
           coalesce(array_agg(c.title ORDER BY m.credited_on, c.id) FILTER (WHERE c.id IS NOT NULL), '{}') AS passed
    FROM training_record m JOIN training_course c ON c.id = m.course_id
    WHERE m.person_id = p.id AND m.credited_on BETWEEN $2 AND $3
) x
WHERE r.path LIKE ANY($1::text[]) AND d.duty IN ('grid_worker', 'part_time_worker')
  AND d.from_date <= $4 AND (d.to_date IS NULL OR d.to_date >= $4) AND d.id > $5
ORDER BY d.id LIMIT $6
"""


@dataclass(frozen=True, slots=True)
class WorkerHours:
    """*minutes* and the titles of what was credited in the days asked for; *missing* minutes, where that is a year.

    *open*: compulsory courses and inductions that run today and are not passed.
    """

    person: str
    duty: str
    code: str
    region: str
    minutes: int
    missing: int | None
    passed: tuple[str, ...]
    open: tuple[str, ...]


class TrainingHours:
    def __init__(self, clock: Clock, year_minutes: int) -> None:
        """*year_minutes* are asked of a full-time worker."""
        self._clock = clock
        self._year_minutes = year_minutes

    @property
    def wanted(self) -> int:
        """Minutes a year of a full-time worker."""
        return self._year_minutes

    def years(self) -> list[int]:
        """Those that can be read, this one first."""
        year = self._today().year
        return [year - back for back in range(YEARS)]

    async def below(
        self, by: Actor, year: int, *, cursor: str | None = None, limit: int = PAGE
    ) -> tuple[list[WorkerHours], str | None]:
        """Whoever works in a grid below today, and the cursor of the next page.

        Raises NotAllowed but for those who assess, BadInput for a cursor that is not ours.
        """
        paths = by.paths(ASSESSES)
        if not paths:
            raise NotAllowed("hours of training are for the town's commander, inspectors and administrators")
        (after,) = cursors.read(cursor, (0,))
        found = await self._rows([f"{path}%" for path in paths], date(year, 1, 1), date(year, 12, 31), after, limit + 1)
        shown = [self._line(one, year) for one in found[:limit]]
        return shown, cursors.written(found[limit - 1]["id"]) if len(found) > limit else None

    async def exported(self, path: str, since: date, until: date) -> AsyncIterator[list[WorkerHours]]:
        """The same of everybody below *path*, of any days, some at a time."""
        whole = since.year if (since, until) == (date(since.year, 1, 1), date(since.year, 12, 31)) else None
        after = 0
        while found := await self._rows([f"{path}%"], since, until, after, PAGE):
            yield [self._line(one, whole) for one in found]
            after = found[-1]["id"]

    async def _rows(self, paths: list[str], since: date, until: date, after: int, limit: int) -> Sequence[Any]:
        return await rows(_LISTED, paths, since, until, self._today(), after, limit)

    def _line(self, one: Any, year: int | None) -> WorkerHours:
        missing = None
        if year is not None:
            missing = rules.year(year, [one["minutes"]], [Duty(one["duty"])], self._year_minutes).missing
        return WorkerHours(
            one["person"],
            one["duty"],
            one["code"],
            one["region"],
            one["minutes"],
            missing,
            tuple(one["passed"]),
            tuple(one["open"]),
        )

    def _today(self) -> date:
        return self._clock.now().astimezone(SHANGHAI).date()
