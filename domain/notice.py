"""The life of a notice (通知): its statuses and the one table of moves, whom it is for, and when it may go out.

``MOVES`` is the whole truth: (status, action) -> (next status, who may). What each recipient's row is in at the same
time is the delivery's own state (:mod:`domain.delivery`); the rows follow the notice, never the other way round.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from domain.calendar import SHANGHAI
from domain.duty import Duty
from domain.errors import BadInput, IllegalMove


class Status(StrEnum):
    PREVIEW = "preview"
    """Composed and shown to its author only."""
    AWAITING = "awaiting"
    """A second person has to agree first."""
    SCHEDULED = "scheduled"
    SENDING = "sending"
    RESTING = "resting"
    """Quiet hours have begun; it goes on by itself when they are over."""
    PAUSED = "paused"
    SENT = "sent"
    CANCELLED = "cancelled"
    """Nothing of it has gone out."""
    REFUSED = "refused"
    RECALLED = "recalled"
    """What had not gone out is never sent; what had cannot be taken back out of anybody's phone."""
    EXPIRED = "expired"


LIVE = frozenset({Status.PREVIEW, Status.AWAITING, Status.SCHEDULED, Status.SENDING, Status.RESTING, Status.PAUSED})
"""Something may still become of it by itself."""
RUNNING = frozenset({Status.SENDING, Status.RESTING, Status.PAUSED})
PUBLIC = frozenset({Status.SENDING, Status.RESTING, Status.SENT, Status.EXPIRED})
"""Shown as community news (社区动态)."""


class Action(StrEnum):
    ASK = "ask"
    """It reaches so many that a second person must agree."""
    SCHEDULE = "schedule"
    SEND = "send"
    REFUSE = "refuse"
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    REST = "rest"
    RECALL = "recall"
    EXPIRE = "expire"
    FINISH = "finish"


class Role(StrEnum):
    """What a person is to one notice; whoever may not send notices to its region is nothing to it."""

    AUTHOR = "author"
    COLLEAGUE = "colleague"
    """May send notices to the same region, and is not its author."""
    SYSTEM = "system"


_AUTHOR = frozenset({Role.AUTHOR})
_COLLEAGUE = frozenset({Role.COLLEAGUE})
_STAFF = _AUTHOR | _COLLEAGUE
_SYSTEM = frozenset({Role.SYSTEM})

MOVES: dict[tuple[Status, Action], tuple[Status, frozenset[Role]]] = {
    (Status.PREVIEW, Action.ASK): (Status.AWAITING, _AUTHOR),
    (Status.PREVIEW, Action.SCHEDULE): (Status.SCHEDULED, _AUTHOR),
    (Status.PREVIEW, Action.SEND): (Status.SENDING, _AUTHOR),
    (Status.PREVIEW, Action.CANCEL): (Status.CANCELLED, _AUTHOR),
    (Status.PREVIEW, Action.EXPIRE): (Status.EXPIRED, _SYSTEM),
    # Never by its author: that is what the second person is for.
    (Status.AWAITING, Action.SCHEDULE): (Status.SCHEDULED, _COLLEAGUE),
    (Status.AWAITING, Action.SEND): (Status.SENDING, _COLLEAGUE),
    (Status.AWAITING, Action.REFUSE): (Status.REFUSED, _COLLEAGUE),
    (Status.AWAITING, Action.CANCEL): (Status.CANCELLED, _AUTHOR),
    (Status.AWAITING, Action.EXPIRE): (Status.EXPIRED, _SYSTEM),
    (Status.SCHEDULED, Action.SEND): (Status.SENDING, _SYSTEM),
    (Status.SCHEDULED, Action.CANCEL): (Status.CANCELLED, _STAFF),
    (Status.SCHEDULED, Action.EXPIRE): (Status.EXPIRED, _SYSTEM),
    # A slip is noticed by whoever notices it first: any colleague may stop a notice.
    (Status.SENDING, Action.PAUSE): (Status.PAUSED, _STAFF),
    (Status.SENDING, Action.REST): (Status.RESTING, _SYSTEM),
    (Status.SENDING, Action.RECALL): (Status.RECALLED, _STAFF),
    (Status.SENDING, Action.EXPIRE): (Status.EXPIRED, _SYSTEM),
    (Status.SENDING, Action.FINISH): (Status.SENT, _SYSTEM),
    (Status.RESTING, Action.SEND): (Status.SENDING, _SYSTEM),
    (Status.RESTING, Action.PAUSE): (Status.PAUSED, _STAFF),
    (Status.RESTING, Action.RECALL): (Status.RECALLED, _STAFF),
    (Status.RESTING, Action.EXPIRE): (Status.EXPIRED, _SYSTEM),
    (Status.PAUSED, Action.RESUME): (Status.SENDING, _STAFF),
    (Status.PAUSED, Action.RECALL): (Status.RECALLED, _STAFF),
    (Status.PAUSED, Action.EXPIRE): (Status.EXPIRED, _SYSTEM),
    # All is out; it still lies in inboxes that nobody has looked into, and in the community news.
    (Status.SENT, Action.RECALL): (Status.RECALLED, _STAFF),
}


def move(status: Status, action: Action, *, by: AbstractSet[Role]) -> Status:
    """Return the status that *action* leads to, or raise :exc:`IllegalMove`."""
    found = MOVES.get((status, action))
    if found is None:
        raise IllegalMove(
            f"{action} is not possible while the notice is {status}", status=str(status), action=str(action)
        )
    after, who = found
    if not who & by:
        raise IllegalMove(
            f"{action} is not for you to do on this notice", status=str(status), action=str(action), who=sorted(who)
        )
    return after


