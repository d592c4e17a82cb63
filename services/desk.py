"""Everything that the doors may ask for, in one place."""

from dataclasses import dataclass

from services.boards import Boards
from services.cases import Cases
from services.deliveries import Deliveries
from services.drafts import Drafts
from services.event_types import EventTypes
from services.imports import Imports
from services.inbound import Inbounds
from services.leaves import Leaves
from services.media import Medias
from services.moved_clock import MovedClock
from services.notices import Notices
from services.people import People
from services.ports import Clock
from services.posts import Posts
from services.queues import Queues
from services.regions import Regions
from services.safety import Safety
from services.scenes import Scenes
from services.searches import SavedFilters
from services.sessions import Sessions
from services.uploads import Uploads


@dataclass(frozen=True, slots=True)
class Desk:
    """The use cases, made once by the composition root and handed to each door."""

    clock: Clock
    boards: Boards
    cases: Cases
    deliveries: Deliveries
    drafts: Drafts
    event_types: EventTypes
    imports: Imports
    inbounds: Inbounds
    leaves: Leaves
    medias: Medias
    moved_clock: MovedClock | None
    notices: Notices
    people: People
    posts: Posts
    queues: Queues
    regions: Regions
    safety: Safety
    scenes: Scenes
    searches: SavedFilters
    sessions: Sessions
    uploads: Uploads
