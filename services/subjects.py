"""Whom and what the worker of a grid visits (帮扶、关爱、隐患 …): listed, looked at, taken off the list."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.calendar import SHANGHAI
from domain.case import Level
from domain.errors import BadInput, NotAllowed, NotFound
from domain.notice import masked
from domain.visit import OF_PEOPLE, VISITS, Cycles, SubjectKind, first_due
from models import Region, Subject, SubjectLook
from services import access, cursors, phones
from services.access import Actor
from services.by_place import ByPlace
from services.ports import Cipher, Clock
from services.transaction import row, rows, transaction

TITLE_LENGTH, NAME_LENGTH, ADDRESS_LENGTH = 60, 40, 200


@dataclass(frozen=True, slots=True)
class NewSubject:
    """``title`` is what the list calls a place; of people it is made of their name. ``agreed``: they know and agree."""

    kind: SubjectKind
    grid: str = ""
    title: str = ""
    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    every_days: int | None = None
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class SubjectView:
    """``known`` holds name, phone and address: masked, but for whoever has opened the subject."""

    subject: Subject
    grid: Region
    known: Mapping[str, str] = field(repr=False)


_LISTED = """
SELECT s.id FROM subject s
WHERE s.id > $1 AND s.active AND s.grid_id = ANY($2::int[]) AND ($3::text IS NULL OR s.kind = $3)
  AND ($4::text IS NULL OR s.grid_id IN (
      SELECT r.id FROM region t JOIN region r ON r.path LIKE t.path || '%' WHERE t.code = $4))
