"""``/console/``: the staff's pages, on one aiohttp application with the other doors."""

from dataclasses import dataclass

from aiohttp import web

from console.assessment import AssessmentPages
from console.case_actions import CaseActions
from console.cases import CasePages
from console.exempt_days import ExemptDayPages
from console.frame import ROOT, Frame, see_other
from console.gate import Gate
from console.phone_desk import PhoneDeskPage
from console.sign_in import SignIn
from console.spot_checks import SpotCheckPages
from console.workbench import WorkbenchPage
from domain.errors import NotFound
from services.case_sheets import CaseSheets
from services.desk import Desk
from services.idempotency import Idempotencies
from services.phone_desk import PhoneDesk
from services.staff_logins import StaffLogins
from services.workbench import Workbench
from web.addresses import Proxies
from web.limits import Limits
from web.staff_sessions import StaffSessions


@dataclass(frozen=True, slots=True)
class Staff:
    """The use cases of the console beside those of the desk."""

    logins: StaffLogins
    phone_desk: PhoneDesk
    sheets: CaseSheets
    workbench: Workbench


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say of the console."""

    wrong_passwords: int
    wrong_passwords_of_address: int
    longest_body: int
    secure: bool
    media_origin: str


class Console:
    def __init__(
        self, desk: Desk, staff: Staff, sessions: StaffSessions, limits: Limits, proxies: Proxies, rules: Rules
    ) -> None:
        frame = Frame(media_origin=rules.media_origin)
        gate = Gate(frame, sessions, staff.logins, limits, secure=rules.secure, longest_body=rules.longest_body)
        idempotencies = Idempotencies(desk.clock)
        sign_in = SignIn(
            gate,
            sessions,
            staff.logins,
            proxies,
            of_account=rules.wrong_passwords,
            of_address=rules.wrong_passwords_of_address,
        )
        pages = CasePages(gate, desk.queues, staff.sheets)
        actions = CaseActions(gate, pages, desk.cases, desk.looks, idempotencies)
        new_case = PhoneDeskPage(gate, staff.phone_desk, idempotencies)
        workbench = WorkbenchPage(gate, staff.workbench)
        assessment = (
            AssessmentPages(gate, desk.assessments, desk.spot_checks, idempotencies),
            SpotCheckPages(gate, desk.spot_checks, idempotencies),
            ExemptDayPages(gate, desk.field_work.patrol_days, staff.sheets, idempotencies),
        )
        self._gate = gate
        self._parts = (frame, sign_in, workbench, new_case, pages, actions, *assessment)

    def routes(self) -> list[web.RouteDef]:
        found = [route for part in self._parts for route in part.routes()]
        # Whatever else stands under the root is not there, in the console's own words.
        return [
            web.get(ROOT, _to_root, name="console.root"),
            *found,
            web.get(f"{ROOT}/{{tail:.*}}", self._gate.safely(_nowhere), name="console.nowhere"),
        ]


async def _to_root(_: web.Request) -> web.StreamResponse:
    return see_other(f"{ROOT}/")


async def _nowhere(_: web.Request) -> web.StreamResponse:
    raise NotFound("there is no such page")
