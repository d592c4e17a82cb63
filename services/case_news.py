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
    Action.SUSPEND: "suspended",
    Action.RESUME: "resumed",
    Action.MERGE: "merged",
}
_FOLLOWERS = {
    "replied": "follow_replied",
    "resolved": "follow_resolved",
    "declined": "follow_declined",
    "closed_unrated": "follow_closed",
}
_NEW_HOLDER = {
    Action.SUBMIT: "new_case",
    Action.ASSIGN: "new_case",
    Action.REPORT_UP: "came_up",
    Action.CLIMB: "climbed_to_you",
    Action.RETURN: "came_back",
    Action.REOPEN: "reopened",
}
_OLD_HOLDER = {Action.CLIMB: "climbed_from_you", Action.REOPEN: "reopened_above"}
_HOLDER = {
    Action.RATE: "rated",
    Action.WITHDRAW: "withdrawn",
    Action.REMIND: "reminded",
    Action.RESUME: "woken",
}


class News:
    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries

    async def tell(self, case: Case, told: Mapping[int, str], **more: object) -> None:
        """Owe each person the message of that kind, in the open transaction."""
        if told:
            said = {**await facts(case), **more}
            await self._deliveries.owe(*(Owed(who, kind, said, case_id=case.id) for who, kind in told.items()))

    async def moved(
        self, case: Case, action: Action, *, old_holder: int | None, actor_id: int | None, note: str, **more: object
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
        to_followers = "follow_closed" if action is Action.RATE else _FOLLOWERS.get(told.get(case.resident_id, ""))
        # A worker who files a case must still be told that it is theirs to do.
        if actor_id is not None and action is not Action.SUBMIT:
            told.pop(actor_id, None)
        await self.tell(case, told, note=note, **more)
        if to_followers is not None:
            await self._tell_followers(case, to_followers, note)

    async def _tell_followers(self, case: Case, kind: str, note: str) -> None:
        """Each under the number that they know, with the original's beside it."""
        following = await Case.filter(merged_into_id=case.id).order_by("id")
        if following:
            said = {**await facts(case), "original": case.number, "note": note}
            await self._deliveries.owe(
                *(
                    Owed(one.resident_id, kind, {**said, "number": one.number, "title": one.title}, case_id=one.id)
                    for one in following
                )
            )

    async def came_apart(self, case: Case, original: int | None, *, actor_id: int | None, note: str) -> None:
        """What was merged is a case of its own again."""
        told = {case.resident_id: "released"}
        if case.holder_id is not None:
            told[case.holder_id] = "came_apart"
        if actor_id is not None:
            told.pop(actor_id, None)
        await self.tell(case, told, note=note, original=original)
