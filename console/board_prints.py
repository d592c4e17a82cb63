"""公示牌: boards, door cards and badges of some grids as one PDF."""

from http import HTTPStatus

from aiohttp import web

from console.gate import Gate, Visit
from console.regions import ONE
from domain.errors import BadInput, Refusal, TooMany
from services import access
from services.board_runs import MOST, SIZES, TITLES, BoardRuns, Run
from services.prints import Kind

_KINDS: dict[str, Kind] = {"board": "board", "card": "card", "badge": "badge"}
_NAMES = {"board": "boards", "card": "cards", "badge": "badges"}


class BoardPages:
    def __init__(self, gate: Gate, runs: BoardRuns) -> None:
        self._gate = gate
        self._runs = runs

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"{ONE}/boards", self._gate.shows(self.show), name="console.boards"),
            web.post(f"{ONE}/boards", self._gate.takes(self.print), name="console.print_boards"),
        ]

    async def show(self, visit: Visit) -> web.StreamResponse:
        return await self._page(visit, _KINDS.get(visit.request.query.get("kind", ""), "board"))

    async def print(self, visit: Visit) -> web.StreamResponse:
        """The PDF, to be saved; where something cannot be printed, a page that says what, and offers the rest."""
        kind = _KINDS.get(visit.form["kind"], "board")
        codes = visit.form.all("codes")
        if visit.form.checked("all"):
            region = await access.region_seen(visit.actor, visit.request.match_info["code"])
            codes = [one.board.code for one in (await self._runs.choices(region, kind))[0]]
        try:
            run = await self._runs.run(visit.actor, codes, kind, size=visit.form["size"])
        except (BadInput, TooMany) as refused:
            return await self._page(visit, kind, refused.status, refusal=refused)
        if run.faults:
            bad = {one.code for one in run.faults}
            left = [code for code in codes if code not in bad]
            return await self._page(visit, kind, HTTPStatus.CONFLICT, run=run, chosen=left)
        name = f"{_NAMES[kind]}-{visit.request.match_info['code']}.pdf"
        plain = name if name.isascii() else f"{_NAMES[kind]}.pdf"
        headers = {
            "Content-Disposition": f'attachment; filename="{plain}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(body=run.pdf, content_type="application/pdf", headers=headers)

    async def _page(
        self,
        visit: Visit,
        kind: Kind,
        status: int = HTTPStatus.OK,
        *,
        refusal: Refusal | None = None,
        run: Run | None = None,
        chosen: list[str] | None = None,
    ) -> web.Response:
        region = await access.region_seen(visit.actor, visit.request.match_info["code"])
        versions, more = await self._runs.choices(region, kind)
        ticked = set(chosen if chosen is not None else visit.form.all("codes"))
        return self._gate.page(
            visit,
            "boards.html",
            status,
            region=region,
            kind=kind,
            titles=TITLES,
            sizes=SIZES,
            size=visit.form["size"] or SIZES[0],
            versions=versions,
            more=more,
            most=MOST,
            ticked=ticked,
            refusal=refusal,
            faults=run.faults if run is not None else (),
            only_one=len(versions) == 1,
        )
