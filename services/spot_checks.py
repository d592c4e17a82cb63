"""Spot checks 督察: an inspector finds a record unqualified or false, the worker objects, somebody else decides."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.assessment import Kind, Verdict
from domain.assessment_rules import Ground, Part
from domain.duty import Duty
from domain.errors import BadInput, Conflict, NotAllowed, NotFound
from domain.month import Month
from models import Award, Objection, SpotCheck
from services import assessment_tracks, cursors
from services.access import Actor
from services.deliveries import Deliveries, Owed
from services.ports import Clock
from services.transaction import row, rows, transaction

INSPECTS = frozenset({Duty.INSPECTOR})
DECIDES = frozenset({Duty.INSPECTOR, Duty.COMMANDER})
LONGEST = 200
_LAST_ID = 2**63 - 1

# Whose record it is: of a case, who last handled it in the grid or reported it up from there.
_OF_CASE = """
SELECT e.person_id, c.grid_id AS region_id FROM "case" c JOIN case_event e ON e.case_id = c.id
WHERE c.number = $1 AND c.kind = 'case' AND c.grid_id IS NOT NULL AND e.person_id IS NOT NULL
  AND e.action IN ('resolve', 'report_up') AND e.from_level = 1
ORDER BY e.id DESC LIMIT 1
"""
_OF_BASE = """
SELECT x.by_id AS person_id, b.region_id FROM record_change x JOIN base_record b ON b.id = x.record_id WHERE x.id = $1
"""
_PATH = "SELECT path FROM region WHERE id = $1"
_LISTED = """
SELECT s.*, p.name AS person, r.code, r.name AS grid, o.id AS objection_id, o.state AS objection, o.answer,
       o.reason AS objected
FROM spot_check s JOIN person p ON p.id = s.person_id JOIN region r ON r.id = s.region_id
LEFT JOIN objection o ON o.spot_check_id = s.id
WHERE (s.person_id = $1 OR r.path LIKE ANY($2::text[])) AND s.id < $3 ORDER BY s.id DESC LIMIT $4
"""
# What waits for a decision: of records and of places on lists below them, but their own affairs.
_ASKED = """
SELECT o.id, o.reason, o.at, CASE WHEN o.award_id IS NULL THEN 'check' ELSE 'award' END AS about,
       coalesce(o.spot_check_id, o.award_id) AS about_id, p.name AS person, r.code, r.name AS grid
FROM objection o LEFT JOIN spot_check c ON c.id = o.spot_check_id LEFT JOIN award a ON a.id = o.award_id
JOIN region r ON r.id = coalesce(c.region_id, a.region_id) JOIN person p ON p.id = coalesce(c.person_id, a.person_id)
WHERE o.state = 'asked' AND r.path LIKE ANY($1::text[]) AND o.id > $3
  AND $2::bigint <> ALL(ARRAY[o.by_id, p.id, coalesce(c.by_id, 0)])
