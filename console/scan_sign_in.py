"""微信扫码登录: the code on the sign-in page, how it stands, and the way in for the browser that asked."""

from http import HTTPStatus

from aiohttp import web

from console import browsers
from console.entrance import Entrance
from console.frame import ROOT, see_other
from console.gate import SIGN_IN, Forged, Gate
from console.pictures import as_image
from domain.errors import Unavailable
from services.scan_sign_ins import ScanSignIns, State
from services.staff_logins import StaffLogins
from web.staff_sessions import StaffSessions

SCAN = f"{SIGN_IN}/scan"
SCAN_COOKIE = "wangge_console_scan"


class ScanSignInPages:
    def __init__(
        self, gate: Gate, entrance: Entrance, sessions: StaffSessions, logins: StaffLogins, scans: ScanSignIns
    ) -> None:
        self._gate = gate
        self._entrance = entrance
        self._sessions = sessions
        self._logins = logins
        self._scans = scans

    def routes(self) -> list[web.RouteDef]:
        gate = self._gate
        return [
            web.post(SCAN, gate.stranger(self.ask), name="console.ask_scan"),
            web.get(SCAN, gate.stranger(self.show), name="console.scan"),
            web.get(f"{SCAN}/state", gate.stranger(self.state), name="console.scan_state"),
            web.post(f"{SCAN}/continue", gate.stranger(self.enter), name="console.enter_by_scan"),
        ]

    async def ask(self, request: web.Request) -> web.StreamResponse:
        try:
            await self._gate.strangers_form(request)
        except Forged:
            return await self._page(request, why="forged", status=HTTPStatus.FORBIDDEN)
        # WeChat counts how many codes an account asks for in a day.
        await self._sessions.count(self._entrance.scans(request))
        where = browsers.called(request.headers.get("User-Agent", ""), self._entrance.origin(request))
        try:
            token = await self._scans.ask(where)
        except Unavailable:
            return see_other(f"{SIGN_IN}?why=wechat")
        return self._gate.with_cookie(see_other(SCAN), SCAN_COOKIE, token)

    async def show(self, request: web.Request) -> web.StreamResponse:
        return await self._page(request)

    async def state(self, request: web.Request) -> web.StreamResponse:
        """A word for the page's script, which then presses 继续 by itself."""
        asked = await self._scans.of(request.cookies.get(SCAN_COOKIE, ""))
        return web.json_response({"state": asked.state}, headers={"Cache-Control": "no-store"})

    async def enter(self, request: web.Request) -> web.StreamResponse:
        try:
            await self._gate.strangers_form(request)
        except Forged:
            return await self._page(request, why="forged", status=HTTPStatus.FORBIDDEN)
        person_id = await self._scans.collect(request.cookies.get(SCAN_COOKIE, ""))
        if person_id is None:
            return see_other(SCAN)
        known = await self._logins.of(person_id)
        if known is None:  # their duty has ended since they scanned
            return see_other(f"{SIGN_IN}?why=duty")
        answer = await self._entrance.admit(known, "", scanned=True)
        answer.del_cookie(SCAN_COOKIE, path=ROOT)
        return answer

    async def _page(self, request: web.Request, *, why: str = "", status: int = HTTPStatus.OK) -> web.Response:
        asked = await self._scans.of(request.cookies.get(SCAN_COOKIE, ""))
        token = self._gate.strangers_token(request)
        picture = as_image(asked.url) if asked.state is not State.OVER else ""
        answer = self._gate.plain("sign_in_scan.html", status, why=why, state=asked.state, picture=picture, token=token)
        return self._gate.with_token(answer, token)
