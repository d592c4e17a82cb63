"""Leaves (请假): asked for, approved by whoever is above where the town wants it so, over when the worker is back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.calendar import SHANGHAI
from domain.duty import HANDLES
from domain.errors import BadInput, Conflict, LeaveRefused, NotAllowed, NotFound
from models import Leave, Person, Region
from services import access
from services.access import Actor
from services.by_place import ByPlace
from services.deliveries import Deliveries, Owed
from services.ports import Clock, Queue
from services.routing import holder_of, next_above
from services.transaction import rows, transaction

REASON_LENGTH = 200
FURTHEST = timedelta(days=366)
"""Nobody plans a leave further ahead; it is a slip in the year."""
_MOST = 50


@dataclass(frozen=True, slots=True)
class Rules:
    """What a town may say itself: ``[leave]`` of the settings. Of several posts the lowest one's place counts."""

    approval: bool = True
    longest_days: int = 60


@dataclass(frozen=True, slots=True)
class LeaveView:
    """A leave with the names that go with it. ``cover`` is who gets their new cases; empty where nobody would."""

    id: int
    person_id: int
    person: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    state: str
    cover: str
    asked_of: str
    decided_by: str
    answer: str
    mine_to_answer: bool = False


_SHOWN = """
SELECT l.*, p.name AS person, coalesce(a.name, '') AS asked_of, coalesce(d.name, '') AS decided_by
FROM leave l JOIN person p ON p.id = l.person_id
LEFT JOIN person a ON a.id = l.asked_of_id LEFT JOIN person d ON d.id = l.decided_by_id
"""
# Whoever was asked may be away themselves: everybody further up the line may answer too.
_ASKED = """
WHERE l.state = 'asked' AND l.person_id <> $1 AND (l.asked_of_id = $1 OR EXISTS (
    SELECT 1 FROM held_duty h JOIN region r ON r.id = h.region_id
    WHERE h.person_id = l.person_id AND NOT r.id = ANY($3::int[]) AND r.path LIKE ANY($2)
))
"""
_LIVE = """
SELECT id, starts_at, ends_at, state FROM leave
WHERE person_id = $1 AND state IN ('asked', 'approved') AND ends_at > $2
ORDER BY starts_at
"""


