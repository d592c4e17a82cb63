"""The event list 事项清单 for those who use and keep it: look, suggest, say what a case is, propose and admit types."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.case import RUNNING, Role, Status
from domain.duty import Duty
from domain.errors import BadInput, Conflict, IllegalMove, NotAllowed, NotFound
from domain.event_list import Category, Photos, State
from domain.safety import refuse_while_held
from models import Case, CaseEvent, EventType, RuleChange
from services import access, alerts, imports_event_types, urgency
from services.access import Actor
from services.case_news import News
from services.case_places import Places, Policy
from services.deliveries import Deliveries
from services.event_list import Choice, EventList, Listed, Type
from services.imports import Counts
from services.imports_event_types import cells_of
from services.ports import Clock
from services.transaction import transaction

__all__ = ["Choice", "EventTypes", "Proposal", "Type"]

CLASSIFY = "classify"
"""归类 in a case's history: no move, since neither status nor holder changes, but the clocks may."""

CLASSIFIES = frozenset({Role.HOLDER, Role.OVERSEER})
CLASSIFIED = frozenset({*RUNNING, Status.SUSPENDED})
"""In which a case can be given another type, by those who do (:data:`CLASSIFIES`)."""
DECIDES = frozenset({Duty.COMMANDER, Duty.ADMIN})
"""Who says what is on the list."""
PROPOSES = DECIDES | {Duty.DEPARTMENT_OFFICER, Duty.VILLAGE_AGENT, Duty.TOWN_AGENT}
REASON_LENGTH = 200
_DECISIONS = {
    "approve": (State.PROPOSED, State.APPROVED),
    "refuse": (State.PROPOSED, State.REFUSED),
    "retire": (State.APPROVED, State.RETIRED),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A type that somebody would like to see on the list."""

    code: str
    name: str
    category: Category
    reason: str
    parent: str = ""
    score_class: str = "C"
    usual_level: int = 1
    accept_hours: float | None = None
    resolve_days: float | None = None
    photos: Photos = Photos.NONE
    department: str = ""
    urgent: bool = False
    keywords: Sequence[str] = ()


class EventTypes:
    def __init__(self, clock: Clock, events: EventList, policy: Policy, deliveries: Deliveries) -> None:
        self._clock = clock
        self._events = events
        self._places = Places(policy)
        self._news = News(deliveries)

    async def listed(self) -> Sequence[Type]:
        """The published list, by category, parents before what is below them."""
        return (await self._events.current()).approved

    async def proposed(self, by: Actor) -> Sequence[Type]:
        """What waits for a decision. Raises NotAllowed for those who neither propose nor decide."""
        _require(by, PROPOSES)
        listed = await self._events.current()
        return [one for one in listed.types.values() if one.state is State.PROPOSED]

    async def suggestions(self, by: Actor, number: int, words: str = "", *, most: int = 4) -> Sequence[Choice]:
        """What case *number* may be besides what it is: by *words* where some are given, else by what it says.

        Raises NotFound; NotAllowed for whoever is not staff to the case.
        """
        case, roles = await access.case_for(by, number)
        if not roles & CLASSIFIES:
            raise NotAllowed("the type of a case is for its staff to say", number=number)
        listed = await self._events.current()
        if words.strip():
            return listed.search(words, most)
        found = listed.suggest(f"{case.title}\n{case.description}", most + 1)
        return [one for one in found if one.type.code != case.event_type][:most]

    async def classify(self, by: Actor, number: int, code: str) -> Case:
        """Say that case *number* is of the type *code*; its deadlines are counted anew from when its clocks began.

        An urgent type makes the case urgent, of which everybody in the chain hears at once (Y art. 35); a type that is
        not takes back the urgency that came with the last one.
        While a case is suspended no clock runs; only what it is changes then. Raises NotFound, NotAllowed, IllegalMove
        once the case is done and while it is held, BadInput for a code that is not on the list.
        """
        async with transaction():
            case, roles = await access.case_for(by, number, lock=True)
            if not roles & CLASSIFIES:
                raise NotAllowed("the type of a case is for its staff to say", number=number)
            refuse_while_held(case.kind, case.status, CLASSIFY)
            if case.status not in CLASSIFIED:
                raise IllegalMove("its type can no longer change", number=number, status=case.status, action=CLASSIFY)
            listed = await self._events.current()
            wanted = listed.usable(code)
            if wanted is None:
                raise BadInput("event_type is not on the event list", field="event_type", number=number)
            if wanted.code == case.event_type:
                return case
            now, was_urgent = self._clock.now(), case.urgent
            await self._give(case, wanted, listed)
            await CaseEvent.create(
                case_id=case.id,
                at=now,
                person_id=by.person_id,
                role=Role.HOLDER if Role.HOLDER in roles else Role.OVERSEER,
                action=CLASSIFY,
                note=wanted.name,
                unit_id=case.unit_id,
                from_status=case.status,
                to_status=case.status,
                from_level=case.level,
                to_level=case.level,
                holder_id=case.holder_id,
            )
            if case.urgent and not was_urgent and case.status in RUNNING:
                await urgency.tell_chain(case, now, self._news, besides={by.person_id})
        return case

    async def _give(self, case: Case, wanted: Type, listed: Listed) -> None:
        before = listed.types.get(case.event_type)
        case.urgent = wanted.urgent or (case.urgent and not (before is not None and before.urgent))
        case.event_type, case.category = wanted.code, wanted.category
        start = case.clock_from or case.submitted_at
        if case.status in RUNNING and start is not None:
            case.clock_from = start
            await self._places.recount(case, self._clock.now())
            await alerts.watch(case)
        await case.save()

    async def propose(self, by: Actor, proposal: Proposal) -> Type:
        """Ask for a new type; it is no part of the list before somebody admits it (Y art. 12, D art. 10).

        Raises NotAllowed, Conflict where the code is taken, BadInput for a parent that does not fit.
        """
        _require(by, PROPOSES)
        if not proposal.reason.strip():
            raise BadInput("reason must say why the type is needed", field="reason")
        async with transaction():
            await imports_event_types.lock()
            listed = await self._events.current()
            if proposal.code in listed.types:
                raise Conflict("there is a type with this code", code=proposal.code, why="code")
            if any(one.name == proposal.name for one in listed.approved):
                raise Conflict("there is a type with this name", name=proposal.name, why="name")
            parent = listed.types.get(proposal.parent)
            if proposal.parent and (parent is None or parent.category is not proposal.category):
                raise BadInput("parent must be a type of the same category", field="parent")
            await EventType.create(
                code=proposal.code,
                name=proposal.name,
                parent_id=parent.id if parent is not None else None,
                category=proposal.category,
                score_class=proposal.score_class,
                usual_level=proposal.usual_level,
                accept_hours=proposal.accept_hours,
                resolve_days=proposal.resolve_days,
                photos=proposal.photos,
                department=proposal.department,
                urgent=proposal.urgent,
                keywords=[*proposal.keywords],
                state=State.PROPOSED,
                proposed_by_id=by.person_id,
                reason=proposal.reason[:REASON_LENGTH],
                created_at=self._clock.now(),
            )
            made = (await self._events.current()).types[proposal.code]
            await self._keep(by, None, made, proposal.reason)
            return made

    async def decide(self, by: Actor, code: str, decision: str, reason: str = "") -> Type:
        """``approve`` or ``refuse`` what was proposed, or ``retire`` what is on the list.

        The commander or an administrator decides, and nobody about their own proposal. Raises NotAllowed, NotFound,
        BadInput for a refusal without a reason, Conflict where it was decided already, or where a type in use has its
        name by now.
        """
        _require(by, DECIDES)
        before, after = _DECISIONS[decision]
        if after is State.REFUSED and not reason.strip():
            raise BadInput("reason must say why it is refused", field="reason")
        async with transaction():
            await imports_event_types.lock()
            found = await EventType.select_for_update().get_or_none(code=code)
            if found is None:
                raise NotFound("there is no such type", code=code)
            if found.state != before:
                raise Conflict(f"this type is {found.state}", code=code, state=found.state, why="decided")
            if before is State.PROPOSED and found.proposed_by_id == by.person_id:
                raise NotAllowed("somebody else decides about your own proposal", code=code, why="own")
            listed = await self._events.current()
            if after is State.APPROVED and any(one.name == found.name for one in listed.approved):
                raise Conflict("there is a type with this name", name=found.name, why="name")
            known = listed.types[code]
            found.state, found.decided_by_id, found.decided_at = after, by.person_id, self._clock.now()
            found.reason = reason.strip()[:REASON_LENGTH] or found.reason
            await found.save()
            decided = (await self._events.current()).types[code]
            await self._keep(by, known, decided, reason)
            return decided

    async def _keep(self, by: Actor, before: Type | None, after: Type, reason: str) -> None:
        """Note the step among the changes of the list, where the audit trail reads it."""
        why = {"why": reason.strip()[:REASON_LENGTH]} if reason.strip() else {}
        await RuleChange.create(
            at=self._clock.now(),
            by_id=by.person_id,
            what="event_type",
            key=after.code,
            before=None if before is None else cells_of(before),
            after=cells_of(after) | why,
        )

    async def import_(self, data: bytes, *, dry_run: bool = False) -> Counts:
        """Take the list out of a CSV file: all rows or none (``services/imports_event_types.py``). Raises BadRows."""
        return await imports_event_types.run(data, self._events, self._clock.now(), dry_run=dry_run)

    async def export(self) -> bytes:
        """The whole list as a CSV file that :meth:`import_` reads, in every state."""
        return imports_event_types.write_out((await self._events.current()).types.values())


def _require(by: Actor, duties: frozenset[Duty]) -> None:
    if not any(held.duty in duties for held in by.duties):
        raise NotAllowed("this is for those who keep the event list")
