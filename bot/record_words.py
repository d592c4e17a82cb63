"""What people write of a record, understood kindly: several things at once, numbers in words, phones with blanks."""

import re
from collections.abc import Mapping, Sequence

from services.phones import plain
from services.records import LONGEST, Kind

ORDER: Mapping[Kind, Sequence[str]] = {
    Kind.HOUSEHOLD: ("head", "phone", "people", "registered_address"),
    Kind.RENTAL: ("owner", "owner_phone", "tenant", "tenant_phone", "people"),
    Kind.ORGANISATION: ("name", "contact", "phone"),
    Kind.FACILITY: ("name", "keeper", "phone"),
}
"""The fields of each kind, in the order in which one asks for them."""

_SPLIT = re.compile(r"[，,、；;\n]+")
_DIGITS = "零一二三四五六七八九"
_COUNT = r"(?P<count>[0-9]{1,2}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[零一二两三四五六七八九])"
_PEOPLE = re.compile(rf"(?:家里|一共|总共|共|常住|住了?|有)*\s*{_COUNT}\s*(?P<unit>口人|个人|口|人|位|个)?")
_WHOSE = "(?:户主|房东|租客|联系人|负责人|管护人)?的?"
_CALLED = re.compile(rf"^{_WHOSE}(?:手机号码?|联系电话|电话号码|电话|手机|座机)[:：是\s]*")
_NAME_THEN_PHONE = re.compile(r"(?P<name>.*?[^\d\s])\s*(?P<phone>(?:\+?86)?1[3-9][\d\s-]{9,13})", re.DOTALL)


def value_of(field: str, text: str) -> str | None:
    """The value of *field* in *text*; ``None``: that it cannot be."""
    text = " ".join(text.split())
    if not 0 < len(text) <= LONGEST or not text.isprintable():
        return None
    if field.endswith("phone"):
        return plain(_CALLED.sub("", text))
    if field == "people":
        found = _PEOPLE.fullmatch(text)
        return str(_number(found["count"])) if found is not None else None
    return text


def values_of(fields: Sequence[str], text: str) -> dict[str, str] | None:
    """What *text* says of the first of *fields*, and perhaps of some after it: 「王建国，138 1111 2222，三口人」.

    ``None``: it cannot be the first, nor are all its parts something else.
    """
    parts = [part for part in (one.strip() for one in _SPLIT.split(text)) if part]
    if len(parts) == 1 and (both := _NAME_THEN_PHONE.fullmatch(parts[0])) is not None:
        parts = [both["name"], both["phone"]]
    found: dict[str, str] = {}
    left = list(fields)
    for part in parts if len(parts) > 1 else []:
        field = next((one for one in left if _fits(one, part)), "")
        value = value_of(field, part) if field else None
        if value is None:
            found = {}
            break
        found[field] = value
        left = left[left.index(field) + 1 :]
    if fields[0] in found:
        return found
    alone = value_of(fields[0], text)
    return {fields[0]: alone} if alone is not None else None


def _fits(field: str, part: str) -> bool:
    """Whether *part* looks like nothing but *field*: a number is no name, and a name no number."""
    number = value_of("phone", part) is not None
    counted = _PEOPLE.fullmatch(part)
    people = counted is not None and bool(counted["unit"])
    if field.endswith("phone"):
        return number
    return people if field == "people" else not (number or people)


def _number(text: str) -> int:
    if text.isdigit() and text.isascii():
        return int(text)
    tens, ten, ones = text.replace("两", "二").rpartition("十")
    return (_DIGITS.index(tens or "一") * 10 if ten else 0) + (_DIGITS.index(ones) if ones else 0)
