"""Brings the recipients' rows of a notice in line with its state, piece by piece; and what the clock does to notices.

1. recipients written down as held, :data:`AT_ONCE` in a transaction, the place noted with them: killed anywhere, it
   goes on there; the unique key keeps each person once
2. only when all are written down: released in pieces, each with the jobs that send it
3. paused, resting: what is owed is held back; recalled, expired: what has not gone out is ended
4. when nothing is left to move, ``stirred_at`` is emptied

Each piece holds the notice's row, as every move does: no piece of an older state can follow a newer move.
"""

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

import structlog

from domain import notice as rules
from domain.notice import LIVE, Action, Audience, Role, Rules, Status
from models import Notice, NoticeEvent, Region
from services import notices_audience, notices_rows
from services.by_place import ByPlace
from services.deliveries import Deliveries, Owed
from services.mass_sends import MassSends
from services.notices_rows import ENDING, HOLDING
from services.ports import Clock, Queue
from services.transaction import rows, transaction

log = structlog.get_logger(__name__)

AT_ONCE = 5000
"""Rows moved in one transaction: a whole county takes longer than one statement's time allows."""
BEHIND_OTHERS = -10
"""What concerns one case goes before a notice to thousands."""
FORGOTTEN_AFTER = timedelta(seconds=15)
"""Without progress for so long, nobody is spreading it."""
PREVIEW_LIFE = timedelta(days=1)
_SYSTEM = frozenset({Role.SYSTEM})
_MOST = 100
_QUOTED = 30

_DUE = f"""
SELECT id FROM notice
WHERE (state IN ('preview', 'awaiting', 'scheduled', 'sending', 'resting', 'paused') OR stirred_at IS NOT NULL)
  AND (state = 'sending' AND stirred_at IS NULL OR state IN ('scheduled', 'resting') AND starts_at <= $1
       OR state = 'sending' AND rests_at <= $1 OR state <> 'preview' AND expires_at <= $1 AND ended_at IS NULL
       OR state = 'preview' AND created_at <= $2 OR stirred_at <= $3)
ORDER BY id LIMIT {_MOST}
"""
_BY_THE_CLOCK = "SELECT id FROM notice WHERE state IN ('sending', 'resting') ORDER BY id"