class Leaves:
    def __init__(self, clock: Clock, queue: Queue, deliveries: Deliveries, rules: ByPlace[Rules]) -> None:
        self._clock = clock
        self._queue = queue
        self._deliveries = deliveries
        self._rules = rules

    async def ask(self, by: Actor, starts_at: datetime, ends_at: datetime, reason: str = "") -> LeaveView:
        """Ask for leave. It counts at once where no approval is wanted, or nobody is there who could give it.

        Where it runs into a leave that is approved already, only the days beyond that are asked for. Raises NotAllowed
        for somebody without a duty, BadInput, LeaveRefused (its ``why``: past | far | too_long | waiting | within).
        """
        if not by.duties:
            raise NotAllowed("only staff with a duty go on leave")
        reason = " ".join(reason.split())
        if len(reason) > REASON_LENGTH:
            raise BadInput("reason is too long", field="reason", longest=REASON_LENGTH)
        now = self._clock.now()
        if starts_at >= ends_at:
            raise BadInput("a leave ends after it has begun", field="ends_at")
        async with transaction():
            # Two leaves asked for at once would each find the days free.
            await Person.select_for_update().get(id=by.person_id)
            rules = self._rules.at(by.duties[0].path)
            starts_at, ends_at = await self._free(by.person_id, starts_at, ends_at, now, rules)
            boss = await self._boss(by, now) if rules.approval else None
            leave = await Leave.create(
                person_id=by.person_id,
                starts_at=starts_at,
                ends_at=ends_at,
                reason=reason,
                state="approved" if boss is None else "asked",
                asked_at=now,
                asked_of_id=boss,
                decided_at=now if boss is None else None,
            )
            if boss is None:
                await self._begins(leave, by.duties[0].region_id)
            else:
                await self._tell(boss, "leave_asked", leave, by.name)
            return await self._view(leave.id, by.person_id)

    async def enter(
        self, by: Actor, person_id: int, starts_at: datetime, ends_at: datetime, reason: str = ""
    ) -> LeaveView:
        """Write down a leave that somebody below *by* has asked for by word of mouth: it counts at once.

        Raises NotFound for somebody who is not below them, else as :meth:`ask` does.
        """
        if not await self._is_below(by, person_id):
            raise NotFound("there is nobody like this below you")
        reason = " ".join(reason.split())
        if len(reason) > REASON_LENGTH:
            raise BadInput("reason is too long", field="reason", longest=REASON_LENGTH)
        now = self._clock.now()
        if starts_at >= ends_at:
            raise BadInput("a leave ends after it has begun", field="ends_at")
        async with transaction():
            await Person.select_for_update().get(id=person_id)
            home = await _home(person_id, now)
            rules = await self._rules.of_region(home)
            starts_at, ends_at = await self._free(person_id, starts_at, ends_at, now, rules)
            leave = await Leave.create(
                person_id=person_id,
                starts_at=starts_at,
                ends_at=ends_at,
                reason=reason,
                state="approved",
                asked_at=now,
                decided_at=now,
                decided_by_id=by.person_id,
            )
            if home is not None:
                await self._begins(leave, home)
            cover = await self._cover(person_id, leave.starts_at)
            await self._tell(person_id, "leave_approved", leave, by.name, cover=cover, note="")
            return await self._view(leave.id, by.person_id)

    async def end_for(self, by: Actor, leave_id: int) -> LeaveView:
        """Somebody below *by* is back, or does not go: as :meth:`end`. Raises NotFound, Conflict."""
        leave = await Leave.get_or_none(id=leave_id)
        if leave is None or not await self._is_below(by, leave.person_id):
            raise NotFound("there is no such leave below you")
        return await self.end(await access.actor(leave.person_id, self._clock.now()), leave_id)

    async def decide(self, by: Actor, leave_id: int, *, approve: bool, answer: str = "") -> LeaveView:
        """Approve or refuse. Raises NotFound (also for what is not theirs to answer), Conflict with its ``state``
        where it was answered or taken back already or is over, BadInput for a refusal without a reason.
        """
        answer = " ".join(answer.split())
        if not approve and not answer:
            raise BadInput("a refusal needs a reason", field="answer")
        if len(answer) > REASON_LENGTH:
            raise BadInput("answer is too long", field="answer", longest=REASON_LENGTH)
        now = self._clock.now()
        async with transaction():
            leave = await Leave.filter(id=leave_id).select_for_update().get_or_none()
            if leave is None or not await self._may_answer(by, leave):
                raise NotFound("there is no such leave for you to answer")
            person = await Person.get(id=leave.person_id)
            if leave.state != "asked" or leave.ends_at <= now:
                state = leave.state if leave.state != "asked" else "over"
                raise Conflict("it is answered already", state=state, person=person.name)
            leave.state = "approved" if approve else "refused"
            leave.decided_at, leave.decided_by_id, leave.answer = now, by.person_id, answer
            await leave.save(update_fields=["state", "decided_at", "decided_by_id", "answer"])
            home = await _home(leave.person_id, now)
            if approve and home is not None:
                await self._begins(leave, home)
            cover = await self._cover(leave.person_id, leave.starts_at)
            kind = "leave_approved" if approve else "leave_refused"
            await self._tell(leave.person_id, kind, leave, by.name, cover=cover, note=answer)
            return await self._view(leave.id, by.person_id)

    async def end(self, by: Actor, leave_id: int | None = None) -> LeaveView:
        """Be back early, or take back what has not begun or is not answered; without an id the one that is nearest.

        Leaves that follow it without a gap end with it. Raises NotFound, Conflict where it is over already.
        """
        now = self._clock.now()
        async with transaction():
            await Person.select_for_update().get(id=by.person_id)
            mine = await Leave.filter(person_id=by.person_id).order_by("starts_at", "id").select_for_update()
            live = [one for one in mine if one.state in {"asked", "approved"} and one.ends_at > now]
            # Without an id first of all the one that runs, then what is asked, then what is to come.
            nearest = sorted(live, key=lambda one: (not _runs(one, now), one.state != "asked", one.starts_at))
            chosen = next((one for one in (nearest if leave_id is None else mine) if leave_id in {None, one.id}), None)
            if chosen is None:
                raise NotFound("there is no such leave of yours")
            if chosen not in live:
                raise Conflict("it is over already", state=chosen.state, person=by.name)
            was_approved, until = chosen.state == "approved", chosen.ends_at
            await _close(chosen, now)
            for one in live:
                if one is not chosen and was_approved and one.state == "approved" and one.starts_at == until:
                    until = one.ends_at
                    await _close(one, now)
            told = chosen.decided_by_id or chosen.asked_of_id
            if told is not None:
                await self._tell(told, "leave_ended" if was_approved else "leave_taken_back", chosen, by.name)
            return await self._view(chosen.id, by.person_id)

    async def mine(self, by: Actor) -> list[LeaveView]:
        """Their own, the newest first."""
        found = await rows(
            f"{_SHOWN} WHERE l.person_id = $1 ORDER BY l.starts_at DESC, l.id DESC LIMIT {_MOST}", by.person_id
        )
        return [await self._shown(one, by.person_id) for one in found]

    async def asked(self, by: Actor) -> list[LeaveView]:
        """What waits for their answer, what was asked of themselves first; without what is over."""
        paths, seats = _above(by)
        found = await rows(
            f"{_SHOWN}{_ASKED} AND l.ends_at > $4 "
            f"ORDER BY l.asked_of_id IS DISTINCT FROM $1, l.asked_at, l.id LIMIT {_MOST}",
            by.person_id,
            paths,
            seats,
            self._clock.now(),
        )
        return [await self._shown(one, by.person_id) for one in found]

    async def answered_last(self, by: Actor, said: str = "") -> LeaveView | None:
        """The leave asked of them that waits no longer, the last one or that of whom *said* begins with."""
        found = await rows(
            f"{_SHOWN} WHERE l.asked_of_id = $1 AND l.state <> 'asked' AND ($2 = '' OR starts_with($2, p.name)) "
            "AND p.name <> '' ORDER BY coalesce(l.decided_at, l.asked_at) DESC, l.id DESC LIMIT 1",
            by.person_id,
            said,
        )
        return await self._shown(found[0], by.person_id) if found else None

    async def is_colleague(self, name: str) -> bool:
        """Whether a member of staff has this name: then it is no part of a reason."""
        return bool(
            await rows("SELECT 1 FROM person p JOIN held_duty h ON h.person_id = p.id WHERE p.name = $1 LIMIT 1", name)
        )

    async def _free(
        self, person_id: int, starts_at: datetime, ends_at: datetime, now: datetime, rules: Rules
    ) -> tuple[datetime, datetime]:
        """The days that are not covered by a leave yet. Raises LeaveRefused."""
        if ends_at <= now or starts_at.astimezone(SHANGHAI).date() < now.astimezone(SHANGHAI).date():
            raise LeaveRefused("it lies in the past", why="past")
        if starts_at > now + FURTHEST:
            raise LeaveRefused("it is too far ahead", why="far")
        starts_at = max(starts_at, now)
        live = await rows(_LIVE, person_id, now)
        for one in live:
            starts_at, ends_at = _beyond(one, starts_at, ends_at)
        first, last = starts_at, ends_at
        for one in live:
            last = max(last, one["ends_at"]) if one["starts_at"] == last else last
        for one in reversed(live):
            first = min(first, one["starts_at"]) if one["ends_at"] == first else first
        if last - first > timedelta(days=rules.longest_days):
            raise LeaveRefused("it is too long", why="too_long", days=rules.longest_days)
        return starts_at, ends_at

    async def _boss(self, by: Actor, now: datetime) -> int | None:
        """Who is to approve it: the chief of the village, or the next above who is there (DOMAIN §1)."""
        home = await Region.get(id=by.duties[0].region_id)
        found = await next_above(home, now, besides=by.person_id)
        return found[1] if found is not None else None

    async def _may_answer(self, by: Actor, leave: Leave) -> bool:
        if leave.person_id == by.person_id:
            return False
        return leave.asked_of_id == by.person_id or await self._is_below(by, leave.person_id)

    async def _is_below(self, by: Actor, person_id: int) -> bool:
        paths, seats = _above(by)
        return person_id != by.person_id and bool(
            await rows(
                "SELECT 1 FROM held_duty h JOIN region r ON r.id = h.region_id "
                "WHERE h.person_id = $1 AND NOT r.id = ANY($3::int[]) AND r.path LIKE ANY($2) LIMIT 1",
                person_id,
                paths,
                seats,
            )
        )

    async def _begins(self, leave: Leave, region_id: int) -> None:
        """It counts from now on: whoever stands in is told, and what lies with the worker is looked at."""
        region = await Region.get(id=region_id)
        worker = await Person.get(id=leave.person_id)
        stands_in = await holder_of(region, leave.starts_at, besides=(leave.person_id,))
        if stands_in is not None:
            await self._tell(stands_in, "you_cover", leave, worker.name, region=region.name)
        if leave.starts_at <= self._clock.now():
            # In a job of its own: cases are locked before people, and there may be many of them.
            await self._queue.defer("look_at_person", {"person": leave.person_id})

    async def _cover(self, person_id: int, at: datetime) -> str:
        home = await _home(person_id, at)
        if home is None:
            return ""
        found = await holder_of(await Region.get(id=home), at, besides=(person_id,))
        return (await Person.get(id=found)).name if found is not None else ""

    async def _tell(self, person_id: int, kind: str, leave: Leave, name: str, **more: object) -> None:
        facts = {
            "title": f"{name}请假",
            "person": name,
            "starts_at": leave.starts_at.isoformat(),
            "ends_at": leave.ends_at.isoformat(),
            "reason": leave.reason,
            **more,
        }
        await self._deliveries.owe(Owed(person_id, kind, facts))

    async def _view(self, leave_id: int, asking: int) -> LeaveView:
        return await self._shown((await rows(f"{_SHOWN} WHERE l.id = $1", leave_id))[0], asking)

    async def _shown(self, one: Any, asking: int) -> LeaveView:
        counts = one["state"] in {"asked", "approved"} and one["ends_at"] > self._clock.now()
        return LeaveView(
            id=one["id"],
            person_id=one["person_id"],
            person=one["person"],
            starts_at=one["starts_at"],
            ends_at=one["ends_at"],
            reason=one["reason"],
            state=one["state"],
            cover=await self._cover(one["person_id"], max(one["starts_at"], self._clock.now())) if counts else "",
            asked_of=one["asked_of"],
            decided_by=one["decided_by"],
            answer=one["answer"],
            mine_to_answer=one["asked_of_id"] == asking,
        )


