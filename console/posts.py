"""岗位: somebody is appointed, replaced, ends, comes back, or is invited to bind their WeChat."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

from console.case_actions import once
from console.frame import ROOT, see_other
from console.gate import Gate, Visit
from console.regions import ONE, address
from domain.duty import Duty
from domain.errors import BadInput, NotFound, Refusal
from qrcodes import drawing
from services import access
from services.appointments import LONGEST_NAME, Appointments, Newcomer, Outcome
from services.idempotency import Idempotencies

POST = f"{ROOT}/posts/{{held:[0-9]{{1,9}}}}"
INVITATION = f"{ROOT}/invitations/{{token:[0-9a-f]{{32}}}}.png"


class PostPages:
    def __init__(self, gate: Gate, appointments: Appointments, idempotencies: Idempotencies) -> None:
        self._gate = gate
        self._appointments = appointments
        self._idempotencies = idempotencies

    def routes(self) -> list[web.RouteDef]:
        shows, takes = self._gate.shows, self._gate.takes
        return [
            web.get(f"{ONE}/appoint", shows(self.show_appoint), name="console.show_appoint"),
            web.post(f"{ONE}/appoint", takes(self.appoint), name="console.appoint"),
            web.get(f"{POST}/replace", shows(self.show_replace), name="console.show_replace"),
            web.post(f"{POST}/replace", takes(self.replace), name="console.replace"),
            web.get(f"{POST}/end", shows(self.show_end), name="console.show_end"),
            web.post(f"{POST}/end", takes(self.end), name="console.end_post"),
            web.get(POST, shows(self.show_back), name="console.post"),
            web.get(f"{POST}/back", shows(self.show_back), name="console.show_back"),
            web.post(f"{POST}/back", takes(self.back), name="console.bring_back"),
            web.get(f"{POST}/invite", shows(self.show_back), name="console.show_invite"),
            web.post(f"{POST}/invite", takes(self.invite), name="console.invite"),
            web.get(INVITATION, shows(self.picture), name="console.invitation"),
        ]

    async def show_appoint(self, visit: Visit) -> web.StreamResponse:
        return await self._appoint_page(visit)

    async def appoint(self, visit: Visit) -> web.StreamResponse:
        async def work() -> str:
            duty = visit.form["duty"]
            if duty not in {*Duty}:
                raise BadInput("choose a duty", field="duty", why="missing")
            return _after(
                "appointed",
                await self._appointments.appoint(
                    visit.actor, visit.request.match_info["code"], Duty(duty), _newcomer(visit)
                ),
            )

        try:
            return await once(self._idempotencies, visit, work)
        except NotFound:
            raise
        except Refusal as refused:
            return await self._appoint_page(visit, refused.status, refused)

    async def show_replace(self, visit: Visit) -> web.StreamResponse:
        return await self._post_page(visit, "replace")

    async def replace(self, visit: Visit) -> web.StreamResponse:
        async def work() -> str:
            return _after("replaced", await self._appointments.replace(visit.actor, _held(visit), _newcomer(visit)))

        return await self._taken(visit, "replace", work)

    async def show_end(self, visit: Visit) -> web.StreamResponse:
        return await self._post_page(visit, "end")

    async def end(self, visit: Visit) -> web.StreamResponse:
        async def work() -> str:
            return _after("ended", await self._appointments.end(visit.actor, _held(visit)))

        return await self._taken(visit, "end", work)

    async def show_back(self, visit: Visit) -> web.StreamResponse:
        """Nothing to be looked at by itself: on to the region."""
        return see_other(address((await self._appointments.seat(visit.actor, _held(visit))).region.code))

    async def back(self, visit: Visit) -> web.StreamResponse:
        async def work() -> str:
            outcome = await self._appointments.bring_back(visit.actor, _held(visit))
            return _after("reopened" if outcome.held_id == _held(visit) else "back", outcome)

        return await self._taken(visit, "end", work)

    async def invite(self, visit: Visit) -> web.StreamResponse:
        once_only = visit.form["once"][:64]
        if not once_only:
            raise BadInput("the form lacks its own number", field="once", why="missing")
        made = await self._appointments.invite(visit.actor, _held(visit), once_only)
        return self._gate.page(visit, "invitation.html", made=made)

    async def picture(self, visit: Visit) -> web.StreamResponse:
        """A code that leads into the chat; without one, what to send there, which WeChat's scanner shows as text."""
        code, url = await self._appointments.invitation(visit.request.match_info["token"])
        if not code:
            raise NotFound("this invitation is shown no longer")
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        picture = drawing.png(url, box=6) if url else drawing.words_png(f"绑定 {code}")
        return web.Response(body=picture, content_type="image/png", headers=headers)

    async def _taken(self, visit: Visit, what: str, work: Callable[[], Awaitable[str]]) -> web.StreamResponse:
        try:
            return await once(self._idempotencies, visit, work)
        except NotFound:
            raise
        except Refusal as refused:
            return await self._post_page(visit, what, refused.status, refused)

    async def _post_page(
        self, visit: Visit, what: str, status: int = HTTPStatus.OK, refusal: Refusal | None = None
    ) -> web.Response:
        seat = await self._appointments.seat(visit.actor, _held(visit))
        return self._gate.page(
            visit, "post.html", status, what=what, seat=seat, refusal=refusal, typed=visit.form, longest=LONGEST_NAME
        )

    async def _appoint_page(
        self, visit: Visit, status: int = HTTPStatus.OK, refusal: Refusal | None = None
    ) -> web.Response:
        region = await access.region_seen(visit.actor, visit.request.match_info["code"])
        return self._gate.page(
            visit,
            "appoint.html",
            status,
            region=region,
            fills=self._appointments.may_fill(visit.actor, region),
            refusal=refusal,
            typed=visit.form,
            longest=LONGEST_NAME,
        )


def _after(done: str, outcome: Outcome) -> str:
    return address(outcome.region_code, done=done, held=outcome.held_id, cases=outcome.cases)


def _newcomer(visit: Visit) -> Newcomer:
    return Newcomer(visit.form["name"], visit.form["phone"])


def _held(visit: Visit) -> int:
    return int(visit.request.match_info["held"])
