"""考核: a month's scores, one worker's sheet to be printed and signed, and the list of awards."""

from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlencode

from aiohttp import web

from console.case_actions import once
from console.frame import ROOT
from console.gate import Gate, Visit
from domain.assessment import Line
from domain.assessment_rules import NAMES, SOURCES, Part
from domain.coverage import NAMES as COMPASS
from domain.errors import BadInput, NotAllowed, NotFound, Refusal
from domain.event_list import NAMES as CATEGORIES
from domain.month import Month
from services.assessments import Assessments, TownMonths
from services.awards import Listed
from services.coverages import Coverages
from services.idempotency import Idempotencies
from services.spot_checks import INSPECTS, SpotChecks

ASSESSMENT = f"{ROOT}/assessment"
PAGE = 200
"""Of a month that is closed: a whole town on one sheet of paper."""
RUNNING_PAGE = 50
"""Of the month that runs, whose scores are worked out as they are looked at."""
_LONGEST = 40
_DECEMBER = 12


class AssessmentPages:
    def __init__(
        self,
        gate: Gate,
        assessments: Assessments,
        checks: SpotChecks,
        idempotencies: Idempotencies,
        coverages: Coverages,
    ) -> None:
        self._gate = gate
        self._assessments = assessments
        self._checks = checks
        self._idempotencies = idempotencies
        self._coverages = coverages

    def routes(self) -> list[web.RouteDef]:
        where = f"{ASSESSMENT}/{{number:[0-9]{{1,18}}}}"
        return [
            web.get(ASSESSMENT, self._gate.shows(self.listed), name="console.assessment"),
            web.get(f"{ASSESSMENT}/sheet", self._gate.shows(self.sheet), name="console.assessment_sheet"),
            web.post(where, self._gate.takes(self.object_to), name="console.object_to_award"),
        ]

    async def listed(self, visit: Visit) -> web.StreamResponse:
        return await self._page(visit)

    async def sheet(self, visit: Visit) -> web.StreamResponse:
        """One worker's month, every point with its reason and its record."""
        query = visit.request.query
        person = query.get("person", "")
        if not (person.isascii() and person.isdigit() and len(person) <= 18):  # noqa: PLR2004 - as far as ids go
            raise NotFound("there is no such score below you")
        try:
            score = await self._assessments.one_below(
                visit.actor, query.get("month", ""), int(person), query.get("grid", "")[:_LONGEST]
            )
        except NotAllowed:
            return self._nobody(visit)
        except BadInput:
            raise NotFound("there is no such month") from None
        return self._gate.page(
            visit,
            "assessment_sheet.html",
            score=score,
            # A month that runs costs as many statements as a page may; its awards stand on the town's page.
            awards=await self._assessments.awards_of(score.person_id, score.month) if score.closed else [],
            covered=await self._coverages.of_worker(score.person_id, score.code) if not score.closed else None,
            compass=COMPASS,
            parts=[(part, _of(score.got.lines, part)) for part in Part],
            names={**dict(NAMES), **{str(one): said for one, said in CATEGORIES.items()}},
            sources=SOURCES,
            inspects=bool(visit.actor.paths(INSPECTS)),
        )

    async def object_to(self, visit: Visit) -> web.StreamResponse:
        """Anybody may object to a place on a list while it is public (G 七(三))."""
        back = {name: visit.form[name][:_LONGEST] for name in ("town", "month") if visit.form[name]}

        async def work() -> str:
            await self._checks.object_to_award(visit.actor, visit.number, visit.form["reason"])
            return f"{ASSESSMENT}?{urlencode({**back, 'done': 'objected'})}"

        try:
            return await once(self._idempotencies, visit, work)
        except NotFound:
            raise
        except Refusal as refused:
            return await self._page(visit, refused, back, about=visit.number)

    async def _page(
        self,
        visit: Visit,
        refusal: Refusal | None = None,
        given: dict[str, str] | None = None,
        *,
        about: int = 0,
    ) -> web.Response:
        query = visit.request.query
        asked = given if given is not None else {name: query.get(name, "") for name in ("town", "month")}
        try:
            towns = await self._assessments.towns(visit.actor)
        except NotAllowed:
            return self._nobody(visit)
        town, month = _chosen(towns, asked)
        if town is None or month is None:
            return self._gate.page(visit, "assessment_none.html", why="no_town")
        cursor = query.get("cursor") or None if given is None else None
        running = month == town.months[0]
        scores, following = await self._assessments.below(
            visit.actor,
            str(month),
            within=town.path,
            cursor=cursor,
            limit=RUNNING_PAGE if running else PAGE,
        )
        here = {"town": town.code, "month": str(month)}
        return self._gate.page(
            visit,
            "assessment.html",
            refusal.status if refusal is not None else HTTPStatus.OK,
            towns=towns,
            town=town,
            month=month,
            running=running,
            scores=scores,
            following=f"{ASSESSMENT}?{urlencode({**here, 'cursor': following})}" if following else "",
            later=bool(cursor),
            awards=await self._awards(town, month, running=running),
            names=NAMES,
            parts=tuple(Part),
            done=query.get("done", ""),
            refusal=refusal,
            typed=visit.form,
            about=about,
        )

    async def _awards(self, town: TownMonths, month: Month, *, running: bool) -> list[tuple[str, Sequence[Listed]]]:
        """月度优秀, with December's the year's 年度十佳, and what was applied for and approved in the month."""
        periods = [] if running else [str(month), *([str(month.year)] if month.month == _DECEMBER else [])]
        found = [await self._assessments.awards(town.code, period) for period in periods]
        merits = await self._assessments.merits(town.code, month) if town.merits or not running else []
        lists = [(kind, places) for kind, _, places in found]
        return [(kind, places) for kind, places in (*lists, ("merit", merits)) if places]

    def _nobody(self, visit: Visit) -> web.Response:
        return self._gate.page(visit, "assessment_none.html", HTTPStatus.FORBIDDEN, why="not_allowed")


def _chosen(towns: Sequence[TownMonths], asked: dict[str, str]) -> tuple[TownMonths | None, Month | None]:
    """The town and month that were asked for; what is not there leads to the first, and to the month that runs."""
    if not towns:
        return None, None
    town = next((one for one in towns if one.code == asked.get("town")), towns[0])
    month = next((one for one in town.months if str(one) == asked.get("month")), town.months[0])
    return town, month


def _of(lines: Sequence[Line], part: Part) -> list[Line]:
    return sorted((line for line in lines if line.part is part), key=lambda one: one.at)
