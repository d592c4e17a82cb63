"""The town's event list 事项清单 in memory: small, asked for with every case, and never older than the database's."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.errors import BadInput
from domain.event_list import Category, Photos, State
from domain.event_words import Described, Matcher, Suggestion
from models import Case
from services.transaction import row, rows


@dataclass(frozen=True, slots=True)
class Type:
    """One line of the list; *accept_hours* and *resolve_days* are ``None`` where the town's limits hold."""

    id: int
    code: str
    name: str
    parent_code: str
    category: Category
    score_class: str
    usual_level: int
    accept_hours: float | None
    resolve_days: float | None
    photos: Photos
    department: str
    urgent: bool
    keywords: Sequence[str]
    state: State
    reason: str
    proposed_by_id: int | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A type that a case may be, and why it is suggested: the words that were found (none: it was searched for)."""

    type: Type
    words: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """The list as it was at one moment."""

    types: Mapping[str, Type] = field(default_factory=dict)
    """By code, parents before children, in every state."""
    matcher: Matcher = field(default_factory=lambda: Matcher(()))

    @property
    def approved(self) -> Sequence[Type]:
        return [one for one in self.types.values() if one.state is State.APPROVED]

    def usable(self, code: str) -> Type | None:
        """The type *code*, where a case may be given it."""
        found = self.types.get(code)
        return found if found is not None and found.state is State.APPROVED else None

    def suggest(self, text: str, most: int = 4) -> list[Choice]:
        """What *text* speaks of, the likeliest first; empty where that would be a guess."""
        return [self._choice(one) for one in self.matcher.suggest(text, most)]

    def sure(self, text: str) -> Type | None:
        """The type that *text* speaks of so clearly that nobody need be asked."""
        found = self.matcher.sure(self.matcher.suggest(text))
        return self.types[found.code] if found is not None else None

    def search(self, words: str, most: int = 4) -> list[Choice]:
        """Types that *words* name: by code, by name, by a part of the name, and then by what they speak of."""
        wanted = words.strip().casefold()
        if not wanted:
            return []
        named = [one for one in self.approved if wanted in {one.code.casefold(), one.name.casefold()}]
        named += [one for one in self.approved if wanted in one.name.casefold() and one not in named]
        also = [one for one in self.suggest(words, most) if one.type not in named]
        return [*map(Choice, named), *also][:most]

    def _choice(self, found: Suggestion) -> Choice:
        return Choice(self.types[found.code], found.words)


_VERSION = "SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t.id)), '') AS version FROM event_type t"
_ALL = """
SELECT t.id, t.code, t.name, coalesce(p.code, '') AS parent_code, t.category, t.score_class, t.usual_level,
       t.accept_hours, t.resolve_days, t.photos, t.department, t.urgent, t.keywords, t.state, t.reason,
       t.proposed_by_id, t.decided_at
FROM event_type t LEFT JOIN event_type p ON p.id = t.parent_id
ORDER BY t.code
"""


class EventList:
    """One for a process. Whether the list has changed is asked each time; it is read anew only then."""

    def __init__(self) -> None:
        self._version = ""
        self._listed = Listed()

    async def current(self) -> Listed:
        """The list as the open transaction sees it."""
        version = str((await row(_VERSION))["version"])
        if version != self._version:
            # Read after the version: should it change in between, the next question finds that out.
            self._listed, self._version = _listed([_type(one) for one in await rows(_ALL)]), version
        return self._listed

    async def give(self, case: Case) -> None:
        """Give a case that is being filed its type: the one that was chosen, or one that its words are clear about.

        An urgent type makes the case urgent. Where the town keeps no list, whatever code was given stays as it is.
        Raises BadInput for a code that is not on the list.
        """
        listed = await self.current()
        if not listed.types or case.kind != "case":
            return
        if case.event_type:
            found = listed.usable(case.event_type)
            if found is None:
                raise BadInput("event_type is not on the event list", field="event_type", event_type=case.event_type)
        else:
            found = listed.sure(f"{case.title}\n{case.description}")
        if found is not None:
            case.event_type, case.category = found.code, found.category
            case.urgent = case.urgent or found.urgent


def _listed(types: Sequence[Type]) -> Listed:
    ordered: dict[str, Type] = {}
    waiting = sorted(types, key=lambda one: (list(Category).index(one.category), one.code))
    codes = {one.code for one in waiting}
    while waiting:
        ready = [one for one in waiting if one.parent_code not in codes or one.parent_code in ordered] or waiting
        ordered |= {one.code: one for one in ready}
        waiting = [one for one in waiting if one.code not in ordered]
    known = [Described(one.code, one.name, one.keywords, one.urgent) for one in types if one.state is State.APPROVED]
    return Listed(ordered, Matcher(known))


def _type(found: Mapping[str, object]) -> Type:
    facts = dict(found)
    keywords = facts["keywords"]
    facts["keywords"] = tuple(json.loads(keywords) if isinstance(keywords, str) else keywords)  # type: ignore[arg-type]
    facts["category"] = Category(str(facts["category"]))
    facts["photos"], facts["state"] = Photos(str(facts["photos"])), State(str(facts["state"]))
    return Type(**facts)  # type: ignore[arg-type]
