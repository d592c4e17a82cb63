"""统计: what was filed below a region, and what came of it, out of what ``services/figures_counting.py`` has counted.

Counts only. Whatever is worked out of fewer than :data:`FEWEST` cases, or ratings, is not told: it would speak of
somebody.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from domain.calendar import SHANGHAI
from domain.duty import SEES_FIGURES
from domain.errors import BadInput, NotFound
from services.access import Actor
from services.figures_counting import month_after
from services.ports import Clock
from services.statistics import FEWEST, KEPT_MONTHS, first_day, month_before, months_back
from services.transaction import row, rows

MOST_MONTHS = 24
"""Of one period."""
MOST_REGIONS, MOST_BELOW = 600, 300
_BY_DAY = 62
"""Days up to which a period is shown day by day."""

_SUMS = """
sum(m.filed)::int AS filed, sum(m.answered)::int AS answered, sum(m.answer_seconds)::bigint AS answer_seconds,
sum(m.resolved)::int AS resolved, sum(m.resolve_seconds)::bigint AS resolve_seconds, sum(m.in_time)::int AS in_time,
sum(m.declined)::int AS declined, sum(m.rated)::int AS rated, sum(m.stars)::int AS stars,
jsonb_build_array(sum((m.answer_spans->>0)::int), sum((m.answer_spans->>1)::int), sum((m.answer_spans->>2)::int),
                  sum((m.answer_spans->>3)::int)) AS answer_spans,
jsonb_build_array(sum((m.resolve_spans->>0)::int), sum((m.resolve_spans->>1)::int), sum((m.resolve_spans->>2)::int),
                  sum((m.resolve_spans->>3)::int)) AS resolve_spans
"""
# Every month of the period, in all of them together, and in all of them by type and by level, in one walk.
_PARTS = f"""
SELECT m.kind, m.key, CASE WHEN m.kind = 'all' THEN m.month END AS month, max(t.name) AS name, {_SUMS}
FROM figure_month m LEFT JOIN event_type t ON m.kind = 'type' AND t.code = m.key
WHERE m.region_id = $1 AND m.month >= $2::date AND m.month <= $3::date GROUP BY 1, 2, 3
"""
_PARTS_OF_ALL = f"""
SELECT '' AS key, '' AS name, {_SUMS} FROM figure_month m
WHERE m.region_id = $1 AND m.kind = 'all' AND m.month = $2::date HAVING count(*) > 0
"""
_BELOW = f"""
SELECT r.code AS key, r.name, {_SUMS}
FROM region r LEFT JOIN figure_month m ON m.region_id = r.id AND m.kind = 'all'
  AND m.month >= $2::date AND m.month <= $3::date
WHERE r.parent_id = $1 GROUP BY r.id ORDER BY r.code LIMIT {MOST_BELOW}
"""
# With the last day before the period, by which one knows what was open when it began.
_FLOW = """
(SELECT day, filed, resolved, ended, open FROM figure_day WHERE region_id = $1 AND day < $2::date
 ORDER BY day DESC LIMIT 1)
UNION ALL
(SELECT day, filed, resolved, ended, open FROM figure_day WHERE region_id = $1 AND day >= $2::date AND day <= $3::date)
ORDER BY 1
"""
_FLOW_LATER = (
    "SELECT open - filed + ended AS open FROM figure_day WHERE region_id = $1 AND day > $2::date ORDER BY day LIMIT 1"
)
_REGIONS = f"""
SELECT r.id, r.code, r.level, r.path, r.parent_id,
       CASE WHEN r.level > 1 OR starts_with(r.name, p.name) THEN r.name ELSE p.name || r.name END AS name
FROM region r LEFT JOIN region p ON p.id = r.parent_id
WHERE r.path LIKE ANY($1::text[]) AND (r.level > 1 OR r.path = ANY($2::text[]))
ORDER BY r.level DESC, r.code LIMIT {MOST_REGIONS}
"""
_ONE = """
SELECT r.id, r.code, r.level, r.path, r.parent_id,
       CASE WHEN r.level > 1 OR starts_with(r.name, p.name) THEN r.name ELSE p.name || r.name END AS name
