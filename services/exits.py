"""Exit 退出 (Y art. 17): two failed years in a row are a proposal; the worker is heard, then a commander decides.

No duty ends by itself. What a page or a decision goes by is reckoned anew from the closed months each time, so that an
objection to a spot check which is upheld later counts; a proposal that does not hold any more cannot end a duty.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import structlog

from domain.calendar import SHANGHAI
from domain.duty import Duty
from domain.errors import BadInput, Conflict, NotAllowed, NotFound
from domain.exits import ExitRules, Year, ends_duty, judge
from domain.month import Month, midnight
from models import AssessmentMonth, ExitProposal, Objection, Region
from services import cursors, office_steps
from services.access import Actor
from services.appointments import Appointments
from services.deliveries import Deliveries, Owed
from services.office_steps import Matter, Taken
from services.ports import Clock
from services.transaction import rows, transaction

log = structlog.get_logger(__name__)

SEES = frozenset({Duty.COMMANDER, Duty.ADMIN})
DECIDES = frozenset({Duty.COMMANDER})
LONGEST = 200
_LAST_ID = 2**63 - 1
_FIRST = (2, 0)
"""What is open stands before what is decided."""

# A year is looked at once all its months are closed; a town that is stuck in one of them waits.
_YEARS = """
SELECT d.id FROM assessment_month d
WHERE d.state = 'closed' AND d.exits_at IS NULL AND extract(month FROM d.month) = 12
  AND NOT EXISTS (SELECT 1 FROM assessment_month m WHERE m.town_id = d.town_id AND m.state = 'open'
                  AND m.month < d.month)
ORDER BY d.month, d.id
"""
# The plain mean where somebody has several grids; what upheld objections gave back counts.
_SCORES = """
SELECT s.person_id, m.month, round(avg(s.score + coalesce(
    (SELECT sum(o.given_back) FROM objection o WHERE o.score_id = s.id AND o.state = 'upheld'), 0)))::int AS score
FROM assessment_score s JOIN assessment_month m ON m.id = s.month_id
WHERE m.town_id = $1 AND m.state = 'closed' AND m.month BETWEEN $2 AND $3 AND s.person_id = ANY($4::bigint[])
GROUP BY s.person_id, m.month
"""
_SHEETS = """
SELECT m.month, min(r.code) AS code FROM assessment_score s JOIN assessment_month m ON m.id = s.month_id
JOIN region r ON r.id = s.region_id
WHERE m.town_id = $1 AND m.state = 'closed' AND m.month BETWEEN $2 AND $3 AND s.person_id = $4 GROUP BY m.month
"""
_POSTS = """
SELECT h.id, h.person_id, h.from_date, h.to_date, r.name, r.code FROM held_duty h JOIN region r ON r.id = h.region_id
WHERE h.duty = 'grid_worker' AND r.path LIKE $1 AND ($2::bigint IS NULL OR h.person_id = $2)
ORDER BY h.person_id, h.id
"""
_LEAVES = """
SELECT person_id, starts_at, ends_at FROM leave
WHERE state = 'approved' AND person_id = ANY($1::bigint[]) AND starts_at < $3 AND ends_at > $2
"""
# What may still give something back to one of the months.
_PENDING = """
SELECT 1 FROM objection o JOIN spot_check c ON c.id = o.spot_check_id
WHERE o.state = 'asked' AND c.person_id = $1 LIMIT 1
"""
_UNREACHED = """
SELECT 1 FROM delivery WHERE person_id = $1 AND kind = 'exit_proposed' AND created_at >= $2
  AND state IN ('inbox', 'failed', 'uncertain', 'expired') LIMIT 1
"""
_LISTED = """
SELECT x.id, x.person_id, x.town_id, x.year, x.state, x.made_at, x.object_until, x.answer, x.decided_at,
       p.name AS person, t.name AS town, t.path, coalesce(o.reason, '') AS objected, coalesce(d.name, '') AS decided_by,
       o.at AS objected_at
FROM exit_proposal x JOIN person p ON p.id = x.person_id JOIN region t ON t.id = x.town_id
LEFT JOIN objection o ON o.proposal_id = x.id LEFT JOIN person d ON d.id = x.decided_by_id
WHERE t.path LIKE ANY($1::text[]) AND ($2::bigint IS NULL OR x.id = $2)
  AND ((x.state = 'open')::int, x.id) < ($3::int, $4::bigint)
