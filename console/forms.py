"""What a page's form sends, read with care."""

from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from aiohttp import web

from domain.errors import BadInput
from web.bodies import read_body

MOST_FIELDS = 260
NOT_WORDS = frozenset({"csrf", "once", "password", "old", "new", "again", "next"})
"""What is never shown again: secrets, and what the page itself put in."""


class Form:
    """The last value of each field; what is missing is empty."""

    def __init__(self, values: Mapping[str, str], several: Mapping[str, Sequence[str]] | None = None) -> None:
        """*several* has every value of those fields that came more than once: boxes that were ticked."""
        self._values = dict(values)
        self._several = dict(several or {})

    def all(self, name: str) -> list[str]:
        """Every value of a field, in the page's order."""
        if name in self._several:
            return [*self._several[name]]
        return [self._values[name]] if name in self._values else []

    def __getitem__(self, name: str) -> str:
        return self._values.get(name, "")

    def names(self) -> list[str]:
        """Of every field that came, in the order of the page."""
        return [*self._values]

    def checked(self, name: str) -> bool:
        return bool(self[name])

    def typed(self) -> dict[str, str]:
        """What somebody has written, to be shown again."""
        return {name: value for name, value in self._values.items() if name not in NOT_WORDS and value.strip()}

    def sum(self) -> str:
        """The same for the same content, whichever page it came from."""
        return repr((sorted(self.typed().items()), sorted(self._several.items()) if self._several else ()))


async def read_form(request: web.Request, *, longest: int) -> Form:
    """The body as a form, of at most *longest* bytes. Raises BadInput, TooLarge, and aiohttp's 408 and 415."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise web.HTTPUnsupportedMediaType(text="send the form as a browser does")
    body = await read_body(request, longest)
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS, encoding="utf-8"
        )
    except ValueError:
        raise BadInput("the form cannot be read", field="", why="unreadable") from None
    values = {name: value.replace("\r\n", "\n").replace("\r", "\n") for name, value in pairs}
    for name, value in values.items():
        if any((sign < " " and sign not in "\t\n") or sign == "\x7f" for sign in name + value):
            raise BadInput("the form holds a control character", field=name[:40], why="control")
    counts = Counter(name for name, _ in pairs)
    several = {name: [value for one, value in pairs if one == name] for name, count in counts.items() if count > 1}
    return Form(values, several)


def printable(text: str) -> str:
    """What an address asks for, without what nobody types and no database keeps."""
    return "".join(sign for sign in text if sign.isprintable()).strip()
