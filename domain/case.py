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
    CLIMB = "climb"
    ASSIGN = "assign"
    """Nobody had it, or whoever had it has left: it goes to somebody who is there."""
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    REMIND = "remind"
    RATE = "rate"
    REOPEN = "reopen"
    CLOSE = "close"


class Role(StrEnum):
    """What a person is to one case. A worker who files a case is its resident and its holder at once."""

    RESIDENT = "resident"
    HOLDER = "holder"
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
    (Status.SUBMITTED, Action.CLIMB): (Status.SUBMITTED, _SYSTEM),
    (Status.SUBMITTED, Action.ASSIGN): (Status.SUBMITTED, _SYSTEM),
    (Status.SUBMITTED, Action.DECLINE): (Status.DECLINED, _HOLDER),
    (Status.SUBMITTED, Action.WITHDRAW): (Status.WITHDRAWN, _RESIDENT),
    (Status.SUBMITTED, Action.REMIND): (Status.SUBMITTED, _RESIDENT | {Role.OVERSEER}),
    # Being worked on.
    (Status.ACCEPTED, Action.ADD): (Status.ACCEPTED, _RESIDENT),
    (Status.ACCEPTED, Action.REPLY): (Status.ACCEPTED, _STAFF),
    (Status.ACCEPTED, Action.RESOLVE): (Status.RESOLVED, _STAFF),
    (Status.ACCEPTED, Action.REPORT_UP): (Status.SUBMITTED, _HOLDER),
    (Status.ACCEPTED, Action.RETURN): (Status.SUBMITTED, _STAFF),
    (Status.ACCEPTED, Action.CLIMB): (Status.SUBMITTED, _SYSTEM),
    (Status.ACCEPTED, Action.ASSIGN): (Status.SUBMITTED, _SYSTEM),
    (Status.ACCEPTED, Action.DECLINE): (Status.DECLINED, _HOLDER),
    (Status.ACCEPTED, Action.WITHDRAW): (Status.WITHDRAWN, _RESIDENT),
    (Status.ACCEPTED, Action.REMIND): (Status.ACCEPTED, _RESIDENT | {Role.OVERSEER}),
    # Done, says the holder; the resident has the last word (Y art. 34, C flow chart 评价 → 办结 → 归档).
    (Status.RESOLVED, Action.ADD): (Status.RESOLVED, _RESIDENT),
    (Status.RESOLVED, Action.REPLY): (Status.RESOLVED, _STAFF),
    (Status.RESOLVED, Action.RATE): (Status.CLOSED, _RESIDENT),
    (Status.RESOLVED, Action.REOPEN): (Status.SUBMITTED, _RESIDENT),
    (Status.RESOLVED, Action.CLOSE): (Status.CLOSED, _SYSTEM),
}

NEEDS_NOTE = frozenset({Action.ADD, Action.REPLY, Action.RESOLVE, Action.REPORT_UP, Action.RETURN, Action.DECLINE})
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
