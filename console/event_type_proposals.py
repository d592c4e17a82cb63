"""准入 (Y art. 12, D art. 10): a department asks for a new type, somebody else approves or refuses it with a reason."""

from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web

from console.case_actions import once
from console.event_types import LEVELS, PROPOSALS, Say
from console.gate import Gate, Visit
from domain.errors import NotAllowed, NotFound, Refusal
from domain.event_list import CLASSES, NAMES, Photos
from services.event_list import Type
from services.event_type_proposals import ASKED, EventTypeProposals
from services.event_types import REASON_LENGTH, EventTypes
from services.idempotency import Idempotencies
from services.imports import BadRows


class ProposalPages:
    def __init__(
        self,
        gate: Gate,
        types: EventTypes,
        proposals: EventTypeProposals,
        idempotencies: Idempotencies,
        say: Say,
    ) -> None:
        self._gate = gate
        self._types = types
        self._proposals = proposals
        self._idempotencies = idempotencies
        self._say = say

    def routes(self) -> list[web.RouteDef]:
        gate, one = self._gate, f"{PROPOSALS}/{{code:[^/]{{1,40}}}}"
        return [
            web.get(PROPOSALS, gate.shows(self.listed), name="console.proposals"),
            web.post(PROPOSALS, gate.takes(self.propose), name="console.propose"),
            web.get(one, gate.shows(self.one), name="console.proposal"),
            web.post(one, gate.takes(self.decide), name="console.decide_proposal"),
        ]

    async def listed(self, visit: Visit) -> web.StreamResponse:
        return await self._listed(visit)

    async def one(self, visit: Visit) -> web.StreamResponse:
        return await self._one(visit)

    async def propose(self, visit: Visit) -> web.StreamResponse:
        try:
            return await once(self._idempotencies, visit, lambda: self._propose(visit))
        except BadRows as bad:
            return await self._listed(visit, bad.status, problems=[self._say(one) for one in bad.problems])
        except NotAllowed:
            raise
        except Refusal as refused:
            return await self._listed(visit, refused.status, refusal=refused)

    async def decide(self, visit: Visit) -> web.StreamResponse:
        try:
            return await once(self._idempotencies, visit, lambda: self._decide(visit))
        except NotFound:
            raise
        except Refusal as refused:
            return await self._one(visit, refused.status, refusal=refused)

    async def _propose(self, visit: Visit) -> str:
        cells = {name: " ".join(visit.form[name].split()) for name in ASKED}
        made = await self._proposals.ask(visit.actor, cells, visit.form["reason"])
        return f"{PROPOSALS}/{quote(made.code)}?done=asked"

    async def _decide(self, visit: Visit) -> str:
        code, decision = visit.request.match_info["code"], visit.form["decision"]
        await self._proposals.decide(visit.actor, code, decision, visit.form["reason"])
        return f"{PROPOSALS}/{quote(code)}?done={decision}"

    async def _listed(
        self,
        visit: Visit,
        status: int = HTTPStatus.OK,
        *,
        problems: Sequence[str] = (),
        refusal: Refusal | None = None,
    ) -> web.Response:
        return self._gate.page(
            visit,
            "event_type_proposals.html",
            status,
            found=await self._proposals.seen(visit.actor),
            parents=_parents(await self._types.listed()),
            names=NAMES,
            classes=CLASSES,
            levels=LEVELS,
            photos=[str(one) for one in Photos],
            longest=REASON_LENGTH,
            typed=visit.form,
            problems=problems,
            refusal=refusal,
        )

    async def _one(self, visit: Visit, status: int = HTTPStatus.OK, *, refusal: Refusal | None = None) -> web.Response:
        return self._gate.page(
            visit,
            "event_type_proposal.html",
            status,
            one=await self._proposals.one(visit.actor, visit.request.match_info["code"]),
            may_decide=self._proposals.may_decide(visit.actor),
            names=NAMES,
            longest=REASON_LENGTH,
            done=visit.request.query.get("done", ""),
            typed=visit.form,
            refusal=refusal,
        )


def _parents(types: Sequence[Type]) -> list[Type]:
    """What a new type may stand under: the heads of the list; deeper ones are moved there by import."""
    return [one for one in types if not one.parent_code]
