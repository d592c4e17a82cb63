"""Applications for an award: a worker applies with their records, the village supports, the town approves.

What is approved becomes an :class:`Award` like all others (services/awards): public for three days with objections,
then final, and only then are its points credited. Nothing else gives points.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.calendar import SHANGHAI
from domain.duty import Duty
from domain.errors import BadInput, Conflict, NotAllowed, NotFound
from models import AwardApplication, Region
from services import award_evidence, awards, cursors, office_steps
from services.access import Actor
from services.award_evidence import Evidence
from services.office_steps import Matter, Taken
from services.ports import Clock
from services.transaction import row, rows, transaction

SUPPORTS = frozenset({Duty.GRID_CHIEF, Duty.VILLAGE_SECRETARY})
DECIDES = frozenset({Duty.COMMANDER})
MOST_POINTS = 10
MOST_EVIDENCE = 20
"""For each worker."""
MOST_TEAM = 10
LONGEST_TITLE = 60
LONGEST_REASON = 1000
LONGEST_ANSWER = 200
_LAST_ID = 2**63 - 1

_GRID = """
SELECT h.person_id, r.id, r.path FROM held_duty h JOIN region r ON r.id = h.region_id
WHERE r.code = $1 AND h.duty = 'grid_worker' AND h.from_date <= $2 AND (h.to_date IS NULL OR h.to_date >= $2)
ORDER BY h.person_id
"""
_GRIDS = """
SELECT r.code, r.name AS grid, p.name AS person
FROM held_duty h JOIN region r ON r.id = h.region_id JOIN person p ON p.id = h.person_id
WHERE h.duty = 'grid_worker' AND h.from_date <= $3 AND (h.to_date IS NULL OR h.to_date >= $3)
  AND (r.path LIKE ANY($1::text[]) OR h.person_id = $2) ORDER BY r.code, p.id LIMIT 400
"""
_LISTED = """
SELECT a.id, a.person_id, a.asked_by_id, a.supported_by_id, r.path, p.name AS person, r.code, r.name AS grid,
       a.title, a.reason, a.evidence, a.state, a.asked_at, a.answer,
       w.state AS award, w.score, w.public_until, ARRAY(
           SELECT m.name FROM award_application t JOIN person m ON m.id = t.person_id
           WHERE t.team = a.team AND t.id <> a.id ORDER BY t.id) AS team
FROM award_application a JOIN person p ON p.id = a.person_id JOIN region r ON r.id = a.region_id
LEFT JOIN award w ON w.id = a.award_id
WHERE a.id < $1 AND ($2::bigint IS NULL OR a.id = $2)
  AND ($3 IN (a.person_id, a.asked_by_id) OR r.path LIKE ANY($4::text[])) ORDER BY a.id DESC LIMIT $5
