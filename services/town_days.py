"""工作日历: which days are worked, by the State Council's calendar, the settings, and what the town has said itself.

A town's own day counts within a second in every process (``app/own_days.py`` follows the table), and the deadlines of
open cases are counted anew at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.calendar import SHANGHAI, monday_to_friday
from domain.duty import Duty
from domain.errors import BadInput, NotAllowed, NotFound
from models import RuleChange, TownDay
from services.access import Actor
from services.ports import Clock, Queue
from services.transaction import row, rows, transaction

SETS_DAYS = frozenset({Duty.COMMANDER, Duty.ADMIN})
LONGEST_WHY = 60
BACK, AHEAD = 1, 2
"""Years around this one that can be looked at."""
RECOUNT = "recount_deadlines"

# There is one calendar for all towns of an installation: whoever changes it must look after all of them.
_OTHERS = "SELECT 1 FROM region WHERE level = 3 AND NOT path LIKE ANY($1::text[]) LIMIT 1"


class OwnDays:
    """The town's days in memory; the whole is put in place of the one before, so that nobody sees half of it."""

    def __init__(self) -> None:
        self.known: Mapping[date, bool] = {}

    def over(self, otherwise: Callable[[date], bool]) -> Callable[[date], bool]:
        """The test of a working day in which the town's word goes before *otherwise*."""

        def works(day: date) -> bool:
            settled = self.known.get(day)
            return otherwise(day) if settled is None else settled

        return works


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    works: bool
    usual: bool
    """Whether it is Monday to Friday: what differs from that is a holiday, or a weekend that is worked."""
    name: str
    """Of the holiday that it is, or is worked for."""
    own: bool
    why: str


@dataclass(frozen=True, slots=True)
class Year:
    year: int
    days: Sequence[Day]
    own: Sequence[Day]
    published: bool
    """False: the holidays of this year are not known yet, and only weekends count as free."""
    today: date
    may_set: bool


class TownDays:
    def __init__(
        self,
        clock: Clock,
        queue: Queue,
        own: OwnDays,
        otherwise: Callable[[date], bool],
        holiday: Callable[[date], str | None],
    ) -> None:
        """*otherwise* is the calendar without the town's days; *holiday* names a day's holiday, ``None``: not known."""
        self._clock = clock
        self._queue = queue
        self._own = own
        self._otherwise = otherwise
        self._holiday = holiday

    async def load(self) -> None:
        """Take over what any process has set."""
        self._own.known = {one["day"]: one["works"] for one in await rows("SELECT day, works FROM town_day")}

    def today(self) -> date:
        return self._clock.now().astimezone(SHANGHAI).date()

    async def year(self, by: Actor, year: int) -> Year:
        """Every day of *year*. Raises BadInput for one too far away."""
        today = self.today()
        if not today.year - BACK <= year <= today.year + AHEAD:
            raise BadInput("a year around this one", field="year")
        own = {one.day: one for one in await TownDay.filter(day__gte=date(year, 1, 1), day__lte=date(year, 12, 31))}
        days = [self._day(date(year, 1, 1) + timedelta(days=at), own) for at in range(_length(year))]
        return Year(
            year,
            days,
            [one for one in days if one.own],
            self._holiday(date(year, 1, 1)) is not None,
            today,
            await self._may(by),
        )

    async def set(self, by: Actor, day: date, why: str, *, works: bool) -> None:
        """Say that *day* is worked, or not. Raises NotAllowed, BadInput with ``field``."""
        await self._require(by)
        why = " ".join(why.split())
        today = self.today()
        if not today <= day <= date(today.year + AHEAD, 12, 31):
            raise BadInput("a day that is still to come", field="day")
        if not why or len(why) > LONGEST_WHY:
            raise BadInput("why must say it in a few words", field="why", longest=LONGEST_WHY)
        async with transaction():
            before = await TownDay.get_or_none(day=day)
            usual = self._otherwise(day)
            if works == usual and before is None:
                raise BadInput("this is so already", field="day", why="same")
            now = self._clock.now()
            await TownDay.update_or_create(
                defaults={"works": works, "why": why, "by_id": by.person_id, "at": now}, day=day
            )
            await self._note(by, day, _shown(before), {"works": _word(works=works), "why": why}, now)
        await self.load()

    async def remove(self, by: Actor, day: date) -> None:
        """Leave *day* to the calendar again. Raises NotAllowed, NotFound, BadInput for a day that is over."""
        await self._require(by)
        async with transaction():
            before = await TownDay.get_or_none(day=day)
            if before is None:
                raise NotFound("there is no such day")
            if day < self.today():
                raise BadInput("a day that is over stays", field="day", why="over")
            await before.delete()
            await self._note(by, day, _shown(before), None, self._clock.now())
        await self.load()

    async def _note(
        self, by: Actor, day: date, before: dict[str, str] | None, after: dict[str, str] | None, now: datetime
    ) -> None:
        await RuleChange.create(
            at=now, by_id=by.person_id, what="town_day", key=day.isoformat(), before=before, after=after
        )
        await self._queue.defer(RECOUNT, {"timestamp": 0})

    async def _may(self, by: Actor) -> bool:
        paths = [f"{path}%" for path in by.paths(SETS_DAYS)]
        return bool(paths) and await row(_OTHERS, paths) is None

    async def _require(self, by: Actor) -> None:
        if not await self._may(by):
            raise NotAllowed("the calendar is for whoever looks after all towns", why="calendar")

    def _day(self, day: date, own: Mapping[date, TownDay]) -> Day:
        ours = own.get(day)
        works = ours.works if ours is not None else self._otherwise(day)
        return Day(
            day,
            works,
            monday_to_friday(day),
            self._holiday(day) or "",
            ours is not None,
            ours.why if ours else "",
        )


def _shown(one: TownDay | None) -> dict[str, str] | None:
    return {"works": _word(works=one.works), "why": one.why} if one is not None else None


def _word(*, works: bool) -> str:
    return "yes" if works else "no"


def _length(year: int) -> int:
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days
