"""The monthly assessment (X 四) of one worker in one grid: from facts to points, each with its reason and its record.

Whole numbers only. The order in which facts come says nothing: what must be decided by order (which self-handled
cases are the first forty, which of three visits of one period counts) is decided by time, then by id.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from domain.assessment_rules import Change, Ground, Part, Reason, Rules
from domain.calendar import in_utc
from domain.event_list import Category
from domain.month import Month, midnight


class Kind(StrEnum):
    """What a point leads back to."""

    CASE = "case"
    """By its number."""
    VISIT = "visit"
    BASE = "base"
    """A change of a base record."""
    DAY = "day"
    MONTH = "month"
    """A minimum that was not reached: a month has no record of what is not there."""


@dataclass(frozen=True, slots=True, order=True)
class Record:
    kind: Kind
    id: str


class Way(StrEnum):
    """How a service event counts."""

    REPORTED = "reported"
    """Reported to a higher platform, and not sent back."""
    SELF_HANDLED = "self_handled"
    REJECTED = "rejected"
    """Reported up and sent back: it was the grid's own business."""


@dataclass(frozen=True, slots=True)
class Event:
    """A service event: *at* is when it was closed, reported or sent back; *id* tells two at one moment apart."""

    id: int
    number: int
    way: Way
    at: datetime
    category: str = ""
    score_class: str = "C"
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit, with its photo: a service record 服务记录. *subject* is ``None`` for whoever is on no list."""

    id: int
    at: datetime
    subject: int | None = None
    due_on: date | None = None
    in_time: bool = True


@dataclass(frozen=True, slots=True)
class BaseChange:
    id: int
    at: datetime
    change: Change


class Verdict(StrEnum):
    QUALIFIED = "qualified"
    """Looked at and found right: an overdue one is no longer held against them."""
    UNQUALIFIED = "unqualified"
    FALSE = "false"


@dataclass(frozen=True, slots=True)
class Mark:
    """What an inspector said of a record 督察. It counts in the month in which it was said."""

    id: int
    at: datetime
    record: Record
    verdict: Verdict
    ground: Ground | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one worker in one grid. What lies outside of the month is left out of account."""

    month: Month
    events: Sequence[Event] = ()
    visits: Sequence[Visit] = ()
    changes: Sequence[BaseChange] = ()
    marks: Sequence[Mark] = ()
    in_post: frozenset[date] | None = None
    """The days of the month on which they held the duty; ``None``: all."""
    tracks: frozenset[date] = frozenset()
    """Days with a patrol track."""
    leaves: frozenset[date] = frozenset()
    """Days with an approved leave, also where it was a part of the day."""
    weather: frozenset[date] = frozenset()
    """Days that the town exempted."""
    rest_days: frozenset[date] = frozenset()
    """Weekends and holidays; of account only where the rules say so."""


@dataclass(frozen=True, slots=True)
class Line:
    """One reason for points. *note* is the class of a report, the ground of a mark, or how many were missing."""

    part: Part
    reason: Reason
    points: int
    record: Record
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """What is left to reach a minimum: of ``events``, of ``services``, or of one category of events."""

    what: str
    wanted: int
    done: int

    @property
    def left(self) -> int:
        return max(0, self.wanted - self.done)


@dataclass(frozen=True, slots=True)
class Assessment:
    """*score* is in hundredths of a point; *points* are the raw points of each part."""

    lines: tuple[Line, ...]
    points: Mapping[Part, int]
    score: int
    missing: tuple[Missing, ...] = field(default=())


Dated = TypeVar("Dated", Event, Visit, BaseChange, Mark)


