"""Everything that the doors may ask for, in one place."""

from dataclasses import dataclass

from domain.duty import Duty
from services.accounts import Accounts
from services.admissions import Admissions
from services.appointments import Appointments
from services.assessments import Assessments
from services.award_applications import AwardApplications
from services.board_facts import BoardFacts
from services.boards import Boards
from services.by_place import ByPlace
from services.cases import Cases
from services.daily_lists import DailyLists
from services.deliveries import Deliveries
from services.drafts import Drafts
from services.event_type_changes import EventTypeChanges
from services.event_type_proposals import EventTypeProposals
from services.event_types import EventTypes
from services.exits import Exits
from services.exports import Exports
from services.field_work import FieldWork
from services.figures_counting import FigureCounts
from services.findings import Findings
from services.imports import Imports
from services.inbound import Inbounds
from services.invitations import Invitations
from services.leaves import Leaves
from services.links import Links
from services.looks import Looks
from services.mass_sends import MassSends
from services.media import Medias
from services.media_checks import MediaChecks
from services.moved_clock import MovedClock
from services.notices import Notices
from services.own_records import OwnRecords
from services.people import People
from services.polls import Polls
from services.ports import Clock
from services.posts import Posts
from services.prints import Prints
from services.queues import Queues
from services.records import Records
from services.regions import Regions
from services.safety import Safety
from services.scan_sign_ins import ScanSignIns
from services.scans import Scans
from services.scenes import Scenes
from services.searches import SavedFilters
from services.send_reports import SendReports
from services.sessions import Sessions
from services.spot_checks import SpotChecks
from services.statistics import Statistics
from services.subscriptions import Subscriptions
from services.town_days import TownDays
from services.town_settings import TownSettings
from services.training import Trainings
from services.training_hours import TrainingHours
from services.training_keeping import TrainingKeeping
from services.uploads import Uploads
from services.work_logs import WorkLogs


@dataclass(frozen=True, slots=True)
class Desk:
    """The use cases, made once by the composition root and handed to each door."""

    clock: Clock
    accounts: Accounts
    appointments: Appointments
    assessments: Assessments
    board_facts: BoardFacts
    boards: Boards
    cases: Cases
    daily_lists: DailyLists
    deliveries: Deliveries
    drafts: Drafts
    event_type_changes: EventTypeChanges
    event_type_proposals: EventTypeProposals
    event_types: EventTypes
    exits: Exits
    exports: Exports
    field_work: FieldWork
    figure_counts: FigureCounts
    findings: Findings
    imports: Imports
    invitations: Invitations
    inbounds: Inbounds
    leaves: Leaves
    links: Links
    looks: Looks
    mass_sends: MassSends
    media_checks: MediaChecks
    medias: Medias
    moved_clock: MovedClock | None
    notices: Notices
    own_records: OwnRecords
    people: People
    polls: Polls
    posts: Posts
    prints: Prints
    queues: Queues
    records: Records
    regions: Regions
    scan_sign_ins: ScanSignIns
    scans: Scans
    safety: Safety
    scenes: Scenes
    searches: SavedFilters
    send_reports: SendReports
    sessions: Sessions
    statistics: Statistics
    spot_checks: SpotChecks
    subscriptions: Subscriptions
    second_step: ByPlace[frozenset[Duty]]
    """Whose sign-in at the console wants a second step, by place."""
    town_days: TownDays
    town_settings: TownSettings
    admissions: Admissions
    award_applications: AwardApplications
    trainings: Trainings
    training_keeping: TrainingKeeping
    training_hours: TrainingHours
    uploads: Uploads
    work_logs: WorkLogs
