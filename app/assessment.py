"""What ``[categories]`` and ``[assessment]`` say, as the rules take it. Raises SettingsError for what cannot be."""

from app.policy import deadline_policy
from app.settings import Settings, SettingsError
from domain.assessment_rules import Rules
from domain.errors import BadInput
from domain.exits import ExitRules
from services.assessments import Assessments
from services.ports import Clock
from services.town_days import OwnDays


def assessment_rules(settings: Settings) -> Rules:
    given = settings.assessment.model_dump(exclude={"public_days"})
    try:
        return Rules.read({**given, "minimums": settings.categories})
    except BadInput as error:
        where = error.facts.get("field", "")
        section = "categories" if str(where).startswith("minimums") else f"assessment.{where}"
        raise SettingsError(f"{section} 用不了：{_WHY.get(str(where), _OTHERWISE)}。") from None


def assessments(settings: Settings, clock: Clock, own: OwnDays | None = None) -> Assessments:
    calendar = deadline_policy(settings, own)
    return Assessments(
        clock,
        assessment_rules(settings),
        calendar.quiet or calendar.calendar,
        public_days=settings.assessment.public_days,
    )


def exit_rules(settings: Settings) -> ExitRules:
    return ExitRules(**settings.exit.model_dump())


_OTHERWISE = "要写从 0 到 10000 的整数，每一项都要有"
_WHY = {
    "weights": "events、visits、base_data 三项的比重加起来要等于 100",
    "beyond_step": "至少是 1",
}
