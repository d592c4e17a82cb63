"""请假: who is away in a month and who covers, a leave for a worker, and its end."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from aiohttp import web

from console.case_actions import once
from console.frame import ROOT, see_other
from console.gate import Gate, Visit
from domain.calendar import SHANGHAI
from domain.errors import BadInput, NotFound, Refusal
from services.idempotency import Idempotencies
from services.leave_calendar import Away, LeaveCalendar
from services.leaves import REASON_LENGTH, LeaveView

LEAVES = f"{ROOT}/leaves"
_FIRST_YEAR, _LAST_YEAR = 2000, 2200


class LeavePages:
    def __init__(self, gate: Gate, calendar: LeaveCalendar, idempotencies: Idempotencies) -> None:
        self._gate = gate
        self._calendar = calendar
        self._idempotencies = idempotencies

    def routes(self) -> list[web.RouteDef]:
        shows, takes = self._gate.shows, self._gate.takes
        worker, leave = f"{ROOT}/posts/{{held:[0-9]{{1,9}}}}/leave", f"{LEAVES}/{{leave:[0-9]{{1,18}}}}"
        return [
            web.get(LEAVES, shows(self.month), name="console.leaves"),
            web.get(worker, shows(self.show), name="console.show_leave"),
            web.post(worker, takes(self.enter), name="console.enter_leave"),
            web.get(f"{leave}/end", shows(self.again), name="console.leave_ended"),
            web.get(f"{leave}/answer", shows(self.again), name="console.leave_answered"),
            web.post(f"{leave}/answer", takes(self.answer), name="console.answer_leave"),
            web.post(f"{leave}/end", takes(self.end), name="console.end_leave"),
        ]

    async def month(self, visit: Visit) -> web.StreamResponse:
        return await self._month(visit)

    async def again(self, visit: Visit) -> web.StreamResponse:
        """There is nothing to be looked at by itself."""
        del visit
        return see_other(LEAVES)

    async def show(self, visit: Visit) -> web.StreamResponse:
        return await self._form(visit)

    async def enter(self, visit: Visit) -> web.StreamResponse:
        async def work() -> str:
            form = visit.form
            cover = int(form["cover"]) if form["cover"].isascii() and form["cover"].isdigit() else None
            first, last = _day(form["first"], "first"), _day(form["last"], "last")
            await self._calendar.enter(
                visit.actor, int(visit.request.match_info["held"]), first, last, reason=form["reason"], cover_id=cover
            )
            return f"{LEAVES}?{urlencode({'month': f'{first:%Y-%m}', 'done': 'entered'})}"

        try:
            return await once(self._idempotencies, visit, work)
        except NotFound:
            raise
        except Refusal as refused:
            return await self._form(visit, refused.status, refused)

    async def end(self, visit: Visit) -> web.StreamResponse:
        async def work() -> LeaveView:
            return await self._calendar.end(visit.actor, _leave(visit))

        return await self._step(visit, "ended", work)

    async def answer(self, visit: Visit) -> web.StreamResponse:
        approve = visit.form["answer"] == "yes"

        async def work() -> LeaveView:
            return await self._calendar.answer(visit.actor, _leave(visit), approve=approve, why=visit.form["note"])

        return await self._step(visit, "approved" if approve else "refused", work)

    async def _step(self, visit: Visit, done: str, work: Callable[[], Awaitable[LeaveView]]) -> web.StreamResponse:
        async def step() -> str:
            first = (await work()).starts_at.astimezone(SHANGHAI)
            return f"{LEAVES}?{urlencode({'month': f'{first:%Y-%m}', 'done': done})}"

        try:
            return await once(self._idempotencies, visit, step)
        except NotFound:
            raise
        except Refusal as refused:
            return await self._month(visit, refused.status, refused)

    async def _month(self, visit: Visit, status: int = HTTPStatus.OK, refusal: Refusal | None = None) -> web.Response:
        today = self._calendar.today()
        first = _month(visit.request.query.get("month", "")) or today.replace(day=1)
        leaves, more = await self._calendar.month(visit.actor, first)
        return self._gate.page(
            visit,
            "leaves.html",
            status,
            first=first,
            today=today,
            before=(first - timedelta(days=1)).replace(day=1),
            after=(first + timedelta(days=32)).replace(day=1),
            weeks=_weeks(first, leaves),
            leaves=leaves,
            more=more,
            done=visit.request.query.get("done", ""),
            refusal=refusal,
        )

    async def _form(self, visit: Visit, status: int = HTTPStatus.OK, refusal: Refusal | None = None) -> web.Response:
        worker = await self._calendar.worker(visit.actor, int(visit.request.match_info["held"]))
        return self._gate.page(
            visit,
            "leave.html",
            status,
            worker=worker,
            today=self._calendar.today(),
            typed=visit.form,
            refusal=refusal,
            longest=REASON_LENGTH,
        )


def _weeks(first: date, leaves: list[Away]) -> list[list[tuple[date, list[Away]]]]:
    """The month's weeks from Monday to Sunday, each day with who is away; days of other months are empty."""
    start = first - timedelta(days=first.weekday())
    found: list[list[tuple[date, list[Away]]]] = []
    while not found or (start.year, start.month) == (first.year, first.month):
        days = [start + timedelta(days=number) for number in range(7)]
        found.append(
            [
                (day, [one for one in leaves if day.month == first.month and one.first <= day <= one.last])
                for day in days
            ]
        )
        start += timedelta(days=7)
    return found


def _month(text: str) -> date | None:
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None


def _leave(visit: Visit) -> int:
    return int(visit.request.match_info["leave"])


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput("this is no day", field=field, why="day") from None
