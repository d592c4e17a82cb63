"""How a message may reach a person: WeChat's windows, what each answer means, when to try again (WECHAT.md §1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.calendar import SHANGHAI


class Channel(StrEnum):
    CUSTOM = "custom"
    """Customer-service message (客服消息): free text inside a window."""
    TEMPLATE = "template"
    SUBSCRIPTION = "subscribe"
    """Subscription message of the official account (订阅通知): one for each time that the person agreed."""
    MINI = "mini"
    """The same of the mini program (订阅消息)."""
    MASS = "mass"
    """One of the four mass messages that a person gets in a calendar month (群发)."""
    INBOX = "inbox"
    """Kept for the person to find in the chat and the mini program; nothing is sent."""


class State(StrEnum):
    OWED = "owed"
    SENDING = "sending"
    SENT = "sent"
    INBOX = "inbox"
    """No channel was open: it waits in the inbox; the reason says why."""
    UNCERTAIN = "uncertain"
    """The answer got lost and WeChat cannot tell a repeat: a person looks, nothing is guessed."""
    FAILED = "failed"
    HELD = "held"
    """A notice's row that waits for the notice: it is not released yet, or is paused (domain.notice)."""
    RECALLED = "recalled"
    EXPIRED = "expired"


GATHERED = frozenset(
    {
        "new_case",
        "came_up",
        "climbed_to_you",
        "came_back",
        "reopened",
        "dispatched_to_you",
        "transferred_to_you",
        "back_from_department",
        "due_soon",
        "handed_on",
        "taken_over",
        "help_over",
        "rated",
        "withdrawn",
        "climbed_from_you",
        "reopened_above",
    }
)
"""What a member of staff may be told of in one message with others, unless it is urgent. Words that somebody wrote to
them (a resident adds, reminds, a colleague's opinion) come alone."""
FEWEST_GATHERED = 3
MOST_GATHERED = 12
"""As many lines as fit into one message, and as can be read at a bus stop."""

SETTLED = frozenset({State.SENT, State.INBOX, State.UNCERTAIN, State.FAILED, State.RECALLED, State.EXPIRED})


class Verdict(StrEnum):
    """What a failed send means, translated from WeChat's code at the edge."""

    RETRY = "retry"
    NEXT_MINUTE = "next_minute"
    TOMORROW = "tomorrow"
    """The day's quota is used up: wait until midnight in Beijing."""
    CHANNEL_CLOSED = "channel_closed"
    """Final for this channel; the next one may still do."""
    FINAL = "final"
    LOST_ANSWER = "lost_answer"
    """It may have been delivered; only a channel that de-duplicates may repeat it."""
    MISCONFIGURED = "misconfigured"
    """Ours to mend (secret, IP list, template): no message gets through until someone does."""


class Shut(StrEnum):
    """Why a channel is shut to everybody."""

    MINUTE = "minute"
    DAY = "day"
    BROKEN = "broken"
    """Until somebody has mended it: one message now and then tries whether that is so."""


ONE_BY_ONE = frozenset({Channel.CUSTOM, Channel.TEMPLATE, Channel.SUBSCRIPTION, Channel.MINI})

MESSAGE_WINDOW = timedelta(hours=48)
MESSAGE_ALLOWANCE = 5
TAP_WINDOW = timedelta(minutes=1)
TAP_ALLOWANCE = 3
CLIENT_ID_LIFE = timedelta(minutes=10)
"""For so long WeChat knows a template message's ``client_msg_id`` again."""
REPEAT_WITHIN = CLIENT_ID_LIFE - timedelta(minutes=1)
"""So long we rely on it: a call may still be under way for a while, and the two clocks may differ."""


@dataclass(frozen=True, slots=True)
class Window:
    """How many customer-service messages a person may still get, and until when. Our own count."""

    until: datetime | None = None
    left: int = 0

    def is_open(self, now: datetime) -> bool:
        return self.until is not None and now < self.until and self.left > 0

    def after_message(self, now: datetime) -> "Window":
        return Window(now + MESSAGE_WINDOW, MESSAGE_ALLOWANCE)

    def after_tap(self, now: datetime) -> "Window":
        """After a scan, a subscription or a menu tap. Whether allowances add up is not documented: take the larger."""
        if self.is_open(now) and self.left >= TAP_ALLOWANCE:
            return self
        if self.is_open(now) and self.until is not None and self.until > now + TAP_WINDOW:
            return self
        return Window(now + TAP_WINDOW, TAP_ALLOWANCE)


NONE: frozenset[Channel] = frozenset()


def choose_channel(
    window: Window,
    now: datetime,
    *,
    subscribed: bool,
    has_template: bool,
    agreed: frozenset[Channel] = NONE,
    closed: frozenset[Channel] = NONE,
) -> Channel:
    """The best channel that is open now: customer-service, template, subscription, mini program, else the inbox.

    *agreed* are those of the subscription channels for which the person has agreed to a message.
    """
    if subscribed and window.is_open(now) and Channel.CUSTOM not in closed:
        return Channel.CUSTOM
    if subscribed and has_template and Channel.TEMPLATE not in closed:
        return Channel.TEMPLATE
    if subscribed and Channel.SUBSCRIPTION in agreed - closed:
        return Channel.SUBSCRIPTION
    if Channel.MINI in agreed - closed:
        return Channel.MINI
    return Channel.INBOX


def may_repeat(first_sent: datetime, now: datetime) -> bool:
    """Whether WeChat would recognise a template message that went out at *first_sent* if it were sent again."""
    return timedelta() <= now - first_sent < REPEAT_WITHIN


BACK_OFF = (1, 2, 4, 15, 60, 300, 600)
GIVE_UP_AFTER = timedelta(hours=72)


def back_off(attempts: int) -> timedelta:
    """How long to wait after the *attempts*-th failed try (from 1): 1, 2, 4 s, then up to ten minutes."""
    return timedelta(seconds=BACK_OFF[min(max(attempts, 1), len(BACK_OFF)) - 1])


PROBES = (30, 60, 120, 300)


def probe_after(tries: int) -> timedelta:
    """How long to leave what is broken alone after *tries* probes have failed: half a minute, up to five."""
    return timedelta(seconds=PROBES[min(tries, len(PROBES) - 1)])


def midnight_after(now: datetime) -> datetime:
    """The coming midnight in Beijing, when WeChat's daily quotas begin anew."""
    local = now.astimezone(SHANGHAI)
    return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
