"""A brake for one person's messages, in this process and without Redis: it must work when nothing else does."""

import time

_FORGET_AT = 20_000


class Pace:
    """At most so many messages a person in each minute: a busy worker clears ten cases in one, a flood is thousands."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._minute = 0
        self._counts: dict[str, int] = {}

    def allows(self, openid: str) -> bool:
        minute = int(time.monotonic() // 60)
        if minute != self._minute or len(self._counts) > _FORGET_AT:
            self._minute, self._counts = minute, {}
        count = self._counts.get(openid, 0) + 1
        self._counts[openid] = count
        return count <= self._per_minute
