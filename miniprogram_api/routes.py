"""A route as data: the server and the documentation are both made from it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from domain.errors import NotFound, NotSignedIn, Refusal
from miniprogram_api.schemas import HIGHEST_NUMBER, LONGEST_NAME
from services.access import Actor
from services.desk import Desk

JSON = "application/json"

B = TypeVar("B", bound=BaseModel)
Q = TypeVar("Q", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Call(Generic[B, Q]):
    """One call of a route, read and checked."""

    desk: Desk
    body: B
    query: Q
    path: Mapping[str, str]
    actor: Actor | None = None
    token: str = field(default="", repr=False)
    prepared: object = None

    @property
    def by(self) -> Actor:
        """Whoever asks; raises NotSignedIn on a route that is open to everybody."""
        if self.actor is None:
            raise NotSignedIn
        return self.actor

    @property
    def number(self) -> int:
        """The case number in the path. What cannot be one is not found, like a number that does not exist."""
        return _number(self.path["number"], "there is no such case")

    @property
    def id(self) -> int:
        """The id in the path of what is no case; what cannot be one is not found either."""
        return number_in(self.path["id"])

    @property
    def attachment(self) -> UUID:
        """The attachment's id in the path; what cannot be one is not found."""
        try:
            return UUID(self.path["attachment"])
        except ValueError:
            raise NotFound("there is no such attachment, or it is not yours to see") from None

    @property
    def code(self) -> str:
        """The region code in the path; what cannot be one is not found."""
        text = self.path["code"]
        if len(text) > LONGEST_NAME or not text.isprintable():
            raise NotFound("there is no region with this code")
        return text

    @property
    def name(self) -> str:
        """The name in the path, written as in a body. What cannot be one is not found."""
        text = " ".join(self.path["name"].split())
        if not (0 < len(text) <= LONGEST_NAME and text.isprintable()):
            raise NotFound("there is nothing of this name")
        return text


def number_in(text: str) -> int:
    """An id in a path. Raises NotFound for what cannot be one."""
    return _number(text, "there is no such thing, or it is not yours to see")


def _number(text: str, otherwise: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(HIGHEST_NUMBER))):
        raise NotFound(otherwise)
    if int(text) > HIGHEST_NUMBER:
        raise NotFound(otherwise)
    return int(text)


@dataclass(frozen=True, slots=True)
class Route(Generic[B, Q]):
    """A method and path, what goes in, what comes out, and what does the work."""

    name: str
    method: str
    path: str
    tag: str
    summary: str
    body: type[B]
    query: type[Q]
    answer: type[BaseModel] | None
    handle: Callable[[Call[B, Q]], Awaitable[BaseModel | None]]
    before: Callable[[Call[B, Q]], Awaitable[object]] | None = None
    """What takes its time and may run twice: done outside the transaction; its answer is in :attr:`Call.prepared`."""
    status: int = 200
    signed_in: bool = True
    repeatable: bool = False
    """Takes an ``Idempotency-Key``."""
    longest_body: int = 0
    """Bytes, where a body may be longer than the others'."""
    refusals: tuple[type[Refusal], ...] = ()
    """What may be refused beside the common ones (not signed in, bad input, too many …)."""
    more: str = ""
    """What a developer should know beyond the summary."""
    media_type: str = JSON
    """Anything but JSON is answered elsewhere (``miniprogram_api.notices_live``), and only described here."""
