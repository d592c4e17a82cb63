"""Everything that the doors may ask for, in one place."""

from dataclasses import dataclass

from services.boards import Boards
from services.cases import Cases
from services.deliveries import Deliveries
from services.drafts import Drafts
from services.imports import Imports
from services.inbound import Inbounds
from services.media import Medias
from services.moved_clock import MovedClock
from services.notices import Notices
from services.people import People
from services.ports import Clock
from services.queues import Queues
from services.regions import Regions
from services.scenes import Scenes
from services.searches import SavedFilters
from services.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Desk:
    """The use cases, made once by the composition root and handed to each door."""

    clock: Clock
    boards: Boards
    cases: Cases
    deliveries: Deliveries
    drafts: Drafts
    imports: Imports
    inbounds: Inbounds
    medias: Medias
    moved_clock: MovedClock | None
    notices: Notices
    people: People
    queues: Queues
    regions: Regions
    scenes: Scenes
    searches: SavedFilters
    sessions: Sessions
