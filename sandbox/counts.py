"""Counts of what was asked of the pretend WeChat and what it answered."""

from collections import Counter
from typing import Any


class Counts:
    """Counts since the start or the last reset; nothing here outlives a restart."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._calls: Counter[tuple[str, str]] = Counter()
        self.shown: Counter[str] = Counter()
        self.token_fetches: Counter[str] = Counter()
        self.repeats: Counter[str] = Counter()
        self.pushes: Counter[str] = Counter()

    def called(self, path: str, outcome: str) -> None:
        """Count one API call; *outcome* is the errcode, ``http 500``, or ``dropped before``/``dropped after``."""
        self._calls[path, outcome] += 1

    def as_json(self) -> dict[str, Any]:
        calls: dict[str, dict[str, int]] = {}
        outcomes: Counter[str] = Counter()
        for (path, outcome), count in sorted(self._calls.items()):
            calls.setdefault(path, {})[outcome] = count
            outcomes[outcome] += count
        return {
            "calls": calls,
            "outcomes": dict(outcomes),
            "shown": {"total": self.shown.total(), **self.shown},
            "repeats": {"total": self.repeats.total(), **self.repeats},
            "token_fetches": {"total": self.token_fetches.total(), **self.token_fetches},
            "pushes": {"total": self.pushes.total(), **self.pushes},
        }
