"""工作台: what needs me now, and what has happened today."""

from aiohttp import web

from console.frame import ROOT
from console.gate import Gate, Visit
from console.live import Live, Told
from services.access import Actor
from services.complaint_routing import INSPECTS
from services.workbench import MOST, Workbench

EVERY = 15.0
"""Seconds between two counts."""


class WorkbenchPage:
    def __init__(self, gate: Gate, workbench: Workbench, live: Live, *, every: float = EVERY) -> None:
        self._gate = gate
        self._workbench = workbench
        self._live = live
        self._every = every

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"{ROOT}/", self._gate.shows(self.show), name="console.workbench"),
            web.get(f"{ROOT}/live", self._gate.shows(self.counts), name="console.live"),
        ]

    async def show(self, visit: Visit) -> web.StreamResponse:
        bench = await self._workbench.of(visit.actor)
        query = visit.request.query
        return self._gate.page(
            visit, "workbench.html", bench=bench, done=query.get("done", ""), number=query.get("number", "")
        )

    async def counts(self, visit: Visit) -> web.StreamResponse:
        """The counts while the page is open: of one desk's people they are asked once, however many watch."""
        return await self._live.stream(visit, "counts", self._told, every=self._every)

    async def _told(self, actor: Actor) -> Told:
        # A complaint is not counted for an inspector whom it concerns: so these share with nobody.
        alone = actor.person_id if actor.paths(INSPECTS) else 0
        desk = (alone, *sorted((held.duty, held.region_id, held.department_id or 0) for held in actor.duties))

        async def ask() -> Told:
            return Told({"counts": dict(await self._workbench.counts(actor)), "most": MOST})

        return await self._live.shared(desk, self._every / 2, ask)
