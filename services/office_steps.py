"""The trail of what the town decides on: each step of an admission, of an application for an award, of an exit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models import OfficeStep
from services.transaction import rows

_OF = """
SELECT s.step, s.at, s.note, coalesce(p.name, '') AS by FROM office_step s LEFT JOIN person p ON p.id = s.by_id
WHERE s.matter = $1 AND s.number = $2 ORDER BY s.id
"""


class Matter(StrEnum):
    ADMISSION = "admission"
    AWARD = "award"
    EXIT = "exit"


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken; *by* is empty for the clock."""

    step: str
    at: datetime
    note: str
    by: str


async def note(
    matter: Matter, number: int, step: str, *, by_id: int | None, region_id: int, at: datetime, note: str = ""
) -> None:
    """Write a step down, in the transaction that takes it."""
    await OfficeStep.create(matter=matter, number=number, step=step, by_id=by_id, region_id=region_id, at=at, note=note)


async def of(matter: Matter, number: int) -> Sequence[Taken]:
    """All steps of one matter, the first one first. Whoever may see the matter may see them."""
    return [Taken(**one) for one in await rows(_OF, matter, number)]
