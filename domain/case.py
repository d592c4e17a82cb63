"""The life of a case (诉求): its statuses and the one table of moves.

``MOVES`` is the whole truth: (status, action) -> (next status, who may). Nothing else decides whether a step is
allowed.
"""

from collections.abc import Set as AbstractSet
from enum import IntEnum, StrEnum

from domain.errors import IllegalMove


class Status(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    SUSPENDED = "suspended"
    RESOLVED = "resolved"
    CLOSED = "closed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


OPEN = frozenset({Status.SUBMITTED, Status.ACCEPTED, Status.SUSPENDED, Status.RESOLVED})
"""Somebody still owes something: the holder the work, or the resident a rating."""

RUNNING = frozenset({Status.SUBMITTED, Status.ACCEPTED})
"""A clock runs and a holder has it in the queue."""


class Action(StrEnum):
    SUBMIT = "submit"
    ADD = "add"
    ACCEPT = "accept"
    REPLY = "reply"
    RESOLVE = "resolve"
    REPORT_UP = "report_up"
    RETURN = "return"
    DISPATCH = "dispatch"
    """交办: to a department of the same level, or down to a village or grid."""
    CO_HANDLE = "co_handle"
    """会办: others are asked to help; the holder keeps the lead."""
    TRANSFER = "transfer"
    """转派: the place is in another grid."""
    DECLINE = "decline"
    MERGE = "merge"
    """合并: somebody has reported the same already; this one follows that one."""
    REMIND = "remind"
    SUSPEND = "suspend"
    RESUME = "resume"
    CLIMB = "climb"
    ASSIGN = "assign"
    """Nobody had it, or whoever had it has left: it goes to somebody who is there."""
    WITHDRAW = "withdraw"
    RATE = "rate"
    REOPEN = "reopen"
    """Not satisfied with the result; an appeal, where the case was declined; not the same after all, where merged."""
    COMPLAIN = "complain"
    """About whoever handles it (Y art. 22). It leaves no trace in the case itself."""
    CLOSE = "close"


class Role(StrEnum):
    """What a person is to one case. A worker who files a case is its resident and its holder at once."""

    RESIDENT = "resident"
    HOLDER = "holder"
    HELPER = "helper"
    """Asked to co-handle: says their opinion to the holder, nothing else."""
    OVERSEER = "overseer"
    SYSTEM = "system"


class Level(IntEnum):
    """The five handling levels (C 二(六)); a region's level has the same number."""

    GRID = 1
    VILLAGE = 2
    TOWN = 3
    COUNTY = 4
    CITY = 5


_RESIDENT = frozenset({Role.RESIDENT})
_HOLDER = frozenset({Role.HOLDER})
_STAFF = frozenset({Role.HOLDER, Role.OVERSEER})
_SYSTEM = frozenset({Role.SYSTEM})
_NAGGING = frozenset({Role.RESIDENT, Role.OVERSEER})
_ADVISING = _STAFF | {Role.HELPER}

MOVES: dict[tuple[Status, Action], tuple[Status, frozenset[Role]]] = {
    (Status.DRAFT, Action.ADD): (Status.DRAFT, _RESIDENT),
    (Status.DRAFT, Action.SUBMIT): (Status.SUBMITTED, _RESIDENT),
    # Waiting to be accepted. A first answer accepts at the same time: nobody should have to type two commands for it.
    (Status.SUBMITTED, Action.ADD): (Status.SUBMITTED, _RESIDENT),
    (Status.SUBMITTED, Action.ACCEPT): (Status.ACCEPTED, _STAFF),
    (Status.SUBMITTED, Action.REPLY): (Status.ACCEPTED, _STAFF),
    (Status.SUBMITTED, Action.RESOLVE): (Status.RESOLVED, _STAFF),
    (Status.SUBMITTED, Action.REPORT_UP): (Status.SUBMITTED, _HOLDER),
    (Status.SUBMITTED, Action.RETURN): (Status.SUBMITTED, _STAFF),
    (Status.SUBMITTED, Action.DISPATCH): (Status.SUBMITTED, _STAFF),
    (Status.SUBMITTED, Action.CO_HANDLE): (Status.ACCEPTED, _HOLDER),
    (Status.SUBMITTED, Action.TRANSFER): (Status.SUBMITTED, _STAFF),
    (Status.SUBMITTED, Action.DECLINE): (Status.DECLINED, _HOLDER),
    (Status.SUBMITTED, Action.MERGE): (Status.MERGED, _STAFF),
    (Status.SUBMITTED, Action.SUSPEND): (Status.SUSPENDED, _HOLDER),
    (Status.SUBMITTED, Action.CLIMB): (Status.SUBMITTED, _SYSTEM),
    (Status.SUBMITTED, Action.ASSIGN): (Status.SUBMITTED, _SYSTEM),
    (Status.SUBMITTED, Action.WITHDRAW): (Status.WITHDRAWN, _RESIDENT),
    (Status.SUBMITTED, Action.REMIND): (Status.SUBMITTED, _NAGGING),
    (Status.SUBMITTED, Action.COMPLAIN): (Status.SUBMITTED, _RESIDENT),
    # Being worked on.
    (Status.ACCEPTED, Action.ADD): (Status.ACCEPTED, _RESIDENT),
    (Status.ACCEPTED, Action.REPLY): (Status.ACCEPTED, _ADVISING),
    (Status.ACCEPTED, Action.RESOLVE): (Status.RESOLVED, _STAFF),
    (Status.ACCEPTED, Action.REPORT_UP): (Status.SUBMITTED, _HOLDER),
    (Status.ACCEPTED, Action.RETURN): (Status.SUBMITTED, _STAFF),
    (Status.ACCEPTED, Action.DISPATCH): (Status.SUBMITTED, _STAFF),
    (Status.ACCEPTED, Action.CO_HANDLE): (Status.ACCEPTED, _HOLDER),
    (Status.ACCEPTED, Action.TRANSFER): (Status.SUBMITTED, _STAFF),
    (Status.ACCEPTED, Action.DECLINE): (Status.DECLINED, _HOLDER),
    (Status.ACCEPTED, Action.MERGE): (Status.MERGED, _STAFF),
    (Status.ACCEPTED, Action.SUSPEND): (Status.SUSPENDED, _HOLDER),
    (Status.ACCEPTED, Action.CLIMB): (Status.SUBMITTED, _SYSTEM),
    (Status.ACCEPTED, Action.ASSIGN): (Status.SUBMITTED, _SYSTEM),
    (Status.ACCEPTED, Action.WITHDRAW): (Status.WITHDRAWN, _RESIDENT),
    (Status.ACCEPTED, Action.REMIND): (Status.ACCEPTED, _NAGGING),
    (Status.ACCEPTED, Action.COMPLAIN): (Status.ACCEPTED, _RESIDENT),
    # Waiting for the resident or for materials: the clock stands still until the day that was named.
    (Status.SUSPENDED, Action.ADD): (Status.SUSPENDED, _RESIDENT),
    (Status.SUSPENDED, Action.REPLY): (Status.SUSPENDED, _ADVISING),
    (Status.SUSPENDED, Action.RESOLVE): (Status.RESOLVED, _STAFF),
    (Status.SUSPENDED, Action.SUSPEND): (Status.SUSPENDED, _HOLDER),
    (Status.SUSPENDED, Action.RESUME): (Status.ACCEPTED, _STAFF | _SYSTEM),
    (Status.SUSPENDED, Action.ASSIGN): (Status.SUSPENDED, _SYSTEM),
    (Status.SUSPENDED, Action.WITHDRAW): (Status.WITHDRAWN, _RESIDENT),
    (Status.SUSPENDED, Action.REMIND): (Status.SUSPENDED, _NAGGING),
    (Status.SUSPENDED, Action.COMPLAIN): (Status.SUSPENDED, _RESIDENT),
    # Done, says the holder; the resident has the last word (Y art. 34, C flow chart 评价 → 办结 → 归档).
    (Status.RESOLVED, Action.ADD): (Status.RESOLVED, _RESIDENT),
    (Status.RESOLVED, Action.REPLY): (Status.RESOLVED, _STAFF),
    (Status.RESOLVED, Action.RATE): (Status.CLOSED, _RESIDENT),
    (Status.RESOLVED, Action.REOPEN): (Status.SUBMITTED, _RESIDENT),
    (Status.RESOLVED, Action.CLOSE): (Status.CLOSED, _SYSTEM),
    (Status.RESOLVED, Action.COMPLAIN): (Status.RESOLVED, _RESIDENT),
    # Over. A decline may be appealed to the town, once (Y art. 19); what was merged may turn out to be something else,
    # and comes back by itself when the case that it followed is withdrawn.
    (Status.CLOSED, Action.COMPLAIN): (Status.CLOSED, _RESIDENT),
    (Status.WITHDRAWN, Action.COMPLAIN): (Status.WITHDRAWN, _RESIDENT),
    (Status.DECLINED, Action.REOPEN): (Status.SUBMITTED, _RESIDENT),
    (Status.DECLINED, Action.COMPLAIN): (Status.DECLINED, _RESIDENT),
    (Status.MERGED, Action.ADD): (Status.MERGED, _RESIDENT),
    (Status.MERGED, Action.REOPEN): (Status.SUBMITTED, _RESIDENT | _SYSTEM),
    (Status.MERGED, Action.COMPLAIN): (Status.MERGED, _RESIDENT),
}

NEEDS_NOTE = frozenset(
    {
        Action.ADD,
        Action.REPLY,
        Action.RESOLVE,
        Action.REPORT_UP,
        Action.RETURN,
        Action.DISPATCH,
        Action.CO_HANDLE,
        Action.DECLINE,
        Action.SUSPEND,
        Action.COMPLAIN,
    }
)
"""Moves that make no sense without words: an answer, an opinion (流转意见) or a reason."""


def move(status: Status, action: Action, *, by: AbstractSet[Role]) -> Status:
    """Return the status that *action* leads to, or raise :exc:`IllegalMove`.

    *by* is everything the person is to this case; one fitting role is enough.
    """
    found = MOVES.get((status, action))
    if found is None:
        raise IllegalMove(
            f"{action} is not possible while the case is {status}", status=str(status), action=str(action)
        )
    after, who = found
    if not who & by:
        raise IllegalMove(
            f"{action} is not for you to do on this case", status=str(status), action=str(action), who=sorted(who)
        )
    return after


def after_return(level: int) -> int:
    """The level that a return (退回) leads to: one down. The grid's own level has nothing below it."""
    if level <= Level.GRID:
        raise IllegalMove("this case is at its first level already", action=str(Action.RETURN), level=level)
    return level - 1


def reopened_level(level: int, times_before: int) -> int:
    """Not satisfied: the first time to the same holder, from the second time one level up (DOMAIN §2)."""
    return level if times_before == 0 else min(level + 1, Level.CITY)


RATINGS = range(1, 6)
