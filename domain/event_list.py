"""The event list 事项清单: its eight categories, and the few values that its columns take.

A town maintains the types; the categories are those of the assessment (X 三(三), DOMAIN §3) and fixed.
"""

from enum import StrEnum


class Category(StrEnum):
    """One of the eight; the value is the code in data and API."""

    PUBLIC_ORDER = "public_order"
    PUBLIC_SAFETY = "public_safety"
    CITY_MANAGEMENT = "city_management"
    ENVIRONMENT = "environment"
    LIVELIHOOD = "livelihood"
    GENERAL_MANAGEMENT = "general_management"
    LAW_ENFORCEMENT = "law_enforcement"
    ERRANDS = "errands"


NAMES: dict[Category, str] = {
    Category.PUBLIC_ORDER: "社会治安",
    Category.PUBLIC_SAFETY: "公共安全",
    Category.CITY_MANAGEMENT: "城市管理",
    Category.ENVIRONMENT: "环境保护",
    Category.LIVELIHOOD: "民生服务",
    Category.GENERAL_MANAGEMENT: "综合管理",
    Category.LAW_ENFORCEMENT: "综合执法",
    Category.ERRANDS: "政务代办",
}
"""In the order of the notices."""

CLASSES = ("A", "B", "C")
"""Weight in the monthly score (X 四): A counts five times, B three times, C once."""


class Photos(StrEnum):
    """Which photos must be there before a case of the type is resolved (X 四: 前后照片)."""

    NONE = "none"
    AFTER = "after"
    BOTH = "both"


class State(StrEnum):
    """Admission 准入 (Y art. 12, D art. 10): proposed by a department, approved by the town or county."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    RETIRED = "retired"


LONGEST_ACCEPT_HOURS = 1000
LONGEST_RESOLVE_DAYS = 365
