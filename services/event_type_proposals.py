"""Types that departments ask for 准入 (Y art. 12, D art. 10), as they are asked for and decided on at a desk.

What may stand in one is checked by the same rules as a file's rows; who asks and who decides, ``EventTypes`` says.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.errors import BadInput, Conflict, NotAllowed, NotFound
from domain.event_list import Category, Photos, State
from models import EventType
from services.access import Actor
from services.event_list import EventList, Type
from services.event_types import DECIDES, PROPOSES, REASON_LENGTH, EventTypes, Proposal
from services.imports import BadRows
from services.imports_event_types import COLUMNS, check, write_cells
from services.imports_regions import longest
from services.imports_table import read
from services.transaction import rows

ASKED = tuple(name for name in COLUMNS if name != "state")
"""Columns that whoever proposes fills in."""
MOST = 50
"""Of those that wait, and of one's own."""
_LONGEST_CODE = longest(EventType, "code")
_NO_CODE = re.compile(r"[^\w.-]")

# What was asked and answered stands in the history; of a proposal from before there was one, in the type itself.
_SEEN = """
SELECT t.code, t.state, t.created_at, t.decided_at, t.reason, t.proposed_by_id,
       coalesce(p.name, '') AS who, coalesce(d.name, '') AS decided_by,
       (SELECT r.after FROM rule_change r WHERE r.what = 'event_type' AND r.key = t.code ORDER BY r.id LIMIT 1) AS first
FROM event_type t LEFT JOIN person p ON p.id = t.proposed_by_id LEFT JOIN person d ON d.id = t.decided_by_id
WHERE t.proposed_by_id IS NOT NULL AND ({only}) ORDER BY t.created_at DESC, t.id DESC LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A type that somebody asked for, and what became of it."""

    type: Type
    parent: str
    """The name of the type that it is to stand under, or empty."""
    who: str
    mine: bool
    at: datetime
    why: str
    decided_by: str
    answer: str
    """Why it was refused, approved or retired; empty where nobody said."""


@dataclass(frozen=True, slots=True)
class Proposals:
    waiting: Sequence[Asked]
    mine: Sequence[Asked]
    """What *by* asked for and somebody has decided on, the newest first."""


class EventTypeProposals:
    def __init__(self, types: EventTypes, events: EventList) -> None:
        self._types = types
        self._events = events

    def may_propose(self, by: Actor) -> bool:
        return any(held.duty in PROPOSES for held in by.duties)

    def may_decide(self, by: Actor) -> bool:
        return any(held.duty in DECIDES for held in by.duties)

    async def waiting(self) -> int:
        """How many nobody has decided on."""
        types = (await self._events.current()).types.values()
        return sum(one.state is State.PROPOSED for one in types)

    async def undecided(self, code: str) -> bool:
        """Whether type *code* was asked for and is not on the list: it waits, or was refused."""
        found = (await self._events.current()).types.get(code)
        return found is not None and found.state in {State.PROPOSED, State.REFUSED} and found.proposed_by_id is not None

    async def seen(self, by: Actor) -> Proposals:
        """What waits for a decision, and one's own with the answers. Raises NotAllowed."""
        self._require(by)
        waiting = await self._asked(by, "t.state = $1", str(State.PROPOSED))
        mine = await self._asked(by, "t.proposed_by_id = $1 AND t.state <> 'proposed'", by.person_id)
        return Proposals(waiting, mine)

    async def one(self, by: Actor, code: str) -> Asked:
        """Raises NotAllowed, and NotFound where nobody asked for such a type."""
        self._require(by)
        found = await self._asked(by, "t.code = $1", code)
        if not found:
            raise NotFound("nobody asked for such a type", code=code)
        return found[0]

    async def ask(self, by: Actor, cells: Mapping[str, str], reason: str) -> Type:
        """Ask for the type that *cells* describe, by column of the file; without a code its name is its code.

        Raises NotAllowed, BadRows with what is wrong in which column, BadInput without a reason, Conflict where code or
        name are taken.
        """
        self._require(by)
        if not reason.strip() or len(reason.strip()) > REASON_LENGTH:
            raise BadInput("reason must say why", field="reason", longest=REASON_LENGTH)
        given = dict.fromkeys(COLUMNS, "") | {name: cells[name].strip() for name in ASKED if name in cells}
        given["code"] = given["code"] or _NO_CODE.sub("", given["name"]).lstrip("_.-")[:_LONGEST_CODE]
        known = (await self._events.current()).types
        if given["code"] in known:
            raise Conflict("there is a type with this code", code=given["code"], why="code")
        table = read("", write_cells([given | {"state": str(State.PROPOSED)}]), COLUMNS)
        wanted = check(table, known)
        if table.problems:
            raise BadRows(tuple(table.problems))
        if not wanted:
            raise BadInput("nothing was asked for", field="name")
        one = wanted[0]
        return await self._types.propose(by, _proposal(one.code, one.parent_code, one.facts, reason.strip()))

    async def decide(self, by: Actor, code: str, decision: str, reason: str) -> Type:
        """``approve`` or ``refuse``. Raises what :meth:`EventTypes.decide` does, and BadInput for anything else."""
        if decision not in {"approve", "refuse"}:
            raise BadInput("decision must be made", field="decision")
        if len(reason.strip()) > REASON_LENGTH:
            raise BadInput("reason is too long", field="reason", longest=REASON_LENGTH)
        return await self._types.decide(by, code, decision, reason)

    async def _asked(self, by: Actor, only: str, value: object) -> list[Asked]:
        found = await rows(_SEEN.format(only=only), value, MOST)
        types = (await self._events.current()).types if found else {}
        return [_asked(one, types, by) for one in found if one["code"] in types]

    def _require(self, by: Actor) -> None:
        if not self.may_propose(by):
            raise NotAllowed("this is for those who propose types and decide on them", why="proposals")


def _asked(found: Any, types: Mapping[str, Type], by: Actor) -> Asked:
    kind = types[found["code"]]
    first = json.loads(found["first"]) if isinstance(found["first"], str) else found["first"]
    why = (first or {}).get("why") or found["reason"]
    return Asked(
        type=kind,
        parent=types[kind.parent_code].name if kind.parent_code else "",
        who=found["who"],
        mine=found["proposed_by_id"] == by.person_id,
        at=found["created_at"],
        why=why,
        decided_by=found["decided_by"],
        answer=found["reason"] if found["decided_at"] is not None and found["reason"] != why else "",
    )


def _proposal(code: str, parent: str, facts: Mapping[str, Any], reason: str) -> Proposal:
    return Proposal(
        code=code,
        name=str(facts["name"]),
        category=Category(str(facts["category"])),
        reason=reason,
        parent=parent,
        score_class=str(facts["score_class"]),
        usual_level=int(facts["usual_level"]),
        accept_hours=facts["accept_hours"],
        resolve_days=facts["resolve_days"],
        photos=Photos(str(facts["photos"])),
        department=str(facts["department"]),
        urgent=bool(facts["urgent"]),
        keywords=facts["keywords"],
    )