# Whom it is for.


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a notice is for, beside its region: everybody, or only some.

    There is no list of people to choose from and no mark on a person: who gets it follows from where they live, what
    duty they hold, or what they have reported themselves.
    """

    duties: frozenset[Duty] = frozenset()
    """Staff who hold one of these in the region's subtree; empty: its residents."""
    open_case_of: str = ""
    """Only those with an open case of this event type (its code) in the subtree."""

    @property
    def everybody(self) -> bool:
        return not self.duties and not self.open_case_of

    def as_json(self) -> dict[str, object]:
        found: dict[str, object] = {}
        if self.duties:
            found["duties"] = sorted(self.duties)
        if self.open_case_of:
            found["open_case_of"] = self.open_case_of
        return found

    @classmethod
    def read(cls, given: Mapping[str, object]) -> "Audience":
        duties = given.get("duties")
        named = duties if isinstance(duties, list) else []
        return cls(frozenset(Duty(str(one)) for one in named), str(given.get("open_case_of", "")))


# When it may go out.


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours of the day, in China, in which only urgent notices go out. Both the same: there are none."""

    start: time = time()
    end: time = time()

    @classmethod
    def read(cls, text: str) -> "Quiet":
        """``"21:00-08:00"``; empty for none. Raises ValueError."""
        if not text.strip():
            return cls()
        found = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*", text)
        if found is None:
            raise ValueError(f"{text!r} is not two times of day")
        hours = [int(one) for one in found.groups()]
        return cls(time(hours[0], hours[1]), time(hours[2], hours[3]))

    def is_quiet(self, now: datetime) -> bool:
        said = now.astimezone(SHANGHAI).time()
        if self.start <= self.end:
            return self.start <= said < self.end
        return said >= self.start or said < self.end

    def first_moment(self, wanted: datetime, *, urgent: bool = False) -> datetime:
        """*wanted*, or the end of the quiet hours that it lies in."""
        return wanted if urgent or not self.is_quiet(wanted) else _next(self.end, wanted)

    def begins_after(self, now: datetime, *, urgent: bool = False) -> datetime | None:
        """When a notice that is going out at *now* has to rest; ``None``: never."""
        if urgent or self.start == self.end:
            return None
        return now if self.is_quiet(now) else _next(self.start, now)


def _next(at: time, after: datetime) -> datetime:
    local = after.astimezone(SHANGHAI)
    found = datetime.combine(local.date(), at, SHANGHAI)
    return found if found > local else found + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rules:
    """The town's settings: ``[notices]`` of config.toml."""

    chunk: int = 200
    approval_above: int = 1000
    """People; below zero, nobody has to agree."""
    quiet: Quiet = Quiet(time(21), time(8))
    expire_days: int = 7
    keep_days: int = 180

    def needs_approval(self, people: int) -> bool:
        return 0 <= self.approval_above < people


FURTHEST = timedelta(days=90)
"""Nobody plans a notice further ahead; it is a slip in the date."""


def check_times(now: datetime, starts_at: datetime | None, expires_at: datetime | None) -> None:
    """Raises BadInput, its fact ``why``: ``past`` | ``far`` | ``before_start``."""
    if starts_at is not None and starts_at <= now:
        raise BadInput("this moment has passed", field="starts_at", why="past")
    if starts_at is not None and starts_at > now + FURTHEST:
        raise BadInput("this is too far ahead", field="starts_at", why="far")
    if expires_at is not None and expires_at <= now:
        raise BadInput("this moment has passed", field="expires_at", why="past")
    if expires_at is not None and starts_at is not None and expires_at <= starts_at:
        raise BadInput("it would expire before it starts", field="expires_at", why="before_start")


# How it went.

_CODED = re.compile(r"\((-?\d+)\)\s*$")
_WECHAT = {
    "43004": "not_following",
    "43019": "not_following",
    "40003": "not_following",
    "43101": "declined",
    "45015": "window_closed",
    "45047": "window_closed",
    "48002": "declined",
}
_OURS = (
    ("no WeChat", "no_wechat"),
    ("does not follow", "not_following"),
    ("window is closed", "window_closed"),
    ("within 72 hours", "gave_up"),
    ("answer got lost", "answer_lost"),
    ("answer was noted", "answer_lost"),
    ("sending broke off", "answer_lost"),
    ("recalled", "recalled"),
    ("expired", "expired"),
)


def why(reason: str) -> str:
    """One word for why somebody was not reached, out of a delivery's reason; WeChat's own texts differ each time."""
    found = _CODED.search(reason)
    if found is not None and found[1] in _WECHAT:
        return _WECHAT[found[1]]
    for part, word in _OURS:
        if part in reason:
            return word
    return "other" if reason else ""


def seconds_left(left: int, lately: int, *, within: float = 60.0) -> int | None:
    """How long *left* messages will take, after *lately* went out in the last *within* seconds; None: not known."""
    return None if lately <= 0 else round(left * within / lately)


def masked(name: str) -> str:
    """「王*明」 becomes 「王**」: enough for a worker who knows the neighbours, nothing to anybody else."""
    return name[:1] + "*" * min(max(len(name) - 1, 1), 2) if name else ""
