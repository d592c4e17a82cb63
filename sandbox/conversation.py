"""What stands on each phone's screen, in order, with waiting for news."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.clock import rfc3339
from sandbox.phones import Phone
from sandbox.store import Store

Direction = Literal["to_account", "to_phone"]
Channel = Literal["user", "event", "passive", "custom", "template", "subscribe", "mass", "system"]

KEEP = 500
KEEP_BULK = 6


@dataclass(slots=True)
class Message:
    """One bubble, card or grey line.

    ``content`` holds what its kind needs to be shown, ``text`` the same as plain words, ``raw`` the payload as it
    went over the wire (not kept for bulk people).
    """

    id: int
    phone: int
    at: float
    direction: Direction
    channel: Channel
    kind: str
    text: str
    content: dict[str, Any] = field(default_factory=dict)
    raw: str = ""
    client_id: str = ""
    msgid: int = 0

    def row(self) -> list[Any]:
        return [
            self.at,
            self.direction,
            self.channel,
            self.kind,
            self.text,
            self.content,
            self.raw,
            self.client_id,
            self.msgid,
        ]

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "phone": self.phone,
            "at": rfc3339(self.at),
            "direction": self.direction,
            "channel": self.channel,
            "kind": self.kind,
            "text": self.text,
            "content": self.content,
            "raw": self.raw or None,
            "client_id": self.client_id or None,
            "msgid": self.msgid or None,
        }


class Conversation:
    """All messages by phone; the newest :data:`KEEP` of each are held (:data:`KEEP_BULK` of a bulk person)."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_phone: dict[int, list[Message]] = {}
        self._last = 0
        self._waiting: dict[int, set[asyncio.Event]] = {}
        self.closing = False
        for number, phone, row in store.messages(KEEP):
            self._by_phone.setdefault(phone, []).append(Message(number, phone, *row))
            self._last = number

    def add(
        self,
        phone: Phone,
        at: float,
        direction: Direction,
        channel: Channel,
        kind: str,
        text: str,
        **more: Any,
    ) -> Message:
        """Put one message on *phone*'s screen and wake whoever waits for it."""
        self._last += 1
        if phone.bulk:
            more.pop("raw", None)
        message = Message(self._last, phone.id, at, direction, channel, kind, text, **more)
        mine = self._by_phone.setdefault(phone.id, [])
        mine.append(message)
        if len(mine) > (KEEP_BULK if phone.bulk else KEEP):
            del mine[0]
        self._store.put_message(message.id, phone.id, message.row())
        self.wake(phone)
        return message

    def wake(self, phone: Phone) -> None:
        """Let everyone who waits for *phone* look again: something about it changed."""
        for event in self._waiting.get(phone.id, ()):
            event.set()

    def wake_all(self) -> None:
        for events in self._waiting.values():
            for event in events:
                event.set()

    def close(self) -> None:
        """End every waiting call, so that the server can stop at once."""
        self.closing = True
        self.wake_all()

    def after(self, phone: Phone, number: int = 0) -> list[Message]:
        """The messages of *phone* that are newer than message *number*."""
        mine = self._by_phone.get(phone.id, [])
        return [message for message in mine if message.id > number]

    def everything(self) -> list[Message]:
        """All that is held, in order."""
        return sorted((one for mine in self._by_phone.values() for one in mine), key=lambda one: one.id)

    async def wait(self, phone: Phone, seconds: float) -> None:
        """Return when something about *phone* changes, at the latest after *seconds* of real time."""
        if self.closing:
            return
        event = asyncio.Event()
        waiting = self._waiting.setdefault(phone.id, set())
        waiting.add(event)
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            pass
        finally:
            waiting.discard(event)
            if not waiting:
                self._waiting.pop(phone.id, None)
