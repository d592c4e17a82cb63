"""The last steps of every way in: the second factor where somebody has one, then a sign-in of their own."""

from dataclasses import replace

from aiohttp import web

from console.frame import see_other
from console.gate import SIGN_IN, Gate, onward
from services.second_factors import SecondFactors
from services.staff_logins import Known
from web.addresses import Proxies, site
from web.staff_sessions import Guesses, StaffSessions

_SCANS = 2_000
"""Codes asked of WeChat in a quarter of an hour; an account has 100,000 calls of this kind a day."""
CODE = f"{SIGN_IN}/code"
STEP_COOKIE = "wangge_console_step"


class Entrance:
    def __init__(
        self,
        gate: Gate,
        sessions: StaffSessions,
        factors: SecondFactors,
        proxies: Proxies,
        *,
        of_account: int,
        of_address: int,
    ) -> None:
        """*of_account*, *of_address*: wrong passwords or codes before the door is shut for a while."""
        self._gate = gate
        self._sessions = sessions
        self._factors = factors
        self._proxies = proxies
        self._of_account, self._of_address = of_account, of_address

    async def admit(self, known: Known, wanted: str, *, scanned: bool = False) -> web.Response:
        """Whoever has shown who they are: signed in, or on to the second step. Raises Unavailable.

        *scanned*: by their own WeChat. Then nobody is made to set up a second step; whoever has one is asked for it.
        """
        if not await self._factors.is_on(known.person_id):
            session = await self._sessions.open(known.person_id, known.since, scanned=scanned)
            return self._gate.within(see_other(onward(wanted)), session)
        token = await self._sessions.half_open(known.person_id, known.since, onward(wanted))
        return self._gate.with_cookie(see_other(CODE), STEP_COOKIE, token)

    def guesses(self, request: web.Request, whose: str) -> list[Guesses]:
        """Whose tries are counted: *whose*, and those of the address that they come from."""
        counted = [Guesses(whose, self._of_account, of_account=True)]
        address = self._proxies.client(request)
        if address is not None and address.is_global:
            # A private address is a proxy's that nobody has named: a whole town stands behind it.
            counted.append(Guesses(f"address:{site(address)}", self._of_address, of_account=False))
        return counted

    def scans(self, request: web.Request) -> list[Guesses]:
        """How many codes may be asked for while a lock lasts: in all, and from one public address."""
        counted = [Guesses("scans", _SCANS, of_account=True)]
        return [*counted, *(replace(one, key=f"scans:{one.key}") for one in self.guesses(request, "")[1:])]

    def own_guesses(self, person_id: int) -> list[Guesses]:
        """Of somebody who is signed in: their passwords and codes on the pages about their account."""
        return [Guesses(f"change:{person_id}", self._of_account, of_account=True)]

    def origin(self, request: web.Request) -> str:
        """From where somebody asks to come in, as far as it can be told; empty where it cannot."""
        address = self._proxies.client(request)
        return site(address) if address is not None else ""


def minutes(seconds: object) -> int:
    """How long to wait, rounded up."""
    return -(-int(str(seconds or 0)) // 60)
