"""上门名单: whom a notice has not reached, for those who tell them in person, and who was told by whom."""

from aiohttp import web

from console.case_actions import once
from console.frame import ROOT
from console.gate import Gate, Visit
from domain.errors import BadInput, NotFound, Refusal
from services.idempotency import Idempotencies
from services.notices import Notices
from services.notices_visits import NotReached, ToldInPerson

PAGE = 40
_TICK = "told-"
_LONGEST = 18


class NoticeVisitPages:
    def __init__(self, gate: Gate, notices: Notices, idempotencies: Idempotencies) -> None:
        self._gate = gate
        self._notices = notices
        self._visits = notices.visits
        self._idempotencies = idempotencies

    def routes(self) -> list[web.RouteDef]:
        where = f"{ROOT}/notices/{{number:[0-9]{{1,18}}}}/in-person"
        return [
            web.get(where, self._gate.shows(self.show), name="console.notice_in_person"),
            web.post(where, self._gate.takes(self.take), name="console.told_in_person"),
        ]

    async def show(self, visit: Visit) -> web.StreamResponse:
        return await self._page(visit, done=visit.request.query.get("done", ""))

    async def take(self, visit: Visit) -> web.StreamResponse:
        try:
            return await once(self._idempotencies, visit, lambda: self._told(visit))
        except NotFound:
            raise
        except Refusal as refused:
            return await self._page(visit, status=refused.status, refusal=refused)

    async def _told(self, visit: Visit) -> str:
        ticked = [name.removeprefix(_TICK) for name in visit.form.typed() if name.startswith(_TICK)]
        if not ticked:
            raise BadInput("nobody is ticked", field="recipients", why="missing")
        recipients = [number for one in ticked if (number := _whole(one)) is not None]
        count = await self._visits.visited(visit.actor, visit.number, recipients)
        return f"{visit.request.path}?done={count}"

    async def _page(
        self, visit: Visit, *, status: int = 200, done: str = "", refusal: Refusal | None = None
    ) -> web.Response:
        after = _whole(visit.request.query.get("after", "")) or 0
        found: list[NotReached] = []
        told: list[ToldInPerson] = []
        listed = True
        try:
            found = await self._visits.of(visit.actor, visit.number, after=after, limit=PAGE + 1)
            told = await self._visits.told(visit.actor, visit.number, limit=PAGE + 1) if not after else []
        except NotFound:
            # Not written down yet, or thinned to counts: whoever sends it is told so, to anybody else it is not there.
            await self._notices.one(visit.actor, visit.number)
            listed = False
        return self._gate.page(
            visit,
            "notice_visits.html",
            status,
            number=visit.number,
            listed=listed,
            people=found[:PAGE],
            following=f"{visit.request.path}?after={found[PAGE - 1].id}" if len(found) > PAGE else "",
            later=after > 0,
            told=told[:PAGE],
            more_told=len(told) > PAGE,
            sends=visit.actor.sends_notices,
            done=_whole(done),
            refusal=refusal,
        )


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST else None
