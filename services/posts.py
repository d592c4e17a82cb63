"""Posts without anybody, and workers whom WeChat has lost: noticed, told to the level above, shown there."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.case import Level
from domain.duty import HANDLES, HOLDS, Duty
from domain.errors import BadInput
from models import Person, Region
from services.access import Actor
from services.cases import Cases
from services.deliveries import Deliveries, Owed
from services.ports import Clock
from services.routing import LOST, TODAY, holder_of, next_above
from services.transaction import rows, transaction

_SHOWN_OF_THEM = 20
_CURRENT = f"{{d}}.from_date <= {TODAY} AND ({{d}}.to_date IS NULL OR {{d}}.to_date >= {TODAY})"
_DUTIES = ", ".join(f"'{duty}'" for duty in sorted(HANDLES))


def _staffed(region: str, alias: str) -> str:
    """SQL: somebody holds a post of the region's own level today."""
    by_level = " OR ".join(
        f"({region}.level = {int(level)} AND {alias}.duty IN ({', '.join(repr(str(duty)) for duty in duties)}))"
        for level, duties in HOLDS.items()
    )
    current = _CURRENT.format(d=alias)
    return (
        f"EXISTS (SELECT 1 FROM held_duty {alias} WHERE {alias}.region_id = {region}.id AND ({by_level}) AND {current})"
    )


# In a village with one grid the chief is also its worker (C).
_CHIEF_IS_WORKER = f"""(r.level = {int(Level.GRID)}
    AND NOT EXISTS (SELECT 1 FROM region s WHERE s.parent_id = r.parent_id AND s.id <> r.id)
    AND EXISTS (SELECT 1 FROM held_duty w WHERE w.region_id = r.parent_id AND w.duty = '{Duty.GRID_CHIEF}'
                AND {_CURRENT.format(d="w")}))"""
# Daily work is done up to the town; above it a region without staff is nothing unusual.
VACANT = f"(r.level <= {int(Level.TOWN)} AND NOT {_staffed('r', 'h')} AND NOT {_CHIEF_IS_WORKER})"

_NO_LONGER = f"""
UPDATE region SET vacant_since = NULL WHERE id IN (
    SELECT r.id FROM region r WHERE r.vacant_since IS NOT NULL AND ($1::int IS NULL OR r.id = $1) AND NOT {VACANT}
    ORDER BY r.id FOR UPDATE SKIP LOCKED
) RETURNING id
"""
_NEWLY = f"""
UPDATE region SET vacant_since = $2 WHERE id IN (
    SELECT r.id FROM region r WHERE r.vacant_since IS NULL AND ($1::int IS NULL OR r.id = $1) AND {VACANT}
    ORDER BY r.id FOR UPDATE SKIP LOCKED
) AND vacant_since IS NULL RETURNING id
"""
# Whose business a vacant post is: the nearest region above that has somebody of its own.
_UNDER = f"""
SELECT r.id, r.code, r.name, r.level, r.vacant_since FROM region r
WHERE r.path LIKE ANY($1::text[]) AND NOT r.id = ANY($3::int[]) AND {VACANT}
"""
_NEAREST = f"""
AND (SELECT a.id FROM region a WHERE a.id = ANY(string_to_array(trim(BOTH '/' FROM r.path), '/')::int[])
     AND a.level > r.level AND {_staffed("a", "k")} ORDER BY a.level LIMIT 1) = ANY($3::int[])
"""

