"""部门准入: what departments ask of the grids, step by step, and what workers say is not admitted (Y art. 17)."""

from http import HTTPStatus
from urllib.parse import urlencode

from aiohttp import web

from console.case_actions import once
from console.frame import ROOT
from console.gate import Gate, Visit
from domain import admission as rules
from domain.admission import Every, Move, Wish
from domain.errors import BadInput, NotFound, Refusal
from services.admissions import Admissions
from services.idempotency import Idempotencies

ADMISSIONS = f"{ROOT}/admissions"
PAGE = 30
_LONGEST_CODE = 40


class AdmissionPages:
    def __init__(self, gate: Gate, admissions: Admissions, idempotencies: Idempotencies) -> None:
        self._gate = gate
        self._admissions = admissions
        self._idempotencies = idempotencies

    def routes(self) -> list[web.RouteDef]:
        where = f"{ADMISSIONS}/{{number:[0-9]{{1,18}}}}"
        shows, takes = self._gate.shows, self._gate.takes
        return [
            web.get(ADMISSIONS, shows(self.listed), name="console.admissions"),
            web.post(ADMISSIONS, takes(self.ask), name="console.ask_admission"),
            web.get(where, shows(self.one), name="console.admission"),
            web.post(where, takes(self.move), name="console.move_admission"),
            web.post(f"{where}/answer", takes(self.answer), name="console.answer_report"),
        ]

    async def listed(self, visit: Visit) -> web.StreamResponse:
        return await self._list(visit)

    async def one(self, visit: Visit) -> web.StreamResponse:
        return await self._page(visit)

    async def ask(self, visit: Visit) -> web.StreamResponse:
        """A department's officer asks; whoever is of no department is refused by the service."""

        async def work() -> str:
            form = visit.form
            if form["every"] not in {*Every}:
                raise BadInput("every must say how often", field="every")
            said = (form["title"], form["task"], form["basis"], Every(form["every"]), form["support"])
            made = await self._admissions.ask(visit.actor, Wish(form["region"][:_LONGEST_CODE], *said))
            return f"{ADMISSIONS}/{made.id}?done=asked"

        try:
            return await once(self._idempotencies, visit, work)
        except Refusal as refused:
            return await self._list(visit, refused)

    async def move(self, visit: Visit) -> web.StreamResponse:
        async def work() -> str:
            step = visit.form["step"]
            if step not in {*Move}:
                raise BadInput("step must be chosen", field="step")
            await self._admissions.move(visit.actor, visit.number, Move(step), visit.form["reason"])
            return f"{ADMISSIONS}/{visit.number}?done={step}"

        try:
            return await once(self._idempotencies, visit, work)
        except NotFound:
            raise
        except Refusal as refused:
            return await self._page(visit, refused)

    async def answer(self, visit: Visit) -> web.StreamResponse:
        """Of a worker's report, not of a request: its number is the report's."""

        async def work() -> str:
            await self._admissions.answer(visit.actor, visit.number, visit.form["answer"])
            return f"{ADMISSIONS}?done=answered"

        try:
            return await once(self._idempotencies, visit, work)
        except NotFound:
            raise
        except Refusal as refused:
            return await self._list(visit, refused, about=visit.number)

    async def _list(self, visit: Visit, refusal: Refusal | None = None, *, about: int = 0) -> web.Response:
        query, by = visit.request.query, visit.actor
        found, following = await self._admissions.listed(by, cursor=query.get("cursor") or None, limit=PAGE)
        reports, _ = await self._admissions.reports(by, limit=PAGE)
        return self._gate.page(
            visit,
            "admissions.html",
            refusal.status if refusal is not None else HTTPStatus.OK,
            found=found,
            following=f"{ADMISSIONS}?{urlencode({'cursor': following})}" if following else "",
            reports=reports,
            answers=self._admissions.decides(by),
            places=await self._admissions.places(by),
            every=tuple(Every),
            rules=rules,
            done=query.get("done", ""),
            refusal=refusal,
            typed=visit.form,
            about=about,
        )

    async def _page(self, visit: Visit, refusal: Refusal | None = None) -> web.Response:
        one = await self._admissions.one(visit.actor, visit.number)
        return self._gate.page(
            visit,
            "admission.html",
            refusal.status if refusal is not None else HTTPStatus.OK,
            one=one,
            steps=await self._admissions.steps(visit.actor, visit.number),
            longest=rules.LONGEST_WORDS,
            done=visit.request.query.get("done", ""),
            refusal=refusal,
            typed=visit.form,
        )
