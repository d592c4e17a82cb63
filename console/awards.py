"""评优申报: an application for an award with the records that speak for it; village, then town (G 七(三))."""

from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlencode

from aiohttp import web

from console.case_actions import once
from console.frame import ROOT
from console.gate import Gate, Visit
from domain.errors import BadInput, NotFound, Refusal
from services import award_applications as rules
from services.award_applications import AwardApplications
from services.idempotency import Idempotencies

AWARDS = f"{ROOT}/awards"
PAGE = 30
_LONGEST_CODE = 40


class AwardPages:
    def __init__(self, gate: Gate, applications: AwardApplications, idempotencies: Idempotencies) -> None:
        self._gate = gate
        self._applications = applications
        self._idempotencies = idempotencies

    def routes(self) -> list[web.RouteDef]:
        where = f"{AWARDS}/{{number:[0-9]{{1,18}}}}"
        shows, takes = self._gate.shows, self._gate.takes
        return [
            web.get(AWARDS, shows(self.listed), name="console.awards"),
            web.get(f"{AWARDS}/new", shows(self.show_new), name="console.new_award"),
            web.post(f"{AWARDS}/new", takes(self.apply), name="console.apply_award"),
            web.get(where, shows(self.one), name="console.award"),
            web.post(where, takes(self.decide), name="console.decide_award"),
        ]

    async def listed(self, visit: Visit) -> web.StreamResponse:
        found, following = await self._applications.listed(
            visit.actor, cursor=visit.request.query.get("cursor") or None, limit=PAGE
        )
        return self._gate.page(
            visit,
            "awards.html",
            found=found,
            following=f"{AWARDS}?{urlencode({'cursor': following})}" if following else "",
            applies=bool(await self._applications.grids(visit.actor)),
        )

    async def show_new(self, visit: Visit) -> web.StreamResponse:
        return await self._new(visit, visit.request.query.getall("grid", []))

    async def apply(self, visit: Visit) -> web.StreamResponse:
        """For one worker, or for several at once, each with their own records."""
        form, grids = visit.form, [one[:_LONGEST_CODE] for one in visit.form.all("grid")]

        async def work() -> str:
            chosen = [one.partition("-") for one in form.all("evidence")]
            evidence = [(kind, number) for kind, _, number in chosen]
            made = await self._applications.apply_together(visit.actor, grids, form["title"], form["reason"], evidence)
            return f"{AWARDS}/{made[0].id}?done=asked"

        try:
            return await once(self._idempotencies, visit, work)
        except Refusal as refused:
            return await self._new(visit, grids, refused)

    async def one(self, visit: Visit) -> web.StreamResponse:
        return await self._page(visit)

    async def decide(self, visit: Visit) -> web.StreamResponse:
        form = visit.form

        async def work() -> str:
            said = form["decision"]
            if said == "support":
                await self._applications.support(visit.actor, visit.number)
            elif said in {"approve", "refuse"}:
                points = _points(form["points"]) if said == "approve" else 0
                await self._applications.decide(visit.actor, visit.number, points=points, answer=form["answer"])
            else:
                raise BadInput("decision must be made", field="decision")
            return f"{AWARDS}/{visit.number}?done={said}"

        try:
            return await once(self._idempotencies, visit, work)
        except NotFound:
            raise
        except Refusal as refused:
            return await self._page(visit, refused)

    async def _new(self, visit: Visit, asked: Sequence[str], refusal: Refusal | None = None) -> web.Response:
        grids = await self._applications.grids(visit.actor)
        chosen = [one for one in grids if one[0] in asked][: rules.MOST_TEAM] or (grids if len(grids) == 1 else [])
        return self._gate.page(
            visit,
            "award_new.html",
            refusal.status if refusal is not None else HTTPStatus.OK,
            grids=grids,
            chosen=[(*one, await self._applications.records(visit.actor, one[0])) for one in chosen],
            rules=rules,
            refusal=refusal,
            typed=visit.form,
        )

    async def _page(self, visit: Visit, refusal: Refusal | None = None) -> web.Response:
        by, number = visit.actor, visit.number
        return self._gate.page(
            visit,
            "award.html",
            refusal.status if refusal is not None else HTTPStatus.OK,
            one=await self._applications.one(by, number),
            evidence=await self._applications.evidence(by, number),
            steps=await self._applications.steps(by, number),
            rules=rules,
            done=visit.request.query.get("done", ""),
            refusal=refusal,
            typed=visit.form,
        )


def _points(text: str) -> int:
    """Raises BadInput; nothing but refusing gives none."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:3]) <= rules.MOST_POINTS):
        raise BadInput("points must be chosen", field="points", most=rules.MOST_POINTS)
    return int(text)
