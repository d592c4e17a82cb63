"""Who takes a complaint, and who may see it (Y art. 22): never anybody whom it may be about."""

from collections.abc import Collection
from datetime import datetime

from domain.case import Role
from domain.duty import Duty
from models import Case, Concerned, Region
from services.transaction import rows

_IN_FORCE = """{d}.from_date <= ($2::timestamptz AT TIME ZONE 'Asia/Shanghai')::date
  AND ({d}.to_date IS NULL OR {d}.to_date >= ($2::timestamptz AT TIME ZONE 'Asia/Shanghai')::date)"""
_AWAY = """EXISTS (SELECT 1 FROM leave l WHERE l.person_id = {who} AND l.state = 'approved'
                  AND l.starts_at <= $2 AND l.ends_at > $2)"""
# Inspectors from the bottom up, then commanders; of each post its own person first, then the cover of who is away.
_TAKERS = f"""
SELECT line.id AS unit_id, who.person_id
FROM unnest($1::int[]) WITH ORDINALITY AS line (id, place)
JOIN held_duty d ON d.region_id = line.id AND d.duty IN ('inspector', 'commander') AND {_IN_FORCE.format(d="d")}
CROSS JOIN LATERAL (VALUES (d.person_id, 0), (d.cover_id, 1)) AS who (person_id, rank)
WHERE who.person_id IS NOT NULL AND NOT who.person_id = ANY($3::bigint[]) AND NOT {_AWAY.format(who="who.person_id")}
  AND (who.rank = 0 OR {_AWAY.format(who="d.person_id")})
  AND EXISTS (SELECT 1 FROM held_duty c WHERE c.person_id = who.person_id AND {_IN_FORCE.format(d="c")})
ORDER BY d.duty = 'commander', line.place DESC, who.rank, who.person_id LIMIT 1
"""
_CONCERNED = f"""
SELECT d.person_id FROM held_duty d
WHERE d.region_id = ANY($1) AND d.duty IN ('grid_worker', 'part_time_worker') AND {_IN_FORCE.format(d="d")}
UNION
SELECT e.person_id FROM case_event e WHERE e.case_id = ANY($3) AND e.role NOT IN ('resident', 'system')
UNION
SELECT e.holder_id FROM case_event e WHERE e.case_id = ANY($3)
UNION
SELECT c.holder_id FROM "case" c WHERE c.id = ANY($3)
UNION
SELECT x.person_id FROM concerned x WHERE x.case_id = ANY($3)
UNION
SELECT p.id FROM person p JOIN held_duty d ON d.person_id = p.id JOIN region r ON r.id = d.region_id
WHERE d.region_id = ANY($4) AND length(p.name) > 1 AND strpos($5, p.name) > 0
"""


def seen(me: str, watched: str) -> str:
    """SQL for every list of ``"case" c`` with its unit ``region u``: whether a complaint in it may be seen by *me*.

    *watched* is the parameter with ``path%`` of each region whose inspector they are.
    """
    return f"""(c.kind = 'case' OR c.resident_id = {me} OR (
        (c.holder_id = {me} OR u.path LIKE ANY({watched}::text[]))
        AND NOT EXISTS (SELECT 1 FROM concerned x WHERE x.case_id = c.id AND x.person_id = {me})))"""


async def taker(
    unit: Region, now: datetime, *, besides: Collection[int], above: bool = False
) -> tuple[int, int] | None:
    """The id of the region and of the person who takes a complaint that lies at *unit*; ``None``: nobody is there."""
    line = [int(part) for part in unit.path.strip("/").split("/")]
    found = await rows(_TAKERS, line[:-1] if above else line, now, [*besides])
    return (found[0]["unit_id"], found[0]["person_id"]) if found else None


async def concerned_of(case_id: int) -> set[int]:
    """Whom the complaint may be about, as noted when it was made."""
    return {one.person_id for one in await Concerned.filter(case_id=case_id)}


async def concerned_by(about: Collection[int], grids: Collection[Region], now: datetime, text: str) -> set[int]:
    """Whom a complaint about the cases *about* may be about.

    Whoever has held one of them or taken a step in it as staff, the workers of the grids, whoever of the line up from
    there is called by name in the *text*, and, where it is about a complaint, whom that one was about.
    """
    line = {int(part) for grid in grids for part in grid.path.strip("/").split("/")}
    found = await rows(_CONCERNED, [grid.id for grid in grids], now, [*about], [*line], text)
    return {one["person_id"] for one in found if one["person_id"] is not None}


async def roles_in_complaint(case: Case, person_id: int, inspects: Collection[tuple[int, str]]) -> frozenset[Role]:
    """What somebody is to a complaint: its resident, its holder, or an inspector of its unit or above.

    *inspects* are id and path of the regions whose inspector they are. Whom it concerns is nothing to it.
    """
    roles = {Role.RESIDENT} if case.resident_id == person_id else set()
    if case.holder_id != person_id and not inspects:
        return frozenset(roles)
    if person_id in await concerned_of(case.id):
        return frozenset(roles)
    if case.holder_id == person_id:
        roles.add(Role.HOLDER)
    unit = await Region.get_or_none(id=case.unit_id)
    for region_id, path in inspects:
        if region_id == case.unit_id:
            roles.add(Role.HOLDER)
        elif unit is not None and unit.path.startswith(path):
            roles.add(Role.OVERSEER)
    return frozenset(roles)


INSPECTS = frozenset({Duty.INSPECTOR})
