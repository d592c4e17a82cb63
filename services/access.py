"""Who is asking, and the only way to a row on their behalf."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from domain.calendar import SHANGHAI
from domain.case import Level, Role
from domain.complaint import COMPLAINT
from domain.duty import HANDLES, SEES_REGIONS, SEES_SUBTREE, SENDS_NOTICES, TELLS_IN_PERSON, Duty, may_appoint
from domain.errors import NotFound
from domain.notice import PUBLIC
from domain.patrol import SEES as SEES_FIELD_WORK
from domain.safety import HELD
from models import Attachment, Case, CaseEvent, CoHandler, Patrol, Region, Subject, Visit
from services.complaint_routing import INSPECTS, roles_in_complaint
from services.transaction import rows


@dataclass(frozen=True, slots=True)
class Held:
    """A duty in force today."""

    duty: Duty
    region_id: int
    region_code: str
    region_name: str
    path: str
    department_id: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """A person with what they may do, as of the moment they asked."""

    person_id: int
    name: str
    duties: tuple[Held, ...] = ()

    @property
    def is_staff(self) -> bool:
        return bool(self.duties)

    @property
    def sends_notices(self) -> bool:
        return bool(self.paths(SENDS_NOTICES))

    def paths(self, among: frozenset[Duty]) -> list[str]:
        """Where they may look over a whole subtree; an officer of a department looks after its own cases only."""
        return [held.path for held in self.duties if held.duty in among and held.department_id is None]


_ACTOR = """
SELECT p.name AS person, d.duty, d.department_id, d.region_id, r.code, r.name, r.path
FROM person p
LEFT JOIN held_duty d ON d.person_id = p.id AND d.from_date <= $2 AND (d.to_date IS NULL OR d.to_date >= $2)
LEFT JOIN region r ON r.id = d.region_id
WHERE p.id = $1
ORDER BY r.level, r.code, d.id
"""
# The same for whoever holds a token, in one round trip: every call of the API begins with it.
_ACTOR_SIGNED_IN = """
SELECT p.id AS person_id, p.name AS person, d.duty, d.department_id, d.region_id, r.code, r.name, r.path
FROM session s JOIN person p ON p.id = s.person_id
LEFT JOIN held_duty d ON d.person_id = p.id AND d.from_date <= $3 AND (d.to_date IS NULL OR d.to_date >= $3)
LEFT JOIN region r ON r.id = d.region_id
WHERE s.token_hash = $1 AND s.expires_at > $2
ORDER BY r.level, r.code, d.id
"""
_LAST_NUMBER = 2**63 - 1


async def actor_of_token(token_hash: str, now: datetime) -> Actor | None:
    """Whoever is signed in with this token, with their duties of that day; ``None`` for an unknown or expired one."""
    found = await rows(_ACTOR_SIGNED_IN, token_hash, now, now.astimezone(SHANGHAI).date())
    return _actor(found[0]["person_id"], found) if found else None


async def actor(person_id: int, now: datetime) -> Actor:
    """The person with their duties of that day in China. Raises NotFound."""
    found = await rows(_ACTOR, person_id, now.astimezone(SHANGHAI).date())
    if not found:
        raise NotFound("there is no such person")
    return _actor(person_id, found)


def _actor(person_id: int, found: Sequence[Any]) -> Actor:
    held = [
        Held(Duty(one["duty"]), one["region_id"], one["code"], one["name"], one["path"], one["department_id"])
        for one in found
        if one["duty"] is not None
    ]
    return Actor(person_id, found[0]["person"], tuple(held))


async def roles_in(case: Case, who: Actor) -> frozenset[Role]:  # noqa: C901 - one branch for each way to be concerned
    """Everything *who* is to *case*; empty means it is not theirs to see."""
    if case.kind == COMPLAINT:
        return await roles_in_complaint(case, who.person_id, _inspected(who))
    roles = set()
    if case.resident_id == who.person_id:
        roles.add(Role.RESIDENT)
    if case.status == "draft":
        return frozenset(roles)
    if case.holder_id == who.person_id:
        roles.add(Role.HOLDER)
    if who.duties and await CoHandler.filter(case_id=case.id, person_id=who.person_id).exists():
        roles.add(Role.HELPER)
    above = []
    for held in who.duties:
        if _is_seat(held, case):
            # Several seats work one queue: whoever sits there may take the next case.
            roles.add(Role.HOLDER)
        elif held.duty in SEES_SUBTREE and held.department_id is None:
            above.append(held.path)
    if above:
        # What is held is not yet for those below the place where it lies.
        lies = (case.unit_id,) if case.kind == HELD else (case.unit_id, case.grid_id)
        places = [place for place in lies if place is not None]
        paths = [found["path"] for found in await rows("SELECT path FROM region WHERE id = ANY($1)", places)]
        if any(path.startswith(upper) for path in paths for upper in above):
            roles.add(Role.OVERSEER)
    if not roles & _STAFF and await _works_the_original(case, who):
        roles.add(Role.OVERSEER)
    return frozenset(roles)


def _is_seat(held: Held, case: Case) -> bool:
    """Whether *held* works the queue where *case* lies: the region's own, or its department's."""
    if held.department_id is not None or case.department_id is not None:
        return held.department_id == case.department_id
    return held.duty in HANDLES and held.region_id in (case.unit_id, case.alert_unit_id)


def _inspected(who: Actor) -> list[tuple[int, str]]:
    return [(held.region_id, held.path) for held in who.duties if held.duty in INSPECTS]


async def _works_the_original(case: Case, who: Actor) -> bool:
    """Whoever works a case reads what was said in those that follow it."""
    if case.merged_into_id is None or not who.is_staff:
        return False
    original = await Case.get_or_none(id=case.merged_into_id)
    return original is not None and bool(await roles_in(original, who) & _STAFF)


_STAFF = frozenset({Role.HOLDER, Role.OVERSEER, Role.HELPER})


async def case_for(who: Actor, number: int, *, lock: bool = False) -> tuple[Case, frozenset[Role]]:
    """The case *number* and what *who* is to it.

    Raises NotFound, also when it is not theirs to see: a number tells a stranger nothing.
    """
    query = Case.filter(number=number)
    if lock:
        query = query.select_for_update()
    case = await query.get_or_none() if 0 < number <= _LAST_NUMBER else None
    if case is None:
        raise NotFound("there is no such case", number=number)
    roles = await roles_in(case, who)
    if not roles:
        raise NotFound("there is no such case", number=number)
    return case, roles


async def attachment_for(who: Actor, attachment_id: UUID) -> Attachment:
    """An attachment, for whoever may see its case, and before it belongs to one for whoever sent it.

    What came with words among staff is not for the resident, as those are not. The picture of a notice or poll is for
    everybody whom that is for. Raises NotFound.
    """
    found = await Attachment.get_or_none(id=attachment_id)
    if found is None or not (
        found.person_id == who.person_id
        or await _is_of_something_seen(who, found)
        or await _is_in_their_news(who, found)
    ):
        raise NotFound("there is no such attachment, or it is not yours to see")
    if found.case_id is not None:
        case = await Case.get_or_none(id=found.case_id)
        roles = await roles_in(case, who) if case is not None else frozenset()
        inside = bool(roles & _STAFF) or found.person_id == who.person_id
        if not roles or not (inside or await shown_to_residents(found)):
            raise NotFound("there is no such attachment, or it is not yours to see")
    return found


# To the residents of a place and those who serve there, as services.notices_news and services.polls list them.
_IN_THEIR_NEWS = f"""
SELECT 1 FROM region b JOIN region u ON b.path LIKE u.path || '%'
WHERE (b.id = (SELECT grid_id FROM person WHERE id = $2) OR b.id = ANY($3::int[]))
  AND u.id IN (
    SELECT n.region_id FROM notice n
    WHERE n.picture_id = $1 AND n.audience = '{{}}' AND n.state IN ({", ".join(f"'{one}'" for one in sorted(PUBLIC))})
    UNION SELECT p.region_id FROM poll p WHERE p.picture_id = $1 AND p.withdrawn_at IS NULL)