ORDER BY o.id LIMIT $4
"""
# What was deducted for a record in a month that is closed.
_TAKEN = """
SELECT s.id, s.lines FROM assessment_score s JOIN assessment_month m ON m.id = s.month_id
WHERE m.state = 'closed' AND m.month = $1 AND s.person_id = $2
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A spot check with what became of it."""

    id: int
    person: str
    code: str
    grid: str
    kind: str
    record: str
    verdict: str
    ground: str
    note: str
    at: datetime
    withdrawn: bool
    objection_id: int | None
    objection: str
    objected: str
    answer: str


@dataclass(frozen=True, slots=True)
class Asked:
    """An objection that waits: about the check or the award *about_id*, of whose record or place it is."""

    id: int
    about: str
    about_id: int
    person: str
    code: str
    grid: str
    reason: str
    at: datetime


class SpotChecks:
    def __init__(self, clock: Clock, deliveries: Deliveries) -> None:
        self._clock = clock
        self._deliveries = deliveries

    async def mark(
        self, by: Actor, kind: Kind, record: str, verdict: Verdict, ground: Ground | None = None, note: str = ""
    ) -> Found:
        """Say of a record that it is unqualified, with one of the grounds, or false, or in order.

        A verdict may be changed as long as its month runs, and never after an objection. Raises NotFound (also for
        what is not below), NotAllowed, BadInput, Conflict.
        """
        paths = by.paths(INSPECTS)
        if not paths:
            raise NotAllowed("spot checks are made by inspectors")
        if (verdict is Verdict.UNQUALIFIED) != (ground is not None):
            raise BadInput("an unqualified record needs a ground, and nothing else has one", field="ground")
        if len(note) > LONGEST:
            raise BadInput("note is too long", field="note", longest=LONGEST)
        now = self._clock.now()
        async with transaction():
            person_id, region_id = await _whose(kind, record, paths)
            if person_id == by.person_id:
                raise NotAllowed("nobody inspects a record of their own")
            said: dict[str, Any] = {
                "verdict": verdict,
                "ground": ground or "",
                "note": note,
                "by_id": by.person_id,
                "at": now,
            }
            found = await SpotCheck.filter(record_kind=kind, record=record).select_for_update().get_or_none()
            if found is None:
                found = await SpotCheck.create(
                    person_id=person_id, region_id=region_id, record_kind=kind, record=record, **said
                )
            elif Month.of(found.at) != Month.of(now) or await Objection.filter(spot_check_id=found.id).exists():
                raise Conflict("this record was checked already, and that stands", verdict=found.verdict)
            else:
                await SpotCheck.filter(id=found.id).update(**said)
            told = {"record_kind": kind, "record": record, "verdict": verdict, "ground": ground or "", "note": note}
            await self._tell(person_id, "record_checked", told)
            return await self._one(found.id, person_id)

    async def object_to(self, by: Actor, check_id: int, reason: str) -> Found:
        """The worker says why the check of their record is wrong, once. Raises NotFound, BadInput, Conflict."""
        async with transaction():
            check = await SpotCheck.filter(id=check_id).select_for_update().get_or_none()
            if check is None or check.person_id != by.person_id:
                raise NotFound("there is no such spot check of yours")
            await self._ask(by, reason, spot_check_id=check.id)
            return await self._one(check.id, by.person_id)

    async def object_to_award(self, by: Actor, award_id: int, reason: str) -> int:
        """Anybody may object to a place on a list while it is public. Raises NotFound, BadInput, Conflict."""
        async with transaction():
            award = await Award.filter(id=award_id).select_for_update().get_or_none()
            if award is None:
                raise NotFound("there is no such award")
            if award.state != "public" or award.public_until <= self._clock.now():
                raise Conflict("this list takes no objections any more", state=award.state)
            return await self._ask(by, reason, award_id=award.id)

    async def decide(self, by: Actor, objection_id: int, *, uphold: bool, answer: str) -> None:
        """Uphold an objection or refuse it, with a word why.

        Never by whoever made the check or objected. An upheld one ends the check: in a month that runs the score is
        as if it had found the record in order; a closed month is not computed again, what was deducted is given back
        beside it. A place on a list is withdrawn. Raises NotFound, NotAllowed, BadInput, Conflict.
        """
        if not answer.strip() or len(answer) > LONGEST:
            raise BadInput("say in a few words why", field="answer", longest=LONGEST)
        now = self._clock.now()
        async with transaction():
            objection = await Objection.filter(id=objection_id).select_for_update().get_or_none()
            check = await SpotCheck.get_or_none(id=objection.spot_check_id) if objection is not None else None
            award = await Award.get_or_none(id=objection.award_id) if objection is not None else None
            about = check or award
            if objection is None or about is None or not await _is_below(about.region_id, by.paths(DECIDES)):
                raise NotFound("there is no such objection for you to decide")
            if by.person_id in {objection.by_id, about.person_id, check.by_id if check is not None else None}:
                raise NotAllowed("somebody else has to decide on this", why="own")
            if objection.state != "asked":
                raise Conflict("it is decided already", state=objection.state)
            objection.state, objection.answer = "upheld" if uphold else "refused", answer.strip()
            objection.decided_by_id, objection.decided_at = by.person_id, now
            if uphold and check is not None:
                objection.score_id, objection.given_back = await _taken(check)
                await SpotCheck.filter(id=check.id).update(withdrawn_at=now)
            if uphold and award is not None:
                await Award.filter(id=award.id).update(state="withdrawn")
            await objection.save()
            if check is not None:
                told = {"record_kind": check.record_kind, "record": check.record}
                await self._tell(check.person_id, "objection_decided", {**told, "upheld": uphold, "answer": answer})

    async def _tell(self, person_id: int, kind: str, facts: Mapping[str, object]) -> None:
        await self._deliveries.owe(Owed(person_id, kind, {"title": "督察", **facts}))

    async def listed(self, by: Actor, *, cursor: str | None = None, limit: int = 20) -> tuple[list[Found], str | None]:
        """The checks of their own records and, for inspectors and commanders, of those below; the newest first.

        With the cursor of what follows. Raises BadInput for a cursor that is not ours.
        """
        patterns = [f"{path}%" for path in by.paths(DECIDES)]
        (before,) = cursors.read(cursor, (_LAST_ID,))
        found = [_found(one) for one in await rows(_LISTED, by.person_id, patterns, before, limit + 1)]
        return found[:limit], cursors.written(found[limit - 1].id) if len(found) > limit else None

    async def asked(self, by: Actor, *, cursor: str | None = None, limit: int = 20) -> tuple[list[Asked], str | None]:
        """The objections that they may decide on, the oldest first; empty for whoever decides on none."""
        (after,) = cursors.read(cursor, (0,))
        patterns = [f"{path}%" for path in by.paths(DECIDES)]
        found = [Asked(**one) for one in await rows(_ASKED, patterns, by.person_id, after, limit + 1)]
        return found[:limit], cursors.written(found[limit - 1].id) if len(found) > limit else None

    async def _ask(self, by: Actor, reason: str, **about: int) -> int:
        reason = reason.strip()
        if not reason or len(reason) > LONGEST:
            raise BadInput("say in a few words why", field="reason", longest=LONGEST)
        if await Objection.filter(by_id=by.person_id, **about).exists():
            raise Conflict("you have objected to this already")
        given: dict[str, Any] = {"by_id": by.person_id, "reason": reason, "at": self._clock.now(), **about}
        return int((await Objection.create(**given)).id)

    async def _one(self, check_id: int, person_id: int) -> Found:
        (found,) = await rows(_LISTED, person_id, [], check_id + 1, 1)
        return _found(found)


async def _whose(kind: Kind, record: str, paths: Sequence[str]) -> tuple[int, int]:
    if not (record.isascii() and record.isdigit()) or len(record) > len(str(_LAST_ID)) or int(record) > _LAST_ID:
        raise NotFound("there is no such record below you")
    if kind is Kind.CASE:
        found = await row(_OF_CASE, int(record))
    elif kind is Kind.BASE:
        found = await row(_OF_BASE, int(record))
    else:
        found = await assessment_tracks.whose_visit(int(record))
    if found is None or not await _is_below(found["region_id"], paths):
        raise NotFound("there is no such record below you")
    return found["person_id"], found["region_id"]


async def _is_below(region_id: int, paths: Sequence[str]) -> bool:
    found = await row(_PATH, region_id)
    return found is not None and any(found["path"].startswith(path) for path in paths)


async def _taken(check: SpotCheck) -> tuple[int | None, int]:
    """The score of a closed month that has deducted something for the record, and how much, in hundredths."""
    for one in await rows(_TAKEN, Month.of(check.at).first, check.person_id):
        lines = json.loads(one["lines"]) if isinstance(one["lines"], str) else one["lines"]
        taken = sum(
            -line[2] for line in lines if line[0] == Part.DEDUCTIONS and line[3:5] == [check.record_kind, check.record]
        )
        if taken:
            return one["id"], 100 * taken
    return None, 0


def _found(one: Any) -> Found:
    return Found(
        id=one["id"],
        person=one["person"],
        code=one["code"],
        grid=one["grid"],
        kind=one["record_kind"],
        record=one["record"],
        verdict=one["verdict"],
        ground=one["ground"],
        note=one["note"],
        at=one["at"],
        withdrawn=one["withdrawn_at"] is not None,
        objection_id=one["objection_id"],
        objection=one["objection"] or "",
        objected=one["objected"] or "",
        answer=one["answer"] or "",
    )
