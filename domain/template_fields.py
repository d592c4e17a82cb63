"""How long a field of a template or subscription message may be, by the beginning of its name (WECHAT.md §1)."""

import re

LONGEST = {
    "thing": 20,
    "character_string": 32,
    "number": 32,
    "letter": 32,
    "phrase": 5,
    "name": 10,
    "phone_number": 17,
    "symbol": 5,
    "car_number": 8,
    "const": 20,
}
"""Characters as WeChat counts them: what lies beyond the basic plane (an emoji) counts twice."""
_STEM = re.compile(r"^(.*?)\d*$")


def fitted(name: str, value: str) -> str:
    """*value* as the field *name* takes it: cut with an ellipsis where it is too long. A strange name is not cut."""
    found = _STEM.match(name)
    longest = LONGEST.get(found.group(1) if found else name)
    if longest is None or _length(value) <= longest:
        return value
    if value.isascii():  # a number or a code: some of these fields take nothing else
        return value[:longest]
    short = value
    while _length(short) > longest - 1:
        short = short[:-1]
    return f"{short}…"


def _length(text: str) -> int:
    return len(text.encode("utf-16-le", "replace")) // 2
