"""What somebody of the staff may do to a case at this moment: read off the one table in ``domain/case.py``."""

from domain.case import MOVES, RUNNING, Action, Level, Role, Status
from domain.complaint import CASE, COMPLAINT, NOT_FOR_COMPLAINTS
from domain.safety import HELD
from models import Case
from services.urgency import URGENT

RELEASE, TURN_DOWN = "release", "turn_down"
"""Of a held case, beside the actions of ``domain/case.py``."""

_STAFF = frozenset({Role.HOLDER, Role.OVERSEER, Role.HELPER})
_MARKS = frozenset({Role.HOLDER, Role.OVERSEER})
# In the order in which a clerk needs them.
_OFFERED = (
    Action.ACCEPT,
    Action.REPLY,
    Action.RESOLVE,
    Action.DISPATCH,
    Action.REPORT_UP,
    Action.RETURN,
    Action.TRANSFER,
    Action.CO_HANDLE,
    Action.SUSPEND,
    Action.RESUME,
    Action.MERGE,
    Action.REMIND,
    Action.DECLINE,
)


def moves_of(case: Case, roles: frozenset[Role]) -> list[str]:
    """The actions that *roles* may take on *case* as staff; what they may as its resident is not among them.

    A hint for the page: whether a step is allowed is decided when it is taken.
    """
    staff = roles & _STAFF
    if case.kind == HELD:
        return [RELEASE, TURN_DOWN] if staff & _MARKS and case.status == Status.SUBMITTED else []
    found = [str(action) for action in _OFFERED if _offers(case, action, staff)]
    if staff & _MARKS and not case.urgent and case.kind == CASE and case.status in RUNNING:
        found.append(URGENT)
    return found


def _offers(case: Case, action: Action, staff: frozenset[Role]) -> bool:
    move = MOVES.get((Status(case.status), action))
    if move is None or not move[1] & staff:
        return False
    if case.kind == COMPLAINT and action in NOT_FOR_COMPLAINTS:
        return False
    return action is not Action.RETURN or case.level > Level.GRID or case.department_id is not None
