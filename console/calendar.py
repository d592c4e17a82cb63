"""工作日历: a year with its holidays and make-up days, and the days that the town has set itself."""

from collections.abc import Sequence
from datetime import date

from aiohttp import web

from console.case_actions import once
from console.frame import ROOT, see_other
from console.gate import Gate, Visit
from domain.errors import BadInput, Refusal
from services.idempotency import Idempotencies
from services.town_days import LONGEST_WHY, Day, TownDays

CALENDAR = f"{ROOT}/calendar"


class CalendarPage:
    def __init__(self, gate: Gate, days: TownDays, idempotencies: Idempotencies) -> None:
        self._gate = gate
        self._days = days
        self._idempotencies = idempotencies

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(CALENDAR, self._gate.shows(self.show), name="console.calendar"),
            web.post(CALENDAR, self._gate.takes(self.change), name="console.change_calendar"),
        ]

    async def show(self, visit: Visit) -> web.StreamResponse:
        text = visit.request.query.get("year", "")
        year = int(text) if text.isascii() and text.isdigit() and len(text) == len("2027") else self._days.today().year
        try:
            return await self._page(visit, year, done=visit.request.query.get("done", ""))
        except BadInput:
            return see_other(CALENDAR)

    async def change(self, visit: Visit) -> web.StreamResponse:
        form = visit.form

        async def work() -> str:
            day = _day(form["day"])
            if form["action"] == "remove":
                await self._days.remove(visit.actor, day)
            else:
                await self._days.set(visit.actor, day, form["why"], works=form["works"] == "yes")
            return f"{CALENDAR}?year={day.year}&done={'removed' if form['action'] == 'remove' else 'set'}"

        try:
            return await once(self._idempotencies, visit, work)
        except Refusal as refused:
            return await self._page(visit, self._days.today().year, refused.status, refusal=refused)

    async def _page(
        self, visit: Visit, year: int, status: int = 200, *, done: str = "", refusal: Refusal | None = None
    ) -> web.Response:
        found = await self._days.year(visit.actor, year)
        return self._gate.page(
            visit,
            "calendar.html",
            status,
            year=found,
            months=_weeks(found.days),
            done=done,
            typed=visit.form,
            refusal=refusal,
            longest=LONGEST_WHY,
        )


def _weeks(days: Sequence[Day]) -> list[list[list[Day | None]]]:
    """For each month its weeks from Monday to Sunday, with nothing where a day belongs to another month."""
    months: list[list[list[Day | None]]] = []
    for day in days:
        if day.day.day == 1:
            months.append([[None] * day.day.weekday()])
        elif day.day.weekday() == 0:
            months[-1].append([])
        months[-1][-1].append(day)
    return months


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput("day must be a day", field="day", why="unreadable") from None
