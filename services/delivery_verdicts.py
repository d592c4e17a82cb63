"""What to do with a message after WeChat has answered, or has not."""

from datetime import datetime, timedelta

import structlog

from domain.calendar import SHANGHAI
from domain.delivery import Channel, State, Verdict, back_off, may_repeat
from services.delivery_claims import Sending
from services.ports import WeChatError

log = structlog.get_logger(__name__)

WAIT_FOR_MENDING = timedelta(minutes=5)
_REASON = 200

_NOT_A_FOLLOWER = frozenset({43004, 43019, 40003})
_TEMPLATE_UNFIT = frozenset({40037, 41030, 47003})
"""The template's fault and not the account's: waiting mends nothing (40037 was seen to pass by itself once)."""


def settle(item: Sending, error: WeChatError, now: datetime) -> None:
    """Note on *item* what *error* makes of it. Nothing is guessed: what may have arrived is never sent blindly."""
    custom = item.channel is Channel.CUSTOM
    item.reason = str(error)[:_REASON]
    item.state, item.next_at = State.OWED, now
    match error.verdict:
        case Verdict.LOST_ANSWER:
            _lost(item, now)
            return
        case Verdict.RETRY:
            item.next_at = now + back_off(item.attempts)
            item.gives_back = custom
        case Verdict.NEXT_MINUTE:
            item.next_at = now + timedelta(minutes=1)
            item.gives_back = custom
        case Verdict.TOMORROW:
            item.next_at = midnight_after(now)
            item.gives_back = custom
        case Verdict.MISCONFIGURED:
            log.error("wechat_misconfigured", reason=item.reason, errcode=error.errcode)
            item.next_at = now + WAIT_FOR_MENDING
            item.gives_back = custom
            if error.errcode in _TEMPLATE_UNFIT and (error.errcode != _SEEN_TO_PASS or item.attempts > 1):
                item.state = State.INBOX
        case Verdict.CHANNEL_CLOSED:
            item.unfollowed = error.errcode in _NOT_A_FOLLOWER
            item.closes_window = custom
            if not custom:
                item.state = State.INBOX
        case Verdict.FINAL:
            item.state = State.FAILED
            item.gives_back = custom
            log.warning("delivery_failed", delivery=item.id, errcode=error.errcode)
    # This attempt has not arrived; an earlier one, whose answer got lost, still may have.
    item.not_arrived = not item.unsure


_SEEN_TO_PASS = 40037


def _lost(item: Sending, now: datetime) -> None:
    first = item.first_claim_at or now
    if item.channel is Channel.TEMPLATE and may_repeat(first, now):
        item.next_at = now + back_off(item.attempts)
        return
    item.state = State.UNCERTAIN
    log.warning("delivery_uncertain", delivery=item.id)


def midnight_after(now: datetime) -> datetime:
    """The coming midnight in Beijing, when WeChat's daily quotas begin anew."""
    local = now.astimezone(SHANGHAI)
    return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
