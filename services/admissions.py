"""What departments may ask of the grids (Y art. 17): requests, two approvals, the list, its yearly look, its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain import admission as rules
from domain.admission import Every, Move, State, Wish
from domain.calendar import SHANGHAI
from domain.duty import Duty
from domain.errors import BadInput, Conflict, NotAllowed, NotFound
from models import Admission, Region, UnadmittedTask
from services import cursors, office_steps
from services.access import Actor
from services.office_steps import Matter, Taken
from services.ports import Clock
from services.transaction import rows, transaction

DECIDES = frozenset({Duty.COMMANDER, Duty.ADMIN})
_LAST_ID = 2**63 - 1

# What is admitted is for whoever serves there; the rest for the department, and for those who decide on it.
_LISTED = """
SELECT a.*, d.name AS department, r.code, r.name AS region, r.path
FROM admission a JOIN department d ON d.id = a.department_id JOIN region r ON r.id = a.region_id
WHERE a.id < $1 AND ($2::bigint IS NULL OR a.id = $2) AND (
    a.state = 'admitted' AND EXISTS (SELECT 1 FROM unnest($3::text[]) AS held (path) WHERE held.path LIKE r.path || '%')
    OR a.department_id = ANY($4::int[]) OR r.path LIKE ANY($5::text[]))
ORDER BY a.id DESC LIMIT $6
"""
# Where a department may ask for something: its own region, and what lies below down to the villages.
_PLACES = """
SELECT r.code, r.name, r.level FROM region r
WHERE r.path LIKE ANY($1::text[]) AND r.level >= 2 ORDER BY r.path LIMIT 600
"""
_STEPS = {
    Move.REVIEW: "reviewed",
    Move.ADMIT: "admitted",
    Move.REFUSE: "refused",
    Move.KEEP: "kept",
    Move.END: "ended",
}
_UNADMITTED = """
SELECT u.id, u.text, u.at, u.answer, u.answered_at, p.name AS person, r.code, r.name AS region
FROM unadmitted_task u JOIN person p ON p.id = u.person_id JOIN region r ON r.id = u.region_id
WHERE u.id < $1 AND (u.person_id = $2 OR r.path LIKE ANY($3::text[])) ORDER BY u.id DESC LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class Item:
    """A request, or what is admitted; *review_due*: the yearly look at it is late."""

    id: int
    department: str
    code: str
    region: str
    title: str
    task: str
    basis: str
    every: Every
    support: str
    state: State
    asked_at: datetime
    review_by: date | None
    review_due: bool
    answer: str
    moves: tuple[Move, ...] = ()
    """What whoever asks may do with it now."""


@dataclass(frozen=True, slots=True)
class Place:
    code: str
    name: str
    level: int


@dataclass(frozen=True, slots=True)
class Unadmitted:
    """A worker's word that something not admitted was asked of them, and what was answered."""

    id: int
    person: str
    code: str
    region: str
    text: str
    at: datetime
    answer: str
    answered_at: datetime | None


