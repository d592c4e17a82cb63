"""Puts training together out of ``[training]``."""

from app.settings import Settings
from services.ports import Cipher, Clock
from services.training import TrainingRules, Trainings
from services.training_hours import TrainingHours
from services.training_keeping import TrainingKeeping


def learning(settings: Settings, clock: Clock, cipher: Cipher) -> tuple[Trainings, TrainingKeeping, TrainingHours]:
    given = settings.training
    rules = TrainingRules(pass_points=given.pass_points, tries=given.tries, year_minutes=round(given.year_hours * 60))
    trainings = Trainings(clock, rules)
    keeping = TrainingKeeping(clock, cipher, trainings, rules.year_minutes)
    return trainings, keeping, TrainingHours(clock, rules.year_minutes)
