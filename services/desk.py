"""Everything that the doors may ask for, in one place."""

from dataclasses import dataclass

from services.accounts import Accounts
from services.assessments import Assessments
from services.board_facts import BoardFacts
from services.boards import Boards
from services.cases import Cases
from services.deliveries import Deliveries
from services.drafts import Drafts
from services.event_types import EventTypes
from services.imports import Imports
from services.inbound import Inbounds
from services.leaves import Leaves
from services.links import Links
from services.looks import Looks
from services.mass_sends import MassSends
from services.media import Medias
from services.moved_clock import MovedClock
from services.notices import Notices
from services.people import People
from services.ports import Clock
from services.posts import Posts
from services.prints import Prints
from services.queues import Queues
from services.records import Records
from services.regions import Regions
from services.safety import Safety
from services.scans import Scans
from services.scenes import Scenes
from services.searches import SavedFilters
from services.send_reports import SendReports
from services.sessions import Sessions
from services.spot_checks import SpotChecks
from services.subscriptions import Subscriptions
from services.uploads import Uploads


@dataclass(frozen=True, slots=True)
class Desk:
    """The use cases, made once by the composition root and handed to each door."""

    clock: Clock
    accounts: Accounts
    assessments: Assessments
    board_facts: BoardFacts
    boards: Boards
    cases: Cases
    deliveries: Deliveries
    drafts: Drafts
    event_types: EventTypes
    imports: Imports
    inbounds: Inbounds
    leaves: Leaves
    links: Links
    looks: Looks
    mass_sends: MassSends
    medias: Medias
    moved_clock: MovedClock | None
    notices: Notices
    people: People
    posts: Posts
    prints: Prints
    queues: Queues
    records: Records
    regions: Regions
    scans: Scans
    safety: Safety
    scenes: Scenes
    searches: SavedFilters
    send_reports: SendReports
    sessions: Sessions
    spot_checks: SpotChecks
    subscriptions: Subscriptions
    uploads: Uploads
