"""What a case is filed with, and what is known once it is filed."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from models import Case, Region
from services.ports import Judgement
from services.safety import PASSED


@dataclass(frozen=True, slots=True)
class Filing:
    """A case as the mini program or the phone desk hands it in: everything at once."""

    grid: str
    description: str
    title: str = ""
    event_type: str = ""
    urgent: bool = False
    latitude: float | None = None
    longitude: float | None = None
    address: str = ""
    attachments: Sequence[UUID] = ()
    judged: Judgement = PASSED
    source: str = "mini"
    taken_by: int | None = None
    """Who wrote it down for a caller."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A case that has just been filed, where it lies, and the name of whoever has it."""

    case: Case
    grid: Region
    holder: str
