"""Signing in and out, and a password of one's own."""

from http import HTTPStatus

from aiohttp import web

from console.entrance import Entrance, minutes
from console.frame import ROOT, see_other
from console.gate import PASSWORD, SIGN_IN, Forged, Gate, Visit, onward
from domain.errors import BadInput, TooMany
from services import phones
from services.staff_logins import SHORTEST, StaffLogins
from web.staff_sessions import StaffSessions


class SignIn:
    def __init__(self, gate: Gate, entrance: Entrance, sessions: StaffSessions, logins: StaffLogins) -> None:
        self._gate = gate
        self._entrance = entrance
        self._sessions = sessions
        self._logins = logins

    def routes(self) -> list[web.RouteDef]:
        gate = self._gate
        return [
            web.get(SIGN_IN, gate.stranger(self.show), name="console.sign_in"),
            web.post(SIGN_IN, gate.stranger(self.enter), name="console.enter"),
            web.post(f"{ROOT}/sign-out", gate.takes(self.leave, one_time=True), name="console.sign_out"),
            web.get(PASSWORD, gate.shows(self.choose, one_time=True), name="console.password"),
            web.post(PASSWORD, gate.takes(self.change, one_time=True), name="console.change_password"),
        ]

    async def show(self, request: web.Request) -> web.StreamResponse:
        return self._page(request, why=request.query.get("why", ""), wanted=request.query.get("next", ""))

    async def enter(self, request: web.Request) -> web.StreamResponse:
        try:
            form = await self._gate.strangers_form(request)
        except Forged:
            return self._page(request, why="forged", status=HTTPStatus.FORBIDDEN)
        login, wanted = form["login"], form["next"]
        whose = phones.plain(login) or login.strip().lower()[:40]
        guesses = self._entrance.guesses(request, f"account:{whose}")
        try:
            await self._sessions.count(guesses)
        except TooMany as many:
            answer = self._page(
                request, why="locked", login=login, wanted=wanted, status=HTTPStatus.TOO_MANY_REQUESTS, facts=many.facts
            )
            answer.headers["Retry-After"] = str(many.facts["retry_after"])
            return answer
        known = await self._logins.check(login, form["password"])
        if known is None:
            return self._page(request, why="wrong", login=login, wanted=wanted, status=HTTPStatus.UNAUTHORIZED)
        await self._sessions.forgive(guesses)
        return await self._entrance.admit(known, wanted)

    async def leave(self, visit: Visit) -> web.StreamResponse:
        await self._sessions.close(visit.session.token)
        return self._gate.without(see_other(f"{SIGN_IN}?why=left"))

    async def choose(self, visit: Visit) -> web.StreamResponse:
        return self._choice(visit)

    async def change(self, visit: Visit) -> web.StreamResponse:
        form = visit.form
        guesses = self._entrance.own_guesses(visit.actor.person_id)
        if form["new"] != form["again"]:
            differs = BadInput("the two are not the same", field="again", why="differs")
            return self._choice(visit, HTTPStatus.UNPROCESSABLE_ENTITY, differs)
        await self._sessions.count(guesses)
        try:
            known = await self._logins.change(visit.actor, form["old"], form["new"])
        except BadInput as refused:
            if refused.facts.get("field") != "old":
                await self._sessions.forgive(guesses)
            return self._choice(visit, HTTPStatus.UNPROCESSABLE_ENTITY, refused)
        await self._sessions.forgive(guesses)
        await self._sessions.close(visit.session.token)
        scanned = visit.session.scanned
        session = await self._sessions.open(known.person_id, known.since, scanned=scanned)
        return self._gate.within(see_other(f"{ROOT}/?done=password"), session)

    def _choice(self, visit: Visit, status: int = HTTPStatus.OK, refusal: BadInput | None = None) -> web.Response:
        return self._gate.page(
            visit, "password.html", status, one_time=visit.one_time, refusal=refusal, shortest=SHORTEST
        )

    def _page(
        self,
        request: web.Request,
        *,
        why: str,
        login: str = "",
        wanted: str = "",
        status: int = HTTPStatus.OK,
        facts: dict[str, object] | None = None,
    ) -> web.Response:
        token = self._gate.strangers_token(request)
        wait = minutes((facts or {}).get("retry_after", 0))
        answer = self._gate.plain(
            "sign_in.html", status, why=why, login=login, wanted=onward(wanted), minutes=wait, token=token
        )
        return self._gate.with_token(answer, token)
