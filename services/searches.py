"""Searches that somebody has given a name, to ask them again."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import BadInput, NotFound
from models import SavedFilter
from services.access import Actor
from services.case_search import Filters
from services.ports import Clock
from services.transaction import rows, transaction

MOST_SAVED = 20


@dataclass(frozen=True, slots=True)
class Saved:
    name: str
    wanted: Filters


class SavedFilters:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def all(self, who: Actor) -> Sequence[Saved]:
        """Theirs, by name."""
        found = await SavedFilter.filter(person_id=who.person_id).order_by("name")
        return [Saved(one.name, Filters.read(one.wanted)) for one in found]

    async def one(self, who: Actor, name: str) -> Saved:
        """Raises NotFound."""
        found = await SavedFilter.get_or_none(person_id=who.person_id, name=name)
        if found is None:
            raise NotFound("you have no saved filter of this name", filter=name)
        return Saved(found.name, Filters.read(found.wanted))

    async def save(self, who: Actor, name: str, wanted: Filters) -> Saved:
        """Keep *wanted* under *name*, in place of what had this name. Raises BadInput where there are too many."""
        async with transaction():
            # Two at once would each count what the other has not written yet.
            await rows("SELECT id FROM person WHERE id = $1 FOR NO KEY UPDATE", who.person_id)
            names = {one.name for one in await SavedFilter.filter(person_id=who.person_id)}
            if name not in names and len(names) >= MOST_SAVED:
                raise BadInput(
                    f"you have {MOST_SAVED} saved filters already: delete one of them first",
                    field="name",
                    most=MOST_SAVED,
                )
            await SavedFilter.update_or_create(
                person_id=who.person_id,
                name=name,
                defaults={"wanted": wanted.as_json(), "created_at": self._clock.now()},
            )
        return Saved(name, wanted)

    async def delete(self, who: Actor, name: str) -> None:
        """Raises NotFound."""
        if not await SavedFilter.filter(person_id=who.person_id, name=name).delete():
            raise NotFound("you have no saved filter of this name", filter=name)
