"""The commonest message by far, words for a resident's draft, kept in groups: one transaction for all that wait.

What arrives while a group is under way makes up the next one; a message that comes alone goes at once, alone. Only
what the door calls everyday comes here, and only people who are residents with at most a draft are kept here: for all
others nothing is done, and the message goes the general way, as does everybody's in a group that fails.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from domain.delivery import Window
from services.deliveries import Deliveries, Owed
from services.drafts import counted
from services.inbound import Waiter
from services.people import HOLDS_A_DUTY, IS_THEIRS_AND_OPEN
from services.ports import Clock
from services.transaction import rows, transaction

log = structlog.get_logger(__name__)

LARGEST = 200
"""Messages in one group: some hundredths of a second's work, so that nobody waits long for a group to be full."""
GROUPS = 2
"""Under way at once: while one waits for the disk the next one is put together."""
HOPELESS = 2.0
"""Seconds. Where a group has failed after so long the database is away: each one by itself would fare no better."""
_LOCK_PATIENCE = "300ms"
"""What one person's message may wait for, everybody in the group waits for."""

# People whose row is taken (an earlier message of theirs is in work somewhere) are left out, not waited for. What is
# known about the others is looked up only now that their rows are ours: see services.people.
_TAKE = f"""
SELECT i.id, (SELECT set_config('lock_timeout', '{_LOCK_PATIENCE}', TRUE)) AS patience
FROM identity i WHERE i.appid = $1 AND i.openid = ANY($2::text[]) FOR NO KEY UPDATE SKIP LOCKED
"""
_KEEP = f"""
WITH said AS MATERIALIZED (
    SELECT DISTINCT ON (p.id) s.place, s.key, s.text, i.id AS identity_id, p.id AS person_id, p.grid_id,
           d.id AS draft_id
    FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS s(key, openid, text, place)
    JOIN identity i ON i.appid = $1 AND i.openid = s.openid AND i.id = ANY($5::bigint[])
    JOIN person p ON p.id = i.person_id
    LEFT JOIN "case" d ON d.resident_id = p.id AND d.status = 'draft'
    WHERE i.pending IS NULL AND NOT {HOLDS_A_DUTY}
      AND NOT EXISTS (SELECT 1 FROM "case" c WHERE {IS_THEIRS_AND_OPEN})
      AND NOT EXISTS (SELECT 1 FROM inbound n WHERE n.key = s.key)
    ORDER BY p.id, s.place
), heard AS (
    UPDATE identity SET window_until = $6, window_left = $7, last_inbound_at = $8, subscribed = TRUE
    FROM said WHERE identity.id = said.identity_id
), draft AS (
    INSERT INTO "case" (resident_id, status, level, grid_id, title, description, source, event_type, category, urgent,
                        address, created_at, touched_at, rating_note, reopened)
    SELECT said.person_id, 'draft', 1, said.grid_id, '', '', 'chat', '', '', FALSE, '', $8, $8, '', 0 FROM said
    ON CONFLICT (resident_id) WHERE status = 'draft' DO UPDATE SET touched_at = excluded.touched_at
    RETURNING id, resident_id
), added AS (
    INSERT INTO case_message (case_id, person_id, at, kind, text)
    SELECT draft.id, said.person_id, $8, 'text', said.text FROM said JOIN draft ON draft.resident_id = said.person_id
)
SELECT said.key, said.person_id, said.grid_id,
       (SELECT json_object_agg(k.kind, k.n) FROM (
            SELECT m.kind, count(*) AS n FROM case_message m WHERE m.case_id = said.draft_id GROUP BY m.kind
        ) k) AS held
FROM said
"""
_ANSWER = """
INSERT INTO inbound (key, at, answer) SELECT a.key, $2, a.answer FROM unnest($1::text[], $3::text[]) AS a(key, answer)
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the words of an answer are made of: the draft's messages by kind, and where it would go."""

    counts: Mapping[str, int]
    grid_id: int | None


@dataclass(slots=True)
class Everyday:
    """A message that says something for the sender's draft, and how it is answered."""

    key: str
    openid: str
    text: str
    words: Callable[[Kept], str]
    waiter: Waiter
    answer: "asyncio.Future[str | None]" = field(init=False)

    def __post_init__(self) -> None:
        self.answer = asyncio.get_running_loop().create_future()


