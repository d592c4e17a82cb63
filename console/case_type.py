"""归类: what type of the event list a case is of; likely ones first, then the whole list by category."""

from http import HTTPStatus

from aiohttp import web

from console.case_actions import once
from console.cases import CASES
from console.gate import Gate, Visit
from domain.errors import NotFound, Refusal
from services.case_sheets import CaseSheets
from services.event_types import EventTypes
from services.idempotency import Idempotencies

_LONGEST_WORDS = 40


class CaseTypePage:
    def __init__(self, gate: Gate, sheets: CaseSheets, types: EventTypes, idempotencies: Idempotencies) -> None:
        self._gate = gate
        self._sheets = sheets
        self._types = types
        self._idempotencies = idempotencies

    def routes(self) -> list[web.RouteDef]:
        where = f"{CASES}/{{number:[0-9]{{1,18}}}}/type"
        return [
            web.get(where, self._gate.shows(self.show), name="console.case_type"),
            web.post(where, self._gate.takes(self.choose), name="console.classify"),
        ]

    async def show(self, visit: Visit) -> web.StreamResponse:
        return await self._page(visit)

    async def choose(self, visit: Visit) -> web.StreamResponse:
        try:
            return await once(self._idempotencies, visit, lambda: self._choose(visit))
        except NotFound:
            raise
        except Refusal as refused:
            return await self._page(visit, refused.status, refused)

    async def _choose(self, visit: Visit) -> str:
        await self._types.classify(visit.actor, visit.number, visit.form["event_type"])
        return f"{CASES}/{visit.number}?done=classify"

    async def _page(self, visit: Visit, status: int = HTTPStatus.OK, refusal: Refusal | None = None) -> web.Response:
        words = visit.request.query.get("q", "").strip()[:_LONGEST_WORDS]
        head = await self._sheets.head(visit.actor, visit.number)
        likely = await self._types.suggestions(visit.actor, visit.number, words, most=8)
        every = await self._types.listed()
        return self._gate.page(
            visit, "case_type.html", status, head=head, likely=likely, every=every, words=words, refusal=refusal
        )