class Spreading:
    def __init__(
        self,
        clock: Clock,
        queue: Queue,
        deliveries: Deliveries,
        given: ByPlace[Rules],
        *,
        at_once: int = AT_ONCE,
        mass: MassSends | None = None,
    ) -> None:
        """*mass* takes whom mass messages are for; without it everybody is sent to one by one."""
        self._clock = clock
        self._queue = queue
        self._deliveries = deliveries
        self._rules = given
        self._at_once = at_once
        self._mass = mass

    async def move(
        self, notice: Notice, action: Action, roles: AbstractSet[Role], person_id: int | None = None, note: str = ""
    ) -> None:
        """Take *action* on a notice whose row is locked, and have its rows follow. Raises IllegalMove."""
        now = self._clock.now()
        before = Status(notice.state)
        after = notice.state = rules.move(before, action, by=roles)
        quiet = (await self._rules.of_region(notice.region_id)).quiet
        if after is Status.SENDING:
            notice.sent_at = notice.sent_at or now
            notice.rests_at = quiet.begins_after(now, urgent=notice.urgent)
        if after is Status.RESTING:
            notice.starts_at = quiet.first_moment(now, urgent=notice.urgent)
        if after not in LIVE:
            notice.ended_at = now
        if after in rules.RUNNING or before in {*rules.RUNNING, Status.SENT}:
            notice.stirred_at = None if after is Status.SENT else now
            if notice.stirred_at is not None:
                await self._queue.defer("spread_notice", {"notice": notice.id})
        await notice.save()
        await NoticeEvent.create(notice_id=notice.id, at=now, person_id=person_id, action=action, note=note)

    async def goes_on(self, notice: Notice) -> None:
        """A notice that was resumed in quiet hours rests until they are over."""
        if notice.rests_at is not None and notice.rests_at <= self._clock.now():
            await self.move(notice, Action.REST, _SYSTEM)

    async def spread(self, notice_id: int) -> int:
        """Returns how many recipients were written down. Running it twice, or at once, changes nothing."""
        written = 0
        while (found := await self._piece(notice_id)) is not None:
            written += found
        return written

    async def _piece(self, notice_id: int) -> int | None:
        """Move one piece; ``None`` when nothing is left that can be moved now."""
        now = self._clock.now()
        async with transaction():
            notice = await Notice.filter(id=notice_id).select_for_update().get_or_none()
            if notice is None or notice.stirred_at is None:
                return None
            notice.stirred_at = now
            written, moved, rest = 0, 0, ""
            if notice.state == Status.SENDING and not notice.fixed:
                written = await self._write_down(notice, now)
                moved = 1
            elif notice.state == Status.SENDING:
                moved, rest = await self._release(notice, now), "'held'"
            elif notice.state in HOLDING:
                await self._call_back(notice)
                moved, rest = await notices_rows.hold(notice.id, at_once=self._at_once), "'owed'"
            elif notice.state in ENDING:
                await self._call_back(notice)
                status = Status(notice.state)
                moved, rest = await notices_rows.end(notice.id, status, at_once=self._at_once), ENDING[status]
            # Rows that a sender was just claiming were passed over: the sweep comes back for them.
            if not moved and not (rest and await notices_rows.any_left(notice.id, rest)):
                notice.stirred_at = None
            await notice.save(update_fields=["stirred_at", "reach", "fixed", "spread_after"])
        return written if moved else None

    async def _write_down(self, notice: Notice, now: datetime) -> int:
        if not notice.spread_after:
            notice.reach = 0
        region = await Region.get(id=notice.region_id)
        piece = await notices_audience.write_down(
            notice.id,
            region,
            Audience.read(notice.audience),
            now,
            after=notice.spread_after,
            at_once=self._at_once,
        )
        notice.reach += piece.written
        notice.spread_after, notice.fixed = piece.last, piece.whole
        return piece.written

    async def _call_back(self, notice: Notice) -> None:
        """What waits to go out as a mass message is the notice's again."""
        if self._mass is not None:
            await self._mass.call_back(notice.id)

    async def _release(self, notice: Notice, now: datetime) -> int:
        people = await notices_rows.release(notice.id, now, at_once=self._at_once)
        if people and self._mass is not None:
            await self._mass.plan(notice.id)
        size = self._rules.standard.chunk
        chunks = [people[start : start + size] for start in range(0, len(people), size)]
        if chunks:
            await self._queue.defer("deliver", *({"people": chunk} for chunk in chunks), priority=BEHIND_OTHERS)
        return len(people)

    # By the clock.

    async def sweep(self) -> int:
        """What is due, each notice in a transaction of its own; one that fails holds up no other."""
        now = self._clock.now()
        done = 0
        for one in await rows(_DUE, now, now - PREVIEW_LIFE, now - FORGOTTEN_AFTER):
            try:
                done += await self._look(one["id"], now)
                await self.spread(one["id"])
            except Exception:
                log.exception("notice_stuck", notice=one["id"])
        return done

    async def keep_hours(self) -> int:
        """When a notice that is going out has to rest, and one that rests goes on, by the quiet hours as they are now.

        One that has its time already keeps it.
        """
        changed = 0
        for one in await rows(_BY_THE_CLOCK):
            async with transaction():
                live = Notice.filter(id=one["id"], state__in=[Status.SENDING, Status.RESTING])
                notice = await live.select_for_update().get_or_none()
                if notice is None:
                    continue
                now, quiet = self._clock.now(), (await self._rules.of_region(notice.region_id)).quiet
                before = notice.rests_at, notice.starts_at
                if notice.state == Status.SENDING:
                    notice.rests_at = quiet.begins_after(now, urgent=notice.urgent)
                else:
                    notice.starts_at = quiet.first_moment(now, urgent=notice.urgent)
                if (notice.rests_at, notice.starts_at) != before:
                    await notice.save(update_fields=["rests_at", "starts_at"])
                    changed += 1
        return changed

    async def _look(self, notice_id: int, now: datetime) -> bool:
        """Take the step that is due, if any is; somebody else's hand on it means that it is looked at already."""
        async with transaction():
            notice = await Notice.filter(id=notice_id).select_for_update(skip_locked=True).get_or_none()
            if notice is None:
                return False
            action, before = await self._due(notice, now), notice.state
            if action is not None:
                await self.move(notice, action, _SYSTEM)
            if action is Action.EXPIRE and before != Status.PREVIEW:
                facts = {
                    "notice": notice.id,
                    "about": notice.title or notice.text[:_QUOTED],
                    "begun": bool(notice.sent_at),
                }
                facts["text"] = facts["about"]
                await self._deliveries.owe(Owed(notice.author_id, "notice_expired", facts))
            return action is not None

    async def _due(self, notice: Notice, now: datetime) -> Action | None:
        state = Status(notice.state)
        gone_by = notice.created_at + PREVIEW_LIFE if state is Status.PREVIEW else notice.expires_at
        if state in LIVE and gone_by is not None and gone_by <= now:
            return Action.EXPIRE
        if state in {Status.SCHEDULED, Status.RESTING} and notice.starts_at is not None and notice.starts_at <= now:
            # The service may have stood still: what was due in the evening does not ring at night.
            quiet = (await self._rules.of_region(notice.region_id)).quiet
            return None if quiet.first_moment(now, urgent=notice.urgent) > now else Action.SEND
        return await self._due_while_sending(notice, now) if state is Status.SENDING else None

    async def _due_while_sending(self, notice: Notice, now: datetime) -> Action | None:
        if notice.rests_at is not None and notice.rests_at <= now:
            return Action.REST
        if notice.stirred_at is not None:
            return None
        if notice.fixed and not await notices_rows.any_left(notice.id, _UNFINISHED):
            return Action.FINISH
        if not notice.fixed or await notices_rows.any_left(notice.id, "'held'"):
            notice.stirred_at = now
            await notice.save(update_fields=["stirred_at"])
        return None


_UNFINISHED = "'held', 'owed', 'sending'"
