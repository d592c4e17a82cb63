"""``/console/``: the staff's pages, on one aiohttp application with the other doors."""

from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from console.board_prints import BoardPages
from console.case_actions import CaseActions
from console.cases import CasePages
from console.frame import ROOT, Frame, see_other
from console.gate import Gate
from console.leaves import LeavePages
from console.phone_desk import PhoneDeskPage
from console.posts import PostPages
from console.region_import import ImportPages
from console.regions import RegionPages
from console.sign_in import SignIn
from console.workbench import WorkbenchPage
from domain.errors import NotFound
from services.appointments import Appointments
from services.board_runs import BoardRuns
from services.case_sheets import CaseSheets
from services.desk import Desk
from services.idempotency import Idempotencies
from services.import_desk import ImportDesk
from services.leave_calendar import LeaveCalendar
from services.phone_desk import PhoneDesk
from services.region_tree import RegionTree
from services.staff_logins import StaffLogins
from services.workbench import Workbench
from web.addresses import Proxies
from web.limits import Limits
from web.staff_sessions import StaffSessions


class HasRoutes(Protocol):
    def routes(self) -> list[web.RouteDef]: ...


@dataclass(frozen=True, slots=True)
class RegionDesk:
    """The use cases of the 网格 pages."""

    tree: RegionTree
    appointments: Appointments
    imports: ImportDesk
    boards: BoardRuns
    leaves: LeaveCalendar


@dataclass(frozen=True, slots=True)
class Staff:
    """The use cases of the console beside those of the desk."""

    logins: StaffLogins
    phone_desk: PhoneDesk
    sheets: CaseSheets
    workbench: Workbench
    regions: RegionDesk


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
        regions = _region_pages(gate, staff.regions, idempotencies)
        self._gate = gate
        self._parts: tuple[HasRoutes, ...] = (frame, sign_in, workbench, new_case, pages, actions, *regions)

    def routes(self) -> list[web.RouteDef]:
        found = [route for part in self._parts for route in part.routes()]
        # Whatever else stands under the root is not there, in the console's own words.
        return [
            web.get(ROOT, _to_root, name="console.root"),
            *found,
            web.get(f"{ROOT}/{{tail:.*}}", self._gate.safely(_nowhere), name="console.nowhere"),
        ]


def _region_pages(gate: Gate, desk: RegionDesk, idempotencies: Idempotencies) -> tuple[HasRoutes, ...]:
    return (
        # The import stands before the regions, whose codes may be anything.
        ImportPages(gate, desk.imports, idempotencies),
        RegionPages(gate, desk.tree, desk.appointments, desk.imports),
        PostPages(gate, desk.appointments, idempotencies),
        BoardPages(gate, desk.boards),
        LeavePages(gate, desk.leaves, idempotencies),
    )


async def _to_root(_: web.Request) -> web.StreamResponse:
    return see_other(f"{ROOT}/")


async def _nowhere(_: web.Request) -> web.StreamResponse:
    raise NotFound("there is no such page")