class Everydays:
    """Keeps everyday messages in groups, and every person's messages in their order."""

    def __init__(self, clock: Clock, deliveries: Deliveries, *, appid: str) -> None:
        self._clock = clock
        self._deliveries = deliveries
        self._appid = appid
        self._waiting: list[Everyday] = []
        self._newest: dict[str, asyncio.Future[None]] = {}
        self._apart: Counter[str] = Counter()
        self._running = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way: set[str] = set()

    async def once(self, openid: str, one: Everyday | None, by_itself: Callable[[], Awaitable[str]]) -> str:
        """The answer to a message of *openid*: kept in a group where *one* is given and may be, else *by_itself*.

        In this process one person's messages are worked on in the order of their arrival: whoever has one on the
        general way is followed there by the next ones, each when the one before is over.
        """
        before, over = self._newest.get(openid), asyncio.get_running_loop().create_future()
        self._newest[openid] = over
        try:
            if one is not None and openid not in self._apart:
                answer = await self._in_a_group(one)
                if answer is not None:
                    return answer
            else:
                self._apart[openid] += 1
            try:
                if before is not None:
                    await asyncio.wait({before})
                return await by_itself()
            finally:
                self._apart[openid] -= 1
                if not self._apart[openid]:
                    del self._apart[openid]
        finally:
            over.set_result(None)
            if self._newest[openid] is over:
                del self._newest[openid]

    async def _in_a_group(self, one: Everyday) -> str | None:
        self._waiting.append(one)
        if self._running < GROUPS:
            self._running += 1
            # A context of its own: the group's lines in the log belong to no single request.
            task = asyncio.create_task(self._run(), context=Context())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await one.answer

    async def _run(self) -> None:
        try:
            while group := self._next_group():
                self._under_way.update(one.openid for one in group)
                try:
                    await self._answer(group)
                finally:
                    self._under_way.difference_update(one.openid for one in group)
        finally:
            # Together with the look that has found nothing: what comes a moment later must begin a new run.
            self._running -= 1

    def _next_group(self) -> Sequence[Everyday]:
        """The first of each person who waits, as many as one group takes."""
        group: dict[str, Everyday] = {}
        left = []
        for one in self._waiting:
            if one.openid in group or one.openid in self._under_way or len(group) == LARGEST:
                left.append(one)
            else:
                group[one.openid] = one
        self._waiting = left
        return list(group.values())

    async def _answer(self, group: Sequence[Everyday]) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        answers: Mapping[str, str] = {}
        try:
            answers = await self._keep(group)
        except Exception as error:  # noqa: BLE001 - whatever it is, it may be one message's fault
            log.warning("group_failed", messages=len(group), reason=type(error).__name__)
            if loop.time() - began > HOPELESS:
                for one in group:
                    self._settle(one, error)
                return
        for one in group:
            self._settle(one, answers.get(one.key))
        apart = {one.openid for one in group if one.key not in answers}
        # What they said next is behind the message that goes the general way now, and so goes there too.
        following = [one for one in self._waiting if one.openid in apart]
        self._waiting = [one for one in self._waiting if one.openid not in apart]
        for one in following:
            self._settle(one, None)

    def _settle(self, one: Everyday, came_of_it: str | Exception | None) -> None:
        """``None``: it goes the general way, and is counted as being there from this moment on."""
        if one.answer.done():  # nobody waits any more: the process is being stopped
            return
        if isinstance(came_of_it, Exception):
            one.answer.set_exception(came_of_it)
            return
        if came_of_it is None:
            self._apart[one.openid] += 1
        one.answer.set_result(came_of_it)

    async def _keep(self, group: Sequence[Everyday]) -> Mapping[str, str]:
        """Keep what may be kept, all of it or nothing; the answers by key."""
        now = self._clock.now()
        openids = [one.openid for one in group]
        async with transaction():
            taken = await rows(_TAKE, self._appid, openids)
            if not taken:
                return {}
            kept = await self._add(group, openids, [one["id"] for one in taken], now)
            by_key = {one.key: one for one in group}
            answers: dict[str, str] = {}
            owed = []
            for found in kept:
                one = by_key[found["key"]]
                said = one.words(Kept(counted(found["held"], "text"), found["grid_id"]))
                if one.waiter.late:
                    owed.append(Owed(found["person_id"], "answer", {"text": said}))
                    said = ""
                answers[one.key] = said
            if answers:
                await rows(_ANSWER, list(answers), now, list(answers.values()))
            await self._deliveries.owe(*owed)
        return answers

    async def _add(
        self, group: Sequence[Everyday], openids: Sequence[str], taken: Sequence[int], now: datetime
    ) -> Sequence[Any]:
        window = Window().after_message(now)
        return await rows(
            _KEEP,
            self._appid,
            [one.key for one in group],
            openids,
            [one.text for one in group],
            taken,
            window.until,
            window.left,
            now,
        )
