"""两步验证: the code after the password, and the page on which it is set up and turned off."""

from collections.abc import Sequence
from http import HTTPStatus

from aiohttp import web

from console.entrance import CODE, STEP_COOKIE, Entrance, minutes
from console.frame import ROOT, see_other
from console.gate import SECOND_STEP, SIGN_IN, Forged, Gate, Visit, onward
from console.pictures import as_image
from domain.errors import BadInput, NotFound, NotSignedIn, Refusal, TooMany
from services.second_factors import SecondFactors
from services.staff_logins import StaffLogins
from web.staff_sessions import HalfSession, StaffSessions

PAGE = SECOND_STEP


class SecondFactorPages:
    def __init__(
        self, gate: Gate, entrance: Entrance, sessions: StaffSessions, logins: StaffLogins, factors: SecondFactors
    ) -> None:
        self._gate = gate
        self._entrance = entrance
        self._sessions = sessions
        self._logins = logins
        self._factors = factors

    def routes(self) -> list[web.RouteDef]:
        gate = self._gate
        return [
            web.get(CODE, gate.stranger(self.ask), name="console.code"),
            web.post(CODE, gate.stranger(self.enter), name="console.enter_code"),
            web.get(PAGE, gate.shows(self.show, step=True), name="console.second_factor"),
            web.post(f"{PAGE}/begin", gate.takes(self.begin, step=True), name="console.begin_second_factor"),
            web.post(f"{PAGE}/confirm", gate.takes(self.confirm, step=True), name="console.confirm_second_factor"),
            web.post(f"{PAGE}/end", gate.takes(self.end), name="console.end_second_factor"),
        ]

    async def ask(self, request: web.Request) -> web.StreamResponse:
        half = await self._half(request)
        return self._code_page(request) if half is not None else _from_the_start()

    async def enter(self, request: web.Request) -> web.StreamResponse:
        try:
            form = await self._gate.strangers_form(request)
        except Forged:
            return self._code_page(request, why="forged", status=HTTPStatus.FORBIDDEN)
        half = await self._half(request)
        if half is None:
            return _from_the_start()
        guesses = self._entrance.guesses(request, f"code:{half.person_id}")
        try:
            await self._sessions.count(guesses)
        except TooMany as many:
            wait = many.facts["retry_after"]
            answer = self._code_page(request, why="locked", wait=wait, status=HTTPStatus.TOO_MANY_REQUESTS)
            answer.headers["Retry-After"] = str(wait)
            return answer
        if not await self._factors.takes(half.person_id, form["code"]):
            return self._code_page(request, why="wrong", status=HTTPStatus.UNAUTHORIZED)
        await self._sessions.forgive(guesses)
        return await self._whole(half)

    async def _whole(self, half: HalfSession) -> web.Response:
        try:
            await self._logins.who(half.person_id, half.since)
        except NotSignedIn:  # their password has changed meanwhile, or their duty has ended
            return _from_the_start()
        if not await self._sessions.half_close(half.token):
            return _from_the_start()
        session = await self._sessions.open(half.person_id, half.since)
        answer = self._gate.within(see_other(onward(half.wanted)), session)
        answer.del_cookie(STEP_COOKIE, path=ROOT)
        return answer

    async def show(self, visit: Visit) -> web.StreamResponse:
        return await self._page(visit)

    async def begin(self, visit: Visit) -> web.StreamResponse:
        """With the password: whoever finds a screen unlocked must not tie the account to a phone of theirs."""
        try:
            await self._check_password(visit)
            await self._factors.begin(visit.actor)
        except Refusal as refused:
            return await self._page(visit, refused.status, refused)
        return see_other(PAGE)

    async def confirm(self, visit: Visit) -> web.StreamResponse:
        guesses = self._entrance.own_guesses(visit.actor.person_id)
        await self._sessions.count(guesses)
        try:
            codes = await self._factors.confirm(visit.actor, visit.form["code"])
        except NotFound:
            return see_other(PAGE)
        except BadInput as refused:
            return await self._page(visit, HTTPStatus.UNPROCESSABLE_ENTITY, refused)
        await self._sessions.forgive(guesses)
        return await self._page(visit, codes=codes)

    async def end(self, visit: Visit) -> web.StreamResponse:
        state = await self._factors.of(visit.actor)
        try:
            await self._check_password(visit, code=visit.form["code"] if state.on else None)
        except BadInput as refused:
            return await self._page(visit, HTTPStatus.UNPROCESSABLE_ENTITY, refused)
        await self._factors.end(visit.actor.person_id)
        return see_other(f"{PAGE}?done=off")

    async def _check_password(self, visit: Visit, *, code: str | None = None) -> None:
        """The password, and the *code* where one is asked for. Raises BadInput, TooMany."""
        guesses = self._entrance.own_guesses(visit.actor.person_id)
        await self._sessions.count(guesses)
        if not await self._logins.is_right(visit.actor, visit.form["password"]):
            raise BadInput("this is not the present password", field="password", why="wrong")
        if code is not None and not await self._factors.takes(visit.actor.person_id, code):
            raise BadInput("this is not the code of this moment", field="code", why="wrong")
        await self._sessions.forgive(guesses)

    async def _page(
        self, visit: Visit, status: int = HTTPStatus.OK, refusal: Refusal | None = None, codes: Sequence[str] = ()
    ) -> web.Response:
        state = await self._factors.of(visit.actor)
        picture = as_image(state.uri) if state.uri else ""
        done = visit.request.query.get("done", "")
        return self._gate.page(
            visit,
            "second_factor.html",
            status,
            state=state,
            picture=picture,
            refusal=refusal,
            codes=codes,
            done=done,
            owes=visit.owes_step,
            wanted=self._factors.is_wanted(visit.actor),
        )

    async def _half(self, request: web.Request) -> HalfSession | None:
        return await self._sessions.half(request.cookies.get(STEP_COOKIE, ""))

    def _code_page(
        self, request: web.Request, *, why: str = "", wait: object = 0, status: int = HTTPStatus.OK
    ) -> web.Response:
        token = self._gate.strangers_token(request)
        answer = self._gate.plain("sign_in_code.html", status, why=why, minutes=minutes(wait), token=token)
        return self._gate.with_token(answer, token)


def _from_the_start() -> web.Response:
    return see_other(f"{SIGN_IN}?why=slow")
