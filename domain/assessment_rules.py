"""The rules of the monthly assessment (X 四) as a value: a town may re-weight, an old month keeps what it had."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from domain.errors import BadInput
from domain.event_list import CLASSES, Category


class Part(StrEnum):
    """What a point belongs to."""

    EVENTS = "events"
    VISITS = "visits"
    BASE_DATA = "base_data"
    DEDUCTIONS = "deductions"


class Reason(StrEnum):
    """Why there is a point, or none."""

    REPORTED = "reported"
    SELF_HANDLED = "self_handled"
    SELF_HANDLED_BEYOND = "self_handled_beyond"
    COUNTED_ALREADY = "counted_already"
    REJECTED = "rejected"
    VISIT = "visit"
    VISIT_LATE = "visit_late"
    VISIT_UNLISTED = "visit_unlisted"
    VISIT_AGAIN = "visit_again"
    NEW = "new"
    NEW_RENTAL = "new_rental"
    KEY_FIELD = "key_field"
    MIGRANT = "migrant"
    TENANT_CHANGED = "tenant_changed"
    ADDRESS_CHANGED = "address_changed"
    NOT_COUNTED = "not_counted"
    UNQUALIFIED = "unqualified"
    FALSE = "false"
    IDLE_DAY = "idle_day"
    EVENTS_SHORT = "events_short"
    SERVICES_SHORT = "services_short"


class Change(StrEnum):
    """What was done to the base data 基础数据 (X 四); each is worth its own points."""

    NEW = "new"
    NEW_RENTAL = "new_rental"
    KEY_FIELD = "key_field"
    MIGRANT = "migrant"
    """A new migrant resident 新增流动人口."""
    TENANT_CHANGED = "tenant_changed"
    """Counts as a migrant resident, not as a rental."""
    ADDRESS_CHANGED = "address_changed"
    """A registered resident's."""


class Ground(StrEnum):
    """Why a record is unqualified (X 四)."""

    MISSING = "missing"
    UNCLEAR = "unclear"
    MISMATCH = "mismatch"
    NOT_ON_LIST = "not_on_list"
    DUPLICATE = "duplicate"
    OVERDUE = "overdue"


NAMES: Mapping[str, str] = MappingProxyType(
    {
        Part.EVENTS: "服务事件",
        Part.VISITS: "走访记录",
        Part.BASE_DATA: "基础数据",
        Part.DEDUCTIONS: "扣分",
        "services": "服务记录",
        Reason.REPORTED: "上报上级平台",
        Reason.SELF_HANDLED: "自办办结",
        Reason.SELF_HANDLED_BEYOND: "超出部分自办，几件算一件",
        Reason.COUNTED_ALREADY: "同一件已经算过上报",
        Reason.REJECTED: "上报被退回，本来该网格自己办",
        Reason.VISIT: "按时走访",
        Reason.VISIT_LATE: "走访过了期限，不计分",
        Reason.VISIT_UNLISTED: "不在走访名单里，不计分",
        Reason.VISIT_AGAIN: "同一期重复走访，不再计分",
        Reason.NEW: "新增信息",
        Reason.NEW_RENTAL: "新增出租房",
        Reason.KEY_FIELD: "更新关键信息",
        Reason.MIGRANT: "新增流动人口",
        Reason.TENANT_CHANGED: "出租房换了租客",
        Reason.ADDRESS_CHANGED: "户籍人口地址变更",
        Reason.NOT_COUNTED: "督察判定不合格或虚假，不计分",
        Reason.UNQUALIFIED: "不合格记录",
        Reason.FALSE: "虚假记录",
        Reason.IDLE_DAY: "当天没有巡查轨迹，也没有批准的请假",
        Reason.EVENTS_SHORT: "有效事件不够数",
        Reason.SERVICES_SHORT: "服务记录不够数",
        Ground.MISSING: "信息不全，或者缺前后照片",
        Ground.UNCLEAR: "描述或意见写得不清楚",
        Ground.MISMATCH: "标题和内容对不上",
        Ground.NOT_ON_LIST: "不在事项清单里",
        Ground.DUPLICATE: "重复上报",
        Ground.OVERDUE: "自办超时",
    }
)
"""The town's own terms."""

SOURCE = "X 四"
SOURCES: Mapping[Reason, str] = MappingProxyType(
    {reason: "X 三(三)、四" if reason.endswith("_short") else SOURCE for reason in Reason}
)
"""Where each rule stands in the notices (DOMAIN §5)."""

