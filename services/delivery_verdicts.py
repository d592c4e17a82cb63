"""What to do with a message after WeChat has answered, or has not."""

from datetime import datetime, timedelta

import structlog

from domain.delivery import Channel, State, Verdict, back_off, may_repeat, probe_after
from services.channels import TEMPLATE_UNFIT, Pause
from services.delivery_claims import Sending
from services.ports import WeChatError

log = structlog.get_logger(__name__)

WAIT_FOR_MENDING = timedelta(minutes=5)
_REASON = 200

_NOT_A_FOLLOWER = frozenset({43004, 43019, 40003})
_SEEN_TO_PASS = 40037
"""Of a template that does not fit, waiting mends nothing; this code was seen to pass by itself once."""


def settle(item: Sending, error: WeChatError, now: datetime) -> None:
    """Note on *item* what *error* makes of it. Nothing is guessed: what may have arrived is never sent blindly."""
    counted = item.channel is not Channel.TEMPLATE
    item.reason = str(error)[:_REASON]
    item.state, item.next_at = State.OWED, now
    match error.verdict:
        case Verdict.LOST_ANSWER:
            _lost(item, now)
            return
        case Verdict.RETRY:
            item.next_at = now + back_off(item.attempts)
            item.gives_back = counted
        case Verdict.NEXT_MINUTE:
            item.next_at = now + timedelta(minutes=1)
            item.gives_back = counted
        case Verdict.TOMORROW:
            # Claimed again at once: by then it is known that this channel is shut, and another may be open.
            item.gives_back = counted
        case Verdict.MISCONFIGURED:
            item.gives_back = counted
            _misconfigured(item, error, now)
        case Verdict.CHANNEL_CLOSED:
            official = item.channel is not Channel.MINI
            item.unfollowed = official and error.errcode in _NOT_A_FOLLOWER
            item.closes_window = counted
            if item.channel is Channel.TEMPLATE:
                item.state = State.INBOX
        case Verdict.FINAL:
            item.state = State.FAILED
            item.gives_back = counted
            log.warning("delivery_failed", delivery=item.id, errcode=error.errcode)
    # This attempt has not arrived; an earlier one, whose answer got lost, still may have.
    item.not_arrived = not item.unsure


def put_back(item: Sending, pause: Pause | None, now: datetime) -> None:
    """Nothing has left: it is as if it had not been claimed."""
    item.state, item.next_at = State.OWED, now if pause is None else pause.until
    item.reason = "" if pause is None else pause.reason
    item.gives_back = item.channel is not Channel.TEMPLATE
    item.not_arrived = not item.unsure


def _misconfigured(item: Sending, error: WeChatError, now: datetime) -> None:
    if error.errcode not in TEMPLATE_UNFIT:
        item.next_at = now + probe_after(0)
        return
    log.error("template_unfit", reason=item.reason, errcode=error.errcode, template=item.template_id)
    item.next_at = now + WAIT_FOR_MENDING
    if error.errcode != _SEEN_TO_PASS or item.attempts > 1:
        item.state = State.INBOX


def _lost(item: Sending, now: datetime) -> None:
    first = item.first_claim_at or now
    if item.channel is Channel.TEMPLATE and may_repeat(first, now):
        item.next_at = now + back_off(item.attempts)
        return
    item.state = State.UNCERTAIN
    log.warning("delivery_uncertain", delivery=item.id)