LIMIT 1
"""
# What a worker took when they told somebody of a notice in person, for those who see that they did.
_OF_A_VISIT = """
SELECT 1 FROM delivery d JOIN region g ON g.id = d.grid_id
WHERE d.visit_photo_id = $1 AND g.path LIKE ANY($2::text[]) LIMIT 1
"""


async def _is_in_their_news(who: Actor, found: Attachment) -> bool:
    serves = [held.region_id for held in who.duties]
    if await rows(_IN_THEIR_NEWS, found.id, who.person_id, serves):
        return True
    paths = [f"{path}%" for path in who.paths(TELLS_IN_PERSON)]
    return bool(paths) and bool(await rows(_OF_A_VISIT, found.id, paths))


async def _is_of_something_seen(who: Actor, found: Attachment) -> bool:
    """Whether it belongs to a case, which is looked at next, or to a patrol or visit that they see."""
    for model, owner in ((Patrol, found.patrol_id), (Visit, found.visit_id)):
        if owner is not None:
            return await _sees_region(who, (await model.get(id=owner)).region_id)
    return found.case_id is not None


async def shown_to_residents(found: Attachment) -> bool:
    """Whether it did not come with a step whose words are for staff only."""
    if found.event_id is None:
        return True
    return not await CaseEvent.filter(id=found.event_id).filter(Q(hidden=True) | Q(role=Role.HELPER)).exists()


async def region_for_notices(who: Actor, code: str) -> Region:
    """The region *code*, where *who* may send notices to it. Raises NotFound."""
    region = await Region.get_or_none(code=code)
    if region is None or not any(region.path.startswith(path) for path in who.paths(SENDS_NOTICES)):
        raise NotFound("there is no such region among yours", region=code)
    return region


async def region_seen(who: Actor, code: str) -> Region:
    """The region *code*, where it lies in their subtree. Raises NotFound."""
    region = await Region.get_or_none(code=code)
    if region is None or not _among(region.path, who.paths(SEES_REGIONS)):
        raise NotFound("there is no such region among yours", region=code)
    return region


async def grids_seen(who: Actor, codes: Sequence[str]) -> set[str]:
    """Those of *codes* that are grids of their subtree."""
    found = await Region.filter(code__in=list(codes), level=Level.GRID).values_list("code", "path")
    return {str(code) for code, path in found if _among(str(path), who.paths(SEES_REGIONS))}


def appoints(who: Actor, path: str, duty: Duty) -> bool:
    """Whether *who* fills the post *duty* at the region with *path*."""
    return any(
        path.startswith(held.path) and may_appoint(held.duty, duty, below=path != held.path) for held in who.duties
    )


def works_above(who: Actor, path: str) -> bool:
    """Whether *who* works a queue above the region with *path*, and so knows who is away there."""
    return any(path.startswith(upper) and path != upper for upper in who.paths(HANDLES))


async def field_work_paths(who: Actor, now: datetime | None = None) -> list[str]:
    """Of which subtrees they see patrols, subjects and visits; a grid whose worker is away *now* is its cover's too."""
    covered = await _covered(who, now) if now is not None else []
    return [*who.paths(SEES_FIELD_WORK), *(one["path"] for one in covered)]


