"""培训: hours of the year of each worker below, what they have passed, and what is missing."""

from http import HTTPStatus
from urllib.parse import urlencode

from aiohttp import web

from console.frame import ROOT
from console.gate import Gate, Visit
from domain.errors import NotAllowed
from services.figures import FigurePages
from services.training_hours import TrainingHours

TRAINING = f"{ROOT}/training"


class TrainingPages:
    def __init__(self, gate: Gate, hours: TrainingHours, figures: FigurePages) -> None:
        self._gate = gate
        self._hours = hours
        self._figures = figures

    def routes(self) -> list[web.RouteDef]:
        return [web.get(TRAINING, self._gate.shows(self.show), name="console.training")]

    async def show(self, visit: Visit) -> web.StreamResponse:
        query, years = visit.request.query, self._hours.years()
        year = next((one for one in years if str(one) == query.get("year")), years[0])
        cursor = query.get("cursor") or None
        try:
            lines, following = await self._hours.below(visit.actor, year, cursor=cursor)
        except NotAllowed:
            return self._gate.page(visit, "assessment_none.html", HTTPStatus.FORBIDDEN, why="not_allowed")
        return self._gate.page(
            visit,
            "training.html",
            year=year,
            years=years,
            lines=lines,
            later=cursor is not None,
            wanted=self._hours.wanted,
            places=await self._figures.places(visit.actor),
            following=f"{TRAINING}?{urlencode({'year': year, 'cursor': following})}" if following else "",
        )