def assess(facts: Facts, rules: Rules, *, as_of: datetime | None = None) -> Assessment:
    """Return the points of a month and why.

    *as_of*, before the month's end, makes it the running score: days that are not over and minimums that can still be
    reached cost nothing yet.
    """
    month = facts.month
    now = month.ends if as_of is None else min(as_of, month.ends)
    marks = list(_within(facts.marks, month, now))
    judged = _judged(marks)
    events = list(_within(facts.events, month, now))
    lines: list[Line] = []
    if rules.overdue_is_unqualified:
        for one in events:
            record = Record(Kind.CASE, str(one.number))
            if one.way is Way.SELF_HANDLED and one.overdue and record not in judged:
                judged[record] = Mark(0, one.at, record, Verdict.UNQUALIFIED, Ground.OVERDUE)
    spoiled = {record for record, mark in judged.items() if _is_spoiled(mark, rules)}
    counted, effective = _events(events, rules, spoiled)
    lines += counted
    visits = list(_within(facts.visits, month, now))
    lines += _visits(visits, rules, spoiled)
    lines += _base_data(_within(facts.changes, month, now), rules, spoiled)
    lines += _deducted(judged, rules)
    lines += _idle_days(facts, rules, now)
    services = sum(1 for one in visits if Record(Kind.VISIT, str(one.id)) not in spoiled)
    missing = tuple(_missing(facts, rules, effective, services))
    if now >= month.ends:
        lines += _short(month, rules, missing)
    points = {part: sum(line.points for line in lines if line.part is part) for part in Part}
    return Assessment(tuple(lines), points, weighted(points, rules), missing)


def weighted(points: Mapping[Part, int], rules: Rules) -> int:
    """Hundredths of a point: each part by its weight, and what is deducted in full."""
    return sum(rules.weights[part] * points[part] for part in Part if part is not Part.DEDUCTIONS) + (
        100 * points[Part.DEDUCTIONS]
    )


def _within(given: Iterable[Dated], month: Month, now: datetime) -> Iterator[Dated]:
    """Those of the month so far, in order."""
    # In UTC: moments of other zones are slow to compare.
    since, until = in_utc(month.starts), in_utc(now)
    found = [one for one in given if since <= one.at < until]
    found.sort(key=lambda one: (one.at, one.id, getattr(one, "way", "")))
    yield from found


def _judged(marks: Sequence[Mark]) -> dict[Record, Mark]:
    """What holds for each record: false before unqualified before qualified, then what was said first."""
    worst = {Verdict.FALSE: 0, Verdict.UNQUALIFIED: 1, Verdict.QUALIFIED: 2}
    found: dict[Record, Mark] = {}
    for mark in sorted(marks, key=lambda one: (worst[one.verdict], one.at, one.id)):
        found.setdefault(mark.record, mark)
    return found


def _is_spoiled(mark: Mark, rules: Rules) -> bool:
    """Whether the record earns nothing and fills no minimum."""
    return mark.verdict is Verdict.FALSE or (mark.verdict is Verdict.UNQUALIFIED and not rules.unqualified_counts)


def _events(events: Sequence[Event], rules: Rules, spoiled: set[Record]) -> tuple[list[Line], Counter[str]]:
    """Lines of service events, and how many are effective in each category. A case is counted once."""
    lines: list[Line] = []
    effective: Counter[str] = Counter()
    reported = {one.number for one in events if one.way is Way.REPORTED}
    seen: set[int] = set()
    full = 0
    for one in events:
        record = Record(Kind.CASE, str(one.number))
        if one.way is Way.REJECTED:
            lines.append(Line(Part.EVENTS, Reason.REJECTED, -rules.rejected, record, one.at))
            continue
        if one.number in seen or (one.way is Way.SELF_HANDLED and one.number in reported):
            lines.append(Line(Part.EVENTS, Reason.COUNTED_ALREADY, 0, record, one.at))
            continue
        seen.add(one.number)
        if record in spoiled:
            lines.append(Line(Part.EVENTS, Reason.NOT_COUNTED, 0, record, one.at))
            continue
        if one.way is Way.REPORTED:
            points = rules.reported.get(one.score_class, rules.reported["C"])
            lines.append(Line(Part.EVENTS, Reason.REPORTED, points, record, one.at, one.score_class))
            effective[one.category] += 1
            continue
        full += 1
        beyond = full - rules.self_handled_full
        if beyond <= 0:
            lines.append(Line(Part.EVENTS, Reason.SELF_HANDLED, rules.self_handled, record, one.at))
        else:
            points = 0 if beyond % rules.beyond_step else rules.self_handled
            lines.append(Line(Part.EVENTS, Reason.SELF_HANDLED_BEYOND, points, record, one.at, str(beyond)))
        if beyond <= 0 or rules.beyond_is_effective:
            effective[one.category] += 1
    return lines, effective


