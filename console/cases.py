"""诉求: the list with its filters, and one case with everything beside it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

from aiohttp import web

from console.forms import Form, printable
from console.frame import ROOT, see_other
from console.gate import Gate, Visit
from console.maps import sketch_of
from domain.case import Status
from domain.errors import NotFound, Refusal
from services.case_search import Filters
from services.case_sheets import CaseSheets
from services.queues import Queues
from services.workbench import FOR_INSPECTORS, FOR_OVERSEERS, LISTS

PAGE = 25
CASES = f"{ROOT}/cases"
_LISTS: Mapping[str, Filters] = {
    **LISTS,
    **FOR_INSPECTORS,
    **FOR_OVERSEERS,
    "open": Filters(open=True),
    "mine": Filters(mine="held", open=True),
}
_LONGEST_WORDS, _LONGEST_CODE = 100, 40
_KEPT = ("list", "status", "q", "region", "since", "until")


class CasePages:
    def __init__(self, gate: Gate, queues: Queues, sheets: CaseSheets) -> None:
        self._gate = gate
        self._queues = queues
        self._sheets = sheets

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(CASES, self._gate.shows(self.listed), name="console.cases"),
            web.get(f"{CASES}/{{number:[0-9]{{1,18}}}}", self._gate.shows(self.one), name="console.case"),
        ]

    async def listed(self, visit: Visit) -> web.StreamResponse:
        query = visit.request.query
        given = {name: printable(query.get(name, "")) for name in _KEPT}
        digits = given["q"].lstrip("№#").strip()
        if digits.isascii() and digits.isdigit() and len(digits) <= 18:  # noqa: PLR2004 - as far as numbers go
            # A number that was typed leads straight to its case.
            try:
                await self._sheets.of(visit.actor, int(digits))
            except NotFound:
                pass
            else:
                return see_other(f"{CASES}/{int(digits)}")
        page = await self._queues.listed(visit.actor, _wanted(given), cursor=query.get("cursor") or None, limit=PAGE)
        following = ""
        if page.next is not None:
            following = f"{CASES}?{urlencode({**{k: v for k, v in given.items() if v}, 'cursor': page.next})}"
        return self._gate.page(
            visit,
            "cases.html",
            page=page,
            typed=Form({}),
            given=given,
            following=following,
            later=bool(query.get("cursor")),
            filtered=any(given.values()),
            places=await self._sheets.regions(visit.actor),
            bulk_places=await self._sheets.names_below(visit.actor),
            narrowed=any(given[name] for name in ("status", "region", "since", "until")),
        )

    async def one(self, visit: Visit) -> web.StreamResponse:
        done = visit.request.query.get("done", "")
        try:
            return await self.sheet(visit, done=done)
        except NotFound:
            if not done:
                raise
            # It has just been handed on, and is no longer theirs to see.
            return see_other(f"{ROOT}/?{urlencode({'done': done, 'number': visit.number})}")

    async def sheet(
        self,
        visit: Visit,
        *,
        status: int = 200,
        done: str = "",
        refusal: Refusal | None = None,
        phone: str = "",
    ) -> web.Response:
        """The page of a case; after a no, with what was written. Raises NotFound."""
        sheet = await self._sheets.of(visit.actor, visit.number)
        facts = {"sheet": sheet, "sketch": sketch_of(sheet), "done": done, "refusal": refusal, "phone": phone}
        return self._gate.page(visit, "case.html", status, typed=visit.form, **facts)


def _wanted(given: Mapping[str, str]) -> Filters:
    """What cannot be understood narrows nothing: the page shows what it has looked for."""
    wanted = _LISTS.get(given["list"], Filters())
    if given["status"] in {*Status}:
        wanted = replace(wanted, statuses=(Status(given["status"]),))
    return replace(
        wanted,
        words=given["q"][:_LONGEST_WORDS] or None,
        region=given["region"][:_LONGEST_CODE] or None,
        since=_day(given["since"]),
        until=_day(given["until"]),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
