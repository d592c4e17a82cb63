"""Who is told what when a case moves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.case import Action, Status
from models import Case, CoHandler, Person
from services.case_history import facts, facts_with
from services.deliveries import Deliveries, Owed

_RESIDENT = {
    Action.ACCEPT: "accepted",
    Action.REPLY: "replied",
    Action.RESOLVE: "resolved",
    Action.REPORT_UP: "reported_up",
    Action.CLIMB: "climbed",
    Action.RETURN: "returned",
    Action.DISPATCH: "dispatched",
    Action.TRANSFER: "transferred",
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
    Action.DISPATCH: "dispatched_to_you",
    Action.TRANSFER: "transferred_to_you",
    Action.REOPEN: "reopened",
}
_OLD_HOLDER = {
    Action.CLIMB: "climbed_from_you",
    Action.REOPEN: "reopened_above",
    Action.RETURN: "handed_on",
    Action.DISPATCH: "handed_on",
    Action.TRANSFER: "handed_on",
    # A colleague of the same queue, or somebody from above, has taken it by acting on it.
    Action.ACCEPT: "taken_over",
    Action.REPLY: "taken_over",
    Action.RESOLVE: "taken_over",
}
_HOLDER = {Action.CLIMB: "climbed_from_you", Action.REOPEN: "reopened_above"}
_HOLDER = {
    Action.RATE: "rated",
    Action.WITHDRAW: "withdrawn",
    Action.REMIND: "reminded",
    Action.RESUME: "woken",
}
_HELPERS_TOLD = frozenset({Action.RESOLVE, Action.DECLINE, Action.MERGE, Action.WITHDRAW})
IN_TURNS = frozenset({"appealed", "back_from_department", "asked_to_help", "opinion", "help_over"})
"""Kinds that hang on more than the action."""

Facts = dict[str, object]


@dataclass(frozen=True, slots=True)
class Turn:
    """What else there is to know of a step, so that the right people are told in the right words."""

    before: Status | None = None
    hidden: bool = False
    """The note is among staff."""
    aside: bool = False
    """An opinion to the lead: nobody else hears of it."""
    department_id: int | None = None
    """With which department it lay before."""
    helpers: Sequence[int] = ()
    """Who has just been asked to co-handle."""


NOTHING_ELSE = Turn()


class News:
    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries

    async def tell(
        self, case: Case, told: Mapping[int, str], *, without_note: Collection[int] = (), **more: object
    ) -> None:
        """Owe each person the message of that kind, in the open transaction; *without_note* do not read the note."""
        if told:
            said = {**await facts(case), **more}
            bare = {**said, "note": ""}
            await self._deliveries.owe(
                *(Owed(who, kind, bare if who in without_note else said, case_id=case.id) for who, kind in told.items())
            )

    def to_first_holder(self, case: Case, names: Mapping[str, Any], alike: Sequence[int]) -> tuple[str, Facts]:
        """Kind and facts of what :meth:`moved` owes for a case that has just been filed; its number is still open."""
        return _NEW_HOLDER[Action.SUBMIT], {**facts_with(names, case), "note": "", "alike": [*alike]}

    async def going_to(self, holder_id: int) -> None:
        """The job for a message that is owed to *holder_id* in the open transaction."""
        await self._deliveries.defer(holder_id)

    async def moved(
        self,
        case: Case,
        action: Action,
        *,
        old_holder: int | None,
        actor_id: int | None,
        note: str,
        turn: Turn = NOTHING_ELSE,
        **more: object,
    ) -> None:
        """Each person concerned is told once; whoever acted has the answer to their own action already."""
        if turn.aside:
            if case.holder_id is not None:
                said_by = await Person.get_or_none(id=actor_id)
                await self.tell(case, {case.holder_id: "opinion"}, note=note, by=said_by.name if said_by else "")
            return
        told: dict[int, str] = {}
        to_resident = _for_resident(action, turn)
        if to_resident:
            told[case.resident_id] = to_resident
        if action in _NEW_HOLDER and case.holder_id is not None:
            # Also when the new holder filed it: that there is something to do matters more than that it moved.
            told[case.holder_id] = _for_new_holder(action, turn)
        told |= dict.fromkeys(turn.helpers, "asked_to_help")
        for helper in await _helpers_over(case, action):
            told.setdefault(helper, "help_over")
        if old_holder is not None and _has_lost_it(case, action, old_holder, turn):
            told.setdefault(old_holder, _OLD_HOLDER[action])
        if action in _HOLDER and case.holder_id is not None:
            told.setdefault(case.holder_id, _HOLDER[action])
        to_followers = "follow_closed" if action is Action.RATE else _FOLLOWERS.get(told.get(case.resident_id, ""))
        # A worker who files a case must still be told that it is theirs to do.
        if actor_id is not None and action is not Action.SUBMIT:
            told.pop(actor_id, None)
        # A resident who is staff as well reads what they are told as holder; otherwise no hidden word reaches them.
        unread = {case.resident_id} if turn.hidden and told.get(case.resident_id) == to_resident else set()
        await self.tell(case, told, without_note=unread, note=note, **more)
        if to_followers is not None:
            await self._tell_followers(case, to_followers, "" if turn.hidden else note)

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


def _for_resident(action: Action, turn: Turn) -> str:
    if action is Action.REPLY and turn.hidden:
        return _RESIDENT[Action.ACCEPT] if turn.before is Status.SUBMITTED else ""
    if action is Action.CO_HANDLE and turn.before is Status.SUBMITTED:
        return _RESIDENT[Action.ACCEPT]
    return _RESIDENT.get(action, "")


def _for_new_holder(action: Action, turn: Turn) -> str:
    if action is Action.REOPEN and turn.before is Status.DECLINED:
        return "appealed"
    if action is Action.RETURN and turn.department_id is not None:
        return "back_from_department"
    return _NEW_HOLDER[action]


def _has_lost_it(case: Case, action: Action, old_holder: int, turn: Turn) -> bool:
    return action in _OLD_HOLDER and old_holder != case.holder_id and turn.before is not Status.DECLINED


async def _helpers_over(case: Case, action: Action) -> list[int]:
    if action not in _HELPERS_TOLD:
        return []
    asked = await CoHandler.filter(case_id=case.id).order_by("person_id")
    return [one.person_id for one in asked if one.person_id != case.holder_id]