def _visits(visits: Sequence[Visit], rules: Rules, spoiled: set[Record]) -> Iterator[Line]:
    done: set[tuple[int, date]] = set()
    for one in visits:
        record = Record(Kind.VISIT, str(one.id))
        period = (one.subject, one.due_on) if one.subject is not None and one.due_on is not None else None
        if record in spoiled:
            reason = Reason.NOT_COUNTED
        elif one.subject is None:
            reason = Reason.VISIT_UNLISTED
        elif not one.in_time:
            reason = Reason.VISIT_LATE
        elif period in done:
            reason = Reason.VISIT_AGAIN
        else:
            reason = Reason.VISIT
            if period is not None:
                done.add(period)
        yield Line(Part.VISITS, reason, rules.visit if reason is Reason.VISIT else 0, record, one.at)


def _base_data(changes: Iterable[BaseChange], rules: Rules, spoiled: set[Record]) -> Iterator[Line]:
    for one in changes:
        record = Record(Kind.BASE, str(one.id))
        if record in spoiled:
            yield Line(Part.BASE_DATA, Reason.NOT_COUNTED, 0, record, one.at)
        else:
            yield Line(Part.BASE_DATA, Reason(one.change), rules.base_data[one.change], record, one.at)


def _deducted(judged: Mapping[Record, Mark], rules: Rules) -> Iterator[Line]:
    """Each record once; a false one costs what a false one costs, not what an unqualified one does as well."""
    for record, mark in sorted(judged.items()):
        ground = str(mark.ground or "")
        if mark.verdict is Verdict.FALSE:
            yield Line(Part.DEDUCTIONS, Reason.FALSE, -rules.false, record, mark.at, ground)
        if mark.verdict is Verdict.UNQUALIFIED or (mark.verdict is Verdict.FALSE and rules.false_is_unqualified):
            yield Line(Part.DEDUCTIONS, Reason.UNQUALIFIED, -rules.unqualified, record, mark.at, ground)


def _idle_days(facts: Facts, rules: Rules, now: datetime) -> Iterator[Line]:
    excused = facts.tracks | facts.leaves | facts.weather | (facts.rest_days if rules.rest_days_exempt else frozenset())
    for day in facts.month.days:
        over = midnight(day + timedelta(days=1))
        if over <= now and day not in excused and (facts.in_post is None or day in facts.in_post):
            yield Line(Part.DEDUCTIONS, Reason.IDLE_DAY, -rules.idle_day, Record(Kind.DAY, day.isoformat()), over)


def _missing(facts: Facts, rules: Rules, effective: Counter[str], services: int) -> Iterator[Missing]:
    days = len(facts.month.days)
    here = days if facts.in_post is None or not rules.by_days_in_post else len(facts.in_post & {*facts.month.days})

    def wanted(minimum: int) -> int:
        return minimum * here // days

    yield Missing(Part.EVENTS, wanted(rules.events), effective.total())
    yield Missing("services", wanted(rules.services), services)
    for category in Category:
        yield Missing(category, wanted(rules.minimums[category]), effective[category])


def _short(month: Month, rules: Rules, missing: Sequence[Missing]) -> Iterator[Line]:
    each = {
        Part.EVENTS: (Reason.EVENTS_SHORT, rules.event_short),
        "services": (Reason.SERVICES_SHORT, rules.service_short),
    }
    for one in missing:
        if one.left and one.what in each:
            reason, points = each[one.what]
            record = Record(Kind.MONTH, str(month))
            yield Line(Part.DEDUCTIONS, reason, -points * one.left, record, month.ends, str(one.left))
