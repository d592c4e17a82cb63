"""Where a list goes on, as a client carries it: letters that say nothing to anybody else."""

import base64

from domain.errors import BadInput

_LAST_ID = 2**63 - 1


def cursor_of(*parts: object) -> str:
    text = "|".join(map(str, parts))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def parts_of(cursor: str, count: int) -> list[str]:
    """The *count* parts that :func:`cursor_of` was given. Raises BadInput for what is none of ours."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise refused() from None
    parts = text.split("|")
    if len(parts) != count:
        raise refused()
    return parts


def before(cursor: str | None) -> int:
    """The id below which a list with the newest first goes on. Raises BadInput."""
    return _LAST_ID if cursor is None else id_in(parts_of(cursor, 1)[0])


def id_in(text: str) -> int:
    """Raises BadInput."""
    if not (text.isascii() and text.isdecimal() and len(text) < len(str(_LAST_ID))):
        raise refused()
    return int(text)


def written(*parts: int) -> str:
    """A cursor of whole numbers."""
    return cursor_of(*parts)


def read(cursor: str | None, first: tuple[int, ...]) -> tuple[int, ...]:
    """The numbers to go on behind; *first* without a cursor. Raises BadInput for one that is not ours."""
    if cursor is None:
        return first
    return tuple(-id_in(one[1:]) if one.startswith("-") else id_in(one) for one in parts_of(cursor, len(first)))


def refused() -> BadInput:
    return BadInput("cursor is not one that this list gave out", field="cursor")
