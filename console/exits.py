"""退出: proposals after two failed years, what the worker says to them, and a commander's decision (Y art. 17)."""

from http import HTTPStatus
from urllib.parse import urlencode

from aiohttp import web

from console.case_actions import once
from console.frame import ROOT
from console.gate import Gate, Visit
from domain.errors import BadInput, NotAllowed, NotFound, Refusal
from services.exits import LONGEST, Exits
from services.idempotency import Idempotencies

EXITS = f"{ROOT}/exits"
PAGE = 30


class ExitPages:
    def __init__(self, gate: Gate, exits: Exits, idempotencies: Idempotencies) -> None:
        self._gate = gate
        self._exits = exits
        self._idempotencies = idempotencies

    def routes(self) -> list[web.RouteDef]:
        where = f"{EXITS}/{{number:[0-9]{{1,18}}}}"
        return [
            web.get(EXITS, self._gate.shows(self.listed), name="console.exits"),
            web.get(where, self._gate.shows(self.sheet), name="console.exit"),
            web.post(where, self._gate.takes(self.decide), name="console.decide_exit"),
        ]

    async def listed(self, visit: Visit) -> web.StreamResponse:
        try:
            found, following = await self._exits.listed(
                visit.actor, cursor=visit.request.query.get("cursor") or None, limit=PAGE
            )
        except NotAllowed:
            return self._gate.page(visit, "assessment_none.html", HTTPStatus.FORBIDDEN, why="no_exits")
        onward = f"{EXITS}?{urlencode({'cursor': following})}" if following else ""
        return self._gate.page(visit, "exits.html", found=found, following=onward, refusal=None)

    async def sheet(self, visit: Visit) -> web.StreamResponse:
        return await self._page(visit)

    async def decide(self, visit: Visit) -> web.StreamResponse:
        async def work() -> str:
            said = visit.form["decision"]
            if said not in {"keep", "end"}:
                raise BadInput("decision must be made", field="decision")
            done = await self._exits.decide(visit.actor, visit.number, end=said == "end", reason=visit.form["reason"])
            return f"{EXITS}/{visit.number}?done={done.state}"

        try:
            return await once(self._idempotencies, visit, work)
        except NotFound:
            raise
        except Refusal as refused:
            return await self._page(visit, refused)

    async def _page(self, visit: Visit, refusal: Refusal | None = None) -> web.Response:
        return self._gate.page(
            visit,
            "exit.html",
            refusal.status if refusal is not None else HTTPStatus.OK,
            sheet=await self._exits.sheet(visit.actor, visit.number),
            rules=self._exits.rules,
            longest=LONGEST,
            done=visit.request.query.get("done", ""),
            refusal=refusal,
            typed=visit.form,
        )
