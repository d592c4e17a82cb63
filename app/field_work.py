"""Puts patrols and visits together out of ``[patrol]`` and ``[visits]``."""

from datetime import timedelta

from app.settings import Settings
from domain.patrol import Minimums
from domain.track import Sift
from domain.visit import Cycles, SubjectKind
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


def field_work(settings: Settings, clock: Clock, cipher: Cipher, attaching: Attaching, drafts: Drafts) -> FieldWork:
    given, photos = settings.patrol, FieldPhotos(attaching, drafts)
    days = settings.visits.model_dump()
    rules = Rules(
        sift=Sift(worst_accuracy=given.accuracy_metres, fastest_kmh=given.fastest_kmh),
        forgotten=timedelta(hours=given.forgotten_hours),
        longest=timedelta(hours=given.longest_hours),
        late=timedelta(hours=given.late_hours),
        track_days=given.track_days,
    )
    minimums = Minimums(
        half_day_seconds=given.half_day_minutes * 60,
        day_metres=given.day_metres,
        week_seconds=round(given.week_hours * 3600),
        week_metres=given.week_metres,
        chief_week_seconds=round(given.chief_week_hours * 3600),
        liaison_week_walks=given.liaison_week_patrols,
    )
    coverages = Coverages(clock, cipher, within_metres=given.coverage_metres, large_hectares=given.large_grid_hectares)
    cycles = Cycles({kind: days[f"{kind}_days"] for kind in SubjectKind})
    subjects = Subjects(clock, cipher, cycles, looks_kept=timedelta(days=settings.privacy.look_days))
    return FieldWork(
        patrols=Patrols(clock, cipher, photos, rules, coverages),
        patrol_days=PatrolDays(clock, minimums),
        subjects=subjects,
        visits=Visits(clock, subjects, photos),
        coverages=coverages,
    )
