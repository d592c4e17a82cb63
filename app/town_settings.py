"""The sections of the settings of which a town may say some itself, checked by the models of ``config.toml``."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog
from pydantic import BaseModel, ValidationError

from app.policy import notice_rules, periods
from app.settings import Console, Settings, why
from app.settings_field import PatrolSettings, VisitSettings
from domain.duty import Duty
from domain.errors import BadInput
from domain.notice import Rules as NoticeRules
from domain.patrol import Minimums
from domain.visit import Cycles, SubjectKind
from services.by_place import ByPlace
from services.case_places import Periods
from services.leaves import Rules as LeaveRules
from services.town_settings import Plain, Section

T = TypeVar("T")
_NOTHING = frozenset({"-", "没有", "无"})
"""Said of what may be empty: an empty field means that it is as above."""

log = structlog.get_logger(__name__)


class OwnSection(Generic[T]):
    """One section, as :class:`services.town_settings.Section`; *place* is what its readers ask."""

    def __init__(self, name: str, given: BaseModel, keys: Sequence[str], make: Callable[[Any], T]) -> None:
        self.name = name
        self._given = given
        self._make = make
        self._keys = keys
        self.standard: Mapping[str, Plain] = self._flat(given)
        self.place = ByPlace(make(given))

    def read(self, texts: Mapping[str, str]) -> Mapping[str, Plain]:
        values = {key: self._parsed(key, text) for key, text in texts.items() if key in self.standard}
        try:
            checked = self._flat(self._model(values))
        except ValidationError as error:
            found = {".".join(str(part) for part in one["loc"][:2]): why(one) for one in error.errors()}
            problems = {
                next((key for key in values if where.startswith(key)), where): said for where, said in found.items()
            }
            raise BadInput("some values cannot be", field="section", why="values", problems=problems) from None
        return {key: checked[key] for key in values}

    def text(self, value: Plain) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, list):
            return ",".join(value) or "-"
        return f"{value:g}" if isinstance(value, float) else str(value) or "-"

    def put(self, known: Mapping[str, Mapping[str, Plain]]) -> None:
        made = {}
        for path, values in known.items():
            try:
                made[path] = self._make(self._model(values))
            except ValidationError as error:
                # A release has narrowed what is allowed: until somebody says otherwise, it is as above.
                log.warning("town_setting_unusable", section=self.name, path=path, reason=str(error)[:200])
        self.place.known = made

    def _model(self, values: Mapping[str, object]) -> BaseModel:
        whole = self._given.model_dump()
        for key, value in values.items():
            name, _, part = key.partition(".")
            whole[name] = {**whole[name], part: value} if part else value
        return type(self._given).model_validate(whole)

    def _flat(self, model: BaseModel) -> dict[str, Plain]:
        flat: dict[str, Plain] = {}
        for name, value in model.model_dump(include=set(self._keys)).items():
            if isinstance(value, dict):
                flat |= {f"{name}.{part}": one for part, one in value.items()}
            else:
                flat[name] = [str(one) for one in value] if isinstance(value, list) else value
        return flat

    def _parsed(self, key: str, text: str) -> object:
        plain = unicodedata.normalize("NFKC", text).strip()
        standard = self.standard[key]
        if isinstance(standard, (list, str)) and plain in _NOTHING:
            plain = ""
        return [one for one in re.split(r"[,、\s]+", plain) if one] if isinstance(standard, list) else plain


@dataclass(frozen=True, slots=True)
class TownRules:
    """Every section of which a town may say some itself."""

    deadlines: OwnSection[Periods]
    leave: OwnSection[LeaveRules]
    patrol: OwnSection[Minimums]
    visits: OwnSection[Cycles]
    notices: OwnSection[NoticeRules]
    console: OwnSection[frozenset[Duty]]

    @property
    def sections(self) -> Sequence[Section]:
        return self.deadlines, self.leave, self.patrol, self.visits, self.notices, self.console


def town_rules(settings: Settings) -> TownRules:
    """Those of these settings, in which no town has said anything yet."""
    return TownRules(
        deadlines=OwnSection(
            "deadlines", settings.deadlines, ("accept_hours", "resolve_days", "rating_days", "suspend_days"), periods
        ),
        leave=OwnSection(
            "leave", settings.leave, ("approval", "longest_days"), lambda one: LeaveRules(**one.model_dump())
        ),
        patrol=OwnSection("patrol", settings.patrol, _PATROL, minimums),
        visits=OwnSection("visits", settings.visits, [*VisitSettings.model_fields], cycles),
        notices=OwnSection("notices", settings.notices, ("approval_above", "quiet_hours", "expire_days"), notice_rules),
        console=OwnSection("console", settings.console, ("second_step",), _second_step),
    )


_PATROL = (
    "half_day_minutes",
    "day_metres",
    "week_hours",
    "week_metres",
    "chief_week_hours",
    "liaison_week_patrols",
)
"""What is owed; how tracks are read is the same everywhere."""


def minimums(given: PatrolSettings) -> Minimums:
    return Minimums(
        half_day_seconds=given.half_day_minutes * 60,
        day_metres=given.day_metres,
        week_seconds=round(given.week_hours * 3600),
        week_metres=given.week_metres,
        chief_week_seconds=round(given.chief_week_hours * 3600),
        liaison_week_walks=given.liaison_week_patrols,
    )


def cycles(given: VisitSettings) -> Cycles:
    days = given.model_dump()
    return Cycles({kind: days[f"{kind}_days"] for kind in SubjectKind})


def _second_step(given: Console) -> frozenset[Duty]:
    return frozenset(given.second_step)
