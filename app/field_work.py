"""Puts patrols and visits together out of ``[patrol]`` and ``[visits]``."""

from datetime import timedelta

from app.settings import Settings
from app.town_settings import TownRules
from domain.track import Sift
from services.attaching import Attaching
from services.coverages import Coverages
from services.drafts import Drafts
from services.field_photos import FieldPhotos
from services.field_work import FieldWork
from services.patrol_days import PatrolDays
from services.patrol_measuring import Rules
from services.patrols import Patrols
from services.ports import Cipher, Clock
from services.subjects import Subjects
from services.visits import Visits


def field_work(
    settings: Settings, towns: TownRules, clock: Clock, cipher: Cipher, attaching: Attaching, drafts: Drafts
) -> FieldWork:
    given, photos = settings.patrol, FieldPhotos(attaching, drafts)
    rules = Rules(
        sift=Sift(worst_accuracy=given.accuracy_metres, fastest_kmh=given.fastest_kmh),
        forgotten=timedelta(hours=given.forgotten_hours),
        longest=timedelta(hours=given.longest_hours),
        late=timedelta(hours=given.late_hours),
        track_days=given.track_days,
    )
    coverages = Coverages(clock, cipher, within_metres=given.coverage_metres, large_hectares=given.large_grid_hectares)
    subjects = Subjects(clock, cipher, towns.visits.place, looks_kept=timedelta(days=settings.privacy.look_days))
    return FieldWork(
        patrols=Patrols(clock, cipher, photos, rules, coverages),
        patrol_days=PatrolDays(clock, towns.patrol.place),
        subjects=subjects,
        visits=Visits(clock, subjects, photos),
        coverages=coverages,
    )
