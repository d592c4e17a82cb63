"""What the use cases need from the world, as Protocols; ``adapters/`` fulfils them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.delivery import Verdict
from domain.safety import Found


class Clock(Protocol):
    """The only source of "now"."""

    def now(self) -> datetime:
        """The present moment, with time zone UTC."""
        ...


class Queue(Protocol):
    """Puts jobs into the transaction that is open, so that they exist if and only if it commits."""

    async def defer(self, task: str, *jobs: Mapping[str, object], priority: int = 0) -> None:
        """Add one job of *task* for each mapping of arguments. Must be called inside ``transaction()``.

        A higher *priority* is taken first.
        """
        ...


@dataclass(frozen=True, slots=True)
class Expected:
    """What an upload must be: its length in bytes, its SHA-256 in hex, and the type that its sender names."""

    size: int
    sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """How a client uploads straight to the store: PUT with *fields* as headers, or POST with a form, the file last."""

    method: str
    url: str
    fields: Mapping[str, str]


class Storage(Protocol):
    """Where photos and files lie. Every method but :meth:`link` may raise :exc:`domain.errors.Unavailable`."""

    async def put(self, key: str, data: bytes, media_type: str) -> None: ...

    async def get(self, key: str) -> bytes:
        """Raises :exc:`domain.errors.NotFound`."""
        ...

    async def size(self, key: str) -> int:
        """In bytes. Raises :exc:`domain.errors.NotFound`."""
        ...

    async def delete(self, key: str) -> None:
        """Forget *key*; nothing happens when it is not there."""
        ...

    def ticket(self, key: str, expected: Expected, *, seconds: int) -> Ticket:
        """Leave to put *key* once, for *seconds*. The store holds the sender to the size; the sum is checked later."""
        ...

    def link(self, key: str, media_type: str, *, seconds: int, filename: str = "") -> str:
        """An address from which anybody may read *key* for *seconds*; with *filename* it is saved, not shown."""
        ...

    async def forget_leftovers(self) -> int:
        """Delete what has lain for a day where uploads arrive, and parts of files; returns how many."""
        ...


UPLOADS = "uploads/"
"""Keys of what has arrived and was not looked at yet begin so; nothing is ever served from there."""


class Scanner(Protocol):
    """Looks for malware."""

    async def scan(self, data: bytes) -> str:
        """The name of what was found; empty where nothing was. Raises :exc:`domain.errors.Unavailable`."""
        ...


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of looking at somebody's words, and why: a word of the list, or a label."""

    found: Found
    why: str = ""


class Words(Protocol):
    """The town's own list of words."""

    def found(self, text: str) -> str:
        """The first that is in *text*; empty where there is none."""
        ...


class Moderator(Protocol):
    """Somebody outside who looks at words."""

    async def text(self, openid: str, words: str) -> Judgement:
        """*openid* is the writer's, in the mini program. Raises :exc:`domain.errors.Unavailable`."""
        ...


class MediaModerator(Protocol):
    """Somebody outside who looks at photos and recordings, and says later what came of it."""

    async def medium(self, openid: str, url: str, kind: str) -> str:
        """Ask about the *photo* or *voice* at *url*; returns by which name the answer will come.

        Raises :exc:`domain.errors.Unavailable`.
        """
        ...


class WeChatError(Exception):
    """WeChat said no, or did not answer. *verdict* says what to do; *errcode* is WeChat's own number or 0."""

    def __init__(self, verdict: Verdict, reason: str, errcode: int = 0) -> None:
        super().__init__(f"{reason} ({errcode})" if errcode else reason)
        self.verdict = verdict
        self.reason = reason
        self.errcode = errcode


class TryLater(Exception):  # noqa: N818 - the job is simply put off
    """What a job has to do is not possible this time; the queue runs it again."""


@dataclass(frozen=True, slots=True)
class SceneTicket:
    ticket: str
    url: str
    """What the printed code must hold, letter for letter."""


@dataclass(frozen=True, slots=True)
class Follower:
    openid: str
    subscribed: bool
    unionid: str | None


@dataclass(frozen=True, slots=True)
class MiniLogin:
    openid: str
    unionid: str | None


@dataclass(frozen=True, slots=True)
class Media:
    data: bytes
    media_type: str