class Admissions:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def _today(self) -> date:
        return self._clock.now().astimezone(SHANGHAI).date()

    async def ask(self, by: Actor, wish: Wish) -> Item:
        """A department's officer asks for its work to be admitted. Raises NotAllowed, NotFound, BadInput.

        The same that waits or is admitted already is not asked for twice: Conflict.
        """
        rules.check(wish)
        own = [held for held in by.duties if held.department_id is not None]
        if not own:
            raise NotAllowed("a department asks for its own work")
        async with transaction():
            region = await Region.get_or_none(code=wish.region)
            found = next((one for one in own if region is not None and region.path.startswith(one.path)), None)
            if region is None or found is None or found.department_id is None:
                raise NotFound("there is no such region below your department", region=wish.region)
            title = wish.title.strip()
            await rows("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"admission {found.department_id}")
            same = Admission.filter(department_id=found.department_id, region_id=region.id, title=title)
            if await same.filter(state__in=[State.ASKED, State.REVIEWED, State.ADMITTED]).exists():
                raise Conflict("this is asked for or admitted already", why="same")
            made = await Admission.create(
                department_id=found.department_id,
                region_id=region.id,
                title=title,
                task=wish.task.strip(),
                basis=wish.basis.strip(),
                every=wish.every,
                support=wish.support.strip(),
                asked_by_id=by.person_id,
                asked_at=self._clock.now(),
            )
            await self._step(made, "asked", by)
            return await self.one(by, made.id)

    async def move(self, by: Actor, number: int, move: Move, reason: str = "") -> Item:
        """Review, admit, refuse, keep for another year, or end it.

        By commanders and administrators at or above its region; its department may end it too. Raises NotFound,
        NotAllowed, IllegalMove, BadInput.
        """
        now = self._clock.now()
        async with transaction():
            await self.one(by, number)
            found = await Admission.filter(id=number).select_for_update().get()
            region = await Region.get(id=found.region_id)
            if not _decides(by, move, region.path, found.department_id):
                raise NotAllowed("commanders and administrators decide on this")
            rules.check_mover(move, by.person_id, asked_by=found.asked_by_id, reviewed_by=found.reviewed_by_id)
            found.state = rules.after(State(found.state), move, reason)
            if move is Move.REVIEW:
                found.reviewed_by_id, found.reviewed_at = by.person_id, now
            else:
                found.decided_by_id, found.decided_at = by.person_id, now
            if move in {Move.ADMIT, Move.KEEP}:
                found.review_by = rules.next_review(self._today())
            if move is Move.END:
                found.ended_at = now
            found.answer = reason.strip()
            await found.save()
            await self._step(found, _STEPS[move], by, reason.strip())
            return await self.one(by, number)

    async def steps(self, by: Actor, number: int) -> Sequence[Taken]:
        """Who has done what with it, the first step first. Raises NotFound."""
        await self.one(by, number)
        return await office_steps.of(Matter.ADMISSION, number)

    def decides(self, by: Actor) -> bool:
        """Whether *by* reviews, admits and answers anywhere."""
        return bool(by.paths(DECIDES))

    async def places(self, by: Actor) -> list[Place]:
        """Where the department of *by* may ask for its work, with all below; empty for whoever is of none."""
        own = [f"{held.path}%" for held in by.duties if held.department_id is not None]
        return [Place(**one) for one in await rows(_PLACES, own)] if own else []

    async def _step(self, about: Admission, step: str, by: Actor, note: str = "") -> None:
        now = self._clock.now()
        await office_steps.note(
            Matter.ADMISSION, about.id, step, by_id=by.person_id, region_id=about.region_id, at=now, note=note
        )

    async def one(self, by: Actor, number: int) -> Item:
        """Raises NotFound, also where it is not theirs to see."""
        found = await self._rows(by, _LAST_ID, min(number, _LAST_ID), 1)
        if not found:
            raise NotFound("there is no such item, or it is not yours to see")
        return found[0]

    async def listed(self, by: Actor, *, cursor: str | None = None, limit: int = 20) -> tuple[list[Item], str | None]:
        """What is admitted where they serve, and what they have asked for or decide on; the newest first."""
        (before,) = cursors.read(cursor, (_LAST_ID,))
        found = await self._rows(by, before, None, limit + 1)
        return found[:limit], cursors.written(found[limit - 1].id) if len(found) > limit else None

    async def _rows(self, by: Actor, before: int, number: int | None, limit: int) -> list[Item]:
        found = await rows(
            _LISTED,
            before,
            number,
            [held.path for held in by.duties],
            [held.department_id for held in by.duties if held.department_id is not None],
            [f"{path}%" for path in by.paths(DECIDES)],
            limit,
        )
        return [self._item(one, by) for one in found]

    def _item(self, one: Mapping[str, Any], by: Actor) -> Item:
        due = one["state"] == State.ADMITTED and one["review_by"] is not None and one["review_by"] < self._today()
        same = ("id", "department", "code", "region", "title", "task", "basis", "support", "asked_at", "review_by")
        return Item(
            **{name: one[name] for name in same},
            every=Every(one["every"]),
            state=State(one["state"]),
            review_due=due,
            answer=one["answer"],
            moves=tuple(move for move in rules.possible(State(one["state"])) if _may(by, move, one)),
        )

    async def report(self, by: Actor, text: str) -> int:
        """A member of staff says that they were asked for something which is not admitted (没有准入的任务).

        The same words twice on one day are one report. Raises NotAllowed, BadInput.
        """
        text = " ".join(text.split())
        if not by.duties:
            raise NotAllowed("those who serve report this")
        if not 0 < len(text) <= rules.LONGEST_WORDS:
            raise BadInput("say who asked for what", field="text", longest=rules.LONGEST_WORDS)
        now, region_id = self._clock.now(), by.duties[0].region_id
        async with transaction():
            await rows("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"unadmitted {by.person_id}")
            last = await UnadmittedTask.filter(person_id=by.person_id, text=text).order_by("-id").first()
            if last is not None and last.at.astimezone(SHANGHAI).date() == self._today():
                return int(last.id)
            made = await UnadmittedTask.create(region_id=region_id, person_id=by.person_id, text=text, at=now)
            return int(made.id)

    async def reports(
        self, by: Actor, *, cursor: str | None = None, limit: int = 20
    ) -> tuple[list[Unadmitted], str | None]:
        """Their own reports, and those from below whoever decides; the newest first."""
        (before,) = cursors.read(cursor, (_LAST_ID,))
        paths = [f"{path}%" for path in by.paths(DECIDES)]
        found = [Unadmitted(**one) for one in await rows(_UNADMITTED, before, by.person_id, paths, limit + 1)]
        return found[:limit], cursors.written(found[limit - 1].id) if len(found) > limit else None

    async def answer(self, by: Actor, number: int, text: str) -> None:
        """Answer a report, once. Raises NotFound, BadInput, Conflict."""
        if not 0 < len(text.strip()) <= rules.LONGEST_WORDS:
            raise BadInput("answer in a few words", field="answer", longest=rules.LONGEST_WORDS)
        async with transaction():
            found = await UnadmittedTask.filter(id=min(number, _LAST_ID)).select_for_update().get_or_none()
            region = await Region.get(id=found.region_id) if found is not None else None
            if found is None or region is None or not any(region.path.startswith(p) for p in by.paths(DECIDES)):
                raise NotFound("there is no such report for you to answer")
            if found.answered_at is not None:
                raise Conflict("it is answered already", why="answered")
            found.answer, found.answered_by_id, found.answered_at = text.strip(), by.person_id, self._clock.now()
            await found.save()


def _decides(by: Actor, move: Move, path: str, department_id: int) -> bool:
    own = any(held.department_id == department_id for held in by.duties)
    return any(path.startswith(above) for above in by.paths(DECIDES)) or (own and move is Move.END)


def _may(by: Actor, move: Move, one: Mapping[str, Any]) -> bool:
    if not _decides(by, move, one["path"], one["department_id"]):
        return False
    try:
        rules.check_mover(move, by.person_id, asked_by=one["asked_by_id"], reviewed_by=one["reviewed_by_id"])
    except NotAllowed:
        return False
    return True
