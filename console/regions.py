"""网格: the tree of regions a level at a time, and the page of each with its people, map and what lies around it."""

import asyncio
from urllib.parse import quote, urlencode

from aiohttp import web

from console.frame import ROOT
from console.gate import Gate, Visit
from console.maps import drawing
from domain.case import Level
from domain.coverage import NAMES
from services.appointments import Appointments
from services.coverages import Coverages
from services.import_desk import ImportDesk
from services.region_tree import RegionTree

REGIONS = f"{ROOT}/regions"
ONE = f"{REGIONS}/{{code:[^/]{{1,40}}}}"
_LONGEST = 40


class RegionPages:
    def __init__(
        self, gate: Gate, tree: RegionTree, appointments: Appointments, imports: ImportDesk, coverages: Coverages
    ) -> None:
        self._gate = gate
        self._tree = tree
        self._appointments = appointments
        self._imports = imports
        self._coverages = coverages

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(REGIONS, self._gate.shows(self.listed), name="console.regions"),
            web.get(ONE, self._gate.shows(self.one), name="console.region"),
        ]

    async def listed(self, visit: Visit) -> web.StreamResponse:
        words = "".join(sign for sign in visit.request.query.get("q", "") if sign.isprintable()).strip()[:_LONGEST]
        if not words and (only := self._tree.only_root(visit.actor)):
            return await self._region(visit, only)
        found = await (self._tree.search(visit.actor, words) if words else self._tree.roots(visit.actor))
        return self._gate.page(visit, "regions.html", words=words, lines=found, imports=self._imports.may(visit.actor))

    async def one(self, visit: Visit) -> web.StreamResponse:
        return await self._region(visit, visit.request.match_info["code"])

    async def _region(self, visit: Visit, code: str) -> web.StreamResponse:
        query = visit.request.query
        after = "".join(sign for sign in query.get("after", "") if sign.isprintable())[:_LONGEST]
        branch = await self._tree.of(visit.actor, code, after=after)
        following = f"{address(code)}?{urlencode({'after': branch.following})}" if branch.following else ""
        is_grid = branch.region.level == Level.GRID
        return self._gate.page(
            visit,
            "region.html",
            branch=branch,
            region=branch.region,
            is_grid=is_grid,
            covered=await self._coverages.below(branch.region.path) if branch.region.level <= Level.TOWN else [],
            compass=NAMES,
            following=following,
            later=bool(after),
            people=await self._appointments.of_region(visit.actor, branch.region),
            fills=self._appointments.may_fill(visit.actor, branch.region),
            imports=self._imports.may(visit.actor),
            drawing=None if branch.too_many else await asyncio.to_thread(drawing, branch.outlines),
            done=query.get("done", ""),
            cases=_digits(query.get("cases", "")),
            held=_digits(query.get("held", "")),
        )


def address(code: str, **more: object) -> str:
    """The page of the region *code*."""
    where = f"{REGIONS}/{quote(code, safe='')}"
    return f"{where}?{urlencode(more)}" if more else where


def _digits(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0  # noqa: PLR2004 - as far as numbers go
