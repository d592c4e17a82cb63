"""Who may come in, and a page for every no.

Every form carries the token of its sign-in (CSRF); a browser that says itself that a form came from elsewhere is not
listened to either. Whoever has written something does not lose it by a no.
"""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import urlencode

import structlog
from aiohttp import web

from console.forms import Form, read_form
from console.frame import ROOT, Frame, see_other
from console.uploads import File, read_fields, read_files
from domain.errors import BadInput, NotFound, NotSignedIn, Refusal, TooMany, Unavailable
from services.access import Actor
from services.second_factors import SecondFactors
from services.staff_logins import StaffLogins
from services.transaction import DATABASE_ERRORS
from web.limits import Limits
from web.request_log import route_name
from web.staff_sessions import StaffSession, StaffSessions

COOKIE, FORM_COOKIE = "wangge_console", "wangge_console_form"
SIGN_IN, PASSWORD, SECOND_STEP = f"{ROOT}/sign-in", f"{ROOT}/password", f"{ROOT}/second-factor"
_RETRY_AFTER = 5
_OURS = re.compile(rf"{ROOT}/[\w\-./?=&%+]{{0,400}}")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of somebody who is signed in."""

    request: web.Request
    session: StaffSession
    actor: Actor
    one_time: bool
    form: Form
    files: tuple[File, ...] = ()
    owes_step: bool = False
    """A duty of theirs demands a second step, and they have none yet."""

    @property
    def number(self) -> int:
        """The case that the address names."""
        return int(self.request.match_info["number"])


Handle = Callable[[Visit], Awaitable[web.StreamResponse]]
Refused = Callable[[Visit, Refusal], Awaitable[web.StreamResponse]]
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Forged(Exception):  # noqa: N818 - said as the fact that it is
    """A form without the right token, or from another site."""


class Gate:
    def __init__(
        self,
        frame: Frame,
        sessions: StaffSessions,
        logins: StaffLogins,
        factors: SecondFactors,
        limits: Limits,
        *,
        secure: bool,
        longest_body: int,
        longest_photo: int,
    ) -> None:
        """*secure*: cookies go by https only; *longest_body* and *longest_photo* in bytes."""
        self._frame = frame
        self._sessions = sessions
        self._logins = logins
        self._factors = factors
        self._limits = limits
        self._secure = secure
        self._longest = longest_body
        self._longest_photo = longest_photo

    def shows(self, handle: Handle, *, one_time: bool = False, step: bool = False) -> Answer:
        """A page for whoever is signed in; *one_time*: also before they have a password of their own; *step*: also
        before they have the second step that is demanded of them.
        """

        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                visit = await self._visit(request, Form({}))
            except NotSignedIn as refused:
                asked = {"next": request.path_qs, "why": str(refused.facts.get("why", ""))}
                return self.without(see_other(f"{SIGN_IN}?{urlencode({k: v for k, v in asked.items() if v})}"))
            return _elsewhere(visit, one_time=one_time, step=step) or await handle(visit)

        return self.safely(answer)

    def takes(
        self, handle: Handle, *, one_time: bool = False, step: bool = False, longest: int | None = None
    ) -> Answer:
        """What a form of a page sends; *longest* in bytes, where it may hold a whole file's text."""

        async def answer(request: web.Request) -> web.StreamResponse:
            form = await read_form(request, longest=longest or self._longest)

            async def work() -> web.StreamResponse:
                visit = await self._visit(request, form)
                self._check(request, form, visit.session.csrf)
                return _elsewhere(visit, one_time=one_time, step=step) or await handle(visit)

            return await self._or_kept(request, lambda: form, work)

        return self.safely(answer)

    def takes_files(self, handle: Handle, *, longest: int | None = None, unread: Refused | None = None) -> Answer:
        """What a form with files sends, each of at most *longest* bytes; without it they are photos.

        Who sends it is known before a byte of a file is read. Of a form whose files are refused while they are read,
        *unread* gets the fields that stand before them.
        """
        most = longest or self._longest_photo

        async def answer(request: web.Request) -> web.StreamResponse:
            typed = Form({})

            async def work() -> web.StreamResponse:
                nonlocal typed
                try:
                    visit = await self._visit(request, typed)
                except NotSignedIn:
                    typed = await read_fields(request, longest=most)
                    raise
                elsewhere = _elsewhere(visit)
                if elsewhere is not None:
                    return elsewhere
                vouched = False

                def check(form: Form) -> None:
                    nonlocal typed, vouched
                    typed = form
                    self._check(request, form, visit.session.csrf)
                    vouched = True

                try:
                    form, files = await read_files(request, check, longest=most)
                except Refusal as refused:
                    if unread is None or not vouched:
                        raise
                    return await unread(replace(visit, form=typed), refused)
                typed = form
                return await handle(replace(visit, form=form, files=files))

            return await self._or_kept(request, lambda: typed, work)

        return self.safely(answer)

    async def _or_kept(
        self, request: web.Request, typed: Callable[[], Form], work: Callable[[], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            return await work()
        except NotSignedIn:
            return self._kept(request, typed(), "ended", HTTPStatus.UNAUTHORIZED)
        except Forged:
            return self._kept(request, typed(), "forged", HTTPStatus.FORBIDDEN)
        except (Unavailable, *DATABASE_ERRORS) as away:
            log.warning("part_away", route=route_name(request), error=type(away).__name__)
            return self._kept(request, typed(), "away", HTTPStatus.SERVICE_UNAVAILABLE)

    def stranger(self, handle: Answer) -> Answer:
        """A page for whoever is not signed in yet."""

        async def answer(request: web.Request) -> web.StreamResponse:
            await self._limits.stranger(request)
            return await handle(request)

        return self.safely(answer)

    async def strangers_form(self, request: web.Request) -> Form:
        """What the sign-in page sends, which nobody's session vouches for: a cookie of its own does. Raises Forged."""
        form = await read_form(request, longest=self._longest)
        self._check(request, form, request.cookies.get(FORM_COOKIE, ""))
        return form

    def strangers_token(self, request: web.Request) -> str:
        return request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(16)

    def with_token(self, answer: web.Response, token: str) -> web.Response:
        self._set(answer, FORM_COOKIE, token, strict=True)
        return answer

    def with_cookie(self, answer: web.Response, name: str, value: str) -> web.Response:
        """The answer with a cookie that neither scripts nor other sites get."""
        self._set(answer, name, value, strict=True)
        return answer

    def within(self, answer: web.Response, session: StaffSession) -> web.Response:
        """The answer that signs somebody in."""
        self._set(answer, COOKIE, session.token)
        answer.del_cookie(FORM_COOKIE, path=ROOT)
        return answer

    def without(self, answer: web.Response) -> web.Response:
        """The answer that signs them out."""
        answer.del_cookie(COOKIE, path=ROOT)
        return answer

    def page(self, visit: Visit, name: str, status: int = HTTPStatus.OK, **facts: object) -> web.Response:
        """A page with its frame: who is signed in, and the token of its forms."""
        shared = {"actor": visit.actor, "csrf": visit.session.csrf, "here": visit.request.path}
        return self._frame.page(name, {**shared, **facts}, status)

    def plain(self, name: str, status: int = HTTPStatus.OK, **facts: object) -> web.Response:
        """A page that knows nobody."""
        return self._frame.page(name, {"actor": None, "csrf": "", "here": "", **facts}, status)

    def safely(self, answer: Answer) -> Answer:
        """Whatever goes wrong is said on a page that a person understands."""

        async def safe(request: web.Request) -> web.StreamResponse:  # noqa: PLR0911 - one answer for each kind of no
            try:
                return await answer(request)
            except web.HTTPException:
                raise
            except TooMany as many:
                return self.sorry(HTTPStatus.TOO_MANY_REQUESTS, many.facts)
            except Unavailable as away:
                return self.sorry(HTTPStatus.SERVICE_UNAVAILABLE, away.facts)
            except NotFound:
                return self.plain("unknown.html", HTTPStatus.NOT_FOUND)
            except (BadInput, Refusal) as refused:
                return self.plain("refused.html", refused.status, refusal=refused)
            except DATABASE_ERRORS as error:
                log.warning("part_away", route=route_name(request), error=type(error).__name__)
                return self.sorry(HTTPStatus.SERVICE_UNAVAILABLE, {})
            except Exception:
                log.exception("console_failed", route=route_name(request))
                return self.sorry(HTTPStatus.INTERNAL_SERVER_ERROR, {})

        return safe

    async def still(self, visit: Visit) -> Actor | None:
        """Who watches a page that is open all day, as of this moment; ``None`` once they are signed out.

        Watching keeps no sign-in in use.
        """
        try:
            if not await self._sessions.lasts(visit.session.token):
                return None
            actor = (await self._logins.who(visit.session.person_id, visit.session.since)).actor
            return None if await self._owes_step(visit.session, actor) else actor
        except (NotSignedIn, Unavailable):
            return None

    def sorry(self, status: HTTPStatus, facts: Mapping[str, object]) -> web.Response:
        wait = facts.get("retry_after") or _RETRY_AFTER
        answer = self.plain("sorry.html", status, code=int(status), wait=wait)
        answer.headers["Retry-After"] = str(wait)
        return answer

    async def _visit(self, request: web.Request, form: Form) -> Visit:
        """Raises NotSignedIn, TooMany, Unavailable."""
        token = request.cookies.get(COOKIE, "")
        session = await self._sessions.find(token) if token else None
        if session is None:
            raise NotSignedIn("sign in first", why="ended" if token else "")
        try:
            present = await self._logins.who(session.person_id, session.since)
        except NotSignedIn:
            await self._sessions.close(token)
            raise
        await self._limits.person(session.person_id)
        owes = await self._owes_step(session, present.actor)
        return Visit(request, session, present.actor, present.one_time, form, owes_step=owes)

    async def _owes_step(self, session: StaffSession, actor: Actor) -> bool:
        # Whoever has scanned the code has shown their phone; they may have no password to begin with.
        return not session.scanned and await self._factors.owes(actor)

    def _check(self, request: web.Request, form: Form, token: str) -> None:
        elsewhere = request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}
        if elsewhere or not token or not secrets.compare_digest(form["csrf"].encode(), token.encode()):
            raise Forged

    def _kept(self, request: web.Request, form: Form, why: str, status: HTTPStatus) -> web.Response:
        """It was not done, as far as we know, and what somebody has written is still there."""
        answer = self.plain(
            "kept.html",
            status,
            why=why,
            typed=form.typed(),
            back=_page_of(request),
            files=request.content_type == "multipart/form-data",
        )
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            answer.headers["Retry-After"] = str(_RETRY_AFTER)
        return answer

    def _set(self, answer: web.Response, name: str, value: str, *, strict: bool = False) -> None:
        answer.set_cookie(
            name, value, path=ROOT, httponly=True, secure=self._secure, samesite="Strict" if strict else "Lax"
        )


def _elsewhere(visit: Visit, *, one_time: bool = False, step: bool = False) -> web.Response | None:
    """Where somebody has to go first: to a password of their own, then to the second step; ``None``: nowhere."""
    if visit.one_time:
        return None if one_time else see_other(PASSWORD)
    return see_other(SECOND_STEP) if visit.owes_step and not (one_time or step) else None


def _page_of(request: web.Request) -> str:
    """Where the form stands: at its own address, or, where nothing can be opened there, one step above."""
    here = request.match_info.route.resource
    where = here.canonical if here is not None else ""
    opens = any(
        route.method == "GET" and route.resource is not None and route.resource.canonical == where
        for route in request.app.router.routes()
    )
    return request.path if opens else request.path.rsplit("/", 1)[0]


def onward(wanted: str) -> str:
    """Where to go after signing in: a page of ours, or the first one."""
    ours = _OURS.fullmatch(wanted) and ".." not in wanted and not wanted.startswith(SIGN_IN)
    return wanted if ours else f"{ROOT}/"
