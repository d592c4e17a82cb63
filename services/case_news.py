"""Who is told what when a case moves."""

from collections.abc import Mapping

from domain.case import Action
from models import Case
from services.case_history import facts
from services.deliveries import Deliveries, Owed

_RESIDENT = {
    Action.ACCEPT: "accepted",
    Action.REPLY: "replied",
    Action.RESOLVE: "resolved",
    Action.REPORT_UP: "reported_up",
    Action.CLIMB: "climbed",
    Action.RETURN: "returned",
    Action.DECLINE: "declined",
    Action.CLOSE: "closed_unrated",
}
_NEW_HOLDER = {
    Action.SUBMIT: "new_case",
    Action.ASSIGN: "new_case",
    Action.REPORT_UP: "came_up",
    Action.CLIMB: "climbed_to_you",
    Action.RETURN: "came_back",
    Action.REOPEN: "reopened",
}
_OLD_HOLDER = {
    Action.CLIMB: "climbed_from_you",
    Action.REOPEN: "reopened_above",
    # A colleague of the same queue, or somebody from above, has taken it by acting on it.
    Action.ACCEPT: "taken_over",
    Action.REPLY: "taken_over",
    Action.RESOLVE: "taken_over",
}
_HOLDER = {Action.RATE: "rated", Action.WITHDRAW: "withdrawn", Action.REMIND: "reminded"}


class News:
    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries

    async def tell(self, case: Case, told: Mapping[int, str], **more: object) -> None:
        """Owe each person the message of that kind, in the open transaction."""
        if told:
            said = {**await facts(case), **more}
            await self._deliveries.owe(*(Owed(who, kind, said, case_id=case.id) for who, kind in told.items()))

    async def moved(
        self, case: Case, action: Action, *, old_holder: int | None, actor_id: int | None, note: str
    ) -> None:
        """Each person concerned is told once; whoever acted has the answer to their own action already."""
        told: dict[int, str] = {}
        if action in _RESIDENT:
            told[case.resident_id] = _RESIDENT[action]
        if action in _NEW_HOLDER and case.holder_id is not None:
            # Also when the new holder filed it: that there is something to do matters more than that it moved.
            told[case.holder_id] = _NEW_HOLDER[action]
        if action in _OLD_HOLDER and old_holder is not None and old_holder != case.holder_id:
            told.setdefault(old_holder, _OLD_HOLDER[action])
        if action in _HOLDER and case.holder_id is not None:
            told.setdefault(case.holder_id, _HOLDER[action])
        # A worker who files a case must still be told that it is theirs to do.
        if actor_id is not None and action is not Action.SUBMIT:
            told.pop(actor_id, None)
        await self.tell(case, told, note=note)
