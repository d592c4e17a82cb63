"""Cases that are held: they lie with the town, unseen by those below, until somebody lets them go on or declines."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from domain.case import Action, Level, Role, Status
from domain.complaint import CASE
from domain.errors import IllegalMove
from domain.safety import HELD
from models import Case, Region, SafetyCheck
from services import alerts, likeness
from services.access import Actor
from services.case_history import record
from services.case_news import News
from services.case_places import Places
from services.routing import holder_of, region_at
from services.transaction import rows

_LISTED = """
SELECT c.number, c.title, c.description, g.name AS grid, s.why, s.at,
       CASE WHEN s.state IN ('held', 'turned_down') THEN 'held' ELSE s.state END AS state
FROM safety_check s JOIN "case" c ON c.id = s.case_id JOIN region u ON u.id = c.unit_id
LEFT JOIN region g ON g.id = c.grid_id
WHERE (c.kind = 'held' AND c.status = 'submitted' AND (c.holder_id = $1 OR u.path LIKE ANY($2::text[])))
   OR (s.state IN ('marked', 'unchecked') AND s.at >= $4 AND u.path LIKE ANY($2::text[]))
ORDER BY c.kind <> 'held', s.at, s.id LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A case to look at: *held* waits for an answer; *marked* (risky, went on) and *unchecked* are for knowledge."""

    number: int
    title: str
    description: str
    grid: str
    state: Literal["held", "marked", "unchecked"]
    why: str
    at: datetime


class Held:
    def __init__(self, places: Places, news: News) -> None:
        self._places = places
        self._news = news

    async def place(self, case: Case, now: datetime) -> None:
        """To the grid's town; in memory only."""
        grid = await Region.get(id=case.grid_id)
        town = await region_at(grid, Level.TOWN) or grid
        case.kind = HELD
        await self._places.hand_to(case, town, await holder_of(town, now), now)

    async def tell(self, case: Case, why: str) -> None:
        """Whoever looks at it first hears of it; what it says stays off the notification."""
        if case.holder_id is not None:
            await self._news.tell(case, {case.holder_id: "held"}, why=why)

    async def release(self, case: Case, roles: frozenset[Role], by: Actor, now: datetime) -> Case:
        """放行: it goes to the grid as if it had just been filed; its resident is told. Raises IllegalMove."""
        acting_as = _answering(case, roles, "release")
        before = (Status(case.status), Level(case.level))
        case.kind = CASE
        await self._places.file(case, now)
        await alerts.watch(case)
        await case.save()
        await record(case, Action.ASSIGN, acting_as, by.person_id, now, before=before, note="")
        await decided(case, "released", by, now)
        await self._news.moved(
            case,
            Action.SUBMIT,
            old_holder=None,
            actor_id=case.resident_id,
            note="",
            alike=await likeness.alike(case),
        )
        await self._news.tell(case, {case.resident_id: "let_go_on"})
        return case

    @staticmethod
    def check(case: Case, roles: frozenset[Role]) -> None:
        """Whether it waits for this one's answer. Raises IllegalMove."""
        _answering(case, roles, "turn_down")


async def decided(case: Case, state: str, by: Actor, now: datetime) -> None:
    await SafetyCheck.filter(case_id=case.id, state__in=["held", "turned_down"]).update(
        state=state, decided_by_id=by.person_id, decided_at=now
    )


def _answering(case: Case, roles: frozenset[Role], action: str) -> Role:
    role = next((one for one in (Role.HOLDER, Role.OVERSEER) if one in roles), None)
    if case.kind != HELD or case.status != Status.SUBMITTED or role is None:
        raise IllegalMove("it does not wait to be looked at", status=case.status, action=action, why="not_held")
    return role


async def listed(by: Actor, paths: list[str], since: datetime, most: int) -> list[HeldLine]:
    """What waits first, the oldest first; then what is marked or unchecked since then."""
    found: list[Any] = await rows(_LISTED, by.person_id, [f"{path}%" for path in paths], most, since)
    return [
        HeldLine(
            one["number"], one["title"], one["description"], one["grid"] or "", one["state"], one["why"], one["at"]
        )
        for one in found
    ]
