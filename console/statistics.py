"""统计 and 月报: what was filed and resolved in one's own subtree, as charts and tables, and as a page to print."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from console import charts
from console.forms import printable
from console.frame import ROOT
from console.gate import Gate, Visit
from domain.errors import BadInput, Refusal
from services.figures import Counts, FigurePages, Figures, Place, added
from services.statistics import FEWEST

STATISTICS, REPORT = f"{ROOT}/statistics", f"{ROOT}/statistics/month"
_HALF_A_YEAR = 6
_MOST_BARS = 12
_LONGEST_CODE = 40
TOGETHER = "-"
"""The key of the line that stands for all types of which there are few."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form asks for; what cannot be understood is as if it were not there."""

    code: str
    since: date
    until: date


class StatisticsPages:
    def __init__(self, gate: Gate, figures: FigurePages) -> None:
        self._gate = gate
        self._figures = figures

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(STATISTICS, self._gate.shows(self.show), name="console.statistics"),
            web.get(REPORT, self._gate.shows(self.report), name="console.month_report"),
        ]

    async def show(self, visit: Visit) -> web.StreamResponse:
        places, months = await self._figures.places(visit.actor), self._figures.months()
        if not places:
            return self._gate.page(visit, "statistics.html", places=(), months=months, asked=None, found=None)
        query = visit.request.query
        asked = Asked(
            printable(query.get("region", ""))[:_LONGEST_CODE] or places[0].code,
            month_of(query.get("since", "")) or months[_HALF_A_YEAR - 1],
            month_of(query.get("until", "")) or months[0],
        )
        shared: dict[str, Any] = {"places": places, "months": months, "asked": asked}
        try:
            found = await self._figures.of(visit.actor, asked.code, asked.since, asked.until)
        except BadInput as refused:
            return self._gate.page(visit, "statistics.html", refused.status, **shared, found=None, refusal=refused)
        return self._gate.page(visit, "statistics.html", **shared, found=found, refusal=None, **drawn(found, places))

    async def report(self, visit: Visit) -> web.StreamResponse:
        places, months = await self._figures.places(visit.actor), self._figures.months()
        query = visit.request.query
        month = month_of(query.get("month", "")) or months[min(1, len(months) - 1)]
        shared: dict[str, Any] = {"places": places, "months": months, "month": month, "fewest": FEWEST}
        if not places:
            return self._gate.page(visit, "month_report.html", **shared, found=None, code="", refusal=None)
        code = printable(query.get("region", ""))[:_LONGEST_CODE] or places[0].code
        try:
            found = await self._figures.of(visit.actor, code, month, month)
            before = await self._figures.before(found.place, month)
        except BadInput as refused:
            told: Refusal = refused
            return self._gate.page(
                visit, "month_report.html", refused.status, **shared, found=None, code=code, refusal=told
            )
        return self._gate.page(
            visit,
            "month_report.html",
            **shared,
            found=found,
            code=code,
            before=before,
            refusal=None,
            running=month == months[0],
            types=_enough(found),
            **drawn(found, places),
        )


def drawn(found: Figures, places: Sequence[Place]) -> dict[str, Any]:
    """The charts of *found*, and where its tables lead."""
    names = [_day(one.day, by_day=found.by_day) for one in found.flow]
    above = next((place for place in places if place.id == found.place.parent_id), None)
    period = {"since": f"{found.since:%Y-%m}", "until": f"{found.until:%Y-%m}"}
    codes = {one.key for one in found.below} | ({above.code} if above is not None else set())
    return {
        "names": names,
        "flow": charts.columns(names, [one.filed for one in found.flow], [one.resolved for one in found.flow]),
        "stock": charts.line(names, [one.open for one in found.flow]),
        "most_below": _most(found.below),
        "most_types": _most(found.types),
        "bars": charts.bars,
        "above": above,
        "links": {code: f"{STATISTICS}?{urlencode({'region': code, **period})}" for code in codes},
    }


def month_of(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01") if len(text) == len("2027-03") else None
    except ValueError:
        return None


def _enough(found: Figures) -> list[Counts]:
    """Types as a page for everybody tells them: those of which there are few are one line together."""
    if found.whole.filed < FEWEST:
        return []
    few = [one for one in found.types if one.filed < FEWEST]
    together = [added(few, key=TOGETHER, name=str(len(few)))] if few else []
    return [*(one for one in found.types if one.filed >= FEWEST), *together]


def _most(some: Sequence[Counts]) -> tuple[list[str], list[int]]:
    """Names and numbers of those that have most."""
    most = sorted((one for one in some if one.filed), key=lambda one: -one.filed)[:_MOST_BARS]
    return [one.name or one.key for one in most], [one.filed for one in most]


def _day(day: date, *, by_day: bool) -> str:
    return f"{day.month}/{day.day}" if by_day else f"{day:%y}/{day.month}"
