"""免巡查日: the days on which the weather keeps everybody of a region in (X 四)."""

from datetime import date
from http import HTTPStatus

from aiohttp import web

from console.assessment import ASSESSMENT
from console.case_actions import once
from console.gate import Gate, Visit
from domain.errors import BadInput, Refusal
from domain.patrol import EXEMPTS
from services.case_sheets import CaseSheets
from services.idempotency import Idempotencies
from services.patrol_days import REASON_LENGTH, PatrolDays

DAYS = f"{ASSESSMENT}/days"
_LONGEST_CODE = 40


class ExemptDayPages:
    def __init__(self, gate: Gate, days: PatrolDays, sheets: CaseSheets, idempotencies: Idempotencies) -> None:
        self._gate = gate
        self._days = days
        self._sheets = sheets
        self._idempotencies = idempotencies

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(DAYS, self._gate.shows(self.show), name="console.exempt_days"),
            web.post(DAYS, self._gate.takes(self.exempt), name="console.exempt"),
        ]

    async def show(self, visit: Visit) -> web.StreamResponse:
        return await self._page(visit)

    async def exempt(self, visit: Visit) -> web.StreamResponse:
        try:
            work = self._take_back if visit.form["action"] == "back" else self._exempt
            return await once(self._idempotencies, visit, lambda: work(visit))
        except Refusal as refused:
            return await self._page(visit, refused)

    async def _exempt(self, visit: Visit) -> str:
        reason = " ".join(visit.form["reason"].split())
        if not reason or len(reason) > REASON_LENGTH:
            raise BadInput("reason must say why", field="why", longest=REASON_LENGTH)
        await self._days.exempt(visit.actor, visit.form["region"][:_LONGEST_CODE], _day(visit), reason)
        return f"{DAYS}?done=exempt"

    async def _take_back(self, visit: Visit) -> str:
        await self._days.take_back(visit.actor, visit.form["region"][:_LONGEST_CODE], _day(visit))
        return f"{DAYS}?done=back"

    async def _page(self, visit: Visit, refusal: Refusal | None = None) -> web.Response:
        exempts = visit.actor.paths(EXEMPTS)
        places = await self._sheets.regions(visit.actor) if exempts else []
        return self._gate.page(
            visit,
            "exempt_days.html",
            refusal.status if refusal is not None else HTTPStatus.OK,
            days=await self._days.exempted(visit.actor),
            places=places,
            mine={place.code for place in places},
            longest=REASON_LENGTH,
            done=visit.request.query.get("done", ""),
            refusal=refusal,
            typed=visit.form,
        )


def _day(visit: Visit) -> date:
    try:
        return date.fromisoformat(visit.form["day"].strip())
    except ValueError:
        raise BadInput("day must be a day", field="day") from None