"""
_TOWN = "SELECT u.id FROM region b JOIN region u ON b.path LIKE u.path || '%' WHERE b.id = $1 AND u.level = 3"
_POINTS = (
    "SELECT coalesce(sum(score), 0)::int AS n FROM award WHERE person_id = $1 AND kind = 'merit' AND state = 'final'"
)


@dataclass(frozen=True, slots=True)
class Application:
    """An application with what became of it; *points* are credited once *award* is "final"."""

    id: int
    person: str
    code: str
    grid: str
    title: str
    reason: str
    evidence: tuple[tuple[str, str], ...]
    state: str
    asked_at: datetime
    answer: str
    award: str
    points: int
    public_until: datetime | None
    supports: bool
    """Whoever asks may support it now."""
    decides: bool
    """Whoever asks may approve or refuse it now."""
    team: tuple[str, ...] = ()
    """The names of the others of the team."""


class AwardApplications:
    def __init__(self, clock: Clock, public_days: int) -> None:
        self._clock = clock
        self._public_days = public_days

    async def apply(
        self, by: Actor, grid: str, title: str, reason: str, evidence: Sequence[tuple[str, str]]
    ) -> Application:
        """The worker of *grid* applies, or the village on their behalf.

        *evidence* names records of the worker (:data:`services.award_evidence.KINDS`, and a number). Raises NotFound,
        BadInput, Conflict for the same application while it waits.
        """
        title, reason = " ".join(title.split()), reason.strip()
        if not 0 < len(title) <= LONGEST_TITLE:
            raise BadInput("say in a few words what the award is for", field="title", longest=LONGEST_TITLE)
        if not 0 < len(reason) <= LONGEST_REASON:
            raise BadInput("say why", field="reason", longest=LONGEST_REASON)
        if not 0 < len(evidence) <= MOST_EVIDENCE:
            raise BadInput(f"name 1 to {MOST_EVIDENCE} records", field="evidence", most=MOST_EVIDENCE)
        now = self._clock.now()
        async with transaction():
            person_id, region_id = await self._for_whom(by, grid)
            for kind, record in evidence:
                if not await award_evidence.speaks(kind, record, person_id):
                    raise BadInput("this is no record of theirs", field="evidence", kind=kind, record=record)
            await rows("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"award application {person_id}")
            same = AwardApplication.filter(person_id=person_id, title=title, state__in=["asked", "supported"])
            if await same.exists():
                raise Conflict("this application waits already", why="same")
            made = await AwardApplication.create(
                region_id=region_id,
                person_id=person_id,
                asked_by_id=by.person_id,
                title=title,
                reason=reason,
                evidence=[list(one) for one in evidence],
                asked_at=now,
            )
            await self._step(made, "asked", by)
            return await self.one(by, made.id)

    async def apply_together(
        self, by: Actor, grids: Sequence[str], title: str, reason: str, evidence: Sequence[tuple[str, str]]
    ) -> list[Application]:
        """A team: for each worker of *grids* an application with those of the records that are theirs, or for none.

        Each is supported and decided by itself, for somebody may have done more than another. One grid alone is no
        team. Raises as :meth:`apply`; BadInput, too, for a worker of whom no record is named, and for too many.
        """
        if not 0 < len(set(grids)) <= MOST_TEAM:
            raise BadInput(f"a team has up to {MOST_TEAM} workers", field="grid", most=MOST_TEAM)
        made: list[Application] = []
        left = set(evidence)
        async with transaction():
            # In the order of the grids: two teams that share somebody wait for each other the same way round.
            for grid in sorted(set(grids)):
                person_id, _ = await self._for_whom(by, grid)
                own = [one for one in evidence if await award_evidence.speaks(*one, person_id)]
                made.append(await self.apply(by, grid, title, reason, own))
                left -= set(own)
            if left:
                raise BadInput("these are records of nobody among them", field="evidence")
            if len(made) > 1:
                await AwardApplication.filter(id__in=[one.id for one in made]).update(team=made[0].id)
            return [await self.one(by, one.id) for one in made]

    async def support(self, by: Actor, number: int) -> Application:
        """The village stands behind it. Raises NotFound, NotAllowed, Conflict."""
        async with transaction():
            found, _ = await self._below(by, number, SUPPORTS)
            if found.state != "asked":
                raise Conflict("this application is past that step", state=found.state)
            found.state, found.supported_by_id, found.supported_at = "supported", by.person_id, self._clock.now()
            await found.save()
            await self._step(found, "supported", by)
            return await self.one(by, number)

    async def decide(self, by: Actor, number: int, *, points: int, answer: str = "") -> Application:
        """The town approves a supported application with 1 to 10 *points*, or refuses it with 0 and a word why.

        Raises NotFound, NotAllowed for whoever took part before, BadInput, Conflict.
        """
        if not 0 <= points <= MOST_POINTS:
            raise BadInput(f"an award has 1 to {MOST_POINTS} points", field="points", most=MOST_POINTS)
        if len(answer) > LONGEST_ANSWER or (points == 0 and not answer.strip()):
            raise BadInput("say in a few words why", field="answer", longest=LONGEST_ANSWER)
        now = self._clock.now()
        async with transaction():
            found, town_id = await self._below(by, number, DECIDES)
            if found.state not in ({"supported"} if points else {"asked", "supported"}):
                raise Conflict("it is decided, or the village has not supported it yet", state=found.state)
            if points:
                found.award_id = await awards.announce_merit(
                    town_id=town_id,
                    person_id=found.person_id,
                    region_id=found.region_id,
                    period=now.astimezone(SHANGHAI).date().replace(day=1),
                    points=points,
                    until=now + timedelta(days=self._public_days),
                )
            found.state, found.answer = "approved" if points else "refused", answer.strip()
            found.decided_by_id, found.decided_at = by.person_id, now
            await found.save()
            await self._step(found, found.state, by, f"{points} 分" if points else found.answer)
            return await self.one(by, number)

    async def one(self, by: Actor, number: int) -> Application:
        """Raises NotFound, also where it is not theirs to see."""
        found = await self._rows(by, _LAST_ID, min(number, _LAST_ID), 1)
        if not found:
            raise NotFound("there is no such application, or it is not yours to see")
        return found[0]

    async def steps(self, by: Actor, number: int) -> Sequence[Taken]:
        """Who has done what with it, the first step first. Raises NotFound."""
        await self.one(by, number)
        return await office_steps.of(Matter.AWARD, number)

    async def evidence(self, by: Actor, number: int) -> list[Evidence]:
        """The records that speak for it, each with a word what it is. Raises NotFound."""
        return await award_evidence.named((await self.one(by, number)).evidence)

    async def grids(self, by: Actor) -> list[tuple[str, str, str]]:
        """For whom they may apply: code and name of the grid, and the worker."""
        today = self._clock.now().astimezone(SHANGHAI).date()
        found = await rows(_GRIDS, [f"{path}%" for path in by.paths(SUPPORTS)], by.person_id, today)
        return [(one["code"], one["grid"], one["person"]) for one in found]

    async def records(self, by: Actor, grid: str) -> list[Evidence]:
        """What the worker of *grid* has done lately, to choose from. Raises NotFound where they apply for nobody."""
        person_id, _ = await self._for_whom(by, grid)
        return await award_evidence.lately(person_id, self._clock.now())

    async def _step(self, about: AwardApplication, step: str, by: Actor, note: str = "") -> None:
        now = self._clock.now()
        await office_steps.note(
            Matter.AWARD, about.id, step, by_id=by.person_id, region_id=about.region_id, at=now, note=note
        )

    async def listed(
        self, by: Actor, *, cursor: str | None = None, limit: int = 20
    ) -> tuple[list[Application], str | None]:
        """Their own, and those from below the village or town that they speak for; the newest first."""
        (before,) = cursors.read(cursor, (_LAST_ID,))
        found = await self._rows(by, before, None, limit + 1)
        return found[:limit], cursors.written(found[limit - 1].id) if len(found) > limit else None

    async def points(self, person_id: int) -> int:
        """The points credited to somebody for awards that were applied for and are final."""
        (found,) = await rows(_POINTS, person_id)
        return int(found["n"]) // 100

    async def _for_whom(self, by: Actor, grid: str) -> tuple[int, int]:
        above = by.paths(SUPPORTS)
        for one in await rows(_GRID, grid, self._clock.now().astimezone(SHANGHAI).date()):
            if one["person_id"] == by.person_id or any(one["path"].startswith(path) for path in above):
                return one["person_id"], one["id"]
        raise NotFound("there is no such grid with a worker among yours", region=grid)

    async def _below(self, by: Actor, number: int, duties: frozenset[Duty]) -> tuple[AwardApplication, int]:
        await self.one(by, number)
        found = await AwardApplication.filter(id=number).select_for_update().get()
        region = await Region.get(id=found.region_id)
        if not any(region.path.startswith(path) for path in by.paths(duties)):
            raise NotAllowed("this step is for the village, and then for the town")
        if by.person_id in {found.person_id, found.asked_by_id, found.supported_by_id}:
            raise NotAllowed("somebody else has to do this step", why="own")
        town = await row(_TOWN, found.region_id)
        return found, int(town["id"]) if town is not None else found.region_id

    async def _rows(self, by: Actor, before: int, number: int | None, limit: int) -> list[Application]:
        paths = [f"{path}%" for path in by.paths(SUPPORTS | DECIDES)]
        return [_told(one, by) for one in await rows(_LISTED, before, number, by.person_id, paths, limit)]


def _told(one: Mapping[str, Any], by: Actor) -> Application:
    own = by.person_id in {one["person_id"], one["asked_by_id"], one["supported_by_id"]}
    below = {
        duties: not own and any(one["path"].startswith(path) for path in by.paths(duties))
        for duties in (SUPPORTS, DECIDES)
    }
    same = ("id", "person", "code", "grid", "title", "reason", "state", "asked_at", "answer", "public_until")
    return Application(
        **{name: one[name] for name in same},
        evidence=tuple((kind, record) for kind, record in _json(one["evidence"])),
        award=one["award"] or "",
        points=(one["score"] or 0) // 100,
        supports=below[SUPPORTS] and one["state"] == "asked",
        team=tuple(one["team"]),
        decides=below[DECIDES] and one["state"] in {"asked", "supported"},
    )


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