_LOST_OR_FOUND = f"""
SELECT p.id, ({LOST.format(who="p.id")}) AS lost FROM person p
WHERE ($1::bigint IS NULL OR p.id = $1)
  AND p.id IN (SELECT h.person_id FROM held_duty h WHERE h.duty IN ({_DUTIES}) AND {_CURRENT.format(d="h")})
  AND (p.lost_since IS NOT NULL) <> ({LOST.format(who="p.id")})
ORDER BY p.id
"""
_HELD_BY = f"""
SELECT h.region_id FROM held_duty h JOIN region r ON r.id = h.region_id
WHERE h.person_id = $1 AND h.duty IN ({_DUTIES}) AND {_CURRENT.format(d="h")} ORDER BY r.level, r.code LIMIT 1
"""
_CAN_HEAR = "SELECT 1 FROM identity i WHERE i.person_id = $1 AND i.kind = 'official' AND i.subscribed LIMIT 1"


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A region without anybody of its own; ``taken_by`` names who gets its cases meanwhile (empty: nobody)."""

    code: str
    name: str
    level: int
    since: datetime | None
    taken_by: str
    taken_by_id: int | None


class Posts:
    def __init__(self, clock: Clock, deliveries: Deliveries, cases: Cases) -> None:
        self._clock = clock
        self._deliveries = deliveries
        self._cases = cases

    async def look(self) -> int:
        """Notice what has changed since the last look and tell whom it concerns, once; returns how much it was."""
        return await self.look_for_lost() + await self.look_for_vacant()

    async def look_at(self, person_id: int) -> None:
        """The same for one person, at once: they have gone on leave, or follow the account no longer."""
        await self.look_for_lost(person_id)
        await self._cases.rehome(person_id)

    async def look_for_lost(self, person_id: int | None = None) -> int:
        """Workers whom WeChat no longer reaches: their cases go to somebody else, and the chief is told."""
        found = await rows(_LOST_OR_FOUND, person_id, self._clock.now())
        for one in found:
            if await self._note_lost(one["id"]):
                await self._cases.rehome(one["id"])
        return len(found)

    async def look_for_vacant(self, region_id: int | None = None) -> int:
        """Posts that have become vacant since the last look: one message to each person above, however many.

        With *region_id* only the posts of that region.
        """
        now = self._clock.now()
        async with transaction():
            await rows(_NO_LONGER, region_id, now)
            newly = [one["id"] for one in await rows(_NEWLY, region_id, now)]
            told: dict[int, list[tuple[Region, int | None]]] = {}
            for region in await Region.filter(id__in=newly).order_by("level", "code"):
                above = await next_above(region, now)
                # Whoever has no WeChat yet finds it at the top of the queue on the day they bind one.
                if above is not None and await rows(_CAN_HEAR, above[1]):
                    told.setdefault(above[1], []).append((region, await holder_of(region, now)))
            for person_id, vacant in sorted(told.items()):
                await self._deliveries.owe(Owed(person_id, "post_vacant", await _summary(person_id, vacant)))
        return len(newly)

    async def vacant_below(
        self, by: Actor, *, cursor: str | None = None, limit: int = 20
    ) -> tuple[list[Vacancy], str | None]:
        """Every vacant post below those of *by*, in the order of codes, and the cursor of what follows.

        Raises BadInput for a cursor that is not ours.
        """
        paths, seats = _under(by)
        found = await rows(
            f"{_UNDER} AND r.code > $4 ORDER BY r.code LIMIT $5",
            paths,
            self._clock.now(),
            seats,
            _after(cursor),
            limit + 1,
        )
        shown = [await self._shown(one) for one in found[:limit]]
        if len(found) <= limit:
            return shown, None
        following = base64.urlsafe_b64encode(shown[-1].code.encode()).decode().rstrip("=")
        return shown, following

    async def mine(self, by: Actor) -> tuple[list[Vacancy], int]:
        """The vacant posts that are *by*'s business first of all: a few of them, and how many there are."""
        paths, seats = _under(by)
        if not paths:
            return [], 0
        found = await rows(f"{_UNDER}{_NEAREST} ORDER BY r.level, r.code", paths, self._clock.now(), seats)
        return [await self._shown(one) for one in found[:3]], len(found)

    async def _shown(self, one: Any) -> Vacancy:
        region = await Region.get(id=one["id"])
        holder = await holder_of(region, self._clock.now())
        name = (await Person.get(id=holder)).name if holder is not None else ""
        return Vacancy(one["code"], one["name"], one["level"], one["vacant_since"], name, holder)

    async def _note_lost(self, person_id: int) -> bool:
        """Write down whether WeChat reaches them; whether it does not, and that was news."""
        now = self._clock.now()
        async with transaction():
            person = await Person.filter(id=person_id).select_for_update().get_or_none()
            changed = await rows(_LOST_OR_FOUND, person_id, now)
            if person is None or not changed:
                return False
            lost = bool(changed[0]["lost"])
            person.lost_since = now if lost else None
            await person.save(update_fields=["lost_since"])
            home = await rows(_HELD_BY, person_id, now) if lost else []
            if home:
                region = await Region.get(id=home[0]["region_id"])
                above = await next_above(region, now, besides=person_id)
                if above is not None:
                    facts = {"title": f"{person.name}收不到消息", "person": person.name, "region": region.name}
                    await self._deliveries.owe(Owed(above[1], "worker_lost", facts))
        return lost


def _after(cursor: str | None) -> str:
    if cursor is None:
        return ""
    try:
        code = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        code = "\0"
    if not code.isprintable():
        raise BadInput("cursor is not one that this list gave out", field="cursor")
    return code


def _under(by: Actor) -> tuple[Sequence[str], Sequence[int]]:
    # An officer of a department looks after its own cases only, not after the town.
    held = [one for one in by.duties if one.duty in HANDLES and one.department_id is None]
    return [f"{one.path}%" for one in held], [one.region_id for one in held]


async def _summary(person_id: int, vacant: Sequence[tuple[Region, int | None]]) -> dict[str, object]:
    others = {holder for _, holder in vacant if holder not in {None, person_id}}
    names = await Person.filter(id__in=others).order_by("name").values_list("name", flat=True)
    return {
        "title": f"{vacant[0][0].name}没有人",
        "regions": [region.name for region, _ in vacant[:_SHOWN_OF_THEM]],
        "level": vacant[0][0].level,
        "count": len(vacant),
        "to": [name for name in names if name][:3],
        "yours": any(holder == person_id for _, holder in vacant),
    }
