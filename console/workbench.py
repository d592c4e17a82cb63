"""工作台: what needs me now, and what has happened today."""

from aiohttp import web

from console.frame import ROOT
from console.gate import Gate, Visit
from services.workbench import Workbench


class WorkbenchPage:
    def __init__(self, gate: Gate, workbench: Workbench) -> None:
        self._gate = gate
        self._workbench = workbench

    def routes(self) -> list[web.RouteDef]:
        return [web.get(f"{ROOT}/", self._gate.shows(self.show), name="console.workbench")]

    async def show(self, visit: Visit) -> web.StreamResponse:
        bench = await self._workbench.of(visit.actor)
        query = visit.request.query
        return self._gate.page(
            visit, "workbench.html", bench=bench, done=query.get("done", ""), number=query.get("number", "")
        )