class WeChat(Protocol):
    """The official account and the mini program. Every method may raise :exc:`WeChatError`."""

    async def send_text(self, openid: str, text: str) -> None:
        """One customer-service message. Not repeatable: a lost answer is ``Verdict.LOST_ANSWER``."""
        ...

    async def send_template(
        self, openid: str, template_id: str, fields: Mapping[str, str], *, client_id: str, url: str = ""
    ) -> int | None:
        """One template message; WeChat knows *client_id* again for ten minutes, so a repeat within that is safe.

        Returns WeChat's number of it, by which TEMPLATESENDJOBFINISH tells what became of it.
        """
        ...

    async def send_subscription(
        self, openid: str, template_id: str, fields: Mapping[str, str], *, mini: bool, page: str = ""
    ) -> None:
        """One message that the person agreed to, by the official account or the mini program. Not repeatable."""
        ...

    async def send_mass(self, openids: Sequence[str], text: str, *, client_id: str) -> int | None:
        """The same words to 2–10,000 people; WeChat knows *client_id* again for a day. Returns WeChat's number of it.

        None when the number of what was accepted before did not come with the answer.
        """
        ...

    async def mass_status(self, msg_id: int) -> str:
        """``SEND_SUCCESS``, ``SENDING``, ``SEND_FAIL`` or ``DELETE``."""
        ...

    async def create_scene(self, scene: str) -> SceneTicket:
        """A permanent QR scene (at most 100,000 for an account)."""
        ...

    async def create_passing_scene(self, scene: str, *, seconds: int) -> SceneTicket:
        """A QR scene that leads nowhere after *seconds* (at most 30 days); any number of them."""
        ...

    async def mini_code(self, scene: str, *, page: str, env_version: str) -> bytes:
        """The mini program's code for *scene* (at most 32 characters), as a PNG or JPEG; any number of them."""
        ...

    async def mini_link(self, page: str, query: str, *, env_version: str) -> str:
        """A web address that opens the mini program at *page*, for 30 days."""
        ...

    async def follower(self, openid: str) -> Follower: ...

    async def download(self, media_id: str) -> Media:
        """A temporary medium; WeChat keeps it for three days."""
        ...

    async def login(self, code: str) -> MiniLogin:
        """Exchange a mini program's ``wx.login`` code (single use, five minutes)."""
        ...

    async def phone_number(self, code: str) -> str:
        """Exchange a mini program's ``getPhoneNumber`` code (single use, five minutes)."""
        ...

    async def set_menu(self, menu: Mapping[str, object]) -> None: ...

    async def check(self) -> None:
        """Fetch a token: the credentials, the IP list and the network are all right when this returns."""
        ...


class Wording(Protocol):
    """The words for people (``bot/replies.py``), made from a message's kind and facts when it is sent."""

    def text(self, kind: str, facts: Mapping[str, object]) -> str: ...

    def fields(self, kind: str, facts: Mapping[str, object]) -> Mapping[str, str]:
        """The fields of a template message, within WeChat's lengths."""
        ...


class Cipher(Protocol):
    """Encrypts what identifies a person, and makes the index by which it can still be found."""

    def seal(self, text: str) -> str: ...

    def open(self, sealed: str) -> str: ...

    def index(self, text: str) -> str: ...


class Cache(Protocol):
    """Redis: fast, and allowed to vanish. Every method answers within half a second, whatever Redis does."""

    async def get(self, key: str) -> str | None: ...

    async def set(self, key: str, value: str, *, seconds: int) -> None: ...

    async def delete(self, *keys: str) -> None: ...

    async def claim(self, key: str, token: str, *, seconds: int) -> bool:
        """Take a lock; ``True`` also when Redis is away, so that nobody waits for it."""
        ...

    async def release(self, key: str, token: str) -> None: ...


class Presence(Protocol):
    """How the database knows this process."""

    async def number(self) -> int:
        """A number that is this process's for as long as it lives, and nobody's once it is gone."""
        ...


class Rates(Protocol):
    """Counts shared by all. Answers within half a second and never raises: without Redis each counts alone."""

    async def take(self, key: str, per_minute: int, count: int) -> float:
        """Count *count* of *key*: 0, or the seconds to wait when that is more than *per_minute* allows."""
        ...