def _beyond(one: Any, starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
    """What is left of a wish beside the leave *one*. Raises LeaveRefused."""
    if one["ends_at"] <= starts_at or one["starts_at"] >= ends_at:
        return starts_at, ends_at
    dates = {"starts_at": one["starts_at"].isoformat(), "ends_at": one["ends_at"].isoformat()}
    if one["state"] == "asked":
        raise LeaveRefused("another one waits for its answer", why="waiting", **dates)
    if one["starts_at"] <= starts_at:
        starts_at = one["ends_at"]
    elif ends_at <= one["ends_at"]:
        ends_at = one["starts_at"]
    else:
        raise LeaveRefused("another one lies in the middle of it", why="around", **dates)
    if starts_at >= ends_at:
        raise LeaveRefused("they are on leave then already", why="within", **dates)
    return starts_at, ends_at


def _above(by: Actor) -> tuple[Sequence[str], Sequence[int]]:
    """The regions whose people they may answer: below their own posts, not beside them."""
    return [f"{path}%" for path in by.paths(HANDLES)], [held.region_id for held in by.duties]


def _runs(leave: Leave, now: datetime) -> bool:
    return leave.state == "approved" and leave.starts_at <= now


async def _close(leave: Leave, now: datetime) -> None:
    if _runs(leave, now):
        leave.ends_at = now
    else:
        leave.state = "cancelled"
    await leave.save(update_fields=["ends_at", "state"])


async def _home(person_id: int, at: datetime) -> int | None:
    """The region of a person's lowest post of that day."""
    day = at.astimezone(SHANGHAI).date()
    found = await rows(
        "SELECT h.region_id FROM held_duty h JOIN region r ON r.id = h.region_id WHERE h.person_id = $1 "
        "AND h.from_date <= $2 AND (h.to_date IS NULL OR h.to_date >= $2) ORDER BY r.level, r.code, h.id LIMIT 1",
        person_id,
        day,
    )
    return found[0]["region_id"] if found else None
