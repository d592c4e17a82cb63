"""What a person says with a step, beside the step itself and its opinion."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.case import Action, Role
from domain.errors import BadInput

_AMONG_STAFF = frozenset({Action.DISPATCH, Action.CO_HANDLE, Action.TRANSFER, Action.MERGE})
_STAFF = frozenset({Role.HOLDER, Role.OVERSEER})


@dataclass(frozen=True, slots=True)
class Asked:
    """The rest of an order. Each action reads what it needs and leaves the others alone."""

    to: str = ""
    """Dispatch, transfer: a region's code or name, or a department's name."""
    others: Sequence[str] = ()
    """Co-handle: such names."""
    into: int | None = None
    """Merge: the number of the original."""
    until: date | None = None
    """Suspend: a day in China."""
    hidden: bool | None = None
    """Whether the opinion is for staff only; ``None``: as is usual for the action."""

    def hides(self, action: Action, acting_as: Role) -> bool:
        """Whether the opinion is kept from the resident.

        Opinions on who shall do the work stay among staff unless somebody wants them shown. A helper speaks to the
        lead only; what a resident says is never hidden from them.
        """
        if acting_as is Role.HELPER:
            return True
        if acting_as not in _STAFF:
            return False
        return action in _AMONG_STAFF if self.hidden is None else self.hidden


NOTHING_MORE = Asked()

_NEEDS = {
    Action.DISPATCH: "to",
    Action.TRANSFER: "to",
    Action.CO_HANDLE: "others",
    Action.MERGE: "into",
    Action.SUSPEND: "until",
}
_WHAT = {
    "to": "a region's code or name, or for dispatch a department's name",
    "others": "the names of departments or regions",
    "into": "the number of the original",
    "until": "a day",
}
MOST_OTHERS = 10


def check_complete(action: Action, asked: Asked) -> None:
    """Raises BadInput when the action lacks what it is about."""
    field = _NEEDS.get(action)
    if field is not None and not getattr(asked, field):
        raise BadInput(f"{action} needs {field}: {_WHAT[field]}", field=field, action=str(action))
    if len(asked.others) > MOST_OTHERS:
        raise BadInput(f"others holds more than {MOST_OTHERS} names", field="others", longest=MOST_OTHERS)
