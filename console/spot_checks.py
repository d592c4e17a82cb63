"""督察: an inspector's finding of a record, and objections that wait for a decision."""

from http import HTTPStatus
from urllib.parse import urlencode

from aiohttp import web

from console.assessment import ASSESSMENT
from console.case_actions import once
from console.gate import Gate, Visit
from domain.assessment import Kind, Verdict
from domain.assessment_rules import NAMES, Ground
from domain.errors import BadInput, NotFound, Refusal
from services.idempotency import Idempotencies
from services.spot_checks import DECIDES, INSPECTS, LONGEST, SpotChecks

CHECKS = f"{ASSESSMENT}/checks"
PAGE = 20
_KINDS = {"case": Kind.CASE, "visit": Kind.VISIT, "base": Kind.BASE}


class SpotCheckPages:
    def __init__(self, gate: Gate, checks: SpotChecks, idempotencies: Idempotencies) -> None:
        self._gate = gate
        self._checks = checks
        self._idempotencies = idempotencies

    def routes(self) -> list[web.RouteDef]:
        where = f"{CHECKS}/{{number:[0-9]{{1,18}}}}"
        return [
            web.get(CHECKS, self._gate.shows(self.show), name="console.checks"),
            web.post(CHECKS, self._gate.takes(self.mark), name="console.mark"),
            web.post(where, self._gate.takes(self.decide), name="console.decide"),
        ]

    async def show(self, visit: Visit) -> web.StreamResponse:
        return await self._page(visit)

    async def mark(self, visit: Visit) -> web.StreamResponse:
        try:
            return await once(self._idempotencies, visit, lambda: self._mark(visit))
        except Refusal as refused:
            return await self._page(visit, refused)

    async def decide(self, visit: Visit) -> web.StreamResponse:
        try:
            return await once(self._idempotencies, visit, lambda: self._decide(visit))
        except NotFound:
            raise
        except Refusal as refused:
            return await self._page(visit, refused, about=visit.number)

    async def _mark(self, visit: Visit) -> str:
        form = visit.form
        kind, verdict, ground = form["kind"], form["verdict"], form["ground"]
        if kind not in _KINDS:
            raise BadInput("kind must say what was looked at", field="kind")
        if verdict not in {*Verdict}:
            raise BadInput("verdict must say what was found", field="verdict")
        unqualified = verdict == Verdict.UNQUALIFIED
        found = await self._checks.mark(
            visit.actor,
            _KINDS[kind],
            form["record"].strip().lstrip("№#").strip(),
            Verdict(verdict),
            Ground(ground) if unqualified and ground in {*Ground} else None,
            form["note"].strip(),
        )
        return f"{CHECKS}?{urlencode({'done': 'marked', 'who': found.person})}"

    async def _decide(self, visit: Visit) -> str:
        said = visit.form["decision"]
        if said not in {"uphold", "refuse"}:
            raise BadInput("decision must be made", field="decision")
        await self._checks.decide(visit.actor, visit.number, uphold=said == "uphold", answer=visit.form["answer"])
        return f"{CHECKS}?done={said}"

    async def _page(self, visit: Visit, refusal: Refusal | None = None, *, about: int = 0) -> web.Response:
        query = visit.request.query
        if not visit.actor.paths(DECIDES):
            return self._gate.page(visit, "assessment_none.html", HTTPStatus.FORBIDDEN, why="no_checks")
        found, following = await self._checks.listed(visit.actor, cursor=query.get("cursor") or None, limit=PAGE)
        asked, more = await self._checks.asked(visit.actor, limit=PAGE)
        return self._gate.page(
            visit,
            "spot_checks.html",
            refusal.status if refusal is not None else HTTPStatus.OK,
            found=found,
            following=f"{CHECKS}?{urlencode({'cursor': following})}" if following else "",
            asked=asked,
            more=more is not None,
            inspects=bool(visit.actor.paths(INSPECTS)),
            names=NAMES,
            grounds=tuple(Ground),
            longest=LONGEST,
            given={name: query.get(name, "")[:LONGEST] for name in ("kind", "record", "done", "who")},
            refusal=refusal,
            typed=visit.form,
            about=about,
        )
