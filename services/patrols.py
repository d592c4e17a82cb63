"""Patrols (巡查), from the first step to the figures.

The way of a patrol, and what may fail at each step:

1. started: by whoever has a duty for it, where it is theirs  -> 403, 404; two phones or taps: 409 with the one there is
2. without signal: the phone says later when it was           -> at most a day later; never over another of theirs
3. a batch arrives, numbered by the phone                     -> twice: kept once; another one under its number: 409
4. batches out of order, some after the end                   -> sorted when measured; measured anew with each late one
5. two phones on one patrol                                   -> each its own numbers and track; the longer one counts
6. the phone's clock is wrong                                 -> it says its own time too; the difference is taken off
7. places made up by a program, leaps of the fix              -> what cannot be is left out; a person is told of doubts
8. ended, with what was seen and what came of it              -> twice is once; words that are missing may be added
9. never ended: the sweep ends it with the last heard of it   -> the phone, back on line, may still say when it was
10. the duty ends meanwhile, or two accounts become one       -> what was begun may be ended; one of two open ones ends
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog

from domain.calendar import SHANGHAI
from domain.errors import BadInput, Conflict, NotAllowed, NotFound
from domain.patrol import PATROLS, Ended, forgotten_end
from domain.track import Point, Track
from models import Attachment, Patrol, PatrolBatch, Person, Region
from services import access, cursors, field_photos, patrol_clock, patrol_points
from services.access import Actor
from services.coverages import Coverages
from services.drafts import Said
from services.field_photos import FieldPhotos
from services.patrol_clock import Batch
from services.patrol_measuring import Measuring, Rules
from services.patrol_points import MOST_IN_BATCH, UNKNOWN_ACCURACY
from services.ports import Cipher, Clock
from services.transaction import row, rows, transaction

log = structlog.get_logger(__name__)

WORDS_LENGTH = 1000
CHAT = "chat"
"""The device from which places of a conversation come."""


@dataclass(frozen=True, slots=True)
class Start:
    """``region`` is a code; empty: where their duty is. ``sent_at`` is the phone's own time when it sent this."""

    region: str = ""
    started_at: datetime | None = None
    sent_at: datetime | None = None
    content: str = ""
    source: str = "mini"


@dataclass(frozen=True, slots=True)
class End:
    ended_at: datetime | None = None
    sent_at: datetime | None = None
    content: str = ""
    result: str = ""
    attachments: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class PatrolView:
    """A patrol with the names that go with it; ``track`` and photos only where one was asked for."""

    patrol: Patrol
    person: str
    region: Region
    doubts: tuple[str, ...]
    track: Track | None = None
    photos: Sequence[Attachment] = ()


# Each half walks along an index of its own and stops after a page.
_SUCH = """p.id < $1 AND ($4::date IS NULL OR p.day >= $4) AND ($5::date IS NULL OR p.day <= $5)
    AND ($6::text IS NULL OR p.region_id IN (
        SELECT r.id FROM region t JOIN region r ON r.path LIKE t.path || '%' WHERE t.code = $6))"""