async def covered_grids(who: Actor, now: datetime) -> set[int]:
    """The grids whose worker is on leave *now* and whom they stand in for (AB岗): not a day before or after."""
    return {one["id"] for one in await _covered(who, now)}


async def _covered(who: Actor, now: datetime) -> Sequence[Any]:
    return await rows(_COVERED, who.person_id, now, now.astimezone(SHANGHAI).date()) if who.duties else []


async def field_work_regions(who: Actor, now: datetime) -> list[int]:
    """The ids of all regions in :func:`field_work_paths`, by which lists find their rows."""
    paths = [f"{path}%" for path in await field_work_paths(who, now)]
    return [one["id"] for one in await rows("SELECT id FROM region WHERE path LIKE ANY($1)", paths)] if paths else []


# AB cover (D art. 11): as long as the worker is on leave.
_COVERED = """
SELECT r.id, r.path FROM held_duty h JOIN region r ON r.id = h.region_id
JOIN leave l ON l.person_id = h.person_id AND l.state = 'approved'
WHERE h.cover_id = $1 AND h.duty = 'grid_worker' AND (h.to_date IS NULL OR h.to_date >= $3)
  AND l.starts_at <= $2 AND l.ends_at > $2
"""


async def region_of_field_work(who: Actor, code: str, now: datetime) -> Region:
    """The region *code*, where it is among those of :func:`field_work_paths`. Raises NotFound."""
    region = await Region.get_or_none(code=code)
    if region is None or not _among(region.path, await field_work_paths(who, now)):
        raise NotFound("there is no such region among yours", region=code)
    return region


async def patrol_for(
    who: Actor, patrol_id: int, *, now: datetime | None = None, lock: bool = False, own: bool = False
) -> Patrol:
    """A patrol, for whoever walks it and, unless it has to be their *own*, whoever sees its region. Raises NotFound."""
    query = Patrol.filter(id=patrol_id)
    found = await (query.select_for_update() if lock else query).get_or_none()
    if found is None or (
        found.person_id != who.person_id and (own or not await _sees_region(who, found.region_id, now))
    ):
        raise NotFound("there is no such patrol, or it is not yours")
    return found


async def subject_for(who: Actor, subject_id: int, now: datetime, *, lock: bool = False) -> Subject:
    """Whom or what somebody visits, for whoever sees its grid. Raises NotFound."""
    query = Subject.filter(id=subject_id)
    found = await (query.select_for_update() if lock else query).get_or_none()
    if found is None or not await _sees_region(who, found.grid_id, now):
        raise NotFound("there is no such subject, or it is not yours")
    return found


async def _sees_region(who: Actor, region_id: int, now: datetime | None = None) -> bool:
    region = await Region.get(id=region_id)
    return _among(region.path, await field_work_paths(who, now))


def _among(path: str, paths: Sequence[str]) -> bool:
    return any(path.startswith(upper) for upper in paths)
