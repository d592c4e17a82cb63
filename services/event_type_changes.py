"""Changes of the event list 事项清单 as a town makes them at its desk: one type or a whole file, each kept, and undone.

What may stand in a type is checked by the same rules as a file's rows (``services/imports_event_types.py``).
"""

from collections.abc import Awaitable, Callable, Mapping

from domain.errors import Conflict, NotAllowed, NotFound
from domain.event_list import State
from models import RuleChange
from services import imports_event_types, rule_changes
from services.access import Actor
from services.event_list import EventList, Type
from services.event_types import DECIDES
from services.imports import Counts
from services.imports_event_types import cells_of, lock, write_cells
from services.ports import Clock, Queue
from services.rule_changes import Changed, undoable, without_reason
from services.town_days import RECOUNT
from services.transaction import transaction

EDITABLE = (
    "name",
    "class",
    "usual_level",
    "accept_hours",
    "resolve_days",
    "photos",
    "department",
    "urgent",
    "keywords",
)
"""Columns that a town changes of a type; its code and place in the tree are what cases and figures hold on to."""
_SHOWN = 20


class EventTypeChanges:
    def __init__(self, clock: Clock, queue: Queue, events: EventList) -> None:
        self._clock = clock
        self._queue = queue
        self._events = events

    def may_change(self, by: Actor) -> bool:
        return any(held.duty in DECIDES for held in by.duties)

    async def listed(self, words: str = "", *, also_retired: bool = False) -> list[Type]:
        """The list, parents before what is below them: all of it, or what *words* name, or say."""
        states = {State.APPROVED, State.RETIRED} if also_retired else {State.APPROVED}
        wanted = words.casefold().strip()
        return [
            one
            for one in (await self._events.current()).types.values()
            if one.state in states
            and (
                not wanted
                or any(wanted in text.casefold() for text in (one.code, one.name, one.department, *one.keywords))
            )
        ]

    async def one(self, code: str) -> Type:
        """A type that is, or was, on the list. Raises NotFound."""
        found = (await self._events.current()).types.get(code)
        if found is None or found.state not in {State.APPROVED, State.RETIRED}:
            raise NotFound("there is no such type", code=code)
        return found

    async def edit(self, by: Actor, code: str, given: Mapping[str, str]) -> None:
        """Change what *given* names of type *code*; ``state`` takes it off the list, or puts it back.

        Raises NotAllowed, NotFound, BadRows with what is wrong in which column.
        """
        self._require(by)
        found = await self.one(code)
        cells = cells_of(found) | {name: given[name] for name in EDITABLE if name in given}
        if given.get("state") in {State.APPROVED, State.RETIRED}:
            cells["state"] = given["state"]
        await self._kept(by, lambda: self._take(write_cells([cells])))

    async def take(self, by: Actor, data: bytes, *, dry_run: bool) -> Counts:
        """Import a whole file, all rows or none. Raises NotAllowed, BadRows."""
        self._require(by)
        if dry_run:
            return await imports_event_types.run(data, self._events, self._clock.now(), dry_run=True)
        return await self._kept(by, lambda: self._take(data))

    async def undo(self, by: Actor, change_id: int) -> str:
        """Put a type back as it was before a change; returns its code.

        Raises NotAllowed, NotFound, Conflict where it was changed again since, or where it is a step of its admission.
        """
        self._require(by)
        async with transaction():
            await lock()
            change = await RuleChange.get_or_none(id=change_id, what="event_type")
            if change is None:
                raise NotFound("there is no such change")
            if not undoable(change.before, change.after):
                raise Conflict("what was decided about a proposal stays", why="decided", code=change.key)
            now = (await self._events.current()).types.get(change.key)
            if now is None or cells_of(now) != without_reason(change.after):
                raise Conflict("it was changed again since", why="changed", code=change.key)
            before = without_reason(change.before)
            cells = before or {**cells_of(now), "state": str(State.RETIRED)}
            await self._kept(by, lambda: self._take(write_cells([cells])))
        return change.key

    async def changes(self, code: str) -> list[Changed]:
        """Changes of one type, the newest first."""
        return (await rule_changes.listed(what="event_type", key=code, limit=_SHOWN))[0]

    async def _take(self, data: bytes) -> Counts:
        return await imports_event_types.run(data, self._events, self._clock.now(), dry_run=False)

    async def _kept(self, by: Actor, work: Callable[[], Awaitable[Counts]]) -> Counts:
        """Do it and keep, type by type, what it has changed; open cases' deadlines are counted anew then."""
        async with transaction():
            await lock()
            before = {code: cells_of(one) for code, one in (await self._events.current()).types.items()}
            counts = await work()
            after = {code: cells_of(one) for code, one in (await self._events.current()).types.items()}
            now = self._clock.now()
            changed = [code for code, cells in after.items() if cells != before.get(code)]
            for code in changed:
                await RuleChange.create(
                    at=now,
                    by_id=by.person_id,
                    what="event_type",
                    key=code,
                    before=before.get(code),
                    after=after[code],
                )
            if changed:
                await self._queue.defer(RECOUNT, {"timestamp": 0})
        return counts

    def _require(self, by: Actor) -> None:
        if not self.may_change(by):
            raise NotAllowed("the event list is for the commander and administrators")
