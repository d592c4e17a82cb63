"""Patrols (巡查): what each duty owes a day and a week, judged separately (X 三(一)(二), G; DOMAIN §4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from domain.calendar import SHANGHAI
from domain.duty import Duty

PATROLS = frozenset(
    {
        Duty.GRID_WORKER,
        Duty.PART_TIME_WORKER,
        Duty.VOLUNTEER,
        Duty.GRID_CHIEF,
        Duty.LIAISON,
        Duty.VILLAGE_SECRETARY,
        Duty.VILLAGE_AGENT,
    }
)
"""Who may go on patrol: part-time workers and volunteers too, though they owe none (DOMAIN §1)."""

SEES = frozenset(
    {
        Duty.GRID_WORKER,
        Duty.GRID_CHIEF,
        Duty.LIAISON,
        Duty.VILLAGE_SECRETARY,
        Duty.VILLAGE_AGENT,
        Duty.COMMANDER,
        Duty.TOWN_AGENT,
        Duty.INSPECTOR,
    }
)
"""Who sees the patrols, visits and subjects of everything below their post. Part-time workers see their own."""

EXEMPTS = frozenset({Duty.COMMANDER, Duty.TOWN_AGENT})
"""Who says for the town that the weather keeps everybody in (X 四), and where a grid ends."""

WEEK_DAYS = 7
_NOON = time(12)


class Ended(StrEnum):
    """Who ended a patrol."""

    WORKER = "worker"
    CLOCK = "clock"


class Owed(StrEnum):
    """What is looked at."""

    MORNING = "morning_seconds"
    AFTERNOON = "afternoon_seconds"
    DAY_METRES = "day_metres"
    WEEK_SECONDS = "week_seconds"
    WEEK_METRES = "week_metres"
    WEEK_WALKS = "week_patrols"


@dataclass(frozen=True, slots=True)
class Minimums:
    """Seconds and metres, as X 三(一)(二) has them; each is a setting."""

    half_day_seconds: int = 3600
    day_metres: int = 1000
    week_seconds: int = 12 * 3600
    week_metres: int = 8000
    chief_week_seconds: int = 8 * 3600
    liaison_week_walks: int = 1


@dataclass(frozen=True, slots=True)
class Walk:
    """A patrol that is over."""

    day: date
    started_at: datetime
    seconds: int
    metres: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What was wanted and what was done."""

    owed: Owed
    wanted: int
    done: int

    @property
    def met(self) -> bool:
        return self.done >= self.wanted


def judge_day(
    duties: Iterable[Duty], walks: Iterable[Walk], day: date, rules: Minimums, *, excused: bool = False
) -> list[Judged]:
    """What a full-time worker owes on *day*: one patrol each morning and afternoon, and the metres.

    Empty for every other duty, and where the day is *excused* (weather, an approved leave, no working day).
    """
    if excused or Duty.GRID_WORKER not in set(duties):
        return []
    mine = [walk for walk in walks if walk.day == day]
    noon = datetime.combine(day, _NOON, SHANGHAI)
    halves = [_halves(walk, noon) for walk in mine]
    return [
        Judged(Owed.MORNING, rules.half_day_seconds, max((before for before, _ in halves), default=0)),
        Judged(Owed.AFTERNOON, rules.half_day_seconds, max((after for _, after in halves), default=0)),
        Judged(Owed.DAY_METRES, rules.day_metres, sum(walk.metres for walk in mine)),
    ]


def judge_week(
    duties: Iterable[Duty], walks: Iterable[Walk], monday: date, rules: Minimums, *, excused: int = 0
) -> list[Judged]:
    """What somebody owes in the week from *monday*; of several duties, the most of each.

    With *excused* days of the seven, hours and metres are owed for the rest of it. Whoever was excused for all of it
    owes nothing.
    """
    left = WEEK_DAYS - min(max(excused, 0), WEEK_DAYS)
    mine = [walk for walk in walks if monday <= walk.day < monday + timedelta(days=WEEK_DAYS)]
    done = {
        Owed.WEEK_SECONDS: sum(walk.seconds for walk in mine),
        Owed.WEEK_METRES: sum(walk.metres for walk in mine),
        Owed.WEEK_WALKS: len(mine),
    }
    wanted: dict[Owed, int] = {}
    for duty in set(duties):
        for owed, much in _of_a_week(duty, rules).items():
            share = much if owed is Owed.WEEK_WALKS else round(much * left / WEEK_DAYS)
            wanted[owed] = max(wanted.get(owed, 0), share)
    return [Judged(owed, wanted[owed], done[owed]) for owed in Owed if owed in wanted] if left else []


def strictest(judged: Iterable[Sequence[Judged]]) -> list[Judged]:
    """Of posts in towns with different minimums, the most of each that is owed."""
    most: dict[Owed, Judged] = {}
    for one in (one for some in judged for one in some):
        if one.owed not in most or one.wanted > most[one.owed].wanted:
            most[one.owed] = one
    return [most[owed] for owed in Owed if owed in most]


def _of_a_week(duty: Duty, rules: Minimums) -> dict[Owed, int]:
    if duty is Duty.GRID_WORKER:
        return {Owed.WEEK_SECONDS: rules.week_seconds, Owed.WEEK_METRES: rules.week_metres}
    if duty is Duty.GRID_CHIEF:
        return {Owed.WEEK_SECONDS: rules.chief_week_seconds}
    if duty is Duty.LIAISON:
        return {Owed.WEEK_WALKS: rules.liaison_week_walks}
    return {}


def _halves(walk: Walk, noon: datetime) -> tuple[int, int]:
    """The seconds before and after noon."""
    before = (noon - walk.started_at).total_seconds()
    morning = int(min(max(before, 0), walk.seconds))
    return morning, walk.seconds - morning


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def forgotten_end(started_at: datetime, last_point: datetime | None) -> datetime:
    """When a patrol that nobody ended is taken to have ended: with the last that was heard of it."""
    return max(started_at, last_point) if last_point is not None else started_at


def longest_track(lengths: Sequence[float]) -> int:
    """Of several phones on one patrol, the one that went furthest; ``-1`` without any. Two in one bag are one walk."""
    return max(range(len(lengths)), key=lengths.__getitem__, default=-1)
