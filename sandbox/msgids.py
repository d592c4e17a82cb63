"""Message numbers, as large as WeChat's and still exact in JavaScript."""

import itertools
import time

_PER_MILLISECOND = 4096


class MsgIds:
    """Counts upwards from the real time, so that numbers never repeat, not even over a restart."""

    def __init__(self) -> None:
        self._count = itertools.count(int(time.time() * 1000) * _PER_MILLISECOND)

    def next(self) -> int:
        return next(self._count)
