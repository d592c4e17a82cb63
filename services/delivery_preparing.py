"""Where a claimed row goes, and its words: the best channel that is open now for this person."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from domain.delivery import GIVE_UP_AFTER, NONE, Channel, Shut, State, Window, choose_channel, may_repeat
from domain.template_fields import fitted
from services.channels import Pause, Ways
from services.delivery_claims import Sending
from services.ports import Wording

log = structlog.get_logger(__name__)


def subscription_templates(templates: Mapping[str, str]) -> dict[str, Channel]:
    """The template ids for which people may agree to a message, each with its channel."""
    return {
        value: Channel.MINI if name.startswith("mini_") else Channel.SUBSCRIPTION
        for name, value in templates.items()
        if value and name.startswith(("mini_", "subscribe_"))
    }


Agreed = Mapping[Channel, str]
"""The subscription channels that a person has agreed to, each with the openid there."""

_LONG = frozenset({Shut.DAY, Shut.BROKEN})
"""Worth taking another channel; a minute is waited out."""
_TEMPLATES = {Channel.TEMPLATE: "", Channel.SUBSCRIPTION: "subscribe_", Channel.MINI: "mini_"}


class Preparing:
    def __init__(self, wording: Wording, templates: Mapping[str, str]) -> None:
        """*templates* as :class:`services.deliveries.Deliveries` takes them."""
        self._wording = wording
        self._templates = {
            channel: {kind: templates.get(prefix + kind, "") for kind in ("notice", "case")}
            for channel, prefix in _TEMPLATES.items()
        }

    def template(self, channel: Channel, kind: str) -> str:
        """The template id for messages of *kind* on *channel*; empty when the town has none."""
        return self._templates[channel]["notice" if kind == "notice" else "case"]

    def prepare(
        self, found: Any, notice: Mapping[str, object], agreed: Mapping[str, Agreed], ways: Ways, now: datetime
    ) -> Sending:
        """Decide where a claimed row goes, and put it into words; *agreed* by template id."""
        item = Sending(
            id=found["id"],
            person_id=found["person_id"],
            kind=found["kind"],
            facts={**facts_of(found["facts"]), **notice} if notice else facts_of(found["facts"]),
            attempts=found["attempts"],
            created_at=found["created_at"],
            openid=found["openid"] or "",
            channel=Channel.INBOX,
            state=State.SENDING,
            heard_at=found["last_inbound_at"],
            first_claim_at=found["first_claim_at"],
            unsure=found["first_claim_at"] is not None,
        )
        if item.unsure:
            self._repeat(item, found["last_openid"], ways, now)
        elif now - item.created_at > GIVE_UP_AFTER:
            item.reason = found["reason"] or "it could not be delivered within 72 hours"
        else:
            self._choose(item, found, agreed, ways, now)
        if item.state is State.SENDING and item.channel is Channel.INBOX:
            item.state = State.INBOX
        if item.state is State.SENDING:
            item.reason = ""
            item.first_claim_at = item.first_claim_at or now
            # A message without words must not hold up everybody else's: it fails alone.
            if not self.put_into_words(item, item.kind, item.facts):
                item.state, item.reason = State.FAILED, "there are no words for it"
        return item

    def put_into_words(self, item: Sending, kind: str, facts: Mapping[str, object]) -> bool:
        """Give *item* the words of *kind* for its channel; False, with a line in the log, when there are none."""
        try:
            if item.channel is Channel.CUSTOM:
                item.text = self._wording.text(kind, facts)
            else:
                item.fields = {name: fitted(name, value) for name, value in self._wording.fields(kind, facts).items()}
        except Exception:
            log.exception("delivery_without_words", delivery=item.id, kind=kind)
            return False
        return True

    def words(self, delivery_id: int, kind: str, facts: Mapping[str, object]) -> str | None:
        """A message as plain words; None when there are none."""
        try:
            return self._wording.text(kind, facts)
        except Exception:
            log.exception("delivery_without_words", delivery=delivery_id, kind=kind)
            return None

    def _choose(self, item: Sending, found: Any, agreed: Mapping[str, Agreed], ways: Ways, now: datetime) -> None:
        window = Window(found["window_until"], found["window_left"] or 0)
        subscribed, has_template = bool(found["subscribed"]), self.template(Channel.TEMPLATE, item.kind) != ""
        openids = self._openids(item.kind, agreed) if agreed else {}
        chosen = frozenset(openids) if openids else NONE
        shut = (
            {channel: pause for channel in Channel if (pause := ways.pause(channel, now)) is not None}
            if ways.shut
            else {}
        )

        def best(closed: frozenset[Channel]) -> Channel:
            return choose_channel(
                window, now, subscribed=subscribed, has_template=has_template, agreed=chosen, closed=closed
            )

        long = frozenset(channel for channel, pause in shut.items() if pause.kind in _LONG) if shut else NONE
        item.channel = best(long)
        waits = shut.get(item.channel)
        if waits is None and item.channel is Channel.INBOX and shut and best(NONE) is not Channel.INBOX:
            waits = min(shut.values(), key=lambda pause: pause.until)
        if waits is not None:
            _park(item, waits, now)
            return
        item.reason = found["reason"] or _why_inbox(found)
        item.openid = openids.get(item.channel, item.openid)
        if item.channel in _TEMPLATES:
            item.template_id = self.template(item.channel, item.kind)

    def _openids(self, kind: str, agreed: Mapping[str, Agreed]) -> dict[Channel, str]:
        found = {}
        for channel in (Channel.SUBSCRIPTION, Channel.MINI):
            openid = agreed.get(self.template(channel, kind), {}).get(channel)
            if openid:
                found[channel] = openid
        return found

    def _repeat(self, item: Sending, openid: str, ways: Ways, now: datetime) -> None:
        """It may have arrived: send it again only where WeChat knows it again, to the same account by the same way."""
        item.openid, item.channel = openid, Channel.TEMPLATE
        item.template_id = self.template(Channel.TEMPLATE, item.kind)
        if item.first_claim_at is None or not may_repeat(item.first_claim_at, now) or not item.template_id:
            item.state = State.UNCERTAIN
            item.reason = "the answer got lost, and WeChat no longer knows a repeat"
            log.warning("delivery_uncertain", delivery=item.id)
        elif (pause := ways.pause(Channel.TEMPLATE, now)) is not None:
            _park(item, pause, now)


def _park(item: Sending, pause: Pause, now: datetime) -> None:
    item.state, item.reason = State.OWED, pause.reason
    # Of what is broken, the next probe may be overdue already.
    item.next_at = max(pause.until, now + timedelta(seconds=1))


def _why_inbox(found: Any) -> str:
    if found["openid"] is None:
        return "no WeChat is bound"
    if not found["subscribed"]:
        return "does not follow the official account"
    return "the message window is closed and no template is configured"


def facts_of(value: Any) -> dict[str, object]:
    return json.loads(value) if isinstance(value, str) else dict(value)
