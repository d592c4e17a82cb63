"""What a run of the benchmarks says: checks, tables, and how near the aims it came."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Report:
    wrong: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        print(line, flush=True)

    def check(self, holds: bool, fact: str, otherwise: str) -> None:  # noqa: FBT001 - a fact and its two sayings
        """A fact without which the figures mean nothing: the run fails when it does not hold."""
        if holds:
            self.say(f"  ✓ {fact}")
        else:
            self.wrong.append(fact)
            self.say(f"  ✗ NOT SO: {fact}: {otherwise}")

    def aim(self, what: str, reached: float, wanted: float) -> None:
        """A speed that is aimed at; missing it is said, and is no failure of the run."""
        word = "reached" if reached >= wanted else "MISSED"
        self.say(f"  {word}: {reached:.2f} {what} (aim: {wanted:g})")

    def table(self, head: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
        widths = [max(len(line[column]) for line in [head, *lines]) for column in range(len(head))]
        for line in [head, *lines]:
            cells = [
                line[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
            ]
            self.say("  " + "  ".join(cells))
