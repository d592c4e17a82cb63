"""Signing in and out, and a password of one's own."""

from http import HTTPStatus

from aiohttp import web

from console.frame import ROOT, see_other
from console.gate import PASSWORD, SIGN_IN, Forged, Gate, Visit, onward
from domain.errors import BadInput, TooMany
from services import phones
from services.staff_logins import SHORTEST, StaffLogins
from web.addresses import Proxies, site
from web.staff_sessions import Guesses, StaffSessions


class SignIn:
    def __init__(
        self,
        gate: Gate,
        sessions: StaffSessions,
        logins: StaffLogins,
        proxies: Proxies,
        *,
        of_account: int,
        of_address: int,
    ) -> None:
        """*of_account*, *of_address*: wrong passwords before the door is shut for a while."""
        self._gate = gate
        self._sessions = sessions
        self._logins = logins
        self._proxies = proxies
        self._of_account, self._of_address = of_account, of_address

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
        guesses = self._guesses(request, login)
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
        session = await self._sessions.open(known.person_id, known.since)
        return self._gate.within(see_other(onward(wanted)), session)

    async def leave(self, visit: Visit) -> web.StreamResponse:
        await self._sessions.close(visit.session.token)
        return self._gate.without(see_other(f"{SIGN_IN}?why=left"))

    async def choose(self, visit: Visit) -> web.StreamResponse:
        return self._choice(visit)

    async def change(self, visit: Visit) -> web.StreamResponse:
        form = visit.form
        guesses = [Guesses(f"change:{visit.actor.person_id}", self._of_account, of_account=True)]
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
        session = await self._sessions.open(known.person_id, known.since)
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
        seconds = (facts or {}).get("retry_after", 0)
        minutes = -(-int(str(seconds)) // 60)
        answer = self._gate.plain(
            "sign_in.html", status, why=why, login=login, wanted=onward(wanted), minutes=minutes, token=token
        )
        return self._gate.with_token(answer, token)

    def _guesses(self, request: web.Request, login: str) -> list[Guesses]:
        counted = [
            Guesses(f"account:{phones.plain(login) or login.strip().lower()[:40]}", self._of_account, of_account=True)
        ]
        address = self._proxies.client(request)
        if address is not None and address.is_global:
            # A private address is a proxy's that nobody has named: a whole town stands behind it.
            counted.append(Guesses(f"address:{site(address)}", self._of_address, of_account=False))
        return counted