ORDER BY (x.state = 'open')::int DESC, x.id DESC LIMIT $5
"""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed, of whom; *year* is the second of the two. *objected* is what they say to it, or empty."""

    id: int
    person_id: int
    person: str
    town_id: int
    town: str
    year: int
    state: str
    made_at: datetime
    object_until: datetime
    objected: str
    objected_at: datetime | None
    answer: str
    decided_by: str
    decided_at: datetime | None
    ripe: bool
    """They have been heard, or had their time: it may be decided."""
    mine: bool
    """Whoever asks may decide on it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A proposal with both years month by month, and every step; *holds*: both are still failed."""

    proposal: Proposal
    years: tuple[Year, Year]
    holds: bool
    grids: Sequence[str]
    """The names of the grids in which they hold the duty today."""
    steps: Sequence[Taken]
    codes: Mapping[Month, str]
    """Of each month with a score, a grid under which its sheet stands with every reason."""
    unreached: bool
    """No channel has brought them the message."""


@dataclass(frozen=True, slots=True)
class Own:
    """An open proposal, to the worker whom it is about."""

    id: int
    until: datetime
    objected: bool


class Exits:
    def __init__(self, clock: Clock, rules: ExitRules, deliveries: Deliveries, appointments: Appointments) -> None:
        self._clock = clock
        self.rules = rules
        self._deliveries = deliveries
        self._appointments = appointments

    async def sweep(self) -> int:
        """Look at each year that is complete, town by town, once; returns how many proposals were made.

        May be stopped at any point, and run by several at once: a town's year is looked at in one transaction.
        """
        made = 0
        for one in await rows(_YEARS):
            try:
                made += await self._look(one["id"])
            except Exception:
                log.exception("exits_stuck", month=one["id"])
        return made

    async def _look(self, month_id: int) -> int:
        now = self._clock.now()
        async with transaction():
            waiting = AssessmentMonth.filter(id=month_id, exits_at=None).select_for_update(skip_locked=True)
            december = await waiting.get_or_none()
            if december is None:
                return 0
            town, year = await Region.get(id=december.town_id), december.month.year
            failed = [
                (person_id, years) for person_id, years in (await self._years(town, year)).items() if ends_duty(years)
            ]
            for person_id, years in failed:
                made = await ExitProposal.create(
                    town_id=town.id,
                    person_id=person_id,
                    year=year,
                    made_at=now,
                    object_until=midnight(
                        now.astimezone(SHANGHAI).date() + timedelta(days=self.rules.objection_days + 1)
                    ),
                )
                await self._step(made, "proposed", None)
                facts = {"title": "年度考核", "until": made.object_until.isoformat(), "pass": self.rules.pass_score}
                means = [[one.year, one.mean] for one in years]
                await self._deliveries.owe(Owed(person_id, "exit_proposed", {**facts, "years": means}))
            december.exits_at = now
            await december.save(update_fields=["exits_at"])
        log.info("exits_looked_at", town=town.code, year=year, proposals=len(failed))
        return len(failed)

    async def own(self, by: Actor) -> Own | None:
        """What is open about themselves."""
        found = await ExitProposal.filter(person_id=by.person_id, state="open").order_by("-id").first()
        if found is None:
            return None
        return Own(found.id, found.object_until, await Objection.filter(proposal_id=found.id).exists())

    async def object_to(self, by: Actor, reason: str) -> None:
        """The worker says what speaks against it, once, also late as long as nobody has decided.

        Raises NotFound where nothing is open about them, BadInput, Conflict.
        """
        reason = reason.strip()
        if not reason or len(reason) > LONGEST:
            raise BadInput("say in a few words why", field="reason", longest=LONGEST)
        async with transaction():
            open_ = ExitProposal.filter(person_id=by.person_id, state="open").order_by("-id")
            found = await open_.select_for_update().first()
            if found is None:
                raise NotFound("nothing is proposed about you")
            if await Objection.filter(proposal_id=found.id).exists():
                raise Conflict("you have objected to this already")
            await Objection.create(proposal_id=found.id, by_id=by.person_id, reason=reason, at=self._clock.now())
            # Their words stay with the objection: they may be of an illness, and the trail is read by more people.
            await self._step(found, "objected", by.person_id)

    async def decide(self, by: Actor, number: int, *, end: bool, reason: str) -> Proposal:
        """End the duty in all grids of the town, or let it be, with a reason that the worker reads.

        Not before they were heard or their time is over, and never by themselves. A post that ends hands its cases on
        (services/appointments). Raises NotFound, NotAllowed, BadInput, Conflict (``why``: decided | waits | passed |
        checks: an objection of theirs to a spot check is open).
        """
        reason = reason.strip()
        if not reason or len(reason) > LONGEST:
            raise BadInput("say in a few words why", field="reason", longest=LONGEST)
        now = self._clock.now()
        async with transaction():
            seen = await self._one(by, number)
            found = await ExitProposal.filter(id=number).select_for_update().get()
            if not seen.mine:
                raise NotAllowed("a commander decides, and nobody on themselves", why="own")
            if found.state != "open":
                raise Conflict("it is decided already", why="decided", state=found.state)
            objected = await Objection.filter(proposal_id=found.id).exists()
            if not objected and now < found.object_until:
                raise Conflict("the worker may still object", why="waits")
            town = await Region.get(id=found.town_id)
            years = (await self._years(town, found.year, found.person_id)).get(found.person_id)
            if end and (years is None or not ends_duty(years)):
                raise Conflict("it does not hold any more", why="passed")
            if end and await rows(_PENDING, found.person_id):
                raise Conflict("an objection of theirs to a spot check is open", why="checks")
            if end:
                for held in await self._held(town, found.person_id):
                    await self._appointments.end(by, held["id"])
            found.state, found.answer = "ended" if end else "kept", reason
            found.decided_by_id, found.decided_at = by.person_id, now
            found.reckoned = [_plain(one) for one in years or ()]
            await found.save()
            said = {"state": "refused" if end else "upheld", "answer": reason}
            await Objection.filter(proposal_id=found.id).update(**said, decided_by_id=by.person_id, decided_at=now)
            await self._step(found, found.state, by.person_id, reason)
            if end:
                await self._end_older(found)
            facts = {"title": "年度考核", "ended": end, "answer": reason}
            await self._deliveries.owe(Owed(found.person_id, "exit_decided", facts))
            return await self._one(by, number)

    async def sheet(self, by: Actor, number: int) -> Sheet:
        """Raises NotFound, also where it is not theirs to see."""
        seen = await self._one(by, number)
        town = await Region.get(id=seen.town_id)
        reckoned = await self._years(town, seen.year, seen.person_id)
        years = reckoned.get(seen.person_id) or self._nothing(seen.year)
        grids = [one["name"] for one in await self._held(town, seen.person_id)]
        first, last = date(seen.year - 1, 1, 1), date(seen.year, 12, 31)
        codes = {
            Month.on(one["month"]): one["code"] for one in await rows(_SHEETS, town.id, first, last, seen.person_id)
        }
        steps = await office_steps.of(Matter.EXIT, number)
        unreached = bool(await rows(_UNREACHED, seen.person_id, seen.made_at))
        return Sheet(seen, years, ends_duty(years), grids, steps, codes, unreached)

    async def listed(
        self, by: Actor, *, cursor: str | None = None, limit: int = 20
    ) -> tuple[list[Proposal], str | None]:
        """Those of the towns below them: what is open first, the newest first of all. Raises NotAllowed."""
        if not by.paths(SEES):
            raise NotAllowed("exits are for the town's commanders")
        found = await self._rows(by, None, cursors.read(cursor, _FIRST), limit + 1)
        last = found[limit - 1] if len(found) > limit else None
        return found[:limit], cursors.written(int(last.state == "open"), last.id) if last is not None else None

    async def _one(self, by: Actor, number: int) -> Proposal:
        found = await self._rows(by, min(number, _LAST_ID), _FIRST, 1)
        if not found:
            raise NotFound("there is no such proposal, or it is not yours to see")
        return found[0]

    async def _rows(self, by: Actor, number: int | None, before: tuple[int, ...], limit: int) -> list[Proposal]:
        now, decides = self._clock.now(), by.paths(DECIDES)
        same = ("id", "person_id", "person", "town_id", "town", "year", "state", "made_at", "object_until", "objected")
        also = ("objected_at", "answer", "decided_by", "decided_at")
        return [
            Proposal(
                **{name: one[name] for name in (*same, *also)},
                ripe=bool(one["objected"]) or now >= one["object_until"],
                mine=one["person_id"] != by.person_id and any(one["path"].startswith(path) for path in decides),
            )
            for one in await rows(_LISTED, [f"{path}%" for path in by.paths(SEES)], number, *before, limit)
        ]

    async def _years(self, town: Region, year: int, only: int | None = None) -> dict[int, tuple[Year, Year]]:
        """Both years of each worker who holds the duty in *town* today, or of *only*, whether they do or not."""
        today = self._clock.now().astimezone(SHANGHAI).date()
        posts: dict[int, list[Any]] = defaultdict(list)
        for one in await rows(_POSTS, f"{town.path}%", only):
            posts[one["person_id"]].append(one)
        people = [
            person for person, held in posts.items() if only is not None or any(_runs(one, today) for one in held)
        ]
        first, last = date(year - 1, 1, 1), date(year, 12, 31)
        scores: dict[int, dict[Month, int]] = defaultdict(dict)
        for one in await rows(_SCORES, town.id, first, last, people):
            scores[one["person_id"]][Month.on(one["month"])] = one["score"]
        away: dict[int, list[Any]] = defaultdict(list)
        for one in await rows(_LEAVES, people, midnight(first), midnight(last + timedelta(days=1))):
            away[one["person_id"]].append(one)
        found: dict[int, tuple[Year, Year]] = {}
        for person in people:
            served = _served(posts[person], away[person], first, last)
            before, after = (judge(one, scores[person], served, self.rules) for one in (year - 1, year))
            found[person] = (before, after)
        return found

    async def _held(self, town: Region, person_id: int) -> list[Any]:
        """The posts that they hold in *town* today, in the order of the grids."""
        today = self._clock.now().astimezone(SHANGHAI).date()
        found = await rows(_POSTS, f"{town.path}%", person_id)
        held = [one for one in found if _runs(one, today)]
        return sorted(held, key=lambda one: str(one["code"]))

    async def _end_older(self, ended: ExitProposal) -> None:
        """What was left open of an earlier year is over with the duty."""
        same = ExitProposal.filter(town_id=ended.town_id, person_id=ended.person_id, state="open")
        for one in await same.select_for_update().order_by("id"):
            one.state, one.answer = "ended", ended.answer
            one.decided_by_id, one.decided_at = ended.decided_by_id, ended.decided_at
            await one.save()
            await self._step(one, "ended", ended.decided_by_id, ended.answer)

    async def _step(self, about: ExitProposal, step: str, by_id: int | None, note: str = "") -> None:
        now = self._clock.now()
        await office_steps.note(Matter.EXIT, about.id, step, by_id=by_id, region_id=about.town_id, at=now, note=note)

    def _nothing(self, year: int) -> tuple[Year, Year]:
        return judge(year - 1, {}, {}, self.rules), judge(year, {}, {}, self.rules)


def _served(posts: Sequence[Any], away: Sequence[Any], first: date, last: date) -> Mapping[Month, int]:
    """How many days of each month somebody was in post, in whichever of their grids, and not on leave.

    Whoever left and came back begins anew: the post says only since when it runs now.
    """
    days: dict[Month, int] = defaultdict(int)
    day = first
    while day <= last:
        in_post = any(_runs(one, day) for one in posts)
        begins, ends = midnight(day), midnight(day + timedelta(days=1))
        if in_post and not any(one["starts_at"] < ends and one["ends_at"] > begins for one in away):
            days[Month.on(day)] += 1
        day += timedelta(days=1)
    return days


def _runs(post: Any, day: date) -> bool:
    return bool(post["from_date"] <= day and (post["to_date"] is None or post["to_date"] >= day))


def _plain(year: Year) -> dict[str, object]:
    months = [[str(one.month), one.score, one.served, str(one.judged)] for one in year.months]
    return {"year": year.year, "mean": year.mean, "failed": year.failed, "months": months}
