"""When, and how often, the account may write to a person by itself.

Since June 2023: five messages within 48 hours after the person wrote, three within one minute after they scanned,
followed or tapped a menu button. Both windows count down together, so the larger one is the limit, not the sum.
"""

from dataclasses import dataclass

from sandbox.refusals import Refused

SAID_SECONDS = 48 * 3600
SAID_MESSAGES = 5
TAPPED_SECONDS = 60
TAPPED_MESSAGES = 3

OUTSIDE = 45015
USED_UP = 45047


@dataclass(slots=True)
class Windows:
    """The two windows of one follower: when each opened (epoch seconds; 0 = never) and what is left in it."""

    said_at: float = 0.0
    said_left: int = 0
    tapped_at: float = 0.0
    tapped_left: int = 0

    def said(self, now: float) -> None:
        """The person wrote."""
        self.said_at, self.said_left = now, SAID_MESSAGES

    def tapped(self, now: float) -> None:
        """The person scanned, followed or tapped a menu button."""
        self.tapped_at, self.tapped_left = now, TAPPED_MESSAGES

    def close(self) -> None:
        self.said_at = self.tapped_at = 0.0
        self.said_left = self.tapped_left = 0

    def left(self, now: float) -> int:
        """How many messages may still be sent at *now*."""
        said = self.said_left if self._said_is_open(now) else 0
        tapped = self.tapped_left if self._tapped_is_open(now) else 0
        return max(said, tapped)

    def take(self, now: float) -> None:
        """Use one message up, or raise :exc:`Refused` with 45015 (no open window) or 45047 (none left)."""
        said, tapped = self._said_is_open(now), self._tapped_is_open(now)
        if not said and not tapped:
            raise Refused(OUTSIDE)
        if self.left(now) == 0:
            raise Refused(USED_UP)
        if said:
            self.said_left = max(0, self.said_left - 1)
        if tapped:
            self.tapped_left = max(0, self.tapped_left - 1)

    def _said_is_open(self, now: float) -> bool:
        return self.said_at > 0 and now - self.said_at < SAID_SECONDS

    def _tapped_is_open(self, now: float) -> bool:
        return self.tapped_at > 0 and now - self.tapped_at < TAPPED_SECONDS
