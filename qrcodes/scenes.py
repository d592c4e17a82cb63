"""What a QR code says: the scene string that WeChat hands back when the code is scanned.

A scene is ``w``, the id of a post in base 32, and one check character: ``w10j9`` for post 1042, at most 15 in all. It
names the post, not the person who holds it, so that a printed code outlives a change of staff. Both scene alphabets of
WeChat allow it: ``scene_str`` of an official account (1-64 characters) and ``scene`` of a mini program's code (1-32).

The letters i, l, o and u are left out, as Crockford does. The check character is a sum over GF(32), where the digit in
place k counts 2**k times: it changes with any single character and any swap of two neighbours.
"""

import re

DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
LAST_ID = 2**63 - 1
"""The largest id that the database's bigint can hold."""

_SCENE = re.compile(f"w([1-9a-hjkmnp-tv-z][{DIGITS}]{{0,12}})([{DIGITS}])")
_FOLLOWED = "qrscene_"
_VALUES = {digit: value for value, digit in enumerate(DIGITS)}


class BadScene(ValueError):  # noqa: N818 - a plain fact, like every error here
    """What was scanned is not one of our scenes, or was copied wrongly."""


def encode(post_id: int) -> str:
    """Return the scene of the post *post_id*; raises ValueError for an id outside of 1 to 2**63 - 1."""
    if not 1 <= post_id <= LAST_ID:
        raise ValueError(f"{post_id} is not the id of a post: they are whole numbers from 1 to {LAST_ID}")
    digits = ""
    while post_id:
        post_id, value = divmod(post_id, 32)
        digits = DIGITS[value] + digits
    return f"w{digits}{DIGITS[_double(_sum(digits))]}"


def decode(scene: str) -> int:
    """Return the id of the post that *scene* names; raises BadScene for whatever :func:`encode` does not write."""
    found = _SCENE.fullmatch(scene)
    if found is None:
        raise BadScene("This is not one of our QR codes.")
    digits, check = found.groups()
    if _sum(digits + check):
        raise BadScene("This QR code was copied wrongly: its check character does not fit.")
    post_id = 0
    for digit in digits:
        post_id = post_id * 32 + _VALUES[digit]
    if post_id > LAST_ID:
        raise BadScene("This is not one of our QR codes: its number is too large.")
    return post_id


def from_event_key(key: str) -> str | None:
    """Return our scene in the EventKey of a subscribe or SCAN event, None where it holds none.

    Someone who follows by scanning sends ``qrscene_`` before the scene, a follower who scans sends the scene alone.
    Who follows after a payment sends ``last_trade_no_…``, and codes made by other systems on the same account send
    scenes of their own: none of these is ours.
    """
    scene = key.removeprefix(_FOLLOWED)
    try:
        decode(scene)
    except BadScene:
        return None
    return scene


def _double(value: int) -> int:
    """Return twice *value* in GF(32), the field over x^5 + x^2 + 1."""
    value <<= 1
    return value ^ 0b100101 if value & 32 else value


def _sum(digits: str) -> int:
    total = 0
    for digit in digits:
        total = _double(total) ^ _VALUES[digit]
    return total
