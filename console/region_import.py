"""导入: lists of regions and staff, looked through row by row, written when that is confirmed."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from aiohttp import web

from console.case_actions import once
from console.frame import see_other
from console.gate import Gate, Visit
from console.regions import REGIONS
from domain.errors import NotFound, Refusal
from services import imports_regions, imports_staff, imports_template
from services.idempotency import Idempotencies
from services.import_desk import KEPT_SECONDS, MOST_BYTES, MOST_SHOWN, ImportDesk, Looked
from services.imports import BadRows, Counts

IMPORT = f"{REGIONS}/import"
TEMPLATE = f"{IMPORT}/{{kind:regions|staff}}.xlsx"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FIGURES = ("new", "changed", "same")


class ImportPages:
    def __init__(self, gate: Gate, imports: ImportDesk, idempotencies: Idempotencies) -> None:
        self._gate = gate
        self._imports = imports
        self._idempotencies = idempotencies

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(IMPORT, self._gate.shows(self.show), name="console.show_import"),
            web.post(IMPORT, self._gate.takes_files(self.look, longest=MOST_BYTES), name="console.look_at_import"),
            web.get(TEMPLATE, self._gate.shows(self.template), name="console.import_template"),
            web.get(f"{IMPORT}/confirm", self._gate.shows(self.again), name="console.import_again"),
            web.post(f"{IMPORT}/confirm", self._gate.takes(self.confirm), name="console.take_import"),
        ]

    async def show(self, visit: Visit) -> web.StreamResponse:
        return self._page(visit)

    async def again(self, visit: Visit) -> web.StreamResponse:
        """What was uploaded is gone with the page that showed it: from the beginning."""
        del visit
        return see_other(IMPORT)

    async def template(self, visit: Visit) -> web.StreamResponse:
        """An empty list to fill in."""
        kind = visit.request.match_info["kind"]
        data = await asyncio.to_thread(imports_template.template, kind)
        headers = {"Content-Disposition": f'attachment; filename="{kind}.xlsx"', "X-Content-Type-Options": "nosniff"}
        return web.Response(body=data, content_type=WORKBOOK, headers=headers)

    async def look(self, visit: Visit) -> web.StreamResponse:
        try:
            looked = await self._imports.look(visit.actor, [one.data for one in visit.files])
        except Refusal as refused:
            return self._page(visit, refused.status, refusal=refused)
        return self._page(visit, HTTPStatus.OK if looked.report else HTTPStatus.UNPROCESSABLE_ENTITY, looked=looked)

    async def confirm(self, visit: Visit) -> web.StreamResponse:
        token = visit.form["table"]
        if visit.form["drop"]:
            await self._imports.forget(token)
            return see_other(IMPORT)

        async def work() -> str:
            report = await self._imports.confirm(visit.actor, token)
            counted = {
                f"{name}_{what}": getattr(counts, what)
                for name, counts in (("regions", report.regions), ("staff", report.staff))
                for what in _FIGURES
            }
            return f"{IMPORT}?{urlencode({'done': 'yes', **counted, 'rehomed': report.rehomed})}"

        try:
            return await once(self._idempotencies, visit, work)
        except NotFound as gone:
            return self._page(visit, HTTPStatus.CONFLICT, refusal=gone)
        except BadRows as changed:
            return self._page(visit, HTTPStatus.CONFLICT, refusal=changed)

    def _page(
        self, visit: Visit, status: int = HTTPStatus.OK, *, looked: Looked | None = None, refusal: Refusal | None = None
    ) -> web.Response:
        query = visit.request.query
        done = {}
        if query.get("done"):
            done = {
                name: Counts(*(_number(query, f"{name}_{what}") for what in _FIGURES)) for name in ("regions", "staff")
            }
        return self._gate.page(
            visit,
            "region_import.html",
            status,
            may=self._imports.may(visit.actor),
            looked=looked,
            refusal=refusal,
            done=done,
            rehomed=_number(query, "rehomed"),
            columns={"regions": imports_regions.COLUMNS, "staff": imports_staff.COLUMNS},
            most=MOST_SHOWN,
            minutes=KEPT_SECONDS // 60,
            megabytes=MOST_BYTES // 1024 // 1024,
        )


def _number(query: Mapping[str, str], name: str) -> int:
    text = query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004 - a count of rows