MINIMUMS: Mapping[str, int] = MappingProxyType(
    {
        Category.PUBLIC_ORDER: 10,
        Category.PUBLIC_SAFETY: 5,
        Category.CITY_MANAGEMENT: 30,
        Category.ENVIRONMENT: 10,
        Category.LIVELIHOOD: 10,
        Category.GENERAL_MANAGEMENT: 5,
        Category.LAW_ENFORCEMENT: 5,
        Category.ERRANDS: 5,
    }
)
"""What a grid should report in a month (X 三(三)): 80 in all."""
WEIGHTS: Mapping[str, int] = MappingProxyType({Part.EVENTS: 60, Part.VISITS: 20, Part.BASE_DATA: 20})
REPORTED: Mapping[str, int] = MappingProxyType({"A": 5, "B": 3, "C": 1})
BASE_DATA: Mapping[str, int] = MappingProxyType(
    {
        Change.NEW: 2,
        Change.NEW_RENTAL: 2,
        Change.KEY_FIELD: 1,
        Change.MIGRANT: 1,
        Change.TENANT_CHANGED: 1,
        Change.ADDRESS_CHANGED: 1,
    }
)
_HIGHEST = 10_000
_ALL = 100
_KEYS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "weights": frozenset(WEIGHTS),
        "reported": frozenset(CLASSES),
        "base_data": frozenset(Change),
        "minimums": frozenset(Category),
    }
)


@dataclass(frozen=True, slots=True)
class Rules:
    """Points, caps, minimums and deductions, all whole numbers; the defaults are those of X 四.

    What is deducted is written without a minus. Raises BadInput for rules that cannot be.
    """

    weights: Mapping[str, int] = field(default_factory=lambda: WEIGHTS)
    """In hundredths, 100 in all."""
    reported: Mapping[str, int] = field(default_factory=lambda: REPORTED)
    self_handled: int = 1
    self_handled_full: int = 40
    """So many count in full; beyond them every :attr:`beyond_step` count as one."""
    beyond_step: int = 3
    rejected: int = 1
    visit: int = 1
    base_data: Mapping[str, int] = field(default_factory=lambda: BASE_DATA)
    minimums: Mapping[str, int] = field(default_factory=lambda: MINIMUMS)
    services: int = 80
    event_short: int = 1
    service_short: int = 1
    unqualified: int = 2
    false: int = 10
    idle_day: int = 2
    false_is_unqualified: bool = False
    """Whether a false record costs :attr:`unqualified` as well."""
    beyond_is_effective: bool = True
    """Whether self-handled ones beyond :attr:`self_handled_full` count towards the minimum."""
    unqualified_counts: bool = False
    """Whether an unqualified record still earns its points and counts towards the minimum."""
    overdue_is_unqualified: bool = True
    """Whether self-handled but overdue is unqualified without anybody saying so."""
    rest_days_exempt: bool = False
    """Whether weekends and holidays need no patrol."""
    by_days_in_post: bool = True
    """Whether the minimum is less, by days, for whoever came or left within the month."""

    def __post_init__(self) -> None:
        """Refuse what the sums could not be made with."""
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name in _KEYS:
                _check_table(one.name, value)
                object.__setattr__(self, one.name, MappingProxyType({str(key): value[key] for key in sorted(value)}))
            elif one.type in {bool, "bool"}:
                if not isinstance(value, bool):
                    raise BadInput(f"{one.name} must be true or false", field=one.name)
            else:
                _check_number(one.name, value)
        if sum(self.weights.values()) != _ALL:
            raise BadInput("the weights must make 100 together", field="weights")
        if self.beyond_step < 1:
            raise BadInput("beyond_step must be at least 1", field="beyond_step")

    @property
    def events(self) -> int:
        """The minimum of effective events in a month."""
        return sum(self.minimums.values())

    def as_json(self) -> dict[str, Any]:
        return {one.name: _plain(getattr(self, one.name)) for one in fields(self)}

    @classmethod
    def read(cls, given: Mapping[str, Any], over: "Rules | None" = None) -> "Rules":
        """The rules that *given* says, and *over* (or the defaults) where it says nothing. Raises BadInput."""
        base = (over or cls()).as_json()
        unknown = sorted(set(given) - set(base))
        if unknown:
            raise BadInput(f"there is no rule {unknown[0]}", field=unknown[0])
        for name, value in given.items():
            base[name] = {**base[name], **value} if name in _KEYS and isinstance(value, Mapping) else value
        return cls(**base)


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _check_table(name: str, value: object) -> None:
    if not isinstance(value, Mapping) or {str(key) for key in value} != set(_KEYS[name]):
        raise BadInput(f"{name} must give a number for each of {', '.join(sorted(_KEYS[name]))}", field=name)
    for key, number in value.items():
        _check_number(f"{name}.{key}", number)


def _check_number(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _HIGHEST:
        raise BadInput(f"{name} must be a whole number from 0 to {_HIGHEST}", field=name)
