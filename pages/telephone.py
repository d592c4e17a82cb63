"""Phone numbers as links that a phone can dial."""

import re

_NOT_DIALLED = re.compile(r"[^0-9+,;*#]")


def dialled(number: str) -> str:
    """``0519-8654 0000`` as ``tel:`` takes it; empty for a masked number, which nobody can dial."""
    return "" if "**" in number else _NOT_DIALLED.sub("", number)
