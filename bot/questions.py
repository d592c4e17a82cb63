"""What the chat has asked a person and still waits to hear: several things may wait at once, the newest wins.

Kept in ``identity.pending`` as ``{"asked": [{"ask": …, "until": …, …facts}, …]}``, oldest first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

Facts = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions that are still good at the moment of reading. One of a kind at most."""

    asked: tuple[Facts, ...] = ()

    @classmethod
    def read(cls, pending: Mapping[str, object] | None, now: datetime) -> "Questions":
        """What is too old, or was written in another shape, is as if it had not been asked."""
        listed = (pending or {}).get("asked")
        if not isinstance(listed, list):
            return cls()
        return cls(tuple(one for one in listed if isinstance(one, dict) and _good(one, now)))

    def get(self, ask: str) -> Facts | None:
        return next((one for one in self.asked if one["ask"] == ask), None) if self.asked else None

    def newest(self, *asks: str) -> str:
        """Which of *asks* was asked last; empty when none of them waits."""
        return next((str(one["ask"]) for one in reversed(self.asked) if one["ask"] in asks), "")

    def after_asking(self, ask: str, until: datetime, facts: Facts) -> "Questions":
        return Questions((*self.without(ask).asked, {"ask": ask, "until": until.isoformat(), **facts}))

    def without(self, *asks: str) -> "Questions":
        return Questions(tuple(one for one in self.asked if one["ask"] not in asks))

    def as_json(self) -> dict[str, object] | None:
        return {"asked": [dict(one) for one in self.asked]} if self.asked else None


def _good(one: Mapping[str, object], now: datetime) -> bool:
    try:
        return isinstance(one.get("ask"), str) and now < datetime.fromisoformat(str(one.get("until")))
    except (TypeError, ValueError):
        return False
