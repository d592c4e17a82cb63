"""Duties (岗位): who may hold what, and who takes a case when somebody is away.

One grid, one worker: 定格 定人 定责 (C, D art. 5). Neighbouring workers cover each other, AB岗 (D art. 11).
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from domain.case import Level


class Duty(StrEnum):
    GRID_WORKER = "grid_worker"
    PART_TIME_WORKER = "part_time_worker"
    VOLUNTEER = "volunteer"
    GRID_CHIEF = "grid_chief"
    LIAISON = "liaison"
    VILLAGE_SECRETARY = "village_secretary"
    VILLAGE_AGENT = "village_agent"
    COMMANDER = "commander"
    TOWN_AGENT = "town_agent"
    DEPARTMENT_OFFICER = "department_officer"
    INSPECTOR = "inspector"
    ADMIN = "admin"


_UPPER = frozenset({Level.TOWN, Level.COUNTY, Level.CITY})

MAY_BE_AT: dict[Duty, frozenset[Level]] = {
    Duty.GRID_WORKER: frozenset({Level.GRID}),
    Duty.PART_TIME_WORKER: frozenset({Level.GRID}),
    Duty.VOLUNTEER: frozenset({Level.GRID}),
    Duty.GRID_CHIEF: frozenset({Level.GRID, Level.VILLAGE}),
    Duty.LIAISON: frozenset({Level.VILLAGE, Level.TOWN}),
    Duty.VILLAGE_SECRETARY: frozenset({Level.VILLAGE}),
    Duty.VILLAGE_AGENT: frozenset({Level.VILLAGE}),
    Duty.COMMANDER: _UPPER,
    Duty.TOWN_AGENT: _UPPER,
    Duty.DEPARTMENT_OFFICER: _UPPER,
    Duty.INSPECTOR: _UPPER,
    Duty.ADMIN: frozenset(Level),
}

HOLDS: dict[Level, tuple[Duty, ...]] = {
    Level.GRID: (Duty.GRID_WORKER, Duty.GRID_CHIEF),
    Level.VILLAGE: (Duty.GRID_CHIEF, Duty.VILLAGE_SECRETARY, Duty.VILLAGE_AGENT),
    Level.TOWN: (Duty.TOWN_AGENT, Duty.COMMANDER, Duty.DEPARTMENT_OFFICER),
    Level.COUNTY: (Duty.TOWN_AGENT, Duty.COMMANDER, Duty.DEPARTMENT_OFFICER),
    Level.CITY: (Duty.TOWN_AGENT, Duty.COMMANDER, Duty.DEPARTMENT_OFFICER),
}
"""Who works the queue of a level, the first that is there first. Part-time workers and volunteers have no queue."""

HANDLES = frozenset(duty for duties in HOLDS.values() for duty in duties)
SEES_SUBTREE = HANDLES | {Duty.LIAISON}
SEES_FIGURES = SEES_SUBTREE | {Duty.INSPECTOR, Duty.ADMIN}
"""Who sees how much was filed and resolved below them: figures name nobody, so more may see them than the cases."""
SENDS_NOTICES = frozenset(
    {Duty.GRID_CHIEF, Duty.VILLAGE_SECRETARY, Duty.VILLAGE_AGENT, Duty.COMMANDER, Duty.TOWN_AGENT, Duty.ADMIN}
)
USES_CONSOLE = frozenset(Duty) - {Duty.GRID_WORKER, Duty.PART_TIME_WORKER, Duty.VOLUNTEER}
"""Who may sign in to the staff console; those of the grid work in WeChat."""

SEES_REGIONS = SEES_SUBTREE | {Duty.INSPECTOR, Duty.ADMIN}
"""Who may look at the regions below their own, and at who is in post there."""
MANAGES_POSTS = frozenset({Duty.VILLAGE_SECRETARY, Duty.COMMANDER, Duty.ADMIN})
IMPORTS_LISTS = frozenset({Duty.COMMANDER, Duty.ADMIN})


def may_appoint(own: Duty, duty: Duty, *, below: bool) -> bool:
    """Whether the holder of *own* fills the post *duty* at a region of their subtree (DOMAIN §1).

    *below*: the region lies below their own, and is not their own. An administrator appoints in both, everybody else
    below only, and nobody but an administrator makes another one.
    """
    if own is Duty.ADMIN:
        return True
    return own in MANAGES_POSTS and below and duty is not Duty.ADMIN


TELLS_IN_PERSON = SEES_SUBTREE | {Duty.PART_TIME_WORKER, Duty.VOLUNTEER}
"""Whoever passes on what no channel has brought (宣传, G), and those above who see that it was done."""


MOST_STEPS = 2
"""The cover, and the cover's own cover: whoever stands further off knows nobody there."""


@dataclass(frozen=True, slots=True)
class Post:
    """One person's duty at one region, as it stands at the moment of asking."""

    person_id: int
    duty: Duty
    level: Level
    cover_id: int | None = None
    ended: bool = False
    away: bool = False


def pick_holder(
    posts: Iterable[Post],
    level: Level,
    *,
    unfit: AbstractSet[int] = frozenset(),
    covers: Mapping[int, Sequence[int]] = MappingProxyType({}),
) -> int | None:
    """Choose who holds a case at *level* out of the region's posts; ``None`` when nobody is there.

    The person on duty first, then the covers of those who are away or have left, then the next duty in line. Of
    several at one duty, who is nearest to the place goes first: a grid's own chief before the village's.
    *unfit* are people who must not get it (on leave themselves, for instance as somebody's cover); for a cover among
    them stands that person's own cover, whom *covers* names (AB岗, D art. 11).
    """
    ordered: Sequence[Post] = sorted(posts, key=lambda post: (post.level, post.person_id))
    for duty in HOLDS[level]:
        held = [post for post in ordered if post.duty is duty]
        for post in held:
            if not post.ended and not post.away and post.person_id not in unfit:
                return post.person_id
        for post in held:
            found = _stand_in(post, unfit, covers)
            if found is not None:
                return found
    return None


def _stand_in(post: Post, unfit: AbstractSet[int], covers: Mapping[int, Sequence[int]]) -> int | None:
    """The nearest fit cover along the chain; nobody twice, so A for B for A comes to an end."""
    seen = {post.person_id}
    asked = [post.cover_id] if post.cover_id is not None else []
    for _ in range(MOST_STEPS):
        asked = [one for one in dict.fromkeys(asked) if one not in seen]
        for one in asked:
            if one not in unfit:
                return one
        seen.update(asked)
        asked = [cover for one in asked for cover in covers.get(one, ())]
    return None
