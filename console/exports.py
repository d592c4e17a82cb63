"""导出: ask for a file, see how far it is, and open it while it is kept."""

from datetime import date, timedelta
from urllib.parse import quote

from aiohttp import web

from console.case_actions import once
from console.forms import printable
from console.frame import ROOT, see_other
from console.gate import Gate, Visit
from console.statistics import month_of
from domain.errors import BadInput, Refusal
from services.exports import FORMATS, MOST_DAYS, Exports
from services.figures import FigurePages
from services.figures_counting import month_after
from services.idempotency import Idempotencies
from services.ports import Clock

EXPORTS = f"{ROOT}/exports"
_LONGEST_CODE = 40
_FILES = {
    "cases": "诉求",
    "assessment": "考核得分",
    "work_log": "工作日志",
    "audit": "操作记录",
    "training": "培训学时",
}
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ExportPages:
    def __init__(
        self, gate: Gate, clock: Clock, exports: Exports, figures: FigurePages, idempotencies: Idempotencies
    ) -> None:
        self._gate = gate
        self._clock = clock
        self._exports = exports
        self._figures = figures
        self._idempotencies = idempotencies

    def routes(self) -> list[web.RouteDef]:
        one = f"{EXPORTS}/{{number:[0-9]{{1,18}}}}"
        return [
            web.get(EXPORTS, self._gate.shows(self.show), name="console.exports"),
            web.post(EXPORTS, self._gate.takes(self.ask), name="console.export"),
            web.get(one, self._gate.shows(self.one), name="console.one_export"),
            web.post(f"{one}/cancel", self._gate.takes(self.cancel), name="console.cancel_export"),
            web.get(f"{one}/file", self._gate.shows(self.file), name="console.export_file"),
        ]

    async def one(self, _: Visit) -> web.StreamResponse:
        """One file has no page of its own: it stands in the list."""
        return see_other(EXPORTS)

    async def show(self, visit: Visit) -> web.StreamResponse:
        return await self._page(visit)

    async def ask(self, visit: Visit) -> web.StreamResponse:
        try:
            return await once(self._idempotencies, visit, lambda: self._ask(visit))
        except Refusal as refused:
            return await self._page(visit, refused.status, refused)

    async def cancel(self, visit: Visit) -> web.StreamResponse:
        async def work() -> str:
            await self._exports.cancel(visit.actor, visit.number)
            return EXPORTS

        return await once(self._idempotencies, visit, work)

    async def file(self, visit: Visit) -> web.StreamResponse:
        """The file as it lies in the store, part by part, for its asker only."""
        found, parts = await self._exports.open(visit.actor, visit.number)
        days = f"{found.since}" if found.since == found.until else f"{found.since}到{found.until}"
        name = f"{_FILES[found.what]}-{found.region_name}-{days}.{found.file_format}"
        answer = web.StreamResponse(
            headers={
                "Content-Type": _TYPES[found.file_format],
                "Content-Length": str(found.size),
                "Content-Disposition": f'attachment; filename="export.{found.file_format}"; '
                f"filename*=UTF-8''{quote(name)}",
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
            }
        )
        await answer.prepare(visit.request)
        async for part in parts:
            await answer.write(part)
        await answer.write_eof()
        return answer

    async def _ask(self, visit: Visit) -> str:
        form = visit.form
        since, until = _days(form["month"], form["since"], form["until"])
        made = await self._exports.ask(visit.actor, form["what"], form["format"], form["region"], since, until)
        return f"{EXPORTS}?asked={made.id}"

    async def _page(self, visit: Visit, status: int = 200, refusal: Refusal | None = None) -> web.Response:
        query, months = visit.request.query, self._figures.months()
        month = month_of(visit.form["month"]) or month_of(printable(query.get("month", ""))) or months[1]
        offers = self._exports.offers(visit.actor)
        files = await self._exports.mine(visit.actor)
        return self._gate.page(
            visit,
            "exports.html",
            status,
            offers=offers,
            places=await self._figures.places(visit.actor) if offers else (),
            months=months,
            month=month,
            region=visit.form["region"] or printable(query.get("region", ""))[:_LONGEST_CODE],
            formats=FORMATS,
            longest=MOST_DAYS,
            files=files,
            busy=any(one.state in {"waiting", "running"} for one in files),
            now=self._clock.now(),
            asked=query.get("asked", ""),
            typed=visit.form,
            refusal=refusal,
        )


def _days(month: str, since: str, until: str) -> tuple[date, date]:
    """Days that were written count before the month that was chosen. Raises BadInput."""
    if not (since.strip() or until.strip()):
        first = month_of(month)
        if first is None:
            raise BadInput("choose a month", field="days", why="missing")
        return first, month_after(first) - timedelta(days=1)
    try:
        return date.fromisoformat(since.strip()), date.fromisoformat(until.strip())
    except ValueError:
        raise BadInput("both days must be written", field="days", why="missing") from None