ORDER BY s.id LIMIT $5
"""
AT_ONCE = 5000
"""Subjects whose cycles are looked at in one statement."""
_KEEP_CYCLES = """
WITH piece AS MATERIALIZED (
    SELECT s.id, s.grid_id, s.kind, s.every_days, s.asked_days FROM subject s
    WHERE s.active AND s.id > $5 ORDER BY s.id LIMIT $6
), changed AS (
    UPDATE subject s SET every_days = x.every, next_due = least(s.next_due, $4::date + x.every)
    FROM (
        SELECT piece.id, least(coalesce(piece.asked_days, one.days), one.days) AS every
        FROM piece JOIN region g ON g.id = piece.grid_id CROSS JOIN LATERAL (
            SELECT p.days FROM unnest($1::text[], $2::text[], $3::int[]) AS p (path, kind, days)
            WHERE p.kind = piece.kind AND starts_with(g.path, p.path) ORDER BY length(p.path) DESC LIMIT 1
        ) one
    ) x
    WHERE x.id = s.id AND s.every_days <> x.every RETURNING 1
)
SELECT (SELECT count(*) FROM changed)::int AS changed, max(id) AS last FROM piece
"""


class Subjects:
    def __init__(self, clock: Clock, cipher: Cipher, cycles: ByPlace[Cycles], *, looks_kept: timedelta) -> None:
        """*looks_kept*: for how long it is known who has looked."""
        self._clock = clock
        self._cipher = cipher
        self._cycles = cycles
        self._looks_kept = looks_kept

    async def add(self, by: Actor, given: NewSubject) -> SubjectView:
        """List somebody or something. Raises NotAllowed, NotFound (a grid that is not theirs), BadInput."""
        now = self._clock.now()
        grid = await self._grid(by, given.grid, now)
        _may_keep(by)
        every = self._cycles.at(grid.path).of(given.kind, given.every_days)
        phone = phones.plain(given.phone) if given.phone else ""
        if phone is None:
            raise BadInput("phone must be a Chinese mobile or landline number", field="phone")
        of_people = given.kind in OF_PEOPLE
        if of_people and not given.agreed:
            raise BadInput("people are listed only when they know and agree: agreed must be true", field="agreed")
        if of_people and not given.name:
            raise BadInput("name is missing", field="name")
        title = masked(given.name) if of_people else given.title
        if not title:
            raise BadInput("title is missing", field="title")
        known = {"name": given.name, "phone": phone, "address": given.address}
        subject = await Subject.create(
            grid_id=grid.id,
            kind=given.kind,
            title=title,
            sealed=self._cipher.seal(json.dumps(known, ensure_ascii=False)) if any(known.values()) else "",
            every_days=every,
            asked_days=given.every_days,
            next_due=first_due(now.astimezone(SHANGHAI).date(), every),
            agreed_at=now if given.agreed else None,
            created_at=now,
        )
        return SubjectView(subject, grid, _masked(known))

    async def listed(
        self,
        by: Actor,
        *,
        kind: str | None = None,
        region: str | None = None,
        cursor: str | None = None,
        limit: int = 20,
    ) -> tuple[list[SubjectView], str | None]:
        """Those of the grids that they see, oldest first, masked. Raises BadInput for a cursor not ours."""
        after = cursors.id_in(cursors.parts_of(cursor, 1)[0]) if cursor is not None else 0
        seen = await access.field_work_regions(by, self._clock.now())
        found = [one["id"] for one in await rows(_LISTED, after, seen, kind, region, limit + 1)]
        following = cursors.cursor_of(found[limit - 1]) if len(found) > limit else None
        return await self.views(found[:limit]), following

    async def views(self, ids: list[int]) -> list[SubjectView]:
        """These, in this order, masked; for a caller that has looked who may see them."""
        subjects = await Subject.in_bulk(ids, "id")
        grids = await Region.in_bulk({one.grid_id for one in subjects.values()}, "id")
        return [
            SubjectView(subjects[one], grids[subjects[one].grid_id], _masked(self._open(subjects[one]))) for one in ids
        ]

    async def opened(self, by: Actor, subject_id: int) -> SubjectView:
        """One in full; that it was looked at is noted first (Y art. 36). Raises NotFound."""
        now = self._clock.now()
        async with transaction():
            subject = await access.subject_for(by, subject_id, now)
            await SubjectLook.create(at=now, subject_id=subject.id, by_id=by.person_id)
        return SubjectView(subject, await Region.get(id=subject.grid_id), self._open(subject))

    async def take_off(self, by: Actor, subject_id: int) -> SubjectView:
        """No longer visited; what identifies somebody is forgotten at once. Raises NotFound, NotAllowed."""
        async with transaction():
            subject = await access.subject_for(by, subject_id, self._clock.now(), lock=True)
            _may_keep(by)
            subject.active, subject.sealed = False, ""
            await subject.save(update_fields=["active", "sealed"])
        return SubjectView(subject, await Region.get(id=subject.grid_id), {})

    async def keep_cycles(self) -> int:
        """Let every subject keep the cycle that its place has now; returns how many have another one.

        A cycle that was asked for stays where it is the shorter. Under a shorter one nobody is due later than a whole
        cycle from today, and nobody at once; under a longer one the next visit stays as it was promised. May be
        stopped at any point.
        """
        places = [(path, kind, days) for path, one in self._cycles.everywhere() for kind, days in one.days.items()]
        given = [[one[at] for one in places] for at in range(3)]
        today, last, changed = self._clock.now().astimezone(SHANGHAI).date(), 0, 0
        while True:
            found = await row(_KEEP_CYCLES, *given, today, last, AT_ONCE)
            changed += int(found["changed"])
            if found["last"] is None:
                return changed
            last = found["last"]

    async def forget_looks(self) -> None:
        """Drop who has looked, once it is older than the town keeps it."""
        await SubjectLook.filter(at__lt=self._clock.now() - self._looks_kept).delete()

    async def _grid(self, by: Actor, code: str, now: datetime) -> Region:
        if not code:
            own = [held.region_id for held in by.duties if held.duty in VISITS]
            found = await Region.filter(id__in=own, level=Level.GRID).order_by("code").first()
            if found is None:
                raise BadInput("grid is missing", field="grid")
            return found
        grid = await access.region_of_field_work(by, code, now)
        if grid.level != Level.GRID:
            raise NotFound("there is no such grid among yours", region=code)
        return grid

    def _open(self, subject: Subject) -> dict[str, str]:
        return dict(json.loads(self._cipher.open(subject.sealed))) if subject.sealed else {}


def _may_keep(by: Actor) -> None:
    if not any(held.duty in VISITS for held in by.duties):
        raise NotAllowed("subjects are kept by staff of grids and villages")


def _masked(known: Mapping[str, str]) -> dict[str, str]:
    """Where to go stands in the list; who it is, only as far as a neighbour needs it."""
    return {
        **known,
        "name": masked(known.get("name", "")),
        "phone": phones.masked(known.get("phone", "")),
    }
