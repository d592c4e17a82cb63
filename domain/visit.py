"""Visits (走访): whom or what a grid's worker looks in on, how often, and what counts as in time (X, G; DOMAIN §4).

**Whom a town may list.** People who are served with their knowledge, and places. There is no kind for people because of
religion, petitioning, views, health or record, and no field to say so: a kind is one of :class:`SubjectKind`, in the
code, in the API and in the database, and no setting adds one (PIPL art. 6, 28-30).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from domain.duty import Duty
from domain.errors import BadInput


class SubjectKind(StrEnum):
    """What is visited. Adding a kind is a change of this principle, and shows in a test."""

    HAZARD = "hazard"
    """A place with a serious hazard 重大隐患."""
    SUPPORTED = "supported"
    """A supported household 帮扶户, which knows it."""
    CARE = "care"
    """Somebody cared for 关爱对象, who knows it: living alone, left behind, in need of a hand."""
    HOUSEHOLD = "household"
    RENTAL = "rental"
    SHOP = "shop"


OF_PEOPLE = frozenset({SubjectKind.SUPPORTED, SubjectKind.CARE})
"""Listed only when they have been told and agree."""

VISITS = frozenset({Duty.GRID_WORKER, Duty.GRID_CHIEF, Duty.LIAISON, Duty.VILLAGE_SECRETARY, Duty.VILLAGE_AGENT})
"""Who visits, and says who is to be visited."""

STRICTER: Mapping[SubjectKind, int] = MappingProxyType(
    {
        SubjectKind.HAZARD: 1,
        SubjectKind.SUPPORTED: 7,
        SubjectKind.CARE: 30,
        SubjectKind.HOUSEHOLD: 30,
        SubjectKind.RENTAL: 30,
        SubjectKind.SHOP: 30,
    }
)
"""Days from one visit to the next: where X and G differ, the stricter."""


@dataclass(frozen=True, slots=True)
class Cycles:
    """How many days lie between two visits at most; a town's settings."""

    days: Mapping[SubjectKind, int] = field(default_factory=lambda: STRICTER)

    def of(self, kind: SubjectKind, own: int | None = None) -> int:
        """The days of a subject; its *own* may only be fewer. Raises BadInput."""
        most = self.days[kind]
        if own is None:
            return most
        if not 1 <= own <= most:
            raise BadInput(f"every_days must be 1 to {most} for this kind", field="every_days", longest=most)
        return own


@dataclass(frozen=True, slots=True)
class Counted:
    """What a visit is for the list: ``due_on`` is the date that it met or missed, ``None`` for one beside the list."""

    due_on: date | None
    in_time: bool
    next_due: date


def opens_on(due: date, every_days: int) -> date:
    """From when on a visit is the one that is due: half a cycle before, and the same day for what is due daily."""
    return due - timedelta(days=every_days // 2)


def count(due: date, day: date, every_days: int, wished: date | None = None) -> Counted:
    """What a visit on *day* does to a subject that was due on *due*.

    Too early, it is kept but counts for nothing: whoever is visited twice in a morning is not twice visited for the
    list. The next date is a cycle later, or the day that the worker *wished*, which may only be sooner. Raises
    BadInput for a wish that is not after the visit or too late.
    """
    latest = day + timedelta(days=every_days)
    if wished is not None and not day < wished <= latest:
        raise BadInput(
            f"next_date must be after the visit and not after {latest}", field="next_date", latest=str(latest)
        )
    if day < opens_on(due, every_days):
        return Counted(None, in_time=False, next_due=min(due, wished) if wished is not None else due)
    return Counted(due, in_time=day <= due, next_due=wished or latest)


def first_due(day: date, every_days: int) -> date:
    """When a subject that was listed on *day* is due for the first time."""
    return day + timedelta(days=every_days - 1)
