"""Complaints about staff (投诉, Y art. 22): a case of its own that never passes through whoever it is about."""

from domain.case import Action
from domain.errors import IllegalMove

CASE = "case"
COMPLAINT = "complaint"

NOT_FOR_COMPLAINTS = frozenset(
    {Action.RETURN, Action.DISPATCH, Action.CO_HANDLE, Action.TRANSFER, Action.DECLINE, Action.MERGE}
)
"""Each of these would hand it to those whom it is about, hide it behind another number, or end it without an answer."""


def refuse_for_complaint(kind: str, status: str, action: Action) -> None:
    """Raises IllegalMove where *kind* is a complaint and *action* makes no sense for one."""
    if kind == COMPLAINT and action in NOT_FOR_COMPLAINTS:
        raise IllegalMove(
            f"a complaint cannot be moved on by {action}", status=status, action=str(action), kind=COMPLAINT
        )
