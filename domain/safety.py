"""Content safety: what is risky waits for a person of the town; what is urgent never waits."""

from enum import StrEnum

from domain.case import Action
from domain.errors import IllegalMove

HELD = "held"
"""A case's kind while somebody of the town has yet to look at its words."""


class Found(StrEnum):
    """What came of looking at somebody's words."""

    PASSED = "passed"
    RISKY = "risky"
    """For a person to decide: no machine turns anybody away."""
    UNCHECKED = "unchecked"
    """Whoever should have looked did not answer; looked at again later."""


WHILE_HELD = frozenset({Action.ADD, Action.WITHDRAW, Action.REMIND, Action.REOPEN, Action.COMPLAIN})
"""What its resident may do meanwhile. Staff let it go on or turn it down, and nothing else."""


def refuse_while_held(kind: str, status: str, action: str) -> None:
    """Raises IllegalMove, with ``why`` "held"."""
    if kind == HELD and action not in WHILE_HELD:
        raise IllegalMove("it waits to be looked at: release it first", status=status, action=action, why=HELD)
