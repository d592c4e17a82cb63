"""``/console/``: the staff's pages, on one aiohttp application with the other doors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from console.admissions import AdmissionPages
from console.assessment import AssessmentPages
from console.awards import AwardPages
from console.board_prints import BoardPages
from console.bulk import BulkPage
from console.calendar import CalendarPage
from console.case_actions import CaseActions
from console.case_photos import CasePhotos
from console.case_type import CaseTypePage
from console.cases import CasePages
from console.entrance import Entrance
from console.event_type_proposals import ProposalPages
from console.event_types import EventTypePages, Say
from console.exempt_days import ExemptDayPages
from console.exits import ExitPages
from console.exports import ExportPages
from console.frame import ROOT, Frame, see_other
from console.gate import Gate
from console.leaves import LeavePages
from console.live import Live
from console.notice_visits import NoticeVisitPages
from console.notices import NoticePages
from console.phone_desk import PhoneDeskPage
from console.posts import PostPages
from console.region_import import ImportPages
from console.regions import RegionPages
from console.rules import RulePages
from console.scan_sign_in import ScanSignInPages
from console.second_factor import SecondFactorPages
from console.settings import SettingPages
from console.sign_in import SignIn
from console.spot_checks import SpotCheckPages
from console.statistics import StatisticsPages
from console.training import TrainingPages
from console.workbench import WorkbenchPage
from domain.errors import NotFound
from services.appointments import Appointments
from services.attaching import Attaching
from services.audit import Audit
from services.board_runs import BoardRuns
from services.bulk_moves import BulkMoves
from services.case_sheets import CaseSheets
from services.coverages import Coverages
from services.desk import Desk
from services.figures import FigurePages
from services.idempotency import Idempotencies
from services.import_desk import ImportDesk
from services.leave_calendar import LeaveCalendar
from services.notices_desk import NoticeDesk
from services.phone_desk import PhoneDesk
from services.ports import Wording
from services.region_tree import RegionTree
from services.second_factors import SecondFactors
from services.staff_logins import StaffLogins
from services.staff_photos import StaffPhotos
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
    coverages: Coverages


@dataclass(frozen=True, slots=True)
class Staff:
    """The use cases of the console beside those of the desk."""

    logins: StaffLogins
    second_factors: SecondFactors
    phone_desk: PhoneDesk
    sheets: CaseSheets
    attaching: Attaching
    workbench: Workbench
    wording: Wording
    """The words of messages, as people get them: for a look before they are sent."""
    regions: RegionDesk


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say of the console."""

    wrong_passwords: int
    wrong_passwords_of_address: int
    longest_body: int
    longest_photo: int
    secure: bool
    media_origin: str
    shown: Mapping[str, Any]
    """What the settings say, by section, as far as everybody may read it."""
    say: Say


class Console:
    def __init__(
        self, desk: Desk, staff: Staff, sessions: StaffSessions, limits: Limits, proxies: Proxies, rules: Rules
    ) -> None:
        frame = Frame(media_origin=rules.media_origin)
        gate = Gate(
            frame,
            sessions,
            staff.logins,
            staff.second_factors,
            limits,
            secure=rules.secure,
            longest_body=rules.longest_body,
            longest_photo=rules.longest_photo,
        )
        idempotencies = Idempotencies(desk.clock)
        entrance = Entrance(
            gate,
            sessions,
            staff.second_factors,
            proxies,
            of_account=rules.wrong_passwords,
            of_address=rules.wrong_passwords_of_address,
        )
        sign_in = SignIn(gate, entrance, sessions, staff.logins)
        scan = ScanSignInPages(gate, entrance, sessions, staff.logins, desk.scan_sign_ins)
        second = SecondFactorPages(gate, entrance, sessions, staff.logins, staff.second_factors)
        pages = CasePages(gate, desk.queues, staff.sheets)
        actions = CaseActions(gate, pages, desk.cases, desk.looks, idempotencies)
        photos = CasePhotos(gate, pages, StaffPhotos(desk.uploads, staff.attaching, idempotencies))
        kind = CaseTypePage(gate, staff.sheets, desk.event_types, idempotencies)
        bulk = BulkPage(gate, BulkMoves(desk.cases, idempotencies))
        new_case = PhoneDeskPage(gate, staff.phone_desk, idempotencies)
        self.live = Live(gate)
        workbench = WorkbenchPage(gate, staff.workbench, self.live)
        notices = NoticePages(gate, desk, NoticeDesk(desk.uploads), staff.wording, idempotencies, self.live)
        in_person = NoticeVisitPages(gate, desk.notices, idempotencies)
        self._gate = gate
        figures = FigurePages(desk.clock)
        statistics = StatisticsPages(gate, figures)
        exports = ExportPages(gate, desk.clock, desk.exports, figures, idempotencies)
        types = EventTypePages(
            gate, desk.event_types, desk.event_type_changes, desk.event_type_proposals, idempotencies, rules.say
        )
        proposals = ProposalPages(gate, desk.event_types, desk.event_type_proposals, idempotencies, rules.say)
        calendar = CalendarPage(gate, desk.town_days, idempotencies)
        town_rules = RulePages(gate, Audit(desk.clock))
        settings = SettingPages(gate, desk.town_settings, idempotencies, rules.shown)
        regions = _region_pages(gate, staff.regions, idempotencies)
        assessment = (
            AssessmentPages(gate, desk.assessments, desk.spot_checks, idempotencies, desk.field_work.coverages),
            SpotCheckPages(gate, desk.spot_checks, idempotencies),
            TrainingPages(gate, desk.training_hours, figures),
            ExemptDayPages(gate, desk.field_work.patrol_days, staff.sheets, idempotencies),
            ExitPages(gate, desk.exits, idempotencies),
            AwardPages(gate, desk.award_applications, idempotencies),
            AdmissionPages(gate, desk.admissions, idempotencies),
        )
        self._parts: tuple[HasRoutes, ...] = (
            frame,
            sign_in,
            scan,
            second,
            workbench,
            new_case,
            bulk,
            photos,
            kind,
            pages,
            actions,
            notices,
            in_person,
            statistics,
            exports,
            types,
            proposals,
            calendar,
            town_rules,
            settings,
            *regions,
            *assessment,
        )

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
        RegionPages(gate, desk.tree, desk.appointments, desk.imports, desk.coverages),
        PostPages(gate, desk.appointments, idempotencies),
        BoardPages(gate, desk.boards),
        LeavePages(gate, desk.leaves, idempotencies),
    )


async def _to_root(_: web.Request) -> web.StreamResponse:
    return see_other(f"{ROOT}/")


async def _nowhere(_: web.Request) -> web.StreamResponse:
    raise NotFound("there is no such page")
