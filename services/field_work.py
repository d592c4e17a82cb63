"""What grid workers do out of doors: patrols, and visits to whom and what is on their list."""

from dataclasses import dataclass

from services.coverages import Coverages
from services.patrol_days import PatrolDays
from services.patrols import Patrols
from services.subjects import Subjects
from services.visits import Visits


@dataclass(frozen=True, slots=True)
class FieldWork:
    patrols: Patrols
    patrol_days: PatrolDays
    subjects: Subjects
    visits: Visits
    coverages: Coverages
