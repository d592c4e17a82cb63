"""记一件来电: a case for somebody who has phoned."""

from aiohttp import web

from console.case_actions import once
from console.cases import CASES
from console.gate import Gate, Visit
from domain.errors import Refusal
from services.idempotency import Idempotencies
from services.phone_desk import LONGEST_ADDRESS, LONGEST_NAME, LONGEST_WORDS, Call, PhoneDesk

NEW = f"{CASES}/new"


class PhoneDeskPage:
    def __init__(self, gate: Gate, desk: PhoneDesk, idempotencies: Idempotencies) -> None:
        self._gate = gate
        self._desk = desk
        self._idempotencies = idempotencies

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(NEW, self._gate.shows(self.show), name="console.new_case"),
            web.post(NEW, self._gate.takes(self.take), name="console.file_case"),
        ]

    async def show(self, visit: Visit) -> web.StreamResponse:
        return await self._page(visit)

    async def take(self, visit: Visit) -> web.StreamResponse:
        try:
            return await once(self._idempotencies, visit, lambda: self._file(visit))
        except Refusal as refused:
            return await self._page(visit, refused.status, refused)

    async def _file(self, visit: Visit) -> str:
        form = visit.form
        call = Call(
            grid=form["grid"],
            words=form["words"],
            name=form["name"],
            phone=form["phone"],
            address=form["address"],
            urgent=form.checked("urgent"),
        )
        filed = await self._desk.file(visit.actor, call)
        return f"{CASES}/{filed.case.number}?done=filed"

    async def _page(self, visit: Visit, status: int = 200, refusal: Refusal | None = None) -> web.Response:
        return self._gate.page(
            visit,
            "new_case.html",
            status,
            grids=await self._desk.grids(visit.actor),
            typed=visit.form,
            refusal=refusal,
            longest={"words": LONGEST_WORDS, "name": LONGEST_NAME, "address": LONGEST_ADDRESS},
        )