FROM region r LEFT JOIN region p ON p.id = r.parent_id WHERE r.code = $1
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A region that somebody may ask about."""

    id: int
    code: str
    name: str
    level: int
    path: str
    parent_id: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted, added up over a period. ``None`` where there are too few to tell."""

    key: str = ""
    name: str = ""
    month: date | None = None
    filed: int = 0
    answered: int = 0
    answer_seconds: int = 0
    answer_spans: Sequence[int] = (0, 0, 0, 0)
    resolved: int = 0
    resolve_seconds: int = 0
    resolve_spans: Sequence[int] = (0, 0, 0, 0)
    in_time: int = 0
    declined: int = 0
    rated: int = 0
    stars: int = 0

    @property
    def told(self) -> bool:
        """Whether there are so many that more than their number may be said."""
        return self.filed >= FEWEST

    @property
    def in_time_share(self) -> float | None:
        """Of what was resolved, in hundredths."""
        return round(100 * self.in_time / self.resolved, 1) if self.resolved >= FEWEST else None

    @property
    def answer_hours(self) -> float | None:
        """Until the first answer, on average."""
        return round(self.answer_seconds / self.answered / 3600, 1) if self.answered >= FEWEST else None

    @property
    def resolve_days(self) -> float | None:
        """Until it was resolved, on average; days of 24 hours."""
        return round(self.resolve_seconds / self.resolved / 86400, 1) if self.resolved >= FEWEST else None

    @property
    def rating(self) -> float | None:
        """Of those who rated, 1 to 5."""
        return round(self.stars / self.rated, 1) if self.rated >= FEWEST else None

    @property
    def answers(self) -> Sequence[int] | None:
        """Within 1, 4, 24, 72 hours, and later: how many each."""
        return steps(self.answer_spans, self.answered) if self.answered >= FEWEST else None

    @property
    def resolutions(self) -> Sequence[int] | None:
        """Within 1, 3, 7, 30 days, and later: how many each."""
        return steps(self.resolve_spans, self.resolved) if self.resolved >= FEWEST else None


@dataclass(frozen=True, slots=True)
class Flow:
    """A day, or a month by its first day: what came, what was resolved, and what was open at its end."""

    day: date
    filed: int
    resolved: int
    open: int


