"""Cursors of lists that go on behind one or several whole numbers."""

import base64

from domain.errors import BadInput

_HIGHEST = 2**62


def written(*parts: int) -> str:
    return base64.urlsafe_b64encode(",".join(map(str, parts)).encode()).decode().rstrip("=")


def read(cursor: str | None, first: tuple[int, ...]) -> tuple[int, ...]:
    """The numbers to go on behind; *first* without a cursor. Raises BadInput for one that is not ours."""
    if cursor is None:
        return first
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
        parts = tuple(int(part) for part in text.split(","))
    except ValueError:
        parts = ()
    if len(parts) != len(first) or any(abs(part) > _HIGHEST for part in parts):
        raise BadInput("cursor is not one that this list gave out", field="cursor")
    return parts
