"""Template messages that were asked for twice: the same person and ``client_msg_id`` within ten minutes."""

from collections import OrderedDict
from collections.abc import Iterable

from sandbox.conversation import Message

LIFE_SECONDS = 600


class Repeats:
    """Remembers the number that the first call got."""

    def __init__(self, shown: Iterable[Message]) -> None:
        self._seen: OrderedDict[tuple[int, str], tuple[int, float]] = OrderedDict()
        for message in shown:
            if message.channel == "template" and message.client_id:
                self.remember(message.phone, message.client_id, message.msgid, message.at)

    def msgid(self, phone: int, client_id: str, now: float) -> int | None:
        """The number of the message that this call would repeat, if it is a repeat."""
        self._forget(now)
        found = self._seen.get((phone, client_id)) if client_id else None
        return None if found is None or now - found[1] >= LIFE_SECONDS else found[0]

    def remember(self, phone: int, client_id: str, msgid: int, now: float) -> None:
        if client_id:
            self._seen[phone, client_id] = (msgid, now)
            self._seen.move_to_end((phone, client_id))

    def _forget(self, now: float) -> None:
        while self._seen:
            key, (_msgid, at) = next(iter(self._seen.items()))
            if now - at < LIFE_SECONDS:
                return
            del self._seen[key]