@dataclass(frozen=True, slots=True)
class Open:
    """What is open now. *spans*: not older than 1, 3, 7, 30 days, and older: how many each."""

    open: int = 0
    late: int = 0
    spans: Sequence[int] = (0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything about one region and one period of whole months."""

    place: Place
    since: date
    until: date
    whole: Counts
    months: Sequence[Counts]
    types: Sequence[Counts]
    levels: Sequence[Counts]
    below: Sequence[Counts]
    flow: Sequence[Flow]
    by_day: bool
    open: Open
    counted_at: datetime | None


class FigurePages:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def this_month(self) -> date:
        return first_day(self._clock.now())

    def months(self) -> list[date]:
        """Those that can be asked for, the newest first."""
        return [months_back(self.this_month(), back) for back in range(MOST_MONTHS)]

    async def places(self, by: Actor) -> list[Place]:
        """What *by* may ask about: regions of their subtree down to the village, and a grid that is their own."""
        paths = by.paths(SEES_FIGURES)
        if not paths:
            return []
        return [Place(**one) for one in await rows(_REGIONS, [f"{path}%" for path in paths], paths)]

    async def place(self, by: Actor, code: str) -> Place:
        """The region *code*, where it is of their subtree. Raises NotFound."""
        found = await row(_ONE, code)
        if found is None or not any(found["path"].startswith(path) for path in by.paths(SEES_FIGURES)):
            raise NotFound("there is no such region among yours", place=code)
        return Place(**found)

    async def before(self, place: Place, month: date) -> Counts:
        """What the month before *month* had in *place*, which was asked for already."""
        found = await rows(_PARTS_OF_ALL, place.id, month_before(month))
        return _counts(found[0])[1] if found else Counts()

    async def of(self, by: Actor, code: str, since: date, until: date) -> Figures:
        """The figures of region *code* from month *since* to month *until*, by their first days.

        Raises NotFound for a region that is not theirs, BadInput for months that are none, or too many of them.
        """
        this = self.this_month()
        if not months_back(this, KEPT_MONTHS) <= since <= until <= this or since.day != 1 or until.day != 1:
            raise BadInput("the months must be over or running, the first one first", field="month", why="order")
        if months_back(until, MOST_MONTHS - 1) > since:
            raise BadInput(f"at most {MOST_MONTHS} months at a time", field="month", why="many", longest=MOST_MONTHS)
        place = await self.place(by, code)
        parts = [_counts(one) for one in await rows(_PARTS, place.id, since, until)]
        kinds: dict[str, list[Counts]] = {"all": [], "type": [], "level": []}
        for kind, one in parts:
            kinds[kind].append(one)
        below = [_counts(one)[1] for one in await rows(_BELOW, place.id, since, until)]
        now = await row("SELECT open, late, spans FROM figure_open WHERE region_id = $1", place.id)
        last = min(month_after(until) - timedelta(days=1), self._clock.now().astimezone(SHANGHAI).date())
        kept = await rows(_FLOW, place.id, since, last)
        later = await row(_FLOW_LATER, place.id, last) if not kept else None
        counted = await row("SELECT max(counted_at) AS at FROM figure_count WHERE month <= $1::date", until)
        opened = Open(now["open"], now["late"], steps(_list(now["spans"]), now["open"])) if now else Open()
        by_day = (last - since).days < _BY_DAY
        flow = _days(kept, since, last, later["open"] if later else opened.open)
        return Figures(
            place=place,
            since=since,
            until=until,
            whole=added(kinds["all"]),
            months=sorted(kinds["all"], key=lambda one: one.month or since),
            types=sorted(kinds["type"], key=lambda one: (-one.filed, one.key)),
            levels=sorted(kinds["level"], key=lambda one: one.key),
            below=below,
            flow=flow if by_day else _by_month(flow),
            by_day=by_day,
            open=opened,
            counted_at=counted["at"],
        )


def added(some: Sequence[Counts], *, key: str = "", name: str = "") -> Counts:
    """Several as one."""
    total: dict[str, Any] = {"key": key, "name": name}
    for field in fields(Counts):
        if field.name in {"answer_spans", "resolve_spans"}:
            total[field.name] = [sum(getattr(one, field.name)[at] for one in some) for at in range(4)]
        elif field.name not in {"key", "name", "month"}:
            total[field.name] = sum(getattr(one, field.name) for one in some)
    return Counts(**total)


def steps(within: Sequence[int], whole: int) -> list[int]:
    """How many between one bound and the next, out of how many within each; the rest lies beyond the last."""
    bounds = [*within, whole]
    return [max(0, bound - before) for before, bound in zip([0, *bounds], bounds, strict=False)]


def _counts(one: Mapping[str, Any]) -> tuple[str, Counts]:
    facts = {name: one[name] for name in one.keys() if name != "kind"}  # noqa: SIM118 - records are no mappings
    for name, value in facts.items():
        if name.endswith("_spans"):
            facts[name] = [part or 0 for part in _list(value)]
        elif value is None and name not in {"month", "name"}:
            facts[name] = 0
    facts["name"] = facts["name"] or ""
    return one["kind"] if "kind" in one.keys() else "", Counts(**facts)  # noqa: SIM118


def _list(value: Any) -> list[int]:
    return json.loads(value) if isinstance(value, str) else list(value)


def _days(kept: Sequence[Any], first: date, last: date, otherwise: int) -> list[Flow]:
    """Every day of the period; on one without a row nothing came or went, so that as much was open as before it."""
    known = {one["day"]: one for one in kept}
    open_now = otherwise
    if kept:
        before = kept[0]
        open_now = before["open"] if before["day"] < first else before["open"] - before["filed"] + before["ended"]
    found, day = [], first
    while day <= last:
        one = known.get(day)
        if one is not None:
            open_now = one["open"]
        found.append(Flow(day, one["filed"] if one else 0, one["resolved"] if one else 0, open_now))
        day += timedelta(days=1)
    return found


def _by_month(days: Sequence[Flow]) -> list[Flow]:
    months: dict[date, Flow] = {}
    for one in days:
        first = one.day.replace(day=1)
        so_far = months.get(first, Flow(first, 0, 0, 0))
        months[first] = Flow(first, so_far.filed + one.filed, so_far.resolved + one.resolved, one.open)
    return list(months.values())