_LISTED = f"""
SELECT p.id, p.person_id, p.region_id, w.name AS person FROM (
    (SELECT p.id, p.person_id, p.region_id FROM patrol p
     WHERE p.person_id = $2 AND {_SUCH} ORDER BY p.id DESC LIMIT $7)
    UNION
    (SELECT p.id, p.person_id, p.region_id FROM patrol p
     WHERE p.region_id = ANY($3::int[]) AND {_SUCH} ORDER BY p.id DESC LIMIT $7)
) p JOIN person w ON w.id = p.person_id ORDER BY p.id DESC LIMIT $7
"""
_FORGOTTEN = """
SELECT id FROM patrol
WHERE ended_at IS NULL AND (greatest(started_at, coalesce(last_point_at, started_at)) < $1 OR started_at < $2)
ORDER BY started_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_STALE = "SELECT id FROM patrol WHERE stale AND ended_at IS NOT NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
_LAST_END = "SELECT max(ended_at) AS at FROM patrol WHERE person_id = $1 AND id <> $2"
_NEXT_START = "SELECT min(started_at) AS at FROM patrol WHERE person_id = $1 AND id <> $2 AND started_at >= $3"
_FORGET = """
WITH gone AS (
    DELETE FROM patrol_batch WHERE id IN (SELECT id FROM patrol_batch WHERE at < $1 ORDER BY at LIMIT $2) RETURNING 1
) SELECT count(*) AS n FROM gone
"""


class Patrols:
    def __init__(self, clock: Clock, cipher: Cipher, photos: FieldPhotos, rules: Rules, coverages: Coverages) -> None:
        self._clock = clock
        self._cipher = cipher
        self._photos = photos
        self._rules = rules
        self._measuring = Measuring(cipher, rules, coverages)

    async def start(self, by: Actor, given: Start) -> PatrolView:
        """Begin a patrol. Raises NotAllowed, NotFound, BadInput; Conflict with the ``patrol`` that goes on already, or
        with ``why`` "overlaps" where they were on another one then.
        """
        now = self._clock.now()
        region = await self._where(by, given.region, now)
        started = patrol_clock.moment(given.started_at, given.sent_at, now, "started_at", self._rules.late)
        async with transaction():
            await Person.select_for_update().get(id=by.person_id)
            going_on = await Patrol.get_or_none(person_id=by.person_id, ended_at=None)
            if going_on is not None:
                raise Conflict("a patrol of theirs goes on already: end it first", patrol=going_on.id, why="open")
            last = (await row(_LAST_END, by.person_id, 0))["at"]
            if last is not None and started < last:
                raise Conflict("they were on another patrol then", why="overlaps", until=last.isoformat())
            patrol = await Patrol.create(
                person_id=by.person_id,
                region_id=region.id,
                day=started.astimezone(SHANGHAI).date(),
                started_at=started,
                source=given.source,
                content=_words(given.content, "content"),
                clock_off=patrol_clock.is_wrong(given.sent_at, now),
            )
        return PatrolView(patrol, by.name, region, ())

    async def add_points(self, by: Actor, patrol_id: int, batch: Batch) -> bool:
        """Keep points of their own patrol; ``False``: this batch was there already.

        Raises NotFound, BadInput; Conflict with ``why`` "batch" (another one has this number) or "over" (it ended too
        long ago).
        """
        if not 1 <= len(batch.points) <= MOST_IN_BATCH:
            raise BadInput(f"points must be 1 to {MOST_IN_BATCH}", field="points", longest=MOST_IN_BATCH)
        now = self._clock.now()
        total = patrol_points.sum_of(batch.points)
        points = patrol_clock.set_right(batch, now)
        sealed = self._cipher.seal(patrol_points.packed(points))
        async with transaction():
            patrol = await access.patrol_for(by, patrol_id, lock=True, own=True)
            known = await PatrolBatch.get_or_none(patrol_id=patrol.id, device=batch.device, number=batch.number)
            if known is not None:
                if known.sum != total:
                    raise Conflict("another batch has this number: count on, or name the device", why="batch")
                return False
            self._check_late(patrol, now)
            await PatrolBatch.create(
                patrol_id=patrol.id,
                device=batch.device,
                number=batch.number,
                sum=total,
                count=len(points),
                sealed=sealed,
                at=now,
            )
            patrol.points += len(points)
            patrol.clock_off = patrol.clock_off or patrol_clock.is_wrong(batch.sent_at, now)
            latest = max(points, key=lambda one: one.at).at
            heard = min(datetime.fromtimestamp(latest, now.tzinfo), now)
            patrol.last_point_at = max(heard, patrol.last_point_at or heard)
            # By the next sweep: a hundred batches that come late are measured once, not a hundred times.
            patrol.stale = patrol.ended_at is not None
            await patrol.save()
        return True

    async def end(self, by: Actor, patrol_id: int, given: End) -> PatrolView:
        """End their own patrol. Once more changes nothing but words that were not there yet.

        Where the sweep has ended it, the phone may still say when it was. Raises NotFound, BadInput, Conflict.
        """
        now = self._clock.now()
        content, result = _words(given.content, "content"), _words(given.result, "result")
        back = self._rules.late + self._rules.longest
        ended = patrol_clock.moment(given.ended_at, given.sent_at, now, "ended_at", back)
        async with transaction():
            patrol = await access.patrol_for(by, patrol_id, lock=True, own=True)
            if given.ended_at is not None and ended < patrol.started_at:
                raise BadInput("ended_at lies before the patrol has begun", field="ended_at")
            again = patrol.ended_by == Ended.CLOCK and given.ended_at is not None
            if again:
                self._check_late(patrol, now)
            if patrol.ended_at is None or again:
                patrol.ended_at = await self._bounded(patrol, max(ended, patrol.started_at))
                patrol.ended_by = Ended.WORKER
                patrol.clock_off = patrol.clock_off or patrol_clock.is_wrong(given.sent_at, now)
                await self._measuring.write(patrol)
            patrol.content, patrol.result = patrol.content or content, patrol.result or result
            await self._photos.take(by, given.attachments, patrol_id=patrol.id)
            await patrol.save()
            return await self._view(patrol, by.name)

    async def one(self, by: Actor, patrol_id: int) -> PatrolView:
        """A patrol with its track, for whoever walks it and whoever sees its region. Raises NotFound."""
        patrol = await access.patrol_for(by, patrol_id, now=self._clock.now())
        name = (await Person.get(id=patrol.person_id)).name
        view = await self._view(patrol, name)
        until = patrol.ended_at or self._clock.now()
        found = await self._measuring.measured(patrol, until)
        if patrol.ended_at is None or patrol.stale:
            patrol.length_metres = round(found.track.metres)
            patrol.seconds = round((until - patrol.started_at).total_seconds())
        return PatrolView(patrol, name, view.region, view.doubts, found.track, view.photos)

    async def listed(
        self,
        by: Actor,
        *,
        since: date | None = None,
        until: date | None = None,
        region: str | None = None,
        mine: bool = False,
        cursor: str | None = None,
        limit: int = 20,
    ) -> tuple[list[PatrolView], str | None]:
        """Their own and those of regions that they see, the newest first. Raises BadInput for a cursor not ours."""
        seen = [] if mine else await access.field_work_regions(by, self._clock.now())
        before = cursors.before(cursor)
        found = await rows(_LISTED, before, by.person_id, seen, since, until, region, limit + 1)
        following = cursors.cursor_of(found[limit - 1]["id"]) if len(found) > limit else None
        patrols = await Patrol.in_bulk([one["id"] for one in found[:limit]], "id")
        regions = await Region.in_bulk([one["region_id"] for one in found[:limit]], "id")
        return [
            PatrolView(patrols[one["id"]], one["person"], regions[one["region_id"]], _doubts(patrols[one["id"]]))
            for one in found[:limit]
        ], following

    async def going_on(self, by: Actor) -> Patrol | None:
        """The patrol that they are on."""
        return await Patrol.get_or_none(person_id=by.person_id, ended_at=None)

    async def place(self, by: Actor, patrol_id: int, latitude: float, longitude: float) -> None:
        """A place that was sent in the chat, as a track of its own. Raises NotFound, Conflict."""
        now = self._clock.now()
        async with transaction():
            patrol = await access.patrol_for(by, patrol_id, lock=True, own=True)
            number = await PatrolBatch.filter(patrol_id=patrol.id, device=CHAT).count() + 1
            point = Point(now.timestamp(), latitude, longitude, UNKNOWN_ACCURACY)
            await self.add_points(by, patrol.id, Batch(number, [point], CHAT))

    async def photo(self, by: Actor, patrol_id: int, said: Said) -> None:
        """A photo out of the chat, for their own patrol. Raises NotFound."""
        async with transaction():
            patrol = await access.patrol_for(by, patrol_id, lock=True, own=True)
            await self._photos.keep(by, said, self._clock.now(), patrol_id=patrol.id)

    async def end_forgotten(self, most: int = 200) -> int:
        """End those of which nothing was heard for long, and those that last too long; returns how many."""
        done = 0
        while done < most:
            now = self._clock.now()
            async with transaction():
                found = await row(_FORGOTTEN, now - self._rules.forgotten, now - self._rules.longest)
                if found is None:
                    break
                patrol = await Patrol.get(id=found["id"])
                patrol.ended_at = await self._bounded(patrol, forgotten_end(patrol.started_at, patrol.last_point_at))
                patrol.ended_by = Ended.CLOCK
                await self._measuring.write(patrol)
                await patrol.save()
            done += 1
        return done

    async def measure_late(self, most: int = 200) -> int:
        """Measure anew what points have come to after its end; returns how many patrols."""
        done = 0
        while done < most:
            async with transaction():
                found = await row(_STALE)
                if found is None:
                    break
                patrol = await Patrol.get(id=found["id"])
                await self._measuring.write(patrol)
                await patrol.save()
            done += 1
        return done

    async def forget_tracks(self, most: int = 5000) -> int:
        """Drop points older than the town keeps them; what was measured stays. Returns how many batches."""
        found = await row(_FORGET, self._clock.now() - timedelta(days=self._rules.track_days), most)
        return int(found["n"])

    async def _where(self, by: Actor, code: str, now: datetime) -> Region:
        mine = [held for held in by.duties if held.duty in PATROLS]
        if not mine:
            raise NotAllowed("patrols are for staff of grids and villages")
        if not code:
            return await Region.get(id=mine[0].region_id)
        region = await Region.get_or_none(code=code)
        paths = [held.path for held in mine]
        paths += await access.field_work_paths(by, now) if by.paths(PATROLS) else []
        if region is None or not any(region.path.startswith(path) for path in paths):
            raise NotFound("there is no such region among yours", region=code)
        return region

    def _check_late(self, patrol: Patrol, now: datetime) -> None:
        if patrol.ended_at is not None and now > patrol.started_at + self._rules.longest + self._rules.late:
            raise Conflict("the patrol was over too long ago", why="over", ended_at=patrol.ended_at.isoformat())

    async def _bounded(self, patrol: Patrol, ended: datetime) -> datetime:
        """Neither longer than a patrol lasts, nor into their next one."""
        following = (await row(_NEXT_START, patrol.person_id, patrol.id, patrol.started_at))["at"]
        return min(ended, patrol.started_at + self._rules.longest, following or ended)

    async def _view(self, patrol: Patrol, name: str) -> PatrolView:
        region = await Region.get(id=patrol.region_id)
        return PatrolView(patrol, name, region, _doubts(patrol), photos=await field_photos.of_patrol(patrol.id))


def _doubts(patrol: Patrol) -> tuple[str, ...]:
    return tuple(patrol.suspicious.split())


def _words(text: str, name: str) -> str:
    text = text.strip()
    if len(text) > WORDS_LENGTH:
        raise BadInput(f"{name} is longer than {WORDS_LENGTH} characters", field=name, longest=WORDS_LENGTH)
    return text
